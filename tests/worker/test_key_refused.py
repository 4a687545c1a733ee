"""A key that is revoked or replaced midway: said once, the jobs wait, and they go on with the new one."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until

import seedance_widgets as sw
from seedance_widgets.errors import Unauthorized
from seedance_widgets.secret import Secret
from seedance_widgets.session import default
from seedance_widgets.session.session import Session
from seedance_widgets.settings import keys
from seedance_widgets.worker import connection

OLD, NEW = "sd2_live_the_old_one", "sd2_live_the_new_one"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
LONG = {"metadata": {"simulator": {"seconds": 3_000}}}


class Service:
    """A simulator that may come back with another key at the same address, and hours later."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ahead_s = 0.0
        self.port = 0
        self.take(OLD)

    def take(self, key: str) -> None:
        """From here on only this key is let in."""
        if self.port:
            self.simulator.stop()
        settings = sw.SimulatorSettings(home=self.home, api_key=key, speed=1.0)
        self.simulator = sw.Simulator(settings, port=self.port, now=lambda: time.time() + self.ahead_s)
        self.simulator.start()
        self.url = self.simulator.base_url
        self.port = int(self.url.rpartition(":")[2])


@pytest.fixture
def service(tmp_path: Path) -> Iterator[Service]:
    service = Service(tmp_path / "service")
    yield service
    service.simulator.stop()


@pytest.fixture
def connect(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None
) -> Iterator[Callable[[str], Session]]:
    monkeypatch.chdir(tmp_path)
    made: list[Session] = []

    def make(key: str) -> Session:
        made.append(sw.connect(key, service.url, tmp_path / "home", requests_per_minute=60_000))
        return made[-1]

    yield make
    for session in made:
        session.close()
    keys.remember(None)
    sw.use_session(None)


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.name == "seedance_widgets.jobs.registry"]


def test_a_refused_key_ends_no_job_and_is_said_once(
    service: Service, connect: Callable[[str], Session], caplog: pytest.LogCaptureFixture
) -> None:
    session = connect(OLD)
    jobs = [session.submit(f"Boat {number}", **SMALL, **LONG) for number in range(3)]
    service.take(NEW)
    until(lambda: any("key was refused" in job.status_text for job in jobs))
    until(lambda: said(caplog))
    assert not any(job.final or job.settled or job.error for job in jobs)
    (only,) = said(caplog)
    for part in ("HTTP 401", "jobs wait", "%seedance_key", "nothing is charged"):
        assert part in only
    assert OLD not in only


def test_while_the_key_is_refused_the_jobs_are_not_looked_at_one_by_one(
    service: Service,
    connect: Callable[[str], Session],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(connection, "FIRST_LOCKED_OUT_S", 60.0)
    session = connect(OLD)
    jobs = [session.submit(f"Boat {number}", **SMALL, **LONG) for number in range(3)]
    service.take(NEW)
    until(lambda: said(caplog))
    until(lambda: all("key was refused" in job.status_text for job in jobs))
    before = {job.id: job.row.look_failures for job in jobs}
    time.sleep(1.5)  # thirty times as long as between two looks
    assert all(job.row.look_failures <= before[job.id] + 6 for job in jobs)  # what was on its way
    assert len(said(caplog)) == 1
    assert all("key was refused" in job.status_text for job in jobs)  # it was forgotten at the next look at the history


def test_a_key_that_is_typed_wakes_the_jobs_that_wait(
    service: Service, connect: Callable[[str], Session], caplog: pytest.LogCaptureFixture
) -> None:
    session = connect(OLD)
    sw.use_session(session)
    job = session.submit("A boat", **SMALL, **LONG)
    service.take(NEW)
    until(lambda: said(caplog))
    service.ahead_s = 7_200.0
    assert "goes on with it" in default.use_key(NEW)
    assert job.wait(timeout=60).path.exists()
    assert session.settings is not None
    assert session.settings.key_source == "%seedance_key"
    caplog.clear()
    session.submit("Another boat", **SMALL)


def test_another_session_with_the_new_key_takes_the_jobs_over(
    service: Service, connect: Callable[[str], Session], caplog: pytest.LogCaptureFixture
) -> None:
    job = connect(OLD).submit("A boat", **SMALL, **LONG)
    service.take(NEW)
    until(lambda: said(caplog))
    service.ahead_s = 7_200.0
    time.sleep(0.1)
    assert connect(NEW).job(job.id).wait(timeout=60).path.exists()
    until(lambda: job.settled)


def test_a_key_that_is_taken_again_wakes_the_jobs_by_itself(
    service: Service, connect: Callable[[str], Session], caplog: pytest.LogCaptureFixture
) -> None:
    job = connect(OLD).submit("A boat", **SMALL, **LONG)
    service.take(NEW)
    until(lambda: said(caplog))
    service.ahead_s = 7_200.0
    service.take(OLD)
    job.wait(timeout=60)


def test_the_new_key_goes_to_the_same_address_and_nowhere_else(tmp_path: Path) -> None:
    from scripted import ScriptedServer, answer, error

    with ScriptedServer() as server, ScriptedServer() as other:
        server.say(error(401, "unauthorized"))
        other.say(answer(200, {"success": True, "data": []}))
        session = sw.connect(OLD, server.url, tmp_path / "home", requests_per_minute=60_000)
        elsewhere = sw.connect(OLD, other.url, tmp_path / "home", requests_per_minute=60_000)
        sw.use_session(session)
        default.use_key(NEW)
        for each in (session, elsewhere):
            with contextlib.suppress(Unauthorized):
                each.models(refresh=True)
            each.close()
        keys.remember(None)
        sw.use_session(None)
        assert {seen.headers["authorization"] for seen in server.requests} == {f"Bearer {NEW}"}
        assert {seen.headers["authorization"] for seen in other.requests} == {f"Bearer {OLD}"}


def test_the_simulator_takes_no_key(tmp_path: Path) -> None:
    session = sw.simulate(home=tmp_path)
    with pytest.raises(sw.SettingsInvalid, match="takes no key"):
        session.change_key(Secret(NEW), "argument")
    session.close()
