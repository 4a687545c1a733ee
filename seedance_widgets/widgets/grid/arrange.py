"""Where each combination of a sweep stands: rows and columns by the axes. Pure; jobs and axes in, groups out."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from ...jobs.job import Job
from ...request.axes import axis_name, axis_value

Axes = Mapping[str, Sequence[Any]]


@dataclass(frozen=True)
class Unsent:
    """A combination of a sweep that has no job yet. It stands where its job will: nothing moves when that comes."""

    id: str
    """No job's: where it stands in the plan."""
    values: Mapping[str, Any]
    prompt: str
    is_waiting: bool = False
    """Whether it is sent as soon as there is room; otherwise nobody sends it."""

    @property
    def words(self) -> str:
        """How it stands, as its place says it. The heading of the grid counts by the same words."""
        return "Waiting to be sent" if self.is_waiting else "Not sent"


Item = Job | Unsent


@dataclass(frozen=True)
class Row:
    """A row of cells, each with what stands there: usually one job, nothing where a combination was left out."""

    heading: str
    cells: list[list[Item]]


@dataclass(frozen=True)
class Group:
    """A table, or a wrapped row where `columns` is empty."""

    heading: str = ""
    columns: list[str] = field(default_factory=list)
    corner: str = ""
    """What the rows and columns are: "animal / weather"."""
    rows: list[Row] = field(default_factory=list)


def values_of(item: Item) -> Mapping[str, Any]:
    """Its value on each axis; empty for a job of no sweep."""
    return item.values if isinstance(item, Unsent) else item.row.sweep_values or {}


def axes_of(jobs: Sequence[Item]) -> dict[str, list[Any]]:
    """The axes of jobs and the values on each, in the order in which they come."""
    axes: dict[str, list[Any]] = {}
    seen: set[tuple[str, str]] = set()
    for job in jobs:
        for name, value in values_of(job).items():
            if (name, _key(value)) not in seen:
                seen.add((name, _key(value)))
                axes.setdefault(name, []).append(value)
    return axes


def differing(axes: Axes) -> Axes:
    """The axes that tell jobs apart: one with a single value tells nothing, and would only split a grid into groups."""
    return {name: values for name, values in axes.items() if len(values) > 1} or axes


def shared_words(axes: Axes) -> str:
    """What all have in common, of the axes that do not tell them apart: "16:9 · 4 s"; empty where there is nothing."""
    apart = differing(axes)
    return " · ".join(axis_value(name, values[0]) for name, values in axes.items() if name not in apart and values)


def arrange(jobs: Sequence[Item], axes: Axes) -> list[Group]:
    """Jobs by their place in a sweep.

    Two axes are rows and columns, of more the last two; those before them make groups. One axis is a wrapped row, and
    so is a table that would be more than half empty, as that of a sweep whose axes go together. An axis of one value
    is none.
    """
    axes = differing(axes)
    placed = [job for job in jobs if axes and set(axes) <= set(values_of(job))]
    others = [job for job in jobs if job not in placed] if len(placed) < len(jobs) else []
    names = list(axes)
    groups = _tables(placed, axes) if len(names) > 1 else []
    if not groups and placed:
        groups = [_wrapped(_sorted(placed, axes))]
    if others:
        groups.append(_wrapped(others, "Others" if groups else ""))
    return groups


def caption_of(item: Item, axes: Axes) -> str:
    """A place in words, "fox · rain"; the prompt of what has none."""
    values = values_of(item)
    prompt = item.prompt if isinstance(item, Unsent) else item.request.prompt
    return " · ".join(axis_value(name, values[name]) for name in differing(axes) if name in values) or prompt


def _tables(jobs: Sequence[Item], axes: Axes) -> list[Group]:
    *outer, down, across = axes
    where: dict[tuple[str, ...], list[Item]] = {}
    for job in jobs:
        values = values_of(job)
        where.setdefault(tuple(_key(values[name]) for name in axes), []).append(job)
    groups, room = [], 0
    for combination in product(*(axes[name] for name in outer)):
        before = tuple(map(_key, combination))
        rows = [
            Row(axis_value(down, value), [where.get((*before, _key(value), _key(each)), []) for each in axes[across]])
            for value in axes[down]
        ]
        if rows := [row for row in rows if any(row.cells)]:
            heading = " · ".join(axis_value(name, value) for name, value in zip(outer, combination, strict=True))
            columns = [axis_value(across, value) for value in axes[across]]
            groups.append(Group(heading, columns, f"{axis_name(down)} / {axis_name(across)}", rows))
            room += len(rows) * len(columns)
    filled = sum(any(cell) for group in groups for row in group.rows for cell in row.cells)
    placed = sum(len(cell) for group in groups for row in group.rows for cell in row.cells)
    return groups if placed == len(jobs) and filled * 2 >= room else []


def _wrapped(jobs: Sequence[Item], heading: str = "") -> Group:
    return Group(heading, rows=[Row("", [[job] for job in jobs])])


def _sorted(jobs: Sequence[Item], axes: Axes) -> list[Item]:
    """By the order of the values on the axes; what is on none of them comes last."""
    place = {name: {_key(value): number for number, value in enumerate(values)} for name, values in axes.items()}

    def where(job: Item) -> list[int]:
        values = values_of(job)
        return [place[name].get(_key(values[name]), 1 << 30) for name in axes]

    return sorted(jobs, key=where)


def _key(value: Any) -> str:
    """A value as it reads after a walk through the history, where a tuple becomes a list."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, default=str)
