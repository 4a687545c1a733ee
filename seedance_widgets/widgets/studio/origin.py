"""A click that names a job: the same again, or the next clip from its last frame."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, cast

from ...errors import SeedanceError
from ...jobs.job import Job
from ...request.options import OPTIONS
from ...session.session import Session
from ...types import GenerationRequest, RequestOptions

How = Literal["", "again", "continue"]
"""New from the form, the job's own request once more, or a clip that goes on where the job's ends."""

CANNOT_CONTINUE = "Continuing a clip needs a place to upload its last frame, which this version does not have yet."


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


def options_of(request: GenerationRequest) -> RequestOptions:
    """The keywords of `Session.submit` that make this request once more, also those that no form has."""
    values = {option.name: getattr(request, option.name) for option in OPTIONS}
    return cast(RequestOptions, {name: value for name, value in values.items() if value not in (None, ())})


def cannot_continue(session: Session) -> str:
    """Why no clip can be continued here, in a sentence; empty where it can."""
    return "" if hasattr(Job, "continue_with") or hasattr(session, "continue_with") else CANNOT_CONTINUE


def continue_job(session: Session, job: Job, prompt: str, options: RequestOptions) -> Job:
    """Start the clip that begins with the last frame of this one. **Spends credits.**

    Raises SeedanceError; nothing was sent then.
    """
    by_job: Any = getattr(job, "continue_with", None)
    by_session: Any = getattr(session, "continue_with", None)
    if by_job is None and by_session is None:
        raise SeedanceError(CANNOT_CONTINUE, charged="Nothing was sent, nothing was charged.")
    started = by_job(prompt, **options) if by_job is not None else by_session(job, prompt, **options)
    return cast(Job, started)
