"""A figure, the table of figures, and the machine they were measured on."""

from __future__ import annotations

import os
import platform
import statistics
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

VERSIONS = ("ipykernel", "ipywidgets", "anywidget", "httpx", "sqlalchemy", "av")
HEADINGS = ("figure", "target", "median", "min–max", "n", "")


@dataclass(frozen=True, slots=True)
class Figure:
    """Something measured several times, with what it should be."""

    name: str
    samples: tuple[float, ...]
    unit: str
    digits: int = 2
    at_most: float | None = None
    """The target; `None` for a figure that explains another one."""
    worst_counts: bool = False
    """Whether the target is for the largest sample, and not for the median."""

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    @property
    def verdict(self) -> str:
        """`ok`, `over`, or nothing where there is no target."""
        if self.at_most is None:
            return ""
        return "ok" if (max(self.samples) if self.worst_counts else self.median) <= self.at_most else "over"

    def cells(self) -> tuple[str, ...]:
        """This figure as a row under `HEADINGS`."""
        target = "" if self.at_most is None else f"≤ {self.at_most:g} {self.unit}".rstrip()
        if self.at_most is not None and self.worst_counts:
            target += " at worst"
        spread = f"{self._text(min(self.samples))}–{self._text(max(self.samples))}"
        return (
            self.name,
            target,
            f"{self._text(self.median)} {self.unit}".rstrip(),
            spread if len(self.samples) > 1 else "",
            str(len(self.samples)),
            self.verdict,
        )

    def _text(self, value: float) -> str:
        return f"{value:,.{self.digits}f}"


def figure(
    name: str,
    samples: Iterable[float],
    unit: str = "",
    *,
    digits: int = 2,
    at_most: float | None = None,
    worst_counts: bool = False,
) -> Figure:
    """A figure from any samples."""
    return Figure(name, tuple(samples), unit, digits, at_most, worst_counts)


def ratio(name: str, ours: Sequence[float], theirs: Sequence[float], *, at_most: float | None = None) -> Figure:
    """Our samples in medians of theirs; so the median is the ratio of the two medians."""
    whole = statistics.median(theirs)
    return figure(name, [sample / whole for sample in ours], "x", at_most=at_most)


def table(figures: Sequence[Figure]) -> str:
    """The figures for a terminal."""
    rows = [HEADINGS, *(figure.cells() for figure in figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEADINGS))]
    rows.insert(1, tuple("-" * width for width in widths))
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    )


def markdown(figures: Sequence[Figure]) -> str:
    """The figures as a table of a Markdown page."""
    rows = [HEADINGS, ("---",) * len(HEADINGS), *(figure.cells() for figure in figures)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def machine() -> str:
    """Where it was measured, in one line: processor, cores, how busy, Python and the packages that matter."""
    busy = f"load {os.getloadavg()[0]:.1f}, " if hasattr(os, "getloadavg") else ""
    packages = ", ".join(f"{name} {_version(name)}" for name in VERSIONS)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {busy}{platform.system()}, "
        f"Python {platform.python_version()}, {packages}"
    )


def interleaved(rounds: int, *runs: Callable[[], T]) -> list[tuple[T, ...]]:
    """Run A B, A B, … and return the samples of each: what disturbs the machine for a while disturbs both.

    One more round goes before and is thrown away: it compiles the modules.
    """
    samples = [tuple(run() for run in runs) for _ in range(rounds + 1)][1:]
    return list(zip(*samples, strict=True))


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "missing"
