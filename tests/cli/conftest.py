"""A place for `seedance worker`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from worker_place import KEY, Place

from seedance_widgets.simulator import Simulator, SimulatorSettings


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """A place whose server ends jobs at once, or as fast as it is told."""
    with contextlib.ExitStack() as closing:
        places: list[Place] = []

        def make_place(speed: float = float("inf"), faults: tuple[str, ...] = (), **environment: str) -> Place:
            folder = tmp_path / "server"
            settings = SimulatorSettings(home=folder, speed=speed, credits=10**9, api_key=KEY, faults=faults)
            places.append(Place(closing.enter_context(Simulator(settings)), tmp_path, environment))
            return places[-1]

        yield make_place
        for place in places:
            for process in place.running:
                with process:  # closes its pipes
                    process.kill()
