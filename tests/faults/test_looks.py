"""Looks that fail, in every way: never an end, never a crash, never a second create."""

from __future__ import annotations

import contextlib
import re
import sqlite3
import time
from collections.abc import Callable
from weakref import WeakValueDictionary

import pytest

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.jobs import job as job_module
from seedance_widgets.life import schedule
from seedance_widgets.worker import shared_limiter
from seedance_widgets.worker import worker as worker_module

from .conftest import Flying, Person, Service, is_whole

Until = Callable[..., None]
WAKE_S = worker_module.WAKE_S  # before a test shortens it


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param("get:resetx7", id="reset"),
        pytest.param("get:lostx7", id="cut before any byte"),
        pytest.param("get:cutx7", id="cut in the middle"),
        pytest.param("get:latex2=60", id="later than the time-out"),
        pytest.param("get:500x7", id="500 storm"),
        pytest.param("get:503x7", id="503 storm"),
        pytest.param("get:429x7", id="over the limit"),
        pytest.param("get:429x3=300", id="over the limit for five minutes"),
        pytest.param("get:portalx3", id="captive portal by redirect"),
        pytest.param("get:htmlx3", id="captive portal with 200"),
        pytest.param("get:emptyx3", id="empty"),
        pytest.param("get:not-jsonx3", id="not JSON"),
        pytest.param("get:wrong-typesx3", id="wrong types"),
        pytest.param("get:missing-fieldsx3", id="missing fields"),
        pytest.param("get:deep-jsonx3", id="deep JSON"),
        pytest.param("get:huge-jsonx3", id="huge JSON"),
        pytest.param("get:bombx3", id="gzip bomb"),
        pytest.param("get:bad-utf8x3", id="bad UTF-8"),
        pytest.param("get:403x3", id="403"),
        pytest.param("get:400x3", id="400"),
        pytest.param("get:statusx3=paused", id="unknown status"),
        pytest.param("get:statusx3=submitting", id="a status that is a word of ours"),
        pytest.param("get:statusx3=" + "x" * 5_000, id="a status of five kilobytes"),
    ],
)
def test_a_look_that_fails_in_any_way_is_no_end(person: Person, fault: str) -> None:
    person.connect(read_timeout_s=0.3 if "late" in fault else 5.0)
    job = person.start(fault)
    job.wait(timeout=30)
    assert (job.status, person.row().status) == ("succeeded", "succeeded")
    assert is_whole(person.clips())
    assert person.charged() == person.meant == 1
    assert person.service.calls("get") > 2
    person.goes_on_working()


def test_after_three_failures_in_a_row_it_says_since_when_and_goes_on(
    person: Person, service: Service, until: Until
) -> None:
    service.set("get:503x*")
    job = person.start()
    until(lambda: job.row.look_failures >= 3)
    assert re.fullmatch(r"Server unreachable since .*\d\d:\d\d; still trying", job.status_text)
    assert not job.settled
    service.set()
    job.wait(timeout=30)
    assert person.charged() == 1


def test_after_ten_failures_in_a_row_it_goes_on_slowly() -> None:
    gaps = [schedule.backoff_s(failures, spread=0.5) for failures in (1, 5, 10, 11, 50)]
    assert gaps == sorted(gaps)
    assert max(gaps[:3]) <= 30.0 < gaps[3] == gaps[4] <= 60.0


def test_a_status_that_goes_backwards_is_no_news(person: Person, until: Until) -> None:
    job = person.start("get:status@1x2=processing", "get:status@3x3=queued")
    seen = list(job.updates(timeout=30))
    assert "Generating" in seen
    assert "Waiting in the queue" not in seen[seen.index("Generating") :]
    assert job.status == "succeeded"
    assert person.charged() == 1


@pytest.mark.parametrize("word", ["failed", "cancelled", "processing", "queued"])
def test_a_status_that_changes_after_the_end_changes_nothing(person: Person, word: str) -> None:
    job = person.start(f"get:status@2={word}")
    job.wait(timeout=30)
    final_at = job.row.final_at
    job.download()  # asks the server again, for a fresh URL
    assert person.service.calls("get") >= 3
    assert (job.status, job.row.final_at, job.error) == ("succeeded", final_at, None)
    assert person.charged() == 1


def test_a_known_job_that_the_server_does_not_know_is_still_asked_for(
    person: Person, service: Service, clock: Flying, until: Until
) -> None:
    service.set("get:404x*")
    job = person.start()
    until(lambda: job.row.look_failures)
    assert job.row.look_problem == life.UNKNOWN
    assert job.row.look_failed_at - job.row.accepted_at > life.UNKNOWN_GRACE_S or "Unknown" not in job.status_text
    until(lambda: job.status_text == "Unknown to the server; still asking")
    assert job.row.look_failed_at - job.row.accepted_at > life.UNKNOWN_GRACE_S == 120.0
    assert not job.settled
    service.set()
    job.wait(timeout=30)
    assert person.charged() == 1


def test_a_success_without_a_url_is_asked_for_again_and_says_so(person: Person) -> None:
    job = person.start("get:no-urlx5")
    assert "Succeeded; the server has not named the file yet" in list(job.updates(timeout=30))
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_key_that_is_revoked_midway_makes_jobs_wait_for_the_new_one(
    person: Person, service: Service, until: Until
) -> None:
    service.set("get:revoked@2=sd2_live_the_next", "get:stuckx*")
    job = person.start()
    until(lambda: job.row.look_problem == life.KEY_REFUSED)
    assert job.status_text == "The key was refused; waiting for another (%seedance_key)"
    assert not job.settled
    with pytest.raises(sw.Unauthorized, match=r"Nothing was charged\. Make a key"):
        person.start(prompt="meanwhile").wait(timeout=20)
    person.session.close()
    service.set()
    session = person.connect(api_key="sd2_live_the_next")
    session.job(job.id).wait(timeout=30)
    assert person.charged() == 1  # and the one that was refused was not


@pytest.mark.parametrize(
    ("shape", "words"),
    [
        ("text", "with a text"),
        ("object", "with an object"),
        ("list", "with a list"),
        ("huge", "at length"),
        ("null", "no reason"),
    ],
)
def test_a_failure_has_a_readable_cause_whatever_its_shape(person: Person, shape: str, words: str) -> None:
    job = person.start(f"get:errorx*={shape}")
    with pytest.raises(sw.GenerationFailed, match=words) as caught:
        job.wait(timeout=20)
    assert "whether credits come back" in str(caught.value)
    assert len(person.row().problem.message.encode()) <= 2_000
    assert person.charged() == 1
    person.goes_on_working()


# --- stuck ------------------------------------------------------------------------------------------------------------
def test_a_job_that_is_stuck_ends_the_waiting_with_the_command_that_resumes_it(
    person: Person, service: Service
) -> None:
    service.set("get:stuckx*")
    job = person.start()
    with pytest.raises(sw.WaitTimeout, match=re.escape(f"session.job({job.id!r}).wait()")):
        job.wait(timeout=0.2)
    assert job_module.WAIT_S == 1_800.0  # unless told otherwise
    assert not job.settled
    service.set()
    person.session.job(job.id).wait(timeout=30)
    assert person.charged() == 1


def test_a_job_that_is_stuck_is_looked_at_ever_more_rarely_and_never_given_up() -> None:
    prior = schedule.Prior(90.0, 0.25)
    gaps = [schedule.next_look_age_s(prior, age_s) - age_s for age_s in (1_700.0, 1_900.0, 90_000.0, 1e7)]
    assert gaps == sorted(gaps)
    assert gaps[0] < gaps[-1] <= schedule.STUCK_GAP_S + 1


# --- clocks -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("jump_s", [86_400.0, -86_400.0], ids=["a day ahead", "a day back"])
def test_looking_goes_on_at_once_after_the_clock_jumps(
    person: Person, service: Service, clock: Flying, until: Until, jump_s: float
) -> None:
    service.set("get:stuckx*")
    job = person.start()
    until(lambda: service.calls("get") >= 2)
    clock.ahead_s = jump_s
    before = service.calls("get")
    until(lambda: service.calls("get") >= before + 2, 10.0)
    service.set()
    job.wait(timeout=30)
    assert person.charged() == 1


def test_the_schedule_never_sleeps_longer_than_five_seconds() -> None:
    """A machine that wakes has another clock: this is how long it takes to be noticed."""
    assert WAKE_S <= 5.0


def test_jobs_that_wake_together_are_looked_at_a_few_at_a_time(
    person: Person, service: Service, clock: Flying, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    service.set("get:stuckx*")
    session = person.connect()
    for number in range(20):
        person.start(number=number)
    until(lambda: service.calls("get") >= 20, 30.0)
    session.close()
    service.set("get:stuckx*")
    monkeypatch.setattr(shared_limiter, "_held", WeakValueDictionary())  # that minute is long ago for a new kernel
    with contextlib.closing(sqlite3.connect(person.home / "history.db", isolation_level=None)) as history:
        history.execute("DELETE FROM seedance_rates")
    calm = sw.connect(api_key="sd2_live_simulator", base_url=service.url, home=person.home, requests_per_minute=40)
    person.sessions.append(calm)
    clock.ahead_s = 86_400.0
    began = time.monotonic()
    until(lambda: service.calls("get") >= 5)
    time.sleep(0.3)
    looks, passed_s = service.calls("get"), time.monotonic() - began
    assert looks <= 11 + passed_s * 40 / 60  # a burst is a quarter of the minute's share
    assert person.charged() == person.meant == 20
