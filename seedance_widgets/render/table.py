"""A list that looks like a table in a notebook and in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

from ..text.printable import for_stdout, one_line, visible
from . import html

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A heading, and how to read the cell below it from a row."""

    title: str
    read: Callable[[T], str]
    number: bool = False
    """Numbers stand on the right."""
    wraps: bool = False
    """Prose may take several lines; names and numbers stay on one."""


class Table(Sequence[T]):
    """Rows as they are (`table[0]`, `len(table)`, `for row in table`), with a way to show them.

    Every cell is text, from wherever it comes: markup in it does nothing, and control characters are shown escaped.
    """

    def __init__(self, rows: Iterable[T], columns: Sequence[Column[T]], *, note: str = "", empty: str = "") -> None:
        self._rows = tuple(rows)
        self._columns = tuple(columns)
        self._note = note if self._rows else empty

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._rows[index]

    def _cells(self, columns: Sequence[Column[T]]) -> list[list[str]]:
        return [[one_line(column.read(row)) for column in columns] for row in self._rows]

    def __repr__(self) -> str:
        return self._as_text(self._columns)

    def _as_text(self, columns: Sequence[Column[T]]) -> str:
        if not self._rows:
            return for_stdout(visible(self._note))
        from rich.cells import cell_len  # emoji and CJK take two columns of a terminal

        lines = [[column.title for column in columns], *self._cells(columns)]
        widths = [max(map(cell_len, texts)) for texts in zip(*lines, strict=True)]
        lines.insert(1, ["─" * width for width in widths])

        def padded(text: str, width: int, column: Column[T]) -> str:
            space = " " * (width - cell_len(text))
            return space + text if column.number else text + space

        shown = ["  ".join(map(padded, line, widths, columns)).rstrip() for line in lines]
        return for_stdout("\n".join([*shown, visible(self._note)] if self._note else shown))

    def _repr_html_(self) -> str:
        if not self._rows:
            return f"<p>{html.safe_html(self._note)}</p>"
        head = "".join(_cell("th", column.title, column) for column in self._columns)
        body = "".join(
            "<tr>" + "".join(map(_cell, ["td"] * len(line), line, self._columns)) + "</tr>"
            for line in self._cells(self._columns)
        )
        note = f"<p>{html.safe_html(self._note)}</p>" if self._note else ""
        return f'<table class="seedance-table"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{note}'


def _cell(tag: str, text: str, column: Column[T]) -> str:
    align = "right" if column.number else "left"  # JupyterLab sets cells to the right
    keep = "" if column.wraps else "; white-space: nowrap"
    return f'<{tag} dir="auto" style="text-align: {align}{keep}">{html.safe_html(text)}</{tag}>'
