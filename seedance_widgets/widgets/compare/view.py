"""The view of Compare, as values: pure projections of its jobs. Mirrored by `frontend/src/views/view.ts`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from ...jobs.job import Job
from ...request.code import as_magic, as_python
from ...request.options import OPTIONS
from ...text.words import marked
from ..card.view import ClipView, card_view
from ..shared.html import clip_url
from ..shared.words import options_of

LETTERS = "ABCD"


class SpanView(TypedDict):
    """A stretch of a prompt; marked where the others have something else."""

    text: str
    marked: bool


class SideView(TypedDict):
    """One of the clips."""

    letter: str
    job_id: str
    prompt: str
    spans: list[SpanView]
    clip: ClipView | None
    fps: float
    has_poster: bool
    url: str | None
    starred: bool
    rating: int | None
    tags: list[str]
    note: str
    cost_usd: float | None
    as_magic: str
    as_python: str


class DifferenceView(TypedDict):
    """An option that is not the same for all, with its value for each clip."""

    label: str
    values: list[str]


class CompareView(TypedDict):
    """The one trait of Compare."""

    kind: str
    rev: int
    label: str
    jobs: int
    final: bool
    sides: list[SideView]
    differences: list[DifferenceView]
    same: list[tuple[str, str]]
    winner: str
    problem: str | None
    note: str


def sides_view(jobs: Sequence[Job], rev: int) -> list[SideView]:
    """The clips in order, with the words of their prompts that differ marked."""
    spans = marked([job.request.prompt for job in jobs])
    return [
        SideView(
            letter=letter,
            job_id=job.id,
            prompt=job.request.prompt,
            spans=[SpanView(text=span.text, marked=span.marked) for span in prompt],
            clip=card_view(job, rev, with_poster=False)["clip"],
            fps=job.saved_clip.fps if job.saved_clip else 0.0,
            has_poster=job.saved_clip is not None and job.saved_clip.poster_path is not None,
            url=clip_url(job.saved_clip),
            starred=job.starred,
            rating=job.rating,
            tags=list(job.tags),
            note=job.note,
            cost_usd=job.cost,
            as_magic=as_magic(job.request),
            as_python=as_python(job.request),
        )
        for letter, job, prompt in zip(LETTERS, jobs, spans, strict=False)
    ]


def differences(jobs: Sequence[Job]) -> tuple[list[DifferenceView], list[tuple[str, str]]]:
    """The options that are not the same for all jobs, and those that are."""
    options = [dict(options_of(job)) for job in jobs]
    for each, job in zip(options, jobs, strict=True):
        for option in OPTIONS:
            if option.kind == "urls":
                each.pop(option.label, None)
                urls = enumerate(getattr(job.request, option.name), 1)
                each.update({f"{option.label.removeprefix('Reference ').capitalize()} {n}": url for n, url in urls})
    labels = list(dict.fromkeys(label for each in options for label in each))
    values = {label: [each.get(label, "not given") for each in options] for label in labels}
    same = [(label, row[0]) for label, row in values.items() if len(set(row)) == 1]
    return [DifferenceView(label=label, values=row) for label, row in values.items() if len(set(row)) > 1], same
