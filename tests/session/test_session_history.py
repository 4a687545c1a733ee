"""Sessions over one history: found again, shared by kernels, in trouble, and the same request again."""

from __future__ import annotations

import contextlib
import math
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import CUT, Raw, Seen
from session_service import KEY, SMALL, Api, api, connect, place

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.worker import worker

__all__ = ["api", "connect", "place"]


# --- the history ------------------------------------------------------------------------------------------------------
def test_a_job_is_one_object_under_all_its_names(connect: Callable[..., Session]) -> None:
    session = connect()
    job = session.submit("A boat")
    assert session.job(job.id) is job
    assert session.job(job.id[:5]) is job
    assert session.job("req_1") is job
    assert session.jobs()[0] is job


@pytest.mark.parametrize("name", ["", "nothere", "%"])
def test_a_job_that_is_not_there_is_not_found(connect: Callable[..., Session], name: str) -> None:
    session = connect()
    session.submit("A boat")
    with pytest.raises(sw.JobNotFound):
        session.job(name)


def test_a_beginning_that_fits_two_jobs_names_both(
    connect: Callable[..., Session], row_of: Callable[..., life.Row]
) -> None:
    session = connect()
    for name in ("same1111", "same2222"):
        session.store.add(row_of(id=name, service=session.service, status="failed"))
    with pytest.raises(sw.JobNotFound, match=r"same1111.*same2222|same2222.*same1111"):
        session.job("same")


def test_jobs_are_listed_newest_first_and_by_status_and_words(
    connect: Callable[..., Session], row_of: Callable[..., life.Row], request_of: Any
) -> None:
    session = connect()
    for n, status in enumerate(["failed", "cancelled", "failed"]):
        row = row_of(id=f"job{n}", service=session.service, status=status, created_at=float(n))
        session.store.add(replace(row, request=request_of(prompt=f"boat {n}")))
    assert [job.id for job in session.jobs()] == ["job2", "job1", "job0"]
    assert [job.id for job in session.jobs(status="failed")] == ["job2", "job0"]
    assert [job.id for job in session.jobs(text="boat 1")] == ["job1"]
    assert [job.id for job in session.jobs(limit=1)] == ["job2"]


def test_news_that_is_older_than_what_we_know_is_dropped(connect: Callable[..., Session]) -> None:
    session = connect()
    job = session.submit("A boat")
    job.wait(timeout=20)
    session.registry.on_row(replace(job.row, status="processing", clip_path=None, rev=0))
    assert (job.status, job.settled) == ("succeeded", True)


def test_an_older_final_row_does_not_take_the_clip_away(connect: Callable[..., Session]) -> None:
    """The answer to a command is read in the caller's thread: the news that the clip is here may overtake it."""
    session = connect()
    job = session.submit("A boat")
    job.wait(timeout=20)
    session.registry.on_row(replace(job.row, clip_path=None, clip_facts=None, rev=job.row.rev - 1))
    assert job.settled
    assert job.clip is not None


def test_a_clip_that_was_deleted_is_fetched_again(connect: Callable[..., Session], api: Api) -> None:
    job = connect().submit("A boat")
    job.wait(timeout=20).path.unlink()
    assert job.download().path.exists()
    assert len(api.creates()) == 1


def test_a_job_without_a_video_cannot_be_downloaded(connect: Callable[..., Session], api: Api) -> None:
    api.status = "failed"
    job = connect().submit("A boat")
    until(lambda: job.settled)
    with pytest.raises(sw.DownloadFailed, match="has no video"):
        job.download()


def test_earlier_jobs_make_the_estimate(connect: Callable[..., Session]) -> None:
    session = connect()
    session.submit("A boat").wait(timeout=20)
    assert session.plan("Another boat").estimate.source == "from 1 earlier job like this"


def test_a_job_of_another_service_is_not_touched(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row]
) -> None:
    """With a key in one kernel and none in the other, both share a history: download() then loses the clip's place."""
    session = connect()
    paid = row_of(status="succeeded", request_id="req_7", service="https://www.seedance2.ink", final_at=1.0)
    session.store.add(replace(paid, clip_path="/clips/a.mp4", clip_facts=_facts()))
    with contextlib.suppress(sw.SeedanceError):
        session.save_soon("abcd2345").result(timeout=10)
    row = session.store.get("abcd2345")
    assert row is not None
    assert row.clip_path == "/clips/a.mp4"
    assert api.polls() == []


def _facts() -> Any:
    return {"size_bytes": 1, "width": 2, "height": 3, "duration_s": 4.0, "fps": 24.0, "has_audio": True}


# --- many kernels, one history ----------------------------------------------------------------------------------------
def test_a_new_session_goes_on_with_the_job_of_one_that_ended(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    first = connect()
    name = first.submit("A boat").id
    first.close()
    api.status = "succeeded"
    second = connect()
    job = second.job(name)
    assert job.wait(timeout=20).path.exists()
    assert len(api.creates()) == 1


def test_a_closed_session_sends_nothing_more(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    session = connect()
    session.submit("A boat")
    session.close()
    before = len(api.server.requests)
    time.sleep(0.4)
    assert len(api.server.requests) == before


def test_a_second_session_never_polls_what_the_first_looks_after_and_still_sees_the_end(
    connect: Callable[..., Session], api: Api
) -> None:
    api.status = "processing"
    first, second = connect(), connect(api_key="sd2_live_second")
    name = first.submit("A boat").id
    watched = second.job(name)
    until(lambda: len(api.polls()) > 5)
    assert watched.status in ("queued", "processing")
    api.status = "succeeded"
    assert watched.wait(timeout=20).path.exists()
    assert {seen.headers["authorization"] for seen in api.polls()} == {f"Bearer {KEY}"}


def test_a_session_that_ends_frees_what_it_looked_after(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    store = Store(session.store.where)
    assert not store.lease(job.id, "another")
    session.close()
    assert store.lease(job.id, "another")
    store.close()


FORK = """
import os, sys, time
import seedance_widgets as sw
from seedance_widgets.life import schedule

schedule.next_look_at = lambda row, prior, **_: (row.looked_at or 0.0) + 0.05
session = sw.connect("sd2_live_parent", sys.argv[1], home=sys.argv[2], requests_per_minute=60_000)
job = session.submit("A boat")
child = os.fork()
if child == 0:
    time.sleep(1.0)
    os._exit(0 if job.status in ("queued", "processing") else 3)
session.close()
print("closed", flush=True)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_does_not_poll(api: Api, tmp_path: Path) -> None:
    api.status = "processing"
    process = subprocess.Popen(
        [sys.executable, "-c", FORK, api.server.url, str(tmp_path / "home")], stdout=-1, stderr=-1, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "closed\n", process.communicate()[1]
    before = len(api.server.requests)
    _, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert len(api.server.requests) == before
    assert len(api.creates()) == 1


# --- a history in trouble ---------------------------------------------------------------------------------------------
def test_a_home_that_cannot_be_written_is_said_and_nothing_is_sent_to_the_api(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    session = connect()
    with pytest.warns(sw.HistoryWarning, match="kept in memory"), pytest.raises(sw.HistoryUnwritable) as caught:
        session.submit("A boat")
    assert str(caught.value).endswith("only the vendor's dashboard knows of it.")
    for way in ("Nothing was sent, nothing was charged.", "unrecorded=True", "--unrecorded", "in the Studio"):
        assert way in str(caught.value)
    assert api.creates() == []
    assert list(session.jobs()) == []
    assert "in memory" in str(session.doctor())


def test_a_home_that_cannot_be_written_stops_nobody_who_says_unrecorded(
    connect: Callable[..., Session], tmp_path: Path
) -> None:
    (tmp_path / "home").write_text("a file is in the way")
    session = connect()
    with pytest.warns(sw.HistoryWarning, match="kept in memory"):
        job = session.submit("A boat", unrecorded=True)
    assert job.wait(timeout=10).path.exists()
    assert "history in memory only" in session.label
    assert [each.id for each in session.jobs()] == [job.id]


def test_a_sweep_is_not_sent_where_nothing_would_remember_it(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    """What keeps it from being paid twice is the history."""
    (tmp_path / "home").write_text("a file is in the way")
    sweep = connect().sweep("a {n}", n=[1, 2, 3])
    with pytest.raises(sw.HistoryUnwritable):
        sweep.wait(timeout=10)
    assert api.creates() == []


def test_the_simulator_goes_on_in_memory_where_nothing_can_be_written(tmp_path: Path) -> None:
    for name in ("history.db", "submissions.jsonl"):
        (tmp_path / "home" / name).mkdir(parents=True)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    with pytest.warns(sw.HistoryWarning, match="kept in memory"):
        assert session.submit("A boat", **SMALL).wait(timeout=60).path.exists()
    session.close()


def test_an_acceptance_that_finds_the_history_locked_is_kept_and_written_later(
    connect: Callable[..., Session], api: Api, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.store.engine.BUSY_TIMEOUT_S", 0.2)
    monkeypatch.setattr(worker, "HOUSEKEEPING_S", 0.2)
    session, locked = connect(), []

    def lock_then_accept(seen: Seen) -> Raw:
        if not locked and api.creates():
            locked.append(sqlite3.connect(session.store.where, isolation_level=None, check_same_thread=False))
            locked[0].execute("BEGIN EXCLUSIVE")
        return api.reply(seen)

    api.server.say(lock_then_accept)
    job = session.submit("A boat")
    assert job.request_id == "req_1"
    locked[0].rollback()
    locked[0].close()
    assert job.wait(timeout=10).path.exists()
    until(lambda: session.store.get(job.id).clip_path)  # type: ignore[union-attr]
    assert len(api.creates()) == 1


def test_a_running_job_whose_history_was_deleted_is_written_anew(
    connect: Callable[..., Session], api: Api, tmp_path: Path
) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    for path in (tmp_path / "home").glob("*.*"):
        path.unlink()
    api.status = "succeeded"
    job.wait(timeout=10)
    row = session.store.get(job.id)
    assert row is not None
    assert row.clip_path is not None


# --- the same request again -------------------------------------------------------------------------------------------
def test_a_request_that_runs_is_found_again_within_ten_seconds(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    api.status = "processing"
    session = connect()
    job = session.submit("A boat")
    assert session.running_twin("A boat") is job
    assert session.running_twin("A boat", duration=4) is None, "other options are another intent"
    monkeypatch.setattr(time, "time", lambda now=time.time: now() + 11)
    assert session.running_twin("A boat") is None


def test_a_request_that_runs_in_another_notebook_is_found_too(connect: Callable[..., Session], api: Api) -> None:
    api.status = "processing"
    job = connect().submit("A boat")
    twin = connect().running_twin("A boat")
    assert twin is not None
    assert twin.id == job.id


def test_a_job_that_has_ended_is_not_reused(connect: Callable[..., Session]) -> None:
    session = connect()
    session.submit("A boat").wait(timeout=10)
    assert session.running_twin("A boat") is None


def test_looking_for_a_running_job_does_not_open_a_history_that_did_not_change(connect: Callable[..., Session]) -> None:
    session = connect()
    assert session.running_twin("A boat") is None
    assert session.engine._store is None


@pytest.fixture
def unconfirmed(connect: Callable[..., Session], api: Api) -> sw.Job:
    accepting, api.create = api.create, CUT
    job = connect().start("A boat")
    with pytest.raises(sw.SubmissionUncertain):
        job.wait_accepted()
    api.create = accepting
    return job


def test_an_unconfirmed_request_is_not_sent_again_unless_it_is_meant(
    unconfirmed: sw.Job, connect: Callable[..., Session], api: Api
) -> None:
    later = connect()
    with pytest.raises(sw.SentBefore) as caught:
        later.start("A boat", fresh=False).wait_accepted()
    assert caught.value.job.id == unconfirmed.id
    assert "may have been charged" in caught.value.charged
    assert len(api.creates()) == 1
    assert later.start("A boat", fresh=True).wait(timeout=10).path.exists()
    assert len(api.creates()) == 2


def test_a_discarded_job_is_closed_and_its_request_may_be_sent_again(unconfirmed: sw.Job, api: Api) -> None:
    unconfirmed.discard()
    assert (unconfirmed.status, unconfirmed.status_text, unconfirmed.settled) == ("failed", "Discarded", True)
    assert unconfirmed.error is not None
    assert "may have been charged" in unconfirmed.error.charged
    assert unconfirmed.session.start("A boat", fresh=False).wait(timeout=10).path.exists()


def test_a_discarded_job_can_still_be_adopted(unconfirmed: sw.Job) -> None:
    unconfirmed.discard()
    unconfirmed.adopt("req_1")
    assert unconfirmed.wait(timeout=10).path.exists()


def test_only_an_unconfirmed_job_is_discarded(connect: Callable[..., Session]) -> None:
    job = connect().submit("A boat")
    with pytest.raises(sw.SeedanceError, match="only an unconfirmed job"):
        job.discard()
