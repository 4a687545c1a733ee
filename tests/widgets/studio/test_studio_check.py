"""The answer to a check: every problem at its field, in the words of the Python error, without asking the network."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.session.session import Session

GOOD = "https://example.com/a.png"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"prompt": " \n"}, "prompt"),
        ({"prompt": "half \ud83d"}, "prompt"),
        ({"model": "seedance-9"}, "model"),
        ({"duration": 99}, "duration"),
        ({"duration": 4.5}, "duration"),
        ({"duration": "5"}, "duration"),
        ({"aspect_ratio": "4:3"}, "aspect_ratio"),
        ({"resolution": "8k"}, "resolution"),
        ({"media_urls": ["/films/me/a.png"]}, "media_urls"),
        ({"media_urls": ["http://example.com/a.png"]}, "media_urls"),
        ({"media_urls": ["data:image/png;base64,AA=="]}, "media_urls"),
        ({"media_urls": ["https://127.0.0.1/a.png"]}, "media_urls"),
        ({"media_urls": ["https://me:secret@example.com/a.png"]}, "media_urls"),
        ({"media_urls": ["https://["]}, "media_urls"),
        ({"media_urls": [GOOD] * 6}, "media_urls"),
    ],
)
def test_a_problem_is_said_in_the_words_of_the_error(page: Page, changes: dict[str, Any], field: str) -> None:
    asked = page.request(**changes)
    with pytest.raises(sw.RequestInvalid) as caught:
        page.studio.session.plan(asked.pop("prompt"), **asked)
    (problem,) = page.check(**changes)["problems"]
    assert problem["field"] == field == caught.value.field
    assert problem["text"] == f"{caught.value.what} {caught.value.next_step}".strip()


def test_several_problems_are_said_at_once(page: Page) -> None:
    wrong = {"prompt": "", "duration": 99, "resolution": "8k", "media_urls": ["a.png"]}
    assert {problem["field"] for problem in page.check(**wrong)["problems"]} == set(wrong)


def test_a_bad_url_is_said_before_there_is_a_prompt(page: Page) -> None:
    fields = [problem["field"] for problem in page.check(prompt="", media_urls=["/films/me/a.png"])["problems"]]
    assert fields == ["prompt", "media_urls"]


def test_the_password_of_a_url_is_not_repeated_in_the_problem(page: Page) -> None:
    (problem,) = page.check(media_urls=["https://me:secret@example.com/a.png"])["problems"]
    assert "secret" not in problem["text"]


def test_the_index_is_that_of_the_wrong_url(page: Page) -> None:
    (problem,) = page.check(media_urls=[GOOD, "b.png", GOOD])["problems"]
    assert problem["index"] == 1


def test_too_many_media_are_a_problem_of_no_single_one(page: Page) -> None:
    problem, *_ = page.check(media_urls=[GOOD] * 5 + ["b.png"])["problems"]
    assert problem["index"] is None
    assert "6" in problem["text"]


def test_each_wrong_url_keeps_its_reason_also_where_they_are_too_many(page: Page) -> None:
    _, *own = page.check(media_urls=["a.png", *[GOOD] * 4, "b.png"])["problems"]
    assert [problem["index"] for problem in own] == [0, 5]
    assert "a.png" in own[0]["text"]


def test_several_wrong_urls_each_have_their_reason(page: Page) -> None:
    problems = page.check(media_urls=["a.png", GOOD, "http://example.com/b.png"])["problems"]
    assert [problem["index"] for problem in problems] == [0, 2]


@pytest.mark.parametrize(
    ("urls", "expected"),
    [
        ([GOOD], [("image", "first frame")]),
        ([GOOD, GOOD], [("image", "first frame"), ("image", "last frame")]),
        (["https://a.com/a.mp4", "https://a.com/b.mp3"], [("video", "reference"), ("audio", "reference")]),
        (["https://a.com/a"], [(None, "reference")]),
        (["https://[", GOOD], [(None, "reference"), ("image", "reference")]),
    ],
)
def test_each_url_shows_its_kind_and_role(page: Page, urls: list[str], expected: list[tuple[str, str]]) -> None:
    media = page.check(media_urls=urls)["media"]
    assert [item["url"] for item in media] == urls
    assert [(item["kind"], item["role"]) for item in media] == expected


def test_half_of_a_character_in_a_url_can_be_sent_to_the_page(page: Page) -> None:
    answer = page.check(media_urls=["https://example.com/\ud83d"])
    assert answer["problems"]
    assert str(answer).encode()


def test_the_cost_is_that_of_the_request(page: Page) -> None:
    assert page.check(model="seedance-2.0", duration=5, resolution="720p")["cost_usd"] == pytest.approx(0.5)


def test_the_cost_is_known_before_there_is_a_prompt(page: Page) -> None:
    assert page.check(prompt="", model="seedance-2.0", duration=5, resolution="720p")["cost_usd"] == pytest.approx(0.5)


def test_a_request_that_does_not_fit_has_no_cost(page: Page) -> None:
    assert page.check(duration=99)["cost_usd"] is None


def test_nothing_is_asked_of_the_network_for_a_check(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    page = studio_of(connect(), prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    before = len(service.server.requests)
    page.check(model="seedance-9", media_urls=["https://example.com/a.png", "https://127.0.0.1/b.png"])
    page.check()
    assert len(service.server.requests) == before


def test_a_check_leaves_the_form_as_it_is(page: Page) -> None:
    before = page.request()
    page.check(prompt="Another", duration=9)
    assert page.request() == before
