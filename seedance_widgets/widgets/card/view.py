"""The view of the live card, as one value: a pure projection of a job. `frontend/src/card/view.ts` mirrors it."""

from __future__ import annotations

import time
from typing import TypedDict

from ...errors import CapExceeded, MediaUnfetched, SeedanceError
from ...jobs.job import Job
from ...notebook import environment
from ..shared.html import poster_uri
from ..shared.words import options_of, title_of

WAITS = "Takes effect when the running cell ends"
"""Said of Cancel where a click is not known to pass a running cell."""


class EstimateView(TypedDict):
    """The progress of a job, estimated."""

    elapsed_s: float
    median_s: float
    p90_s: float
    source: str


class DownloadView(TypedDict):
    """The clip on its way to this machine."""

    received_bytes: int
    size_bytes: int | None
    problem: str | None


class ClipView(TypedDict):
    """The saved clip."""

    filename: str
    size_bytes: int
    width: int
    height: int
    duration_s: float
    has_audio: bool
    codec: str | None
    problem: str | None


class ProblemView(TypedDict):
    """A problem in words, all plain text."""

    title: str
    what: str
    charged: str
    next: str
    details: str
    fix: str


class CardView(TypedDict):
    """The one trait of the card. Each field is explained in `view.ts`, its mirror."""

    rev: int
    job_id: str
    request_id: str | None
    service: str
    prompt: str
    options: list[tuple[str, str]]
    status: str
    status_text: str
    final: bool
    elapsed_s: float
    estimate: EstimateView | None
    cost_usd: float | None
    credits_charged: int | None
    cancel: str
    cancel_note: str | None
    cancel_at_once: list[str]
    download: DownloadView | None
    clip: ClipView | None
    poster: str | None
    problem: ProblemView | None
    notice: str | None
    resume: str


def card_view(
    job: Job,
    rev: int,
    *,
    cancel_note: str | None = WAITS,
    cancel_problem: str | None = None,
    with_poster: bool = True,
) -> CardView:
    """The card of a job as it stands. `cancel_problem`: why the last click on Cancel did not go through."""
    row = job.row
    settled = job.row.settled and job.status != "submitting"
    return CardView(
        rev=rev,
        job_id=job.id,
        request_id=job.request_id,
        service="simulator" if job.session.is_simulated else "api",
        prompt=job.request.prompt,
        options=options_of(job),
        status=job.status,
        status_text=job.status_text,
        final=settled,
        elapsed_s=max(0.0, (row.final_at or time.time()) - row.created_at),
        estimate=_estimate(job),
        cost_usd=job.cost,
        credits_charged=job.credits_charged,
        cancel=_cancel(job),
        cancel_note=cancel_problem or (cancel_note if _can_wait(job) else None),
        cancel_at_once=[] if cancel_problem else environment.pages_that_interrupt(),
        download=_download(job),
        clip=clip_view(job) if settled else None,
        poster=poster_uri(job) if settled and with_poster else None,
        problem=None if job.error is None else problem_view(job.error),
        notice=_notice(job),
        resume=f"%seedance_show {job.id}",
    )


def _notice(job: Job) -> str | None:
    notices = [job.session.label] if job.session.is_simulated else []
    if job.settled and job.saved_clip is not None and job.saved_clip.has_audio and environment.in_vscode():
        notices.append("VS Code plays no AAC sound; the link of the saved output opens the file")
    return " · ".join(notices) or None


def _estimate(job: Job) -> EstimateView | None:
    estimate = job.session.estimate(job)
    if estimate is None:
        return None
    return EstimateView(
        elapsed_s=estimate.elapsed_s, median_s=estimate.median_s, p90_s=estimate.p90_s, source=estimate.source
    )


def _cancel(job: Job) -> str:
    if job.final or job.status == "unconfirmed" or job.request_id is None:
        return "unavailable"
    return "asked" if job.row.cancel_asked_at else "available"


def _can_wait(job: Job) -> bool:
    """Tell whether there is a Cancel whose click may wait."""
    return not job.final and (_cancel(job) != "unavailable" or job.status == "submitting")


def _download(job: Job) -> DownloadView | None:
    if job.status != "succeeded" or job.row.clip_path is not None:
        return None
    received, size = job.received or (0, None)
    return DownloadView(received_bytes=received, size_bytes=size, problem=job.row.save_problem)


def clip_view(job: Job) -> ClipView | None:
    """The saved clip of a job, if there is one."""
    clip = job.saved_clip
    if clip is None:
        return None
    return ClipView(
        filename=clip.path.name,
        size_bytes=clip.size_bytes,
        width=clip.width,
        height=clip.height,
        duration_s=clip.duration_s,
        has_audio=clip.has_audio,
        codec=clip.codec,
        problem=clip.problem,
    )


def problem_view(error: SeedanceError) -> ProblemView:
    """An error as a page shows it: a plain sentence, what it cost, what to do; what only a developer reads apart."""
    what, raw, began = error.what.partition("; the answer began ")
    next_step, details, fix = error.next_step, f"{raw}{began}".removeprefix("; "), ""
    if isinstance(error, CapExceeded):  # a button does what the error tells to type
        next_step, details, fix = "", error.next_step, "caps"
    if isinstance(error, MediaUnfetched):
        fix = "again"
    what = what if not raw else f"{what}."
    return ProblemView(
        title=title_of(error), what=what, charged=error.charged, next=next_step, details=details, fix=fix
    )
