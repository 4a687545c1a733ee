"""Which words of prompts differ."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance_widgets.text.words import MOST_WORDS, marked


def differing(*texts: str) -> list[list[str]]:
    return [[span.text for span in spans if span.marked] for spans in marked(texts)]


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (("a fox in snow", "a fox in snow"), [[], []]),
        (("a fox in snow", "an owl in snow"), [["a fox"], ["an owl"]]),
        (("a fox in snow", "a fox in heavy snow"), [[], ["heavy"]]),
        (("A Fox", "a fox"), [[], []]),
        (("rain, at night", "rain; at night"), [[","], [";"]]),
        (("a dog's day", "a cat's day"), [["dog's"], ["cat's"]]),
        (("雪中的狐狸", "雨中的狐狸"), [["雪"], ["雨"]]),
        (("ฝนตกหนัก", "ฝนตกเบา"), [["หนัก"], ["เบา"]]),
        (("a 👩‍🚀 walks", "a 👩‍🚒 walks"), [["👩‍🚀"], ["👩‍🚒"]]),
        (("<b>x</b> fox", "<b>x</b> owl"), [["fox"], ["owl"]]),
        (("", "a"), [[], ["a"]]),
        (("one fox", "one owl", "one cat"), [["fox"], ["owl"], ["cat"]]),
        (("a fox runs", "a fox sits", "a fox runs"), [["runs"], ["sits"], ["runs"]]),
    ],
)
def test_the_words_that_differ_are_marked(texts: tuple[str, ...], expected: list[list[str]]) -> None:
    assert differing(*texts) == expected


@given(st.lists(st.text(max_size=60), min_size=2, max_size=4))
def test_the_spans_of_a_text_add_up_to_it(texts: list[str]) -> None:
    assert ["".join(span.text for span in spans) for spans in marked(texts)] == texts


@given(st.text(max_size=60))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    assert differing(text, text) == [[], []]


def test_a_very_long_prompt_is_compared_too() -> None:
    long = "word and " * (2 * MOST_WORDS)
    first, second = marked([f"a {long}", f"b {long}"])
    assert first[0].text == "a"
    assert first[0].marked
    assert "".join(span.text for span in second) == f"b {long}"
