"""Text and money as people read them."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, localcontext

from ..text.printable import cut, one_line


def shortened(text: str, width: int = 48) -> str:
    """The beginning of a text on one line, with what a terminal would obey shown escaped.

    By default about two thirds of a notebook's width for the whole row of a table.
    """
    return cut(one_line(text), width)


def usd(amount: float | None) -> str:
    """US dollars with cents; below one dollar with tenths of a cent, below one cent with two digits that say something.

    Empty where they are not known. The page does the same: `dollars` in `frontend/src/studio/cost.ts`.
    """
    if amount is None:
        return ""
    if not 0 < amount < 1:
        return f"${_rounded(amount, 2)}"
    if amount < 0.01:
        return f"${Decimal(f'{amount:.2g}'):f}"
    exact = _rounded(amount, 3)
    return f"${exact.removesuffix('0')}"


def estimate(cost_usd: float | None) -> str:
    """An estimated cost, always marked as one, in the words of the page: `cost` in `frontend/src/shared/format.ts`."""
    if cost_usd is None:
        return "cost unknown"
    about = "$0.00" if not cost_usd else "< $0.01" if cost_usd < 0.01 else f"≈ ${_rounded(cost_usd, 2)}"
    return f"{about} (estimate)"


def _rounded(amount: float, digits: int) -> str:
    """As JavaScript rounds, so that a card says the same with its kernel and without: a half goes up."""
    with localcontext(rounding=ROUND_HALF_UP):
        return f"{Decimal(amount):,.{digits}f}"
