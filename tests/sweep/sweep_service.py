"""Sessions with a scripted API for sweeps, and the sweep that most tests send."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sweeping import SweepApi, api

import seedance_widgets as sw
from seedance_widgets.session.session import Session

__all__ = ["api"]

KEY = "sd2_live_do_not_show_me_4711"
Connect = Callable[..., Session]
TEMPLATE = "a {animal} in {weather}"


@pytest.fixture
def connect(api: SweepApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> Iterator[Connect]:
    """Sessions with the scripted API, over one history; a look every twentieth of a second."""
    monkeypatch.chdir(tmp_path)
    made: list[Session] = []

    def make(requests_per_minute: float = 60_000) -> Session:
        home = tmp_path / "home"
        made.append(sw.connect(KEY, api.server.url, home, requests_per_minute=requests_per_minute))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture
def session(connect: Connect) -> Session:
    return connect()


ANIMALS: dict[str, Any] = {"animal": ["fox", "owl"], "weather": ["rain", "snow"]}
FOUR = ["a fox in rain", "a fox in snow", "a owl in rain", "a owl in snow"]
