"""What the grid shows, as values: pure projections of its jobs. Mirrored by `frontend/src/views/view.ts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypedDict

from .. import notebook
from ..job import Job
from .arrange import Axes, Group, arrange, caption_of
from .view import ClipView, DownloadView, EstimateView, ProblemView, card_view

MOST_CELLS = 600
"""More would be slow in any page; the rest is counted."""


class CellView(TypedDict):
    """One job in the grid."""

    job_id: str
    caption: str
    prompt: str
    options: list[tuple[str, str]]
    status: str
    status_text: str
    final: bool
    elapsed_s: float
    estimate: EstimateView | None
    download: DownloadView | None
    clip: ClipView | None
    problem: ProblemView | None
    has_poster: bool
    url: str | None
    starred: bool


class RowView(TypedDict):
    """A row of the grid; a cell holds the ids of its jobs."""

    heading: str
    cells: list[list[str]]


class GroupView(TypedDict):
    """A table, or a wrapped row where `columns` is empty."""

    heading: str
    corner: str
    columns: list[str]
    rows: list[RowView]


class ExportView(TypedDict):
    """How an export stands that was asked for here."""

    what: str
    state: str
    text: str
    url: str | None


class GridView(TypedDict):
    """The one trait of the grid."""

    kind: str
    rev: int
    label: str
    jobs: int
    summary: str
    final: bool
    groups: list[GroupView]
    cells: dict[str, CellView]
    exports: list[ExportView]


def cell_view(job: Job, caption: str, rev: int) -> CellView:
    """One job as the grid shows it. The poster is not in it: the page asks for it when it is in sight."""
    card, clip = card_view(job, rev, with_poster=False), job.clip
    return CellView(
        job_id=job.id,
        caption=caption,
        prompt=card["prompt"],
        options=card["options"],
        status=card["status"],
        status_text=card["status_text"],
        final=card["final"],
        elapsed_s=card["elapsed_s"],
        estimate=card["estimate"],
        download=card["download"],
        clip=card["clip"],
        problem=card["problem"],
        has_poster=clip is not None and clip.poster_path is not None,
        url=None if clip is None else notebook.files_url(clip.path),
        starred=job.row.starred,
    )


def groups_view(groups: Sequence[Group]) -> list[GroupView]:
    """Where the jobs stand, by id."""
    return [
        GroupView(
            heading=group.heading,
            corner=group.corner,
            columns=group.columns,
            rows=[
                RowView(heading=row.heading, cells=[[job.id for job in cell] for cell in row.cells])
                for row in group.rows
            ],
        )
        for group in groups
    ]


def summary(jobs: Sequence[Job]) -> str:
    """How many there are and how they stand: "3 of 6 ready · 1 failed · 2 under way"."""
    if not jobs:
        return "No jobs yet"
    ready = sum(job.clip is not None for job in jobs)
    counts = Counter(
        "under way" if not job.settled else job.status if job.status in _ENDS else "without a clip"
        for job in jobs
        if job.clip is None
    )
    parts = [f"{counts[word]} {word}" for word in (*_ENDS, "without a clip", "under way") if counts[word]]
    every = f"{ready} clips ready" if ready == len(jobs) > 1 else f"{ready} of {len(jobs)} ready"
    return " · ".join([every, *parts, *([f"the first {MOST_CELLS} are shown"] if len(jobs) > MOST_CELLS else [])])


_ENDS = ("failed", "cancelled", "unconfirmed")


def order(jobs: Sequence[Job], axes: Axes) -> list[tuple[Job, str]]:
    """The jobs as they stand on the page, row by row, each with its caption."""
    cells = [cell for group in arrange(jobs, axes) for row in group.rows for cell in row.cells]
    return [(job, caption_of(job, axes)) for cell in cells for job in cell]
