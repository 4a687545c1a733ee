"""Which language the pages of a kernel speak."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from seedance_widgets.languages import spoken


@pytest.fixture(autouse=True)
def english_afterwards() -> Iterator[None]:
    yield
    spoken.configure(None)
    spoken.hear("en")


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("en", "en"),
        ("en-US", "en"),
        ("th", "th"),
        ("th-TH", "th"),
        ("zh", "zh"),
        ("zh-CN", "zh"),
        ("zh_CN", "zh"),
        ("zh-Hans-TW", "zh"),
        ("zh-TW", "en"),
        ("zh-Hant", "en"),
        ("de", "en"),
        ("../../etc", "en"),
    ],
)
def test_a_page_gets_the_language_that_is_nearest_to_its_own(tag: str, expected: str) -> None:
    spoken.hear(tag)
    assert spoken.language() == expected


def test_a_page_that_does_not_say_changes_nothing() -> None:
    spoken.hear("th")
    for silence in (None, "", 3):
        spoken.hear(silence)
    assert spoken.language() == "th"


def test_what_is_configured_wins_over_what_a_page_says_until_it_is_taken_back() -> None:
    spoken.configure("zh")
    spoken.hear("th")
    assert spoken.said("Cancel") == "取消"
    spoken.configure(None)
    assert spoken.said("Cancel") == "ยกเลิก"


def test_a_language_that_we_do_not_speak_is_refused_with_those_that_we_do() -> None:
    with pytest.raises(ValueError, match="en, th, zh, or None; not 'de'"):
        spoken.configure("de")


def test_english_pages_are_sent_nothing() -> None:
    assert spoken.words_for("card") == {}
