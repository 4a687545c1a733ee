"""Who waits is always told: whatever a view does, and when the session is closed under them."""

from __future__ import annotations

import asyncio
import math
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from accepting import HALF, KEY, Api
from samples import until as soon
from scripted import Raw, ScriptedServer, Seen

import seedance_widgets as sw
from seedance_widgets.notebook import environment
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store
from seedance_widgets.threads import background

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def simulated(tmp_path: Path) -> Iterator[Session]:
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def connected(api: Api, tmp_path: Path) -> Iterator[Session]:
    """A session whose jobs end when the test says so: never."""
    session = sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / "home")
    yield session
    session.close()


class Breaks:
    """A viewer that fails at everything."""

    def __init__(self, error: Callable[[], BaseException]) -> None:
        self._error = error
        self.ticks = 0

    def on_job(self, job: sw.Job) -> None:
        raise self._error()

    def on_tick(self) -> None:
        self.ticks += 1
        raise self._error()


ERRORS = [lambda: ValueError("no view"), lambda: FileNotFoundError(2, "No such file"), SystemExit, KeyboardInterrupt]


@pytest.mark.parametrize("error", ERRORS, ids=["a bug", "a folder that is gone", "exit()", "an interrupt"])
def test_a_viewer_that_fails_at_everything_stops_nobody(
    simulated: Session, error: Callable[[], BaseException], capfd: pytest.CaptureFixture[str]
) -> None:
    """A raising subscriber left a job `submitting` for ever, and `wait` hung."""
    viewer, seen = Breaks(error), []
    simulated.subscribe(viewer)
    simulated.subscribe(type("Sees", (), {"on_job": lambda self, job: seen.append(job.status), "on_tick": len})())
    job = simulated.submit("A boat", **SMALL)
    assert job.wait(timeout=60).path.exists()
    assert "succeeded" in seen
    soon(lambda: viewer.ticks)
    assert "a view of job" in str(simulated.problem) or "a view of the jobs" in str(simulated.problem)
    assert "a view of" in str(simulated.doctor())
    assert capfd.readouterr() == ("", "")


def test_a_subscriber_of_the_worker_that_fails_stops_no_job(
    simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("the roster itself")

    for name in ("on_row", "on_progress", "on_tick", "waits_for"):
        monkeypatch.setattr(simulated.engine.worker._subscriber, name, fails)
    job = simulated.start("A boat", **SMALL)
    end = time.monotonic() + 30
    while not (row := simulated.store.get(job.id)) or row.clip_path is None:
        assert time.monotonic() < end
        time.sleep(0.02)
    assert "the roster itself" in str(simulated.problem)


@pytest.mark.skipif(os.name != "posix", reason="the current folder of a process cannot be deleted there")
def test_a_notebook_folder_that_is_deleted_lets_nobody_wait_for_ever(
    simulated: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Shows:
        def on_job(self, job: sw.Job) -> None:
            environment.folder()

        on_tick = len

    folder = tmp_path / "notebook"
    folder.mkdir()
    monkeypatch.chdir(folder)
    simulated.subscribe(Shows())
    job = simulated.submit("A boat", **SMALL, metadata={"simulator": {"outcome": "failed"}})
    shutil.rmtree(folder)
    with pytest.raises(sw.GenerationFailed):
        job.wait(timeout=60)


# --- a session that is closed -----------------------------------------------------------------------------------------
def closed_soon(session: Session) -> None:
    threading.Timer(0.3, session.close).start()


WAYS: dict[str, Callable[[Any], object]] = {
    "wait": lambda job: job.wait(timeout=None),
    "updates": lambda job: list(job.updates(timeout=None)),
    "await": lambda job: asyncio.run(job._wait_async()),
    "download": lambda job: job.session.save_soon(job.id).result() and job.wait(timeout=None),
}


@pytest.mark.parametrize("way", WAYS)
def test_whoever_waits_for_a_job_when_the_session_is_closed_is_told_so(connected: Session, way: str) -> None:
    job = connected.submit("A boat", **HALF)
    closed_soon(connected)
    with pytest.raises(sw.SessionClosed, match=r"session was closed.*go on at the server"):
        WAYS[way](job)


def test_whoever_waits_for_a_sweep_when_the_session_is_closed_is_told_so(connected: Session) -> None:
    sweep = connected.sweep("a {n}", n=[1, 2], **HALF)
    for job in sweep.jobs:
        job.wait_accepted()
    closed_soon(connected)
    with pytest.raises(sw.SessionClosed):
        sweep.wait()


def test_whoever_waits_for_an_acceptance_when_the_session_is_closed_is_told_so(connected: Session, api: Api) -> None:
    """Also when the thread does not end in time: its answer comes too late for anybody."""
    api.server.say(lambda seen: time.sleep(3) or api._reply(seen))  # type: ignore[func-returns-value]
    job = connected.start("A boat", **HALF)
    time.sleep(0.8)
    closed_soon(connected)
    with pytest.raises(sw.SessionClosed):
        job.wait_accepted(timeout=20)


def test_a_call_that_is_made_while_the_session_is_just_opening_is_answered_when_it_is_closed(
    connected: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    connected.close()
    release = threading.Event()

    class Slow(background.Background):
        async def open(self, closing: AsyncExitStack) -> None:
            release.wait(10)

        async def work(self) -> int:
            return 1

    slow = Slow()
    answer = slow.call(slow.work)
    slow.stop(timeout_s=0.1)
    with pytest.raises(sw.SessionClosed):
        answer.result(timeout=60)
    release.set()


def test_a_session_that_is_used_again_after_it_was_closed_is_waited_for_again(simulated: Session) -> None:
    simulated.submit("A boat", **SMALL).wait(timeout=60)
    simulated.close()
    assert simulated.is_closed
    job = simulated.submit("Another boat", **SMALL)
    assert not simulated.is_closed
    assert job.wait(timeout=60).path.exists()


def test_a_session_that_could_not_be_opened_says_why_to_whoever_waits(
    tmp_path: Path, api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / "home")
    job = session.submit("A boat", **HALF)
    session.close()
    monkeypatch.setattr("seedance_widgets.worker.connection.Connection.open", lambda self: 1 / 0)
    again = sw.connect(api_key=KEY, base_url=api.server.url, home=tmp_path / "home")
    with pytest.raises(sw.SeedanceError, match=r"could not be opened.*ZeroDivisionError"):
        again.job(job.id).wait(timeout=20)
    again.close()


def test_closing_waits_a_moment_for_the_answer_to_a_create_that_has_left(tmp_path: Path) -> None:
    """The line was hung up at once, and a paid job became unconfirmed."""
    with ScriptedServer() as server:
        api = Api(server)
        reply = api._reply

        def slow(seen: Seen) -> Raw:
            if seen.method == "POST":
                time.sleep(1.0)
            return reply(seen)

        server.say(slow)
        session = sw.connect(KEY, server.url, tmp_path / "home", requests_per_minute=6_000)
        session.models()
        job = session.start("A boat", **HALF)
        soon(lambda: len(server.of("POST")) == 1)
        session.close()
        store = Store(tmp_path / "home" / "history.db")
        row = store.get(job.id)
        store.close()
        assert row is not None
        assert (row.status, row.request_id) == ("queued", "req_1")
