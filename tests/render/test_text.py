"""Money and cut texts as people read them: the same in a table, a sentence, a card and on the page."""

from __future__ import annotations

import pytest

from seedance_widgets.render.text import estimate, shortened, usd


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (None, ""),
        (0, "$0.00"),
        (0.5, "$0.50"),
        (0.1 + 0.2, "$0.30"),
        (0.125, "$0.125"),
        (0.3375, "$0.338"),
        (0.004, "$0.004"),
        (0.0000004, "$0.0000004"),
        (0.9999, "$1.00"),
        (1.125, "$1.13"),
        (1234.5, "$1,234.50"),
        (-1.5, "$-1.50"),
    ],
)
def test_dollars_have_cents_and_what_cents_would_hide(amount: float | None, said: str) -> None:
    assert usd(amount) == said


def test_an_estimate_that_nobody_knows_is_unknown_and_no_zero() -> None:
    assert estimate(None) == "cost unknown"


@pytest.mark.parametrize(
    ("cost_usd", "said"),
    [
        (0, "$0.00"),
        (0.004, "< $0.01"),
        (0.01, "≈ $0.01"),
        (0.125, "≈ $0.13"),
        (1.005, "≈ $1.00"),
        (0.3375, "≈ $0.34"),
        (99.995, "≈ $100.00"),
    ],
)
def test_a_card_says_the_same_cost_with_its_kernel_and_without(cost_usd: float, said: str) -> None:
    """As `about` in `format.ts` has it. The bug: a saved card said "≈ $0.00" where the living one said "< $0.01"."""
    assert estimate(cost_usd) == f"{said} (estimate)"


def test_a_cut_text_is_one_line_and_holds_nothing_that_a_terminal_obeys() -> None:
    assert shortened("a\nb\x1b[31m " + "c" * 50, 12) == "a b\\x1b[31m…"


def test_a_cut_never_ends_within_an_escape() -> None:
    assert shortened("abc\x1b" + "d" * 9, 6) == "abc…"
