"""What was spent, as the Studio says it."""

from __future__ import annotations

import copy
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from samples import until
from scripted import answer
from studio_page import MakeStudio, Page

from seedance_widgets.errors import CapExceeded, StoreError
from seedance_widgets.request.caps import Caps
from seedance_widgets.session.session import Session
from seedance_widgets.store import money
from seedance_widgets.widgets.studio.view import money_view

Fill = Callable[..., list[str]]
MODELS = {
    "success": True,
    "data": [
        {"id": name, "durations": [4, 5, 6], "aspectRatios": ["16:9"], "resolutions": ["480p", "720p"]}
        for name in ("seedance-2.0", "seedance-2.0-fast")
    ],
}


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


def test_today_is_what_was_accepted_since_midnight(
    session: Session, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = time.mktime((*time.localtime()[:3], 0, 0, 0, 0, 0, -1))
    for number, at in enumerate((midnight - 1, midnight, midnight + 1)):
        fill(session, 1, prefix=f"a{number}-", created_at=at, cost_usd=0.25, request_id=f"req_{number}")
    assert money_view(session)["today_usd"] == pytest.approx(0.5)


def test_what_was_never_accepted_costs_nothing(session: Session, fill: Fill) -> None:
    fill(session, 3, created_at=time.time(), cost_usd=0.25)
    assert money_view(session) == {"today_usd": 0.0, "session_usd": 0.0, "unknown": 0, "cap_left_usd": None}


def test_an_unconfirmed_job_counts_as_spent(session: Session, fill: Fill) -> None:
    fill(session, 1, created_at=time.time(), cost_usd=0.25, status="unconfirmed")
    assert money_view(session)["today_usd"] == pytest.approx(0.25)


def test_a_job_without_a_price_is_counted_as_unknown_and_not_as_nothing(session: Session, fill: Fill) -> None:
    fill(session, 2, created_at=time.time(), request_id="req_1")
    money = money_view(session)
    assert (money["today_usd"], money["unknown"]) == (0.0, 2)


def test_the_session_is_what_it_sent_itself(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    fill(session, 1, created_at=time.time() - 5, cost_usd=9.0, request_id="req_0")
    page = studio_of(session, prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    page.submit()
    until(lambda: page.studio.view["money"]["session_usd"] == pytest.approx(0.5))
    assert page.studio.view["money"]["today_usd"] == pytest.approx(9.5)


def test_what_another_session_of_the_same_home_spends_is_not_this_session(session: Session, fill: Fill) -> None:
    """It counted all that was made since the Studio's session began, by whomever."""
    fill(session, 1, created_at=time.time() + 1, cost_usd=2.0, request_id="req_0", session_id="another")
    fill(session, 1, prefix="ours", created_at=time.time(), cost_usd=0.5, request_id="req_1", session_id=session.id)
    found = money_view(session)
    assert (found["session_usd"], found["today_usd"]) == (0.5, 2.5)


def test_a_job_dated_in_the_future_is_not_of_today(session: Session, fill: Fill) -> None:
    fill(session, 1, created_at=time.time() + 2 * 86_400, cost_usd=2.0, request_id="req_0")
    assert money_view(session)["today_usd"] == 0.0


def test_today_and_the_session_are_read_at_one_instant(
    session: Session, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was accepted between two reads counted in the session, and not in the day."""
    add_up, writers = money.spent, []

    def accept_meanwhile(*asked: Any, **how: Any) -> Any:
        accepted = {"prefix": f"row{len(writers)}-", "request_id": "req_1", "cost_usd": 0.5, "created_at": time.time()}
        accepted["session_id"] = session.id
        writers.append(threading.Thread(target=fill, args=(session, 1), kwargs=accepted))
        found = add_up(*asked, **how)
        writers[-1].start()
        writers[-1].join(0.3)  # it waits for the end of the reading
        return found

    monkeypatch.setattr(money, "spent", accept_meanwhile)
    found = money_view(session)
    for writer in writers:
        writer.join()
    assert found["session_usd"] == found["today_usd"]


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


# --- caps that are set in the Studio --------------------------------------------------------------------------------
NAMES = ("per_job_usd", "per_session_usd", "per_day_usd")


def set_caps(page: Page, **typed: object) -> dict[str, Any]:
    """What the page shows once the kernel has answered to Set caps."""
    return answered(page, page.post("caps", caps=typed))


def answered(page: Page, click_id: str) -> dict[str, Any]:
    """The caps that the page shows once the kernel has answered to this click."""
    caps = lambda: page.studio.view.get("caps", {})  # noqa: E731
    until(lambda: caps().get("click_id") == click_id)
    return caps()


def test_caps_are_set_changed_and_taken_away_in_the_studio(session: Session, studio_of: MakeStudio) -> None:
    page = studio_of(session)
    shown = set_caps(page, per_job_usd="1", per_session_usd=" 2.50 ", per_day_usd="")
    assert session.caps == Caps(per_job_usd=1, per_session_usd=2.5)
    assert [shown[name] for name in NAMES] == [1, 2.5, None]
    set_caps(page, per_job_usd="", per_day_usd="20")
    assert session.caps == Caps(per_session_usd=2.5, per_day_usd=20), "a cap that is not named stays"


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("typed", ["0", "-3", "much", "nan", "inf", "$5", "5,50", "0x10", "\ud83d"])
def test_a_cap_that_is_no_amount_is_refused_in_plain_words_and_nothing_is_changed(
    session: Session, studio_of: MakeStudio, typed: str, name: str
) -> None:
    session.caps = before = Caps(per_job_usd=1, per_day_usd=20)
    others = {other: "7" for other in NAMES if other != name}
    shown = set_caps(studio_of(session), **others, **{name: typed})
    label = {"per_job_usd": "Per-job", "per_session_usd": "Per-session", "per_day_usd": "Per-day"}[name]
    text = f"{label} cap must be a dollar amount above 0."
    assert shown["problems"] == [{"field": name, "text": text, "index": None}]
    assert session.caps == before
    assert [shown[each] for each in NAMES] == [1, None, 20]


def test_each_field_that_is_wrong_is_told_and_the_next_try_forgets_them(
    session: Session, studio_of: MakeStudio
) -> None:
    page = studio_of(session)
    shown = set_caps(page, per_job_usd="0", per_day_usd="much")
    assert [problem["field"] for problem in shown["problems"]] == ["per_job_usd", "per_day_usd"]
    assert set_caps(page, per_day_usd="2")["problems"] == []


@pytest.mark.parametrize("caps", [None, [], "5", 5, {"other": "5"}, {}])
def test_a_message_without_caps_changes_none(session: Session, studio_of: MakeStudio, caps: object) -> None:
    session.caps = before = Caps(per_day_usd=20)
    page = studio_of(session)
    answered(page, page.post("caps", caps=caps))
    assert session.caps == before


def test_a_cap_of_no_dollars_that_comes_as_a_number_takes_none_away(session: Session, studio_of: MakeStudio) -> None:
    session.caps = before = Caps(per_day_usd=20)
    assert set_caps(studio_of(session), per_day_usd=0)["problems"]
    assert session.caps == before


def test_a_click_on_set_caps_that_comes_twice_does_not_bring_back_an_old_cap(
    session: Session, studio_of: MakeStudio
) -> None:
    page = studio_of(session)
    page.post("caps", "click-a", caps={"per_day_usd": "5"})
    session.caps = Caps(per_day_usd=8)
    page.post("caps", "click-a", caps={"per_day_usd": "5"})
    assert session.caps == Caps(per_day_usd=8)


def test_a_cap_set_from_code_shows_in_an_open_studio(session: Session, studio_of: MakeStudio) -> None:
    page = studio_of(session)
    until(lambda: page.studio.view.get("state") == "ready")
    session.caps = Caps(per_session_usd=3)
    until(lambda: page.studio.view["caps"]["per_session_usd"] == 3)
    assert page.studio.view["money"]["cap_left_usd"] == pytest.approx(3)


def test_a_cap_set_in_the_studio_holds_for_python_too_and_for_the_very_next_click(
    session: Session, studio_of: MakeStudio, service: Any
) -> None:
    page = studio_of(session, prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    page.post("caps", caps={"per_job_usd": "0.49"})
    outcome = page.submit()
    assert (outcome["problem"]["title"], outcome["job_id"]) == ("Over the cap", None)
    assert all((view["outcome"] or outcome)["job_id"] is None for view in page.views), "no job takes the stage"
    with pytest.raises(CapExceeded):
        session.submit("A boat", model="seedance-2.0", duration=5, resolution="720p")
    assert service.creates == []


def test_a_cap_is_set_also_while_the_history_cannot_be_read(
    session: Session, studio_of: MakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = studio_of(session)
    until(lambda: page.studio.view.get("state") == "ready")

    def broken(*_: object, **__: object) -> None:
        raise StoreError("The history cannot be read.")

    monkeypatch.setattr(session, "charged_usd", broken)
    assert set_caps(page, per_day_usd="5")["per_day_usd"] == 5
    until(lambda: page.studio.view["problem"] == "The history cannot be read.")


def test_a_click_is_a_click_on_the_price_beside_it(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    """Asked for $0.50, sent for $100."""
    page = studio_of(connect(), prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    risen: dict[str, Any] = copy.deepcopy(MODELS)
    risen["data"][0]["usdPerSecond"] = {"720p": 20}
    service.models = answer(200, risen)
    click_id = page.post("submit", request=page.request(), shown_usd=0.5)
    outcome = page.outcome(click_id, lambda said: said["problem"])
    assert (outcome["problem"]["title"], outcome["job_id"]) == ("The price has changed", None)
    assert service.creates == []
    until(lambda: page.studio.view["models"][0]["usd_per_second"] == {"720p": 20.0})
    again = page.post("submit", request=page.request(), shown_usd=100.0)
    assert page.outcome(again)["job_id"]
    until(lambda: len(service.creates) == 1)


@pytest.mark.parametrize("odd", [None, True, "0.5", float("nan"), -1])
def test_a_price_that_a_page_cannot_have_shown_is_none(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any, odd: Any
) -> None:
    page = studio_of(connect(), prompt="A boat", model="seedance-2.0", duration=5, resolution="720p")
    until(lambda: page.studio.view.get("state") == "ready")
    assert page.outcome(page.post("submit", request=page.request(), shown_usd=odd))["job_id"]
