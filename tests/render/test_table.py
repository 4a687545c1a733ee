"""One table for a terminal and a notebook: of jobs, of prices, of what a sweep would send."""

from __future__ import annotations

from seedance_widgets.render import html
from seedance_widgets.render.table import SHOWN_FIRST, SHOWN_LAST, Column, Table

NUMBER: Column[int] = Column("#", str, number=True)
LINE = "\u202e<b>\x1b[31m"


def test_of_a_long_table_only_what_is_shown_is_read() -> None:
    read: list[int] = []

    def cell(row: int) -> str:
        read.append(row)
        return str(row)

    table = Table(range(100_000), [Column("#", cell)], title="Plan", is_long=True)
    assert "… 99,985 more …" in repr(table)
    assert read == [*range(SHOWN_FIRST), *range(100_000 - SHOWN_LAST, 100_000)]
    assert len(table) == 100_000


def test_a_table_that_would_leave_out_one_row_shows_it() -> None:
    assert "more" not in repr(Table(range(SHOWN_FIRST + SHOWN_LAST + 1), [NUMBER], is_long=True))


def test_a_short_list_is_never_cut() -> None:
    table = Table(range(200), [NUMBER])
    assert table._repr_html_().count("<tr>") == 201


def test_title_and_notes_stand_around_the_table_and_in_its_place() -> None:
    there = Table([1], [NUMBER], title="Plan", note=["one", "two"], empty="nothing")
    assert repr(there).splitlines() == ["Plan", "#", "─", "1", "one", "two"]
    assert repr(Table([], [NUMBER], title="Plan", note="one", empty="nothing")) == "Plan\nnothing"


def test_nothing_that_a_page_or_a_terminal_would_obey_is_left_in_a_table() -> None:
    table = Table([1], [Column(LINE, lambda _: LINE)], title=LINE, note=LINE)
    for shown in (repr(table), table._repr_html_()):
        assert "\u202e" not in shown
        assert "\x1b" not in shown
    assert "<b>" not in table._repr_html_()


def test_facts_from_outside_are_text() -> None:
    shown = html.facts_table([html.fact(LINE, html.told(LINE), mark="✗", means="failed")], "sdw-doctor")
    assert "<b>" not in shown
    assert "\u202e" not in shown
    assert 'aria-label="failed"' in shown


def test_a_column_without_a_title_has_no_empty_heading() -> None:
    shown = Table([1], [NUMBER, Column("", str)])._repr_html_()
    assert shown.count("<th ") == 1
    assert "></th>" not in shown
