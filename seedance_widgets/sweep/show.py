"""A sweep in words: how each combination stands, as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..template import as_text
from .table import Lines, usd

if TYPE_CHECKING:
    from .handle import Sweep


def lines_of(sweep: Sweep) -> Lines:
    """How a sweep stands, a line for each combination."""
    names = list(sweep.axes)

    def cells(number: int) -> Sequence[str]:
        job = sweep.job_at(number)
        values = [as_text(sweep.plan.places[number].values.get(name, "")) for name in names]
        clip = "" if job is None or job.clip is None else job.clip.path.name
        return [str(number + 1), *values, sweep.status_of(number), "" if job is None else job.id, clip]

    head = ["#", *names, "status", "job", "clip"]
    return Lines(title_of(sweep), head, len(sweep), cells, _notes(sweep), frozenset({0}))


def title_of(sweep: Sweep) -> str:
    """Its name, and how many of its jobs stand how."""
    counts = ", ".join(f"{count} {word}" for word, count in sweep.status.items())
    return f"Sweep {sweep.name}: {counts}"


def cost_of(sweep: Sweep) -> str:
    """What was sent costs, in words; empty while nothing was."""
    sent = f"{usd(sweep.cost)} (estimate)" if sweep.cost else ""
    unknown = f"{sweep.unpriced} at an unknown price" if sweep.unpriced else ""
    return ", ".join(part for part in (sent, unknown) if part)


def _notes(sweep: Sweep) -> list[str]:
    cost = cost_of(sweep)
    notes = [f"Sent so far: {cost}. {sweep.session.label}." if cost else f"{sweep.session.label}."]
    if (problem := sweep.problem) is not None:
        notes.append(f"Stopped: {problem}")
    elif sweep.unsent and not sweep.is_running:
        notes.append(f"{len(sweep.unsent)} were not sent: sweep.resume(), or running the cell again, sends them.")
    return notes
