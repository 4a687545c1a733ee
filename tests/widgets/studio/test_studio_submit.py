"""A click on Generate: one create however often it arrives, and an outcome in every case."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import CUT, Raw, answer, error
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.jobs import starting
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.studio import submits


@pytest.fixture
def online(connect: Callable[..., Session], studio_of: MakeStudio) -> Page:
    """A Studio that is ready, on the scripted service."""
    page = studio_of(connect(), prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    return page


@pytest.fixture
def poor(tmp_path: Path) -> Iterator[Session]:
    """A session whose account can pay for nothing."""
    session = sw.simulate(speed=math.inf, credits=1, home=tmp_path / "poor")
    yield session
    session.close()


def test_an_accepted_click_names_its_job(online: Page) -> None:
    outcome = online.submit()
    assert (outcome["problem"], outcome["field"], outcome["ask"]) == (None, None, None)
    assert online.studio.session.job(outcome["job_id"]).request == online.studio.request


def test_what_is_sent_is_what_the_click_said_and_not_the_form(online: Page) -> None:
    outcome = online.submit(prompt="Another boat", duration=6)
    request = online.studio.session.job(outcome["job_id"]).request
    assert (request.prompt, request.duration) == ("Another boat", 6)


def test_the_form_is_untouched_by_a_click(online: Page) -> None:
    before = online.request()
    online.submit(prompt="Another boat", duration=6)
    assert online.request() == before
    assert online.studio.selected == ""


def test_a_click_that_arrives_often_is_one_create(online: Page, service: Any) -> None:
    for _ in range(5):
        online.submit("click-a")
    until(lambda: service.creates)
    assert online.studio.session.count() == 1
    assert len(service.creates) == 1


def test_a_click_that_arrives_again_after_an_hour_of_other_messages_is_one_create(online: Page, service: Any) -> None:
    online.submit("click-b")
    for _ in range(600):
        online.post("hello")
    online.submit("click-b", force=True)
    until(lambda: service.creates)
    assert online.studio.session.count() == 1


def test_a_click_that_arrives_again_is_answered_again(online: Page) -> None:
    first = online.submit("click-c")
    online.submit("click-d", prompt="")
    until(lambda: online.studio.view["outcome"]["click_id"] == "click-d")
    assert online.submit("click-c") == first


def test_two_clicks_for_one_request_at_the_same_moment_are_one_create(online: Page, service: Any) -> None:
    service.create = Raw(answer(200, {"success": True, "requestId": "req_1", "status": "queued"}).data, hang_s=0.3)
    clicks = [f"same-{number}" for number in range(8)]
    threads = [
        threading.Thread(target=online.post, args=("submit", click), kwargs={"request": online.request()})
        for click in clicks
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    until(lambda: not online.studio.view["sending"] and service.creates)
    assert len(service.creates) == 1
    assert online.studio.session.count() == 1


def test_the_same_request_within_ten_seconds_is_asked_about(online: Page, service: Any) -> None:
    job_id = online.submit()["job_id"]
    outcome = online.submit()
    assert outcome["job_id"] is None
    assert job_id in outcome["ask"]
    assert len(service.creates) <= 1


def test_a_forced_click_sends_the_same_request_again(online: Page, service: Any) -> None:
    online.submit()
    assert online.submit(force=True)["job_id"]
    until(lambda: len(service.creates) == 2)


def test_after_ten_seconds_nothing_is_asked(online: Page, service: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    service.status = "failed"
    first = online.studio.session.job(online.submit()["job_id"])
    until(lambda: first.final)
    for module in (submits, starting):  # the look of the Studio, and that of the store
        monkeypatch.setattr(module, "RECENT_S", 0.0)
    assert online.submit()["ask"] is None


def test_another_request_is_not_asked_about(online: Page) -> None:
    online.submit()
    assert online.submit(prompt="Another boat")["ask"] is None


def test_a_refusal_for_want_of_credits_is_said_with_its_job(poor: Session, studio_of: MakeStudio) -> None:
    page = studio_of(poor, prompt="A boat")
    click_id = page.post("submit", request=page.request())
    outcome = page.outcome(click_id, lambda outcome: outcome["problem"])
    assert outcome["problem"]["title"] == "Not enough credits"
    assert outcome["problem"]["charged"] == "Nothing was charged."
    assert poor.job(outcome["job_id"]).status == "failed"


def test_a_request_that_does_not_fit_is_refused_at_its_field(online: Page, service: Any) -> None:
    outcome = online.submit(resolution="8k")
    assert (outcome["field"], outcome["job_id"], outcome["ask"]) == ("resolution", None, None)
    assert "8k" in outcome["problem"]["what"]
    assert online.studio.session.count() == 0
    assert service.creates == []


def test_what_only_the_live_models_refuse_ends_as_not_sent(
    connect: Callable[..., Session], studio_of: MakeStudio, service: Any
) -> None:
    service.models = Raw(service.models.data, hang_s=3.0)
    page = studio_of(connect(), prompt="A boat", duration=15)  # the bundled list takes 15 s
    click_id = page.post("submit", request=page.request())
    outcome = page.outcome(click_id, lambda outcome: outcome["problem"])
    assert (outcome["field"], outcome["job_id"]) == ("duration", None)
    (job,) = page.studio.session.jobs()  # its row came first: a second click in another notebook would have met it
    assert (job.status_text, job.row.sent_at) == ("Not sent", None)


def test_a_lost_answer_is_said_and_the_job_kept(online: Page, service: Any) -> None:
    service.create = CUT
    click_id = online.post("submit", request=online.request())
    outcome = online.outcome(click_id, lambda outcome: outcome["problem"])
    assert outcome["problem"]["title"] == "The server's answer was lost"
    assert online.studio.session.job(outcome["job_id"]).status == "unconfirmed"


@pytest.fixture
def unconfirmed(online: Page, service: Any) -> str:
    accepting, service.create = service.create, CUT
    outcome = online.outcome(online.post("submit", request=online.request()), lambda outcome: outcome["problem"])
    service.create = accepting
    return str(outcome["job_id"])


def test_an_unconfirmed_request_is_asked_about_before_it_is_sent_again(
    online: Page, service: Any, unconfirmed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 3600)
    assert f"unconfirmed (job {unconfirmed})" in online.submit()["ask"]
    assert len(service.creates) == 1


def unseen(monkeypatch: pytest.MonkeyPatch) -> None:
    """What another kernel did comes between the Studio's look for the same request and its own row."""
    monkeypatch.setattr(Session, "twin", lambda session, request, within_s: None)


def test_a_click_that_is_merged_says_which_job_runs_and_how_to_send_another(
    online: Page, service: Any, connect: Callable[..., Session], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It showed the job of another kernel without a word."""
    studio = online.studio
    running = connect().start(studio.session.plan(studio.prompt, **studio._options()), fresh=False).wait_accepted(20)
    unseen(monkeypatch)
    click_id = online.post("submit", request=online.request())
    outcome = online.outcome(click_id, lambda outcome: outcome["ask"])
    assert f"already running as job {running.id}" in outcome["ask"]
    assert (outcome["job_id"], outcome["yes"], outcome["problem"]) == (running.id, "Send another", None)
    assert len(service.creates) == 1
    assert online.submit(force=True)["job_id"] != running.id
    until(lambda: len(service.creates) == 2)


def test_what_another_kernel_left_unconfirmed_a_moment_ago_is_asked_about(
    online: Page, service: Any, unconfirmed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The store refused it, and the Studio called that an error."""
    unseen(monkeypatch)
    outcome = online.outcome(online.post("submit", request=online.request()), lambda outcome: outcome["ask"])
    assert f"unconfirmed (job {unconfirmed})" in outcome["ask"]
    assert (outcome["job_id"], outcome["problem"]) == (None, None)
    assert len(service.creates) == 1


@pytest.fixture
def unrecordable(connect: Callable[..., Session], studio_of: MakeStudio, tmp_path: Path) -> Page:
    """A Studio where neither the history nor the paper trail can be written."""
    for name in ("history.db", "submissions.jsonl"):
        (tmp_path / "home" / name).mkdir(parents=True)
    page = studio_of(connect(), prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    return page


@pytest.mark.filterwarnings("ignore::seedance_widgets.errors.HistoryWarning")
def test_what_nothing_could_remember_is_asked_about_and_sent_only_after_a_yes(unrecordable: Page, service: Any) -> None:
    asked = unrecordable.outcome(
        unrecordable.post("submit", request=unrecordable.request()), lambda outcome: outcome["ask"]
    )
    assert "cannot be written" in asked["ask"]
    assert "Nothing was sent, nothing was charged." in asked["ask"]
    assert (asked["yes"], asked["job_id"], service.creates) == ("Send unrecorded", None, [])
    sent = unrecordable.submit(force=True)
    assert sent["ask"] is None
    until(lambda: len(service.creates) == 1)


@pytest.mark.filterwarnings("ignore::seedance_widgets.errors.HistoryWarning")
def test_a_yes_to_another_question_is_none_to_sending_unrecorded(unrecordable: Page, service: Any) -> None:
    click = unrecordable.post("submit", request=unrecordable.request(prompt="Another"), force=True)
    assert unrecordable.outcome(click, lambda outcome: outcome["ask"])["yes"] == "Send unrecorded"
    assert service.creates == []


def test_an_unconfirmed_job_is_brought_back_by_its_request_id(online: Page, unconfirmed: str) -> None:
    online.post("adopt", job_id=unconfirmed, request_id="req_1")
    until(lambda: online.studio.session.job(unconfirmed).request_id == "req_1")


def test_an_unconfirmed_job_is_discarded(online: Page, unconfirmed: str) -> None:
    online.post("discard", job_id=unconfirmed)
    until(lambda: online.studio.session.job(unconfirmed).status_text == "Discarded")


def test_a_request_id_that_the_server_does_not_know_is_said(online: Page, service: Any, unconfirmed: str) -> None:
    service.look = error(404, "not_found", "no such generation")
    click_id = online.post("adopt", job_id=unconfirmed, request_id="req_nonsense")
    assert online.outcome(click_id, lambda outcome: outcome["problem"])["problem"]
    assert online.studio.session.job(unconfirmed).status == "unconfirmed"


def test_a_slow_click_that_is_accepted_does_not_hide_the_question_of_a_newer_one(online: Page, service: Any) -> None:
    service.create = Raw(answer(200, {"success": True, "requestId": "req_1", "status": "queued"}).data, hang_s=0.5)
    job = online.studio.session.job(online.submit()["job_id"])
    asked = online.submit()
    assert asked["ask"]
    job.wait_accepted(timeout=10)
    online.post("hello")
    until(lambda: online.studio.view["stage"] is None and online.studio.view["rev"])
    assert online.studio.view["outcome"] == asked


def test_no_click_stays_on_its_way(online: Page) -> None:
    for number in range(10):
        online.post("submit", request=online.request(prompt=f"Boat {number}"))
    until(lambda: online.studio.session.count() == 10 and online.studio.view["sending"] == [])


def test_a_click_while_the_service_is_down_says_so(online: Page, service: Any) -> None:
    service.create = error(500, "internal_error", "<b>broken</b>")
    click_id = online.post("submit", request=online.request())
    outcome = online.outcome(click_id, lambda outcome: outcome["problem"])
    assert "<b>broken</b>" in outcome["problem"]["what"]
