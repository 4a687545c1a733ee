"""Text and money as people read them."""

from __future__ import annotations

from ..text.printable import cut, one_line


def shortened(text: str, width: int = 48) -> str:
    """The beginning of a text on one line: at first about two thirds of a notebook's width for the whole row."""
    return cut(one_line(text), width)


def usd(cost: float | None) -> str:
    """Dollars for a cell; nothing where they are not known."""
    if cost is None:
        return ""
    return f"${cost:.2f}" if round(cost, 2) == cost else f"${cost:g}"
