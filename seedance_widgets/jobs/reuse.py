"""Jobs with exactly the same request: what a cell that was run twice, or a second click, would pay for again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..request import check
from ..types import GenerationRequest, RequestOptions
from ..values.plain import number, unfit

if TYPE_CHECKING:
    from .job import Job
    from .registry import Registry

TWIN_S = 10.0
"""The same request within this time is taken for the same intent, until a person says otherwise."""


def running_twin(registry: Registry, prompt: str, options: RequestOptions) -> Job | None:
    """The running job of a request that was made lately, by this kernel or by another on the same history."""
    request = check.make_request(prompt, options)
    since = time.time() - TWIN_S
    mine = registry.open_jobs()
    theirs: Sequence[Job] = registry.listed(50, 0, {"since": since}) if _changed_since(registry, since) else []
    for job in (*reversed(mine), *theirs):
        if job.request == request and job.created_at >= since and not (job.ending or job.row.cancel_asked_at):
            return job
    return None


def twin(registry: Registry, request: GenerationRequest, within_s: float) -> Job | None:
    """A job of a request that was made within the last seconds and has not failed, or unconfirmed at any time."""
    if not isinstance(request, GenerationRequest):
        raise unfit("twin()", "a request", request, next_step="job.request is that of a job.")
    if (age_s := number(within_s)) is None:
        raise unfit("within_s", "a number of seconds", within_s)
    lately = registry.listed(50, 0, {"since": time.time() - age_s})
    found: list[Job] = [*lately, *registry.listed(100, 0, {"status": "unconfirmed", "model": request.model})]
    for job in found:
        if job.request == request and job.status not in ("failed", "cancelled"):
            return job
    return None


def _changed_since(registry: Registry, since: float) -> bool:
    """Whether the history may have: a file tells when, so that it is not read for nothing."""
    file = registry.engine.history
    if file is None:
        return True
    try:
        return file.stat().st_mtime >= since - 1.0  # some disks count whole seconds
    except OSError:
        return False
