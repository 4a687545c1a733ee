"""What tests of widgets outside a kernel share. The conftests of studio/ and views/ take the fixtures by name."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.threads import background
from seedance_widgets.widgets.shared import live, redraws
from seedance_widgets.widgets.studio import history
from seedance_widgets.worker import worker

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}

JobOf = Callable[..., Job]


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files go to the current folder, and no server of notebooks is around."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("JPY_PARENT_PID", raising=False)


@pytest.fixture(autouse=True, scope="module")
def quick() -> Iterator[None]:
    """Ten times as fast as on a page: tests wait for redraws."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(background, "HEAD_START_S", 0.02)
        patch.setattr(worker, "TICK_S", 0.02)
        patch.setattr(live, "REFRESH_S", 0.025)
        patch.setattr(redraws, "SPACING_S", 0.005)
        patch.setattr(history, "NEWS_S", 0.2)
        yield


@pytest.fixture(scope="session")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One simulator for all tests that need nothing special of it: to start one takes a second."""
    session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("simulated"))
    yield session
    session.close()


@pytest.fixture(scope="session")
def clips(simulated: Session, tmp_path_factory: pytest.TempPathFactory) -> list[Job]:
    """Two jobs with their clips and posters. Do not change them: tests share them."""
    prompts = [f"a paper boat in {kind} rain" for kind in ("heavy", "soft")]
    return finished(simulated, tmp_path_factory.mktemp("clips"), *prompts)


def finished(session: Session, folder: Path, *prompts: str) -> list[Job]:
    """Jobs with these prompts, and their clips in a folder."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        jobs = [session.submit(prompt, **SMALL) for prompt in prompts]
        for job in jobs:
            job.wait(timeout=60)
    return jobs


@pytest.fixture
def job_of(simulated: Session, clips: list[Job]) -> JobOf:
    """Jobs without a server: rows as a test wants them, with the first clip unless told otherwise."""
    made: list[Job] = []  # held for as long as the test runs, as a person's notebook does

    def make(values: dict[str, Any] | None = None, *, clip: bool = True, prompt: str = "", **changes: Any) -> Job:
        row = clips[0].row
        asked = replace(row.request, prompt=prompt or " ".join(map(str, (values or {}).values())) or "a boat")
        nothing = {"clip_path": None, "clip_facts": None, "poster_path": None, "status": "failed"}
        changes = ({} if clip else nothing) | changes
        row = replace(row, id=f"made{uuid4().hex[:12]}", request=asked, sweep_values=values, **changes)
        simulated.store.add_all([row])
        made.append(simulated.job(row.id))
        return made[-1]

    return make
