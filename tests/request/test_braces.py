"""Templates: what braces mean, and which combinations there are."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import Clock

from seedance_widgets.errors import RequestInvalid
from seedance_widgets.request.braces import (
    as_text,
    axis,
    check_count,
    check_names,
    combinations,
    count,
    fill,
    names_in,
)


@given(st.text())
def test_without_names_a_text_is_itself(text: str) -> None:
    assert fill(text, {}) == text


@given(st.text())
def test_with_doubled_braces_every_text_is_itself(text: str) -> None:
    assert fill(text.replace("{", "{{").replace("}", "}}"), {"x": "y"}) == text


@pytest.mark.parametrize(
    ("template", "values", "filled"),
    [
        ("a {animal} in {weather}", {"animal": "fox", "weather": "rain"}, "a fox in rain"),
        ("{a}{a}", {"a": "{a}"}, "{a}{a}"),
        ("{{a}} {a}", {"a": 1}, "{a} 1"),
        ("{{{a}}}", {"a": "x"}, "{x}"),
        ("{ a }", {"a": "x"}, "x"),
        ("ภาพ{สัตว์}", {"สัตว์": "แมว"}, "ภาพแมว"),
    ],
)
def test_a_name_in_braces_is_its_value(template: str, values: dict[str, Any], filled: str) -> None:
    assert fill(template, values) == filled


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (5, "5"),
        (5.0, "5"),
        (0.1, "0.1"),
        (True, "yes"),
        (["red", 2.0], "red, 2"),
        (datetime.date(2026, 1, 2), "2026-01-02"),
    ],
)
def test_a_value_that_is_no_text_reads_as_a_person_would_write_it(value: Any, text: str) -> None:
    assert as_text(value) == text


def test_an_unknown_variable_is_refused_with_those_that_exist() -> None:
    with pytest.raises(
        RequestInvalid, match=r"no variable \{anmal\}; there is \{animal\}, \{weather\}.*Nothing was sent"
    ):
        fill("a {anmal}", {"animal": "fox", "weather": "rain"})


@pytest.mark.parametrize("template", ["a { b", "a } b", "{}", "{ }", '{"shot": {"a": 1}}'])
def test_a_brace_that_names_nothing_is_refused_with_what_to_write(template: str) -> None:
    with pytest.raises(RequestInvalid, match="doubled"):
        fill(template, {"a": "x"})


def test_a_value_that_is_used_nowhere_is_refused() -> None:
    check_names(["a {animal}"], ["animal", "duration", "take"], ["duration"])
    with pytest.raises(RequestInvalid, match=r"weather is given but not used.*the template has \{animal\}"):
        check_names(["a {animal}"], ["animal", "weather"], ["duration"])


def test_the_names_of_a_template_are_told_once_each_in_order() -> None:
    assert names_in("{b} {{c}} {a} {b}") == ["b", "a"]


@pytest.mark.parametrize("one", ["fox", 5, 0.5, None, True, {"a": 1}])
def test_one_value_is_no_axis(one: Any) -> None:
    assert axis("x", one) is None


@pytest.mark.parametrize("many", [["b", "a"], ("b", "a"), iter(["b", "a"])])
def test_many_values_are_an_axis_in_their_order(many: Any) -> None:
    assert axis("x", many) == ["b", "a"]


def test_a_set_is_an_axis_in_the_same_order_in_every_process() -> None:
    assert axis("x", {"b", "a", "c"}) == ["a", "b", "c"]


class Column:
    """What a column of pandas or polars looks like from here."""

    def __init__(self, values: list[Any]) -> None:
        self.values = values

    def to_list(self) -> list[Any]:
        return self.values


class Scalar:
    """What a number of numpy's looks like."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def item(self) -> Any:
        return self.value

    def tolist(self) -> Any:
        return self.value


def test_a_column_is_an_axis_of_python_values() -> None:
    assert axis("x", Column(["a", Scalar(5)])) == ["a", 5]
    assert axis("x", Scalar(5)) is None


@pytest.mark.parametrize("thing", [print, pytest, object(), Clock])
def test_what_has_no_text_of_its_own_is_refused(thing: Any) -> None:
    """Nobody means `<function f at 0x7f…>`, and it would be charged."""
    with pytest.raises(RequestInvalid, match=r"style is of type .*, which is no text"):
        axis("style", ["noir", thing])


def test_a_whole_table_is_refused() -> None:
    class Table(Column):
        columns = ("a", "b")

    with pytest.raises(RequestInvalid, match=r"prompt is a whole table.*one column"):
        axis("prompt", Table(["a"]))


@pytest.mark.parametrize("empty", [[], (), Column([]), iter(())])
def test_an_empty_axis_is_refused(empty: Any) -> None:
    with pytest.raises(RequestInvalid, match="weather is empty"):
        axis("weather", empty)


@pytest.mark.parametrize("missing", [None, float("nan")])
def test_a_missing_value_is_refused_with_its_place(missing: Any) -> None:
    with pytest.raises(RequestInvalid, match="prompt has no value at place 2 of 3"):
        axis("prompt", Column(["a", missing, "b"]))


def test_each_is_combined_with_each_and_the_last_changes_fastest() -> None:
    found = list(combinations({"a": [1, 2], "b": ["x", "y"]}))
    assert found == [{"a": 1, "b": "x"}, {"a": 1, "b": "y"}, {"a": 2, "b": "x"}, {"a": 2, "b": "y"}]


def test_zip_pairs_the_first_with_the_first() -> None:
    assert list(combinations({"a": [1, 2], "b": ["x", "y"]}, "zip")) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_lists_of_different_lengths_cannot_be_zipped() -> None:
    with pytest.raises(RequestInvalid, match="a has 2, b has 1"):
        count({"a": [1, 2], "b": [1]}, "zip")


def test_two_equal_combinations_are_refused_and_takes_are_how_it_is_meant() -> None:
    with pytest.raises(RequestInvalid, match=r"1 and 3 are the same: a=x\..*take=2 asks for the same thing twice"):
        list(combinations({"a": ["x", "y", "x"]}))


def test_a_number_and_its_text_are_one_value() -> None:
    """They make the same prompt, which would be paid for twice."""
    with pytest.raises(RequestInvalid, match="1 and 2 are the same"):
        list(combinations({"a": [1, "1"]}))
    assert len(list(combinations({"a": [1, True, "1.0"]}))) == 3


def test_ten_thousand_combinations_are_refused_before_one_is_made() -> None:
    axes = {"a": range(100), "b": range(100)}
    with pytest.raises(RequestInvalid, match=r"10,000 combinations \(100 a x 100 b\) are too many.*1,000"):
        check_count(axes)
    with pytest.raises(RequestInvalid, match="too many"):
        next(combinations(axes))


def test_a_thousand_are_not_too_many() -> None:
    check_count({"a": range(1000)})


def test_an_endless_iterator_is_not_read_to_its_end() -> None:
    import itertools

    values = axis("a", itertools.count())
    assert values is not None
    with pytest.raises(RequestInvalid, match="too many"):
        check_count({"a": values})
