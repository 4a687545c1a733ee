"""The view of the grid, as values: pure projections of its jobs. Mirrored by `frontend/src/views/view.ts`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Any, TypedDict

from ...jobs.job import Job
from ...life import CANCELLED_UNSENT
from ...request.axes import axis_name, axis_value
from ...sweep import Question, Sweep, count_text
from ...sweep.by_axis import ByAxis, ValueMarks
from ..card.view import ClipView, DownloadView, EstimateView, ProblemView, card_view
from ..shared.html import clip_url
from .arrange import Axes, Group, Item, Unsent, arrange, caption_of

MOST_CELLS = 600
"""More would be slow in any page; the rest is counted."""


UNSENT = "unsent"
"""The status of a cell whose combination has no job yet."""


class CellView(TypedDict):
    """One job in the grid, or a combination that has none yet."""

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
    rating: int | None
    rejected: bool
    tags: list[str]
    note: str
    cost_usd: float | None
    cancel: str
    cancel_note: str | None
    cancel_at_once: list[str]


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
    """The state of an export that was asked for here."""

    what: str
    state: str
    text: str
    url: str | None


class QuestionView(TypedDict):
    """The question to a person before anything of a sweep is sent."""

    id: str
    text: str
    send: str


class SweepView(TypedDict):
    """How far the sending of a sweep is, and what can be done about it."""

    sending: bool
    running: int
    unsent: int


class ValueView(TypedDict):
    """What the marks say of one value of an axis."""

    value: str
    rating: str
    mean: float | None
    starred: int
    rejected: int
    clips: int
    best: bool


class AxisView(TypedDict):
    """What the marks say of the values of an axis."""

    axis: str
    values: list[ValueView]


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
    question: QuestionView | None
    note: str | None
    shared: str
    sweep: SweepView | None
    by_axis: list[AxisView]


def cell_view(job: Job, caption: str, rev: int) -> CellView:
    """One job as the grid shows it. The poster is not in it: the page asks for it when it is in sight."""
    card, clip = card_view(job, rev, with_poster=False), job.saved_clip
    if was_withdrawn(job):
        return unsent_view(Unsent(job.id, job.row.sweep_values or {}, card["prompt"]), caption)
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
        url=clip_url(clip),
        starred=job.starred,
        rating=job.rating,
        rejected=job.rejected,
        tags=list(job.tags),
        note=job.note,
        cost_usd=job.cost,
        cancel=card["cancel"],
        cancel_note=card["cancel_note"],
        cancel_at_once=card["cancel_at_once"],
    )


def was_withdrawn(job: Job) -> bool:
    """Tell whether a person took it back before it was sent: it stands like a combination that has no job."""
    problem = job.row.problem
    return not job.takes_place and problem is not None and problem.message == CANCELLED_UNSENT


def unsent_view(unsent: Unsent, caption: str) -> CellView:
    """A place that has no job yet. Nothing about it moves."""
    return CellView(
        job_id=unsent.id,
        caption=caption,
        prompt=unsent.prompt,
        options=[],
        status=UNSENT,
        status_text=unsent.words,
        final=True,
        elapsed_s=0.0,
        estimate=None,
        download=None,
        clip=None,
        problem=None,
        has_poster=False,
        url=None,
        starred=False,
        rating=None,
        rejected=False,
        tags=[],
        note="",
        cost_usd=None,
        cancel="unavailable",
        cancel_note=None,
        cancel_at_once=[],
    )


def sweep_view(sweep: Sweep) -> SweepView:
    """How far the sending of a sweep is."""
    running = sum(not (job.final or job.ending or job.status == "unconfirmed") for job in sweep.jobs)
    return SweepView(sending=sweep.is_sending, running=running, unsent=len(sweep.unsent))


def by_axis_view(table: ByAxis) -> list[AxisView]:
    """What the marks say, by axis; nothing while there are no marks."""
    if not table.is_marked:
        return []
    best = table.best
    return [
        AxisView(axis=axis_name(axis), values=[_value_view(line, best) for line in lines])
        for axis, lines in groupby(table, key=lambda line: line.axis)
    ]


def _value_view(line: ValueMarks, best: Mapping[str, Any]) -> ValueView:
    return ValueView(
        value=axis_value(line.axis, line.value),
        rating=line.rating_text,
        mean=line.rating,
        starred=line.starred,
        rejected=line.rejected,
        clips=line.clips,
        best=line.axis in best and best[line.axis] == line.value,
    )


def question_view(question: Question) -> QuestionView:
    """The question of a sweep."""
    return QuestionView(id=question.id, text=f"{question.text}.", send=f"Send {count_text(question.count)}")


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


def summary(items: Sequence[Item]) -> str:
    """The number of jobs and their states: "3 of 6 ready · 1 failed · 2 under way"."""
    if not items:
        return "No jobs yet"
    counts = Counter(map(_word, items))
    parts = [f"{counts[word]} {word}" for word in WORDS if counts[word]]
    ready = counts[READY]
    every = f"{ready} clips ready" if ready == len(items) > 1 else f"{ready} of {len(items)} ready"
    return " · ".join([every, *parts, *([f"the first {MOST_CELLS} are shown"] if len(items) > MOST_CELLS else [])])


READY = "ready"
WAITING, NOT_SENT = "waiting to be sent", "not sent"
WORDS = ("failed", "cancelled", "unconfirmed", "without a clip", "under way", WAITING, NOT_SENT)


def _word(item: Item) -> str:
    if isinstance(item, Unsent):
        return WAITING if item.is_waiting else NOT_SENT
    if was_withdrawn(item):
        return NOT_SENT
    if item.clip is not None:
        return READY
    if not item.settled:
        return "under way"
    return item.status if item.status in WORDS else "without a clip"


def order(items: Sequence[Item], axes: Axes) -> list[tuple[Job, str]]:
    """The jobs as they stand on the page, row by row, each with its caption."""
    cells = [cell for group in arrange(items, axes) for row in group.rows for cell in row.cells]
    return [(item, caption_of(item, axes)) for cell in cells for item in cell if not isinstance(item, Unsent)]
