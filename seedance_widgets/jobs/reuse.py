"""Jobs with exactly the same request (`life.same_request`): those of this kernel, and those of the history."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from ..life.same_request import RECENT_S, SameRequest
from ..request import check
from ..types import GenerationRequest, SubmitOptions
from ..values.plain import number, unfit
from .media import resolved

if TYPE_CHECKING:
    from .job import Job
    from .registry import Registry


def running_twin(registry: Registry, prompt: str, options: SubmitOptions) -> Job | None:
    """The running job of a request that was made lately, by this kernel or by another on the same history."""
    same = _same(registry, check.make_request(prompt, resolved(registry.engine.media, options)), RECENT_S)
    job = _mine(registry, same)
    if job is None and _changed_since(registry, same.at - RECENT_S):
        job = _of_history(registry, same)
    return job if job is not None and same.is_recent(job.row) else None


def twin(registry: Registry, request: GenerationRequest, within_s: float) -> Job | None:
    """A job of a request that was made within the last seconds and has not failed, or unconfirmed at any time."""
    if not isinstance(request, GenerationRequest):
        raise unfit("twin()", "a request", request, next_step="job.request is that of a job.")
    if (age_s := number(within_s)) is None:
        raise unfit("within_s", "a number of seconds", within_s)
    same = _same(registry, request, age_s, succeeded=True)
    return _mine(registry, same) or _of_history(registry, same)


def _same(registry: Registry, request: GenerationRequest, within_s: float, *, succeeded: bool = False) -> SameRequest:
    service = registry.engine.service
    return SameRequest(request=request, service=service, at=time.time(), within_s=within_s, succeeded=succeeded)


def _mine(registry: Registry, same: SameRequest) -> Job | None:
    """A recent one that this kernel holds, be it written yet or not. Its last one first."""
    held = (job for job in reversed(registry.open_jobs()) if not job.ending)
    return next((job for job in held if same.is_recent(job.row)), None)


def _of_history(registry: Registry, same: SameRequest) -> Job | None:
    row = registry.engine.store.find_same(same)
    registry.home.warn()
    return None if row is None else registry.job_of(row)


def _changed_since(registry: Registry, since: float) -> bool:
    """Tell whether the history may have: a file tells when, so that it is not read for nothing."""
    file = registry.engine.history
    if file is None:
        return True
    try:
        return file.stat().st_mtime >= since - 1.0  # some disks count whole seconds
    except OSError:
        return False
