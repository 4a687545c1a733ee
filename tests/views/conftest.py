"""Jobs with real clips of one simulator, and rows of any kind, for the grid and Compare outside a kernel."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import seedance_widgets as sw
from seedance_widgets import background
from seedance_widgets.job import Job
from seedance_widgets.session import Session
from seedance_widgets.widgets import clips_widget
from seedance_widgets.worker import worker

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared_certificates: None) -> None:
    """Files go to the current folder, and no server of notebooks is around."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Ten times as fast as on a page: tests wait for redraws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "HEAD_START_S", 0.02)
        patch.setattr(worker, "TICK_S", 0.02)
        patch.setattr(clips_widget, "REFRESH_S", 0.025)
        yield


@pytest.fixture(scope="session")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One simulator for all tests: to start one takes a second."""
    session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("simulated"))
    yield session
    session.close()


@pytest.fixture(scope="session")
def clips(session: Session, tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Two jobs with their clips. Do not change them: tests share them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("clips"))
        jobs = [session.submit(f"a paper boat in {weather} rain", **SMALL) for weather in ("heavy", "soft")]
        for job in jobs:
            job.wait(timeout=60)
    return jobs


@pytest.fixture
def job_of(session: Session, clips: list[Job]) -> Callable[..., Job]:
    """Jobs without a server: rows as a test wants them, with the first clip unless told otherwise."""
    made: list[Job] = []

    def make(values: dict[str, Any] | None = None, *, clip: bool = True, prompt: str = "", **changes: Any) -> Job:
        row = clips[0].row
        asked = replace(row.request, prompt=prompt or " ".join(map(str, (values or {}).values())) or "a boat")
        row = replace(row, id=f"made{uuid4().hex[:12]}", request=asked, sweep_values=values)
        if not clip:
            nothing = {"clip_path": None, "clip_facts": None, "poster_path": None, "status": "failed"}
            row = replace(row, **{**nothing, **changes})
        else:
            row = replace(row, **changes)
        session.store.add_all([row])
        made.append(session.job(row.id))
        return made[-1]

    return make
