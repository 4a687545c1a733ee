"""Jobs with exactly the same request: what a cell that was run twice, or a second click, would pay for again."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .types import GenerationRequest

if TYPE_CHECKING:
    from .job import Job
    from .session import Session

TWIN_S = 10.0
"""The same request within this time is taken for the same intent, until a person says otherwise."""


def running_twin(session: Session, request: GenerationRequest) -> Job | None:
    """The running job of a request that was made lately, by this kernel or by another on the same history."""
    since = time.time() - TWIN_S
    mine = session.open_jobs()
    theirs: Sequence[Job] = session.jobs(since=since, limit=50) if _changed_since(session, since) else []
    for job in (*reversed(mine), *theirs):
        if job.request == request and job.created_at >= since and not (job.ending or job.row.cancel_asked_at):
            return job
    return None


def twin(session: Session, request: GenerationRequest, within_s: float) -> Job | None:
    """A job of a request that was made within the last seconds and has not failed, or unconfirmed at any time."""
    lately = session.jobs(since=time.time() - within_s, limit=50)
    found: list[Job] = [*lately, *session.jobs(status="unconfirmed", model=request.model, limit=100)]
    for job in found:
        if job.request == request and job.status not in ("failed", "cancelled"):
            return job
    return None


def _changed_since(session: Session, since: float) -> bool:
    """Whether the history may have: a file tells when, so that it is not read for nothing."""
    if session.settings is not None and session.settings.database_url:
        return True
    try:
        return (session.home / "history.db").stat().st_mtime >= since - 1.0  # some disks count whole seconds
    except OSError:
        return False
