"""What a console is told: not at once, not each thing, and nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from seedance_widgets.widgets.shared import narration
from seedance_widgets.widgets.shared.narration import PARTS, SILENT_S, Narration


class Console:
    """What it prints of a thing with so many parts, on a clock that a test sets."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, total: int = 1) -> None:
        self.printed: list[str] = []
        self.total, self.ended, self.at = total, 0, 0.0
        monkeypatch.setattr(narration.environment, "_has_page", False)  # and as it was, afterwards
        monkeypatch.setattr(narration, "display", lambda data, **_: self.printed.append(data["text/plain"]))
        monkeypatch.setattr(narration.DisplayHandle, "update", lambda *_, **__: self.printed.clear())

    def narration(self) -> Narration:
        return Narration(lambda: (self.ended / self.total, f"{self.ended} of {self.total}"), lambda: self.at)


@pytest.fixture
def console(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda total=1: Console(monkeypatch, total)


def test_five_hundred_ends_are_ten_lines_and_the_last_one_is_among_them(console: Any) -> None:
    seen = console(500)
    told = seen.narration()
    told.begin("a sweep")
    seen.at = SILENT_S + 1
    for seen.ended in range(501):
        told.tell()
    assert len(seen.printed) == PARTS
    assert seen.printed[-1] == "500 of 500"


def test_of_a_few_each_end_is_told_and_none_twice(console: Any) -> None:
    seen = console(3)
    told = seen.narration()
    told.begin("a sweep")
    seen.at = SILENT_S + 1
    for seen.ended in (0, 1, 1, 2, 3, 3):
        told.tell()
    assert seen.printed == ["1 of 3", "2 of 3", "3 of 3"]


def test_an_end_in_the_same_words_as_before_is_not_told(console: Any) -> None:
    """A sweep that was held: one of two has ended, and then it is over."""
    seen = console()
    told = Narration(lambda: (seen.ended / 2, "1 of 2" if seen.ended else "0 of 2"), lambda: seen.at)
    told.begin("a sweep")
    seen.at = SILENT_S + 1
    for seen.ended in (1, 2):
        told.tell()
    assert seen.printed == ["1 of 2"]


def test_what_ends_while_a_page_may_still_say_hello_is_told_afterwards(console: Any) -> None:
    seen = console()
    told = seen.narration()
    told.begin("a sweep")
    seen.ended, seen.at = 1, SILENT_S - 1
    told.tell()
    assert (seen.printed, told.is_waiting) == ([], True)
    seen.at = SILENT_S + 1
    told.tell()
    assert (seen.printed, told.is_waiting) == (["1 of 1"], False)


def test_before_a_console_was_told_what_it_is_it_is_told_nothing(console: Any) -> None:
    seen = console()
    seen.ended, seen.at = 1, SILENT_S + 1
    seen.narration().tell()
    assert seen.printed == []


def test_a_page_that_says_hello_takes_back_all_that_was_told_and_is_told_no_more(console: Any) -> None:
    """Where one page shows one widget, it is the page that has the others."""
    seen = console(2)
    told, other = seen.narration(), seen.narration()
    told.begin("a sweep")
    other.begin("the Studio")
    seen.ended, seen.at = 1, SILENT_S + 1
    told.tell()
    assert seen.printed
    other.hear_page()
    seen.ended = 2
    told.tell()
    assert seen.printed == []
    assert narration.environment._has_page


def test_a_page_of_which_the_cells_are_known_says_nothing_of_others(console: Any) -> None:
    """It may share its kernel with a console."""
    seen = console()
    told, of_a_page = seen.narration(), seen.narration()
    told.begin("a sweep")
    of_a_page.hear_page()
    seen.ended, seen.at = 1, SILENT_S + 1
    told.tell()
    assert seen.printed == ["1 of 1"]


def test_of_two_views_of_the_same_the_newer_one_tells(console: Any) -> None:
    seen = console()
    older, newer, other = (seen.narration() for _ in range(3))
    for told, subject in ((older, "a sweep"), (newer, "a sweep"), (other, "another one")):
        told.begin(subject)
    seen.ended, seen.at = 1, SILENT_S + 1
    for told in (older, newer, other):
        told.tell()
    assert seen.printed == ["1 of 1"] * 2
