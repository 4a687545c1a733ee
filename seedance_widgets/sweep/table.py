"""A table in a notebook and in a terminal, a long one with its middle left out. Pure: text in, text out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..render.html import safe_html
from ..text.printable import cut, for_stdout, one_line, visible

SHOWN_FIRST, SHOWN_LAST = 12, 3
"""Rows of a long table that are shown, at its start and at its end."""
CELL_WIDTH = 60
"""Characters of a cell: two of them fill a notebook's width."""


@dataclass(frozen=True, slots=True)
class Lines:
    """A table that is written only as far as it is shown.

    `cells` gives the cells of a row by its number; a hundred thousand rows cost no more than those that are seen.
    """

    title: str
    head: Sequence[str]
    count: int
    cells: Callable[[int], Sequence[str]]
    notes: Sequence[str] = ()
    numbers: frozenset[int] = frozenset()
    """Columns that stand on the right."""

    def text(self) -> str:
        """The table for a terminal."""
        if not self.count:
            return visible("\n".join([self.title, *self.notes]))
        from rich.cells import cell_len  # emoji and CJK take two columns of a terminal

        rows = [[shortened(each) for each in self.cells(number)] for number in self._shown()]
        table = [list(self.head), *rows]
        widths = [max(map(cell_len, column)) for column in zip(*table, strict=True)]

        def line(texts: Sequence[str]) -> str:
            spaces = [" " * (width - cell_len(text)) for text, width in zip(texts, widths, strict=True)]
            padded = [
                space + text if number in self.numbers else text + space
                for number, (text, space) in enumerate(zip(texts, spaces, strict=True))
            ]
            return "  ".join(padded).rstrip()

        written = [line(texts) for texts in table]
        written.insert(1, "  ".join("─" * width for width in widths))
        if self._left_out:
            written.insert(2 + SHOWN_FIRST, f"… {self._left_out:,} more …")
        return for_stdout(visible("\n".join([self.title, *written, *self.notes])))

    def html(self) -> str:
        """The table for a notebook: text only, whatever the cells hold."""
        paragraphs = "".join(f"<p>{safe_html(note)}</p>" for note in self.notes)
        title = f"<p><strong>{safe_html(self.title)}</strong></p>"
        if not self.count:
            return title + paragraphs
        head = "".join(self._cell("th", number, text) for number, text in enumerate(self.head))
        rows = [
            "<tr>"
            + "".join(self._cell("td", n, shortened(text)) for n, text in enumerate(self.cells(number)))
            + "</tr>"
            for number in self._shown()
        ]
        if self._left_out:
            columns, more = len(self.head), f"… {self._left_out:,} more …"
            rows.insert(SHOWN_FIRST, f'<tr><td colspan="{columns}" style="text-align: center">{more}</td></tr>')
        table = f'<table class="seedance-table"><thead><tr>{head}</tr></thead><tbody>{"".join(rows)}</tbody></table>'
        return title + table + paragraphs

    @property
    def _left_out(self) -> int:
        left = self.count - SHOWN_FIRST - SHOWN_LAST
        return left if left > 1 else 0

    def _shown(self) -> list[int]:
        if not self._left_out:
            return list(range(self.count))
        return [*range(SHOWN_FIRST), *range(self.count - SHOWN_LAST, self.count)]

    def _cell(self, tag: str, column: int, text: str) -> str:
        align = "right" if column in self.numbers else "left"  # JupyterLab sets cells to the right
        return f'<{tag} dir="auto" style="text-align: {align}">{safe_html(text)}</{tag}>'


def shortened(text: str, width: int = CELL_WIDTH) -> str:
    """Text on one line, with what a terminal would obey shown escaped, cut to a width."""
    return cut(one_line(text), width)


def usd(amount: float) -> str:
    """An amount of US dollars; a tenth of a cent matters only below one."""
    return f"${amount:,.2f}" if amount >= 0.01 or not amount else f"${amount:g}"


def sum_text(costs: Sequence[float | None]) -> str:
    """What many jobs cost together, in words; says how many have no known price."""
    known = [cost for cost in costs if cost is not None]
    unknown = len(costs) - len(known)
    if not known:
        return "at an unknown price: the service names none" if costs else "nothing to pay"
    total = f"about {usd(sum(known))}"
    return f"{total} (estimate)" if not unknown else f"{total} (estimate) and {unknown} of them at an unknown price"
