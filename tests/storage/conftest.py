"""A real S3 server, and a session whose clips go into a bucket of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from buckets import HERE, SMALL, Connect, empty
from s3_server import Server, s3, s3_here

import seedance_widgets as sw
from seedance_widgets.storage import clips as storage

__all__ = ["s3", "s3_here"]


@pytest.fixture(autouse=True)
def environment(s3_here: Server, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, brisk: None) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(storage, "ANSWER_S", 20.0)
    empty(s3_here)


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[sw.Simulator]:
    with sw.Simulator(sw.SimulatorSettings(home=tmp_path / "service", speed=1e9)) as simulator:
        yield simulator


@pytest.fixture
def connect(simulator: sw.Simulator, tmp_path: Path) -> Iterator[Connect]:
    """Makes sessions, which are closed at the end."""
    sessions: list[sw.Session] = []

    def connect(home: Path | None = None, **more: Any) -> sw.Session:
        named: dict[str, Any] = {"clips": HERE, "requests_per_minute": 60_000, **more}
        sessions.append(sw.connect(simulator.settings.api_key, simulator.base_url, home or tmp_path / "home", **named))
        return sessions[-1]

    yield connect
    for session in sessions:
        session.close()


@pytest.fixture
def session(connect: Connect) -> sw.Session:
    return connect()


@pytest.fixture
def job(session: sw.Session) -> sw.Job:
    job = session.start("A boat, ฝน, 雨", **SMALL)
    job.wait(60)
    return job
