"""A cancel: whatever becomes of its answer, what is told is what is true."""

from __future__ import annotations

from collections.abc import Callable

import pytest

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.store import Store

from .conftest import Person, Service, is_whole

Until = Callable[..., None]
LONG = {"seconds": 86_400}


@pytest.mark.parametrize("name", ["lost", "reset", "cut", "late=60", "503", "html", "empty", "bad-utf8", "wrong-types"])
def test_a_cancel_whose_answer_is_lost_asks_the_status_and_tells_what_is_true(person: Person, name: str) -> None:
    person.connect(read_timeout_s=0.3)
    job = person.start(f"cancel:{name.partition('=')[0]}x*{'=60' if 'late' in name else ''}", **LONG)
    job.wait_accepted()
    assert job.cancel().status == "cancelled"
    with pytest.raises(sw.GenerationCancelled, match="whether credits come back"):
        job.wait(timeout=20)
    assert person.charged() == 1
    person.goes_on_working()


def test_a_cancel_that_never_arrived_says_that_the_job_goes_on(person: Person) -> None:
    job = person.start("cancel:droppedx3", **LONG)
    job.wait_accepted()
    with pytest.raises(sw.CancelRefused, match=r"is not known to be cancelled.*cancelling again is safe"):
        job.cancel()
    assert (job.status, job.row.cancel_asked_at) == ("queued", None)
    assert job.cancel().status == "cancelled"
    assert person.charged() == 1


@pytest.mark.parametrize("status", [400, 409])
def test_a_cancel_that_is_refused_says_the_servers_words_and_the_job_goes_on(person: Person, status: int) -> None:
    job = person.start(f"cancel:{status}", **LONG)
    job.wait_accepted()
    with pytest.raises(sw.CancelRefused, match=f"was not cancelled and is queued.*refuse this with {status}") as caught:
        job.cancel()
    assert caught.value.job is job
    assert job.status_text == "Waiting in the queue"
    assert job.cancel().status == "cancelled"
    assert person.charged() == 1


@pytest.mark.parametrize("fault", ["cancel:409x*", "cancel:400x*", "cancel:lostx*"])
def test_a_cancel_that_comes_too_late_tells_that_the_job_succeeded(person: Person, fault: str, until: Until) -> None:
    job = person.start("get:status=queued", fault)
    until(lambda: job.row.looked_at and person.service.calls("get") == 1)
    assert job.cancel().status == "succeeded"  # the server had finished it before our next look
    job.wait(timeout=30)
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_cancel_while_the_server_cannot_be_asked_says_that_it_is_not_known(person: Person) -> None:
    job = person.start("cancel:503x*", "get:503x40", **LONG)
    job.wait_accepted()
    with pytest.raises(sw.CancelRefused, match="is not known to be cancelled"):
        job.cancel()
    with pytest.raises(sw.GenerationCancelled):  # it had arrived, and a later look tells
        job.wait(timeout=30)
    assert person.charged() == 1


# --- before there is anything to cancel -------------------------------------------------------------------------------
def test_a_cancel_while_the_job_is_being_sent_is_done_once_it_is_accepted(person: Person, until: Until) -> None:
    """The bug: it was forgotten without a word."""
    job = person.start("create:late=0.3", **LONG)
    until(lambda: person.service.calls("create"))
    assert job.status == "submitting"
    assert job.cancel().status == "cancelled"
    assert person.charged() == 1


def test_a_cancel_before_the_job_is_sent_keeps_it_from_being_sent(person: Person, service: Service) -> None:
    service.set("models:late=0.3")
    job = person.start(**LONG)
    assert job.cancel().status_text == "Not sent"
    with pytest.raises(sw.GenerationCancelled, match=r"cancelled before it was sent\. Nothing was charged"):
        job.wait(timeout=20)
    assert service.calls("create") == person.charged() == 0
    assert person.row().problem.message == "Cancelled before it was sent."


def test_a_cancel_while_the_answer_gets_lost_says_that_the_job_may_have_been_charged(
    person: Person, until: Until
) -> None:
    person.connect(create_timeout_s=0.5)
    job = person.start("create:late=60", **LONG)
    until(lambda: person.service.calls("create"))
    with pytest.raises(sw.CancelRefused, match=r"unconfirmed.*You may have been charged.*job\.adopt"):
        job.cancel()
    assert (job.status, job.row.cancel_asked_at) == ("unconfirmed", None)
    assert person.charged() == 1


def test_a_cancel_of_a_job_that_is_then_refused_has_nothing_to_do(person: Person, until: Until) -> None:
    job = person.start("create:402")
    until(lambda: person.service.calls("create"))
    assert job.cancel().status == "failed"
    with pytest.raises(sw.InsufficientCredits):
        job.wait(timeout=20)
    assert person.charged() == 0


def test_a_cancel_that_a_dying_kernel_did_not_send_is_sent_by_the_next(person: Person, until: Until) -> None:
    job = person.start(**LONG)
    job.wait_accepted()
    person.session.close()
    store = Store(person.home / "history.db")
    store.apply(job.id, life.CancelAsked(1.0))
    store.close()
    session = person.connect()
    until(lambda: session.job(job.id).status == "cancelled")
    assert person.charged() == 1


def test_the_command_for_the_simulator_names_a_fault_that_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    from seedance_widgets.cli.main import main

    assert main(["simulator", "--fault", "create:lots"]) == 1
    assert "Did you mean lost?" in capsys.readouterr().err


def test_a_session_with_the_simulator_takes_faults_too(person: Person, service: Service) -> None:
    with pytest.raises(sw.SettingsInvalid, match="Did you mean lost"):
        sw.simulate(faults=["create:lots"])
    session = sw.simulate(home=person.home / "own", faults=["create:402"])
    person.sessions.append(session)
    with pytest.raises(sw.InsufficientCredits):
        session.submit("a paper boat")
