"""How a sweep stands, in words and as a table: for its handle, its grid, a console and the live line of a terminal."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from ..errors import SeedanceError
from ..jobs.job import Home, Job
from ..jobs.listing import clip_html
from ..render.table import Column
from ..render.text import usd
from ..request import braces
from ..request.axes import axis_name
from .plan import Place, SweepPlan
from .table import Lines, column, lines

WAIT = "sweep.wait() waits for it and ends with its table."


class SweepState(Protocol):
    """What is read of a sweep."""

    @property
    def name(self) -> str:
        """What the person calls it, or its id."""

    @property
    def session(self) -> Home:
        """Where its jobs live."""

    @property
    def plan(self) -> SweepPlan:
        """What it asks for."""

    @property
    def axes(self) -> Mapping[str, list[Any]]:
        """What differs, with the values in order."""

    @property
    def jobs(self) -> list[Job]:
        """The jobs that there are."""

    @property
    def unsent(self) -> Sequence[Place]:
        """What was not sent."""

    @property
    def status(self) -> Mapping[str, int]:
        """How many stand how."""

    @property
    def is_running(self) -> bool:
        """Whether this kernel is still sending it."""

    @property
    def problem(self) -> SeedanceError | None:
        """Why the rest was not sent."""

    @property
    def cost(self) -> float:
        """The estimate for what was sent, in US dollars."""

    @property
    def unpriced(self) -> int:
        """How many of these have no known price."""

    def status_of(self, number: int, /) -> str:
        """How the job of a place stands."""

    def job_at(self, number: int, /) -> Job | None:
        """The job of a place."""


def counts_text(counts: Mapping[str, int]) -> str:
    """How many stand how: "2 succeeded, 1 processing"."""
    return ", ".join(f"{count} {word}" for word, count in counts.items())


def progress_text(sweep: SweepState) -> str:
    """How many have ended, and how all of them stand: "2 of 4 ended: 2 succeeded, 1 saving, 1 processing"."""

    def word(number: int) -> str:
        job = sweep.job_at(number)
        is_saved_now = job is not None and job.status == "succeeded" and not job.settled
        return "saving" if is_saved_now else sweep.status_of(number)

    count = len(sweep.plan)
    ended = sum(job.settled for job in sweep.jobs)
    counts = Counter(map(word, range(count)))
    return f"{ended} of {count} ended: {counts_text(dict(counts.most_common()))}"


def title_of(sweep: SweepState) -> str:
    """Its name, and how many of its jobs stand how."""
    return f"Sweep {sweep.name}: {counts_text(sweep.status)}"


def cost_of(sweep: SweepState) -> str:
    """The cost of what was sent, in words; empty while nothing was."""
    sent = f"{usd(sweep.cost)} (estimate)" if sweep.cost else ""
    unknown = f"{sweep.unpriced} at an unknown price" if sweep.unpriced else ""
    return ", ".join(part for part in (sent, unknown) if part)


def lines_of(sweep: SweepState) -> Lines:
    """The state of a sweep, a line for each combination."""

    def values_of(name: str) -> Column[int]:
        return column(axis_name(name), lambda row: braces.as_text(sweep.plan.places[row].values.get(name, "")))

    def id_of(row: int) -> str:
        job = sweep.job_at(row)
        return "" if job is None else job.id

    def clip_of(row: int) -> str:
        job = sweep.job_at(row)
        return "" if job is None or job.saved_clip is None else job.saved_clip.path.name

    def shown(row: int) -> str:
        job = sweep.job_at(row)
        return "" if job is None else clip_html(job)

    columns = [column("#", lambda row: str(row + 1), number=True), *map(values_of, sweep.axes)]
    columns += [column("status", sweep.status_of), column("job", id_of), column("clip", clip_of, html=shown)]
    return lines(title_of(sweep), len(sweep.plan), columns, _notes(sweep))


def _notes(sweep: SweepState) -> list[str]:
    cost = cost_of(sweep)
    notes = [f"Sent so far: {cost}. {sweep.session.label}." if cost else f"{sweep.session.label}."]
    if (problem := sweep.problem) is not None:
        notes.append(f"Stopped: {problem}")
    elif sweep.unsent and not sweep.is_running:
        notes.append(f"{len(sweep.unsent)} were not sent: sweep.resume(), or running the cell again, sends them.")
    return notes
