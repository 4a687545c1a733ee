"""A click that names a job: the same again, or the next clip from its last frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from ...jobs.job import Job
from ...jobs.media import going_on
from ...jobs.starting import options_of as options_of
from ...life.plan import Plan
from ...session.session import Session
from ...types import RequestOptions, SubmitOptions

How = Literal["", "again", "continue"]
"""New from the form, the job's own request once more, or a clip that goes on where the job's ends."""

CANNOT_CONTINUE = (
    "A clip goes on from its last picture, which the server fetches by a link. "
    "Name a bucket of yours in SEEDANCE_MEDIA, or connect(upload=…)."
)


@dataclass(frozen=True, slots=True)
class Origin:
    """The job that a click names, and why."""

    job_id: str = ""
    how: How = ""

    @staticmethod
    def of(content: dict[str, Any]) -> Origin:
        """The origin that a message names; none for one that makes no sense."""
        how, job_id = content.get("how"), content.get("of")
        return Origin(job_id, how) if how in ("again", "continue") and isinstance(job_id, str) else Origin()


def cannot_continue(session: Session) -> str:
    """Why no clip can be continued here, in a sentence; empty where it can."""
    return "" if session.engine.media.has_place else CANNOT_CONTINUE


def plan_of_next(session: Session, job: Job, prompt: str, options: RequestOptions) -> Plan:
    """The plan of the clip that begins with the last frame of this one. Sends nothing. Raises SeedanceError."""
    return session.plan(prompt, **going_on(job, cast(SubmitOptions, options)))
