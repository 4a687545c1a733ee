"""Whatever a page or a server says: no message breaks the kernel's half, and text stays text."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import until
from scripted import error
from studio_page import MakeStudio, Page

from seedance_widgets.session.session import Session
from seedance_widgets.text.printable import visible
from seedance_widgets.types import Problem

NASTY = "<script>alert(1)</script> $x$ \"'` ‮ {{7*7}}"

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.sampled_from(["\ud83d", NASTY]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
# `submit` has tests of its own: what hypothesis finds valid would start a job.
harmless = st.sampled_from(["hello", "check", "search", "cancel", "download", "star", "note", "clip", "poster"])
requests = st.dictionaries(
    st.sampled_from(["prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls", "other"]), values
)
messages = st.fixed_dictionaries(
    {"type": harmless | st.text(max_size=8), "click_id": st.text(min_size=1)},
    optional=dict.fromkeys(
        ("job_id", "offset", "length", "text", "status", "model", "page", "starred", "value", "force"), values
    )
    | {"request": requests | values},
).filter(lambda message: message["type"] != "submit")
repeatedly = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])


def works(page: Page) -> None:
    """The Studio still answers."""
    assert page.check(prompt="A boat that still floats")["problems"] == []


@repeatedly
@given(content=messages)
def test_no_message_of_a_known_kind_breaks_the_kernels_half(page: Page, content: dict[str, Any]) -> None:
    page.hear(content)


@repeatedly
@given(content=values)
def test_what_is_no_message_is_ignored(page: Page, content: object) -> None:
    page.hear(content)


@pytest.mark.parametrize(
    "content",
    [
        None,
        [],
        "submit",
        {},
        {"type": "submit"},
        {"type": "submit", "click_id": ""},
        {"type": "submit", "click_id": 7, "request": {"prompt": "A boat"}},
        {"type": "submit", "click_id": ["x"], "request": {"prompt": "A boat"}},
        {"type": "submit", "click_id": {"x": 1}, "request": {"prompt": "A boat"}},
        {"type": ["submit"], "click_id": "x1"},
        {"type": "__init__", "click_id": "x2"},
    ],
)
def test_a_malformed_submit_starts_nothing(page: Page, content: object) -> None:
    before = page.studio.session.count()
    page.hear(content)
    works(page)
    assert page.studio.session.count() == before


@settings(repeatedly, max_examples=40)
@given(
    request=requests.map(lambda request: request | {"prompt": ""}) | values.filter(lambda v: not isinstance(v, dict))
)
def test_a_submit_of_nonsense_is_refused_and_starts_nothing(page: Page, request: Any) -> None:
    before = page.studio.session.count()
    outcome = page.outcome(page.post("submit", request=request), lambda outcome: outcome["problem"])
    assert outcome["job_id"] is None
    assert page.studio.session.count() == before


def test_after_a_storm_of_nonsense_it_still_works(page: Page) -> None:
    for number in range(60):
        for kind in ("hello", "check", "search", "star", "note", "clip", "poster", "cancel", "nothing"):
            page.post(kind, job_id=number, request=[number], text=number, page=number, offset=number, length="x")
    page.post("search", text="", page=0)
    works(page)
    assert page.studio.view["state"] == "ready"


def test_everything_that_is_sent_can_be_written_as_json(page: Page) -> None:
    page.post("search", text="\ud83d")
    page.check(model="\ud83d", media_urls=["https://\ud83d/"], prompt="\ud83d")
    for trait in (page.studio.view, page.studio.jobs_page):
        json.dumps(trait, ensure_ascii=False, allow_nan=False).encode()


def test_a_servers_words_are_only_text_in_the_view(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    service.create = error(400, "invalid_request", NASTY)
    page = studio_of(connect(), prompt=NASTY)
    until(lambda: page.studio.view.get("state") == "ready")
    click_id = page.post("submit", request=page.request())
    outcome = page.outcome(click_id, lambda outcome: outcome["problem"])
    shown = visible(NASTY)  # what a terminal would obey is written out
    assert shown in outcome["problem"]["what"]
    item = until(lambda: (items := page.studio.jobs_page["items"]) and items[0]["problem"] and items[0])
    assert item["prompt"] == NASTY
    assert shown in item["problem"]["what"]


def test_the_key_is_in_no_trait_and_no_message(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    service.create = error(401, "unauthorized", "no")
    page = studio_of(connect(), prompt="A boat")
    page.outcome(page.post("submit", request=page.request()), lambda outcome: outcome["problem"])
    assert "do_not_show_me" not in str(page.studio.get_state()) + str(page.answers) + repr(page.studio)


def test_a_servers_words_of_a_failure_are_cut_to_what_a_page_can_show(
    connect: Callable[..., Session], studio_of: MakeStudio, fill: Callable[..., list[str]]
) -> None:
    session = connect()
    problem = Problem(code="x", message="long " * 400)
    fill(session, 12, problem=problem, request_id="req_1")
    page = studio_of(session)
    jobs = until(lambda: page.studio.jobs_page)
    assert len(json.dumps(jobs)) < 100_000
