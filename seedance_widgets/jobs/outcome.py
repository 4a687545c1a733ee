"""The outcome of a job that has no clip, as the error that its row stands for."""

from __future__ import annotations

import re

from .. import life
from ..errors import (
    DownloadFailed,
    GenerationCancelled,
    GenerationFailed,
    JobLike,
    JobNotFound,
    MediaUnfetched,
    SeedanceError,
    SubmissionUncertain,
    job_gone,
)
from ..render.text import usd
from ..text.lazy_pattern import lazy_pattern

_UNFETCHED = lazy_pattern(r"media|fetch|download|expired|unreachable", re.I)


def error_of(row: life.Row, job: JobLike) -> SeedanceError | None:
    """The error that `Job.wait` raises for a row; `None` while all is well.

    Args:
        job: The job that the error carries.
    """
    problem = row.problem
    reason = f": {problem.message}" if problem and problem.message else ""
    if row.is_removed:
        return deleted(row)
    if row.status == "unconfirmed":
        return SubmissionUncertain(f"Job {row.id} is unconfirmed{reason}", job=job)
    if row.is_discarded:
        return GenerationFailed(
            f"Job {row.id} was discarded while nobody knew what had become of it.",
            job=job,
            problem=problem,
            charged="You may have been charged.",
            next_step=f"If it is in the account after all, %seedance_adopt {row.id} REQUEST_ID brings it back.",
        )
    if row.status == "failed" and row.request_id is None:
        return GenerationFailed(
            f"Job {row.id} was not started{reason}", job=job, problem=problem, charged="Nothing was charged."
        )
    if row.status == "failed":
        why = reason or ", and the server gave no reason"
        what = f"Job {row.id} failed{why}.".replace("..", ".")
        if is_unfetched(row):
            return MediaUnfetched(what, job=job, problem=problem, next_step=_send_again(row))
        return GenerationFailed(what, job=job, problem=problem)
    if row.status == "cancelled":
        return GenerationCancelled(f"Job {row.id} was cancelled.", job=job)
    if row.status == "succeeded" and row.clip_path is None and row.settled:
        return DownloadFailed(f"The clip of job {row.id} could not be saved: {row.save_problem}", job=job)
    return None


def is_unfetched(row: life.Row) -> bool:
    """Tell whether the server says that it could not fetch one of the media that were put somewhere for it."""
    said = "" if row.problem is None else f"{row.problem.code} {row.problem.message}"
    return row.status == "failed" and bool(row.media) and _UNFETCHED.search(said) is not None


def _send_again(row: life.Row) -> str:
    price = "at a price that is not published" if row.cost_usd is None else f"for about {usd(row.cost_usd)}"
    return (
        f"The link may have expired while the job waited. session.job({row.id!r}).send_again() sends the same as a new "
        f"job and makes a new link, {price}. %seedance_doctor --network tries the place."
    )


def refusal_of(row: life.Row, job: JobLike) -> SeedanceError | None:
    """The error that was raised in the kernel that was to send a row, made again here; `None` where there was none."""
    if row.status != "failed" or row.problem is None or row.is_removed:
        return None
    if row.problem.message == life.CANCELLED_UNSENT:
        what = f"Job {row.id} was cancelled before it was sent."
        return GenerationCancelled(what, job=job, charged="Nothing was charged.")
    from ..api import open_api

    return open_api.refusal_of(row.problem)


def deleted(row: life.Row) -> JobNotFound:
    """The error for a job that somebody deleted."""
    return job_gone(row.id, row.request_id, was_deleted=True)


def unforeseen(cause: BaseException) -> SeedanceError:
    """The error for what should never be raised where a request is sent."""
    error = SeedanceError(
        f"Something went wrong that should not have ({type(cause).__name__}: {cause}).",
        charged="You may have been charged.",
        next_step="%seedance_jobs tells whether the job was kept; please report this.",
    )
    error.__cause__ = cause
    return error
