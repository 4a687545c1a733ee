"""A list that looks like a table in a notebook and in a terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload

from ..text.printable import for_stdout, one_line, visible
from . import html

T = TypeVar("T")

SHOWN_FIRST, SHOWN_LAST = 12, 3
"""Rows of a long table that are shown, at its start and at its end."""


@dataclass(frozen=True, slots=True)
class Column(Generic[T]):
    """A heading, and how to read the cell below it from a row."""

    title: str
    read: Callable[[T], str]
    number: bool = False
    """Numbers stand on the right."""
    wraps: bool = False
    """Prose may take several lines; names and numbers stay on one."""
    html: Callable[[T], str] | None = None
    """Shows more than text in a notebook, as HTML that the maker of the column answers for. Empty: the text."""
    only_html: bool = False
    """Left out of a terminal's table: a picture."""


class Table(Sequence[T]):
    """Rows as they are (`table[0]`, `len(table)`, `for row in table`), with a way to show them.

    Every cell is text, from wherever it comes: markup in it does nothing, and control characters are shown escaped.
    """

    def __init__(
        self,
        rows: Iterable[T],
        columns: Sequence[Column[T]],
        *,
        title: str = "",
        note: str | Sequence[str] = "",
        empty: str | Sequence[str] = "",
        is_long: bool = False,
    ) -> None:
        """A table of rows.

        Args:
            title: What stands above it.
            note: What stands below it, a line each.
            empty: What stands in its place where there are no rows.
            is_long: Leave out the middle of many rows where it is shown; their cells are not even read.
        """
        self._rows: Sequence[T] = tuple(rows) if not isinstance(rows, range) else rows  # type: ignore[assignment]
        self._columns = tuple(columns)
        self._title = title
        notes = note if self._rows else empty
        self._notes = tuple(filter(None, [notes] if isinstance(notes, str) else notes))
        many = len(self._rows) - SHOWN_FIRST - SHOWN_LAST
        self._left_out = many if is_long and many > 1 else 0

    def __len__(self) -> int:
        return len(self._rows)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._rows[index]

    def __repr__(self) -> str:
        return self._as_text([column for column in self._columns if not column.only_html])

    def _as_text(self, columns: Sequence[Column[T]]) -> str:
        title = [self._title] if self._title else []
        written = self._ruled(columns) if self._rows else []
        return for_stdout(visible("\n".join([*title, *written, *self._notes])))

    def _ruled(self, columns: Sequence[Column[T]]) -> list[str]:
        """The lines of the table for a terminal."""
        from rich.cells import cell_len  # emoji and CJK take two columns of a terminal

        lines = [[one_line(column.title) for column in columns], *self._cells(columns)]
        widths = [max(map(cell_len, texts)) for texts in zip(*lines, strict=True)]
        lines.insert(1, ["─" * width for width in widths])

        def padded(text: str, width: int, column: Column[T]) -> str:
            space = " " * (width - cell_len(text))
            return space + text if column.number else text + space

        written = ["  ".join(map(padded, line, widths, columns)).rstrip() for line in lines]
        if self._left_out:
            written.insert(2 + SHOWN_FIRST, self._more)
        return written

    def _repr_html_(self) -> str:
        title = f"<p><strong>{html.safe_html(visible(self._title))}</strong></p>" if self._title else ""
        notes = "".join(f"<p>{html.safe_html(visible(note))}</p>" for note in self._notes)
        if not self._rows:
            return title + notes
        titles = [(one_line(column.title), column) for column in self._columns]
        head = "".join(_cell("th" if title else "td", title, column) for title, column in titles)  # no empty heading
        rows = [
            "<tr>" + "".join(map(_cell, ["td"] * len(line), line, self._columns, self._rich_cells(row))) + "</tr>"
            for row, line in zip(self._shown, self._cells(self._columns), strict=True)
        ]
        if self._left_out:
            cell = f'<td colspan="{len(self._columns)}" style="text-align: center">{html.safe_html(self._more)}</td>'
            rows.insert(SHOWN_FIRST, f"<tr>{cell}</tr>")
        body = f"<thead><tr>{head}</tr></thead><tbody>{''.join(rows)}</tbody>"
        return f'{title}<table class="seedance-table">{body}</table>{notes}'

    @property
    def _more(self) -> str:
        return f"… {self._left_out:,} more …"

    def _cells(self, columns: Sequence[Column[T]]) -> list[list[str]]:
        return [[one_line(column.read(row)) for column in columns] for row in self._shown]

    @property
    def _shown(self) -> Sequence[T]:
        return [*self._rows[:SHOWN_FIRST], *self._rows[-SHOWN_LAST:]] if self._left_out else self._rows

    def _rich_cells(self, row: T) -> list[str]:
        return [column.html(row) if column.html else "" for column in self._columns]


def _cell(tag: str, text: str, column: Column[T], rich: str = "") -> str:
    align = "right" if column.number else "left"  # JupyterLab sets cells to the right
    keep = "" if column.wraps else "; white-space: nowrap"
    return f'<{tag} dir="auto" style="text-align: {align}{keep}">{rich or html.safe_html(text)}</{tag}>'
