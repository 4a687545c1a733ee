"""What a person's marks say of the values of a sweep: which word helped. Pure; places and jobs in, a table out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from ..jobs.job import Job
from ..render import dataframe
from ..render.table import Column, Table
from ..render.text import shortened
from ..request import braces
from ..request.axes import axis_name, axis_value

FEW = 3
"""Ratings below which a mean says little."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueMarks:
    """The marks on the jobs that have one value of an axis."""

    axis: str
    value: Any
    clips: int
    """How many of them have a clip."""
    rated: int
    rating: float | None
    """The mean of the ratings, 1 to 5; `None` while there are none."""
    starred: int
    rejected: int

    @property
    def rating_text(self) -> str:
        """The mean in words, with how many ratings stand behind it: "4.3 of 6"."""
        return "" if self.rating is None else f"{self.rating:.1f} of {self.rated}"


class ByAxis(Table[ValueMarks]):
    """The marks by value: a sequence of lines, a table, and a frame. Axes of one value say nothing and are left out."""

    def __init__(self, lines: Sequence[ValueMarks]) -> None:
        rows = [line for line in lines if sum(each.axis == line.axis for each in lines) > 1]
        few = any(0 < line.rated < FEW for line in rows)
        marked = any(line.rated or line.starred or line.rejected for line in rows)
        note = f"Fewer than {FEW} ratings behind a mean say little." if few else ""
        if not marked:
            note = "No marks yet: sweep.choose() rates, stars and rejects."
        self.is_marked = marked
        """Whether there is any mark to speak of."""
        super().__init__(rows, _COLUMNS, note=note, empty="Nothing differs: there is one value on each axis.")

    @property
    def best(self) -> dict[str, Any]:
        """The value with the best mean rating on each axis that has one, then the most stars, then the fewest rejects.

        An axis on which the first two are equal has no best.
        """
        best: dict[str, Any] = {}
        for axis in dict.fromkeys(line.axis for line in self):
            ranked = sorted((line for line in self if line.axis == axis), key=_rank, reverse=True)
            if _rank(ranked[0]) > _rank(ranked[1]):
                best[axis] = ranked[0].value
        return best

    def to_frame(self) -> Any:
        """A pandas DataFrame, a row for each value. Raises PackageMissing without pandas."""
        kinds = dict.fromkeys(("clips", "rated", "starred", "rejected"), dataframe.WHOLE)
        kinds |= {"axis": dataframe.WORD, "value": dataframe.THINGS, "rating": dataframe.NUMBER}
        names = [field.name for field in fields(ValueMarks)]
        return dataframe.to_frame(([getattr(line, n) for n in names] for line in self), {n: kinds[n] for n in names})


def by_axis(places: Iterable[tuple[Mapping[str, Any], Job | None]], axes: Mapping[str, Sequence[Any]]) -> ByAxis:
    """The marks on the jobs of places, by the values of each axis."""
    jobs: dict[tuple[str, str], list[Job]] = {}
    for values, job in places:
        for axis, value in values.items():
            if job is not None:
                jobs.setdefault((axis, str(braces.identity(value))), []).append(job)
    return ByAxis(
        [
            _line(axis, value, jobs.get((axis, str(braces.identity(value))), []))
            for axis, values in axes.items()
            for value in values
        ]
    )


def _line(axis: str, value: Any, jobs: Sequence[Job]) -> ValueMarks:
    ratings = [job.rating for job in jobs if job.rating]
    return ValueMarks(
        axis=axis,
        value=value,
        clips=sum(job.saved_clip is not None for job in jobs),
        rated=len(ratings),
        rating=sum(ratings) / len(ratings) if ratings else None,
        starred=sum(job.starred for job in jobs),
        rejected=sum(job.rejected for job in jobs),
    )


def _rank(line: ValueMarks) -> tuple[float, int, int]:
    return line.rating or 0.0, line.starred, -line.rejected


_COLUMNS: tuple[Column[ValueMarks], ...] = (
    Column("axis", lambda line: axis_name(line.axis)),
    Column("value", lambda line: shortened(axis_value(line.axis, line.value), 60), wraps=True),
    Column("rating", lambda line: line.rating_text, number=True),
    Column("stars", lambda line: str(line.starred), number=True),
    Column("rejects", lambda line: str(line.rejected), number=True),
    Column("clips", lambda line: str(line.clips), number=True),
)
