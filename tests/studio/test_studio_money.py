"""What was spent, as the Studio says it."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from samples import until
from studio_page import MakeStudio

from seedance_widgets.caps import Caps
from seedance_widgets.session import Session
from seedance_widgets.widgets.studio_view import money_view

Fill = Callable[..., list[str]]


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


def test_today_is_what_was_accepted_since_midnight(
    session: Session, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
    for number, at in enumerate((midnight - 1, midnight, midnight + 1)):
        fill(session, 1, prefix=f"a{number}-", created_at=at, cost_usd=0.25, request_id=f"req_{number}")
    assert money_view(session, time.time())["today_usd"] == pytest.approx(0.5)


def test_what_was_never_accepted_costs_nothing(session: Session, fill: Fill) -> None:
    fill(session, 3, created_at=time.time(), cost_usd=0.25)
    assert money_view(session, 0.0) == {"today_usd": 0.0, "session_usd": 0.0, "unknown": 0, "cap_left_usd": None}


def test_an_unconfirmed_job_counts_as_spent(session: Session, fill: Fill) -> None:
    fill(session, 1, created_at=time.time(), cost_usd=0.25, status="unconfirmed")
    assert money_view(session, 0.0)["today_usd"] == pytest.approx(0.25)


def test_a_job_without_a_price_is_counted_as_unknown_and_not_as_nothing(session: Session, fill: Fill) -> None:
    fill(session, 2, created_at=time.time(), request_id="req_1")
    money = money_view(session, 0.0)
    assert (money["today_usd"], money["unknown"]) == (0.0, 2)


def test_the_session_is_counted_from_its_beginning(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    fill(session, 1, created_at=time.time() - 5, cost_usd=9.0, request_id="req_0")
    page = studio_of(session, prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    page.submit()
    until(lambda: page.studio.view["money"]["session_usd"] == pytest.approx(0.5))
    assert page.studio.view["money"]["today_usd"] == pytest.approx(9.5)


def test_opening_the_studio_again_does_not_forget_what_this_session_spent(
    session: Session, studio_of: MakeStudio
) -> None:
    session.submit("A boat", model="seedance-2.0", duration=5, resolution="720p")
    page = studio_of(session)
    until(lambda: page.studio.view.get("state") == "ready")
    assert page.studio.view["money"]["session_usd"] == pytest.approx(0.5)


def test_the_studio_says_what_is_left_of_the_cap_and_refuses_what_is_beyond_it(
    session: Session, studio_of: MakeStudio
) -> None:
    session.caps = Caps(per_day_usd=0.75)
    page = studio_of(session, prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    assert page.studio.view["money"]["cap_left_usd"] == pytest.approx(0.75)
    page.submit()
    until(lambda: page.studio.view["money"]["cap_left_usd"] == pytest.approx(0.25))
    page.studio.prompt = "A second boat"
    page.submit()
    until(lambda: (page.studio.view["outcome"] or {}).get("problem") is not None)
    outcome = page.studio.view["outcome"]
    assert outcome["problem"]["title"] == "Over the cap"
    assert "Nothing was sent" in outcome["problem"]["charged"]
    assert outcome["job_id"] is None
    assert page.studio.prompt == "A second boat"
    assert session.count() == 1
