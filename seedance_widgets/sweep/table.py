"""The common part of the tables of plans and sweeps: the number of rows shown, the width of a cell, and the sum."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..render.table import Column, Table
from ..render.text import shortened, usd

CELL_WIDTH = 60
"""Characters of a cell: two of them fill a notebook's width."""

Lines = Table[int]
"""A table by the numbers of its rows; a long one is shown with its middle left out."""


def column(
    title: str, read: Callable[[int], str], *, number: bool = False, html: Callable[[int], str] | None = None
) -> Column[int]:
    """A column of which each cell is read by the number of its row, and cut. `html` is as in `Column`."""
    return Column(title, lambda row: shortened(read(row), CELL_WIDTH), number=number, wraps=True, html=html)


def lines(title: str, count: int, columns: Sequence[Column[int]], notes: Sequence[str]) -> Lines:
    """So many rows, of which only those that are shown are read."""
    return Table(range(count), columns, title=title, note=notes, empty=notes, is_long=True)


def sum_text(costs: Sequence[float | None]) -> str:
    """The cost of many jobs together, in words; says how many have no known price."""
    known = [cost for cost in costs if cost is not None]
    unknown = len(costs) - len(known)
    if not known:
        return "at an unknown price: the service names none" if costs else "nothing to pay"
    total = f"about {usd(sum(known))}"
    return f"{total} (estimate)" if not unknown else f"{total} (estimate) and {unknown} of them at an unknown price"
