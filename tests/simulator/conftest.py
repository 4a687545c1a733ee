"""A simulator without a port, its clock in the test's hand, and films that cost no time unless a test wants them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from seedance_widgets.simulator import SimulatorApp, SimulatorSettings, app
from seedance_widgets.simulator import film as clips

GENERATIONS = "/api/open/v1/video/generations"
STAND_IN = b"a stand-in for a film"


class Clock:
    """Seconds since 1970 that pass when told to."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        return self.time

    def pass_s(self, seconds: float) -> None:
        self.time += seconds


class Api:
    """A person with a key at a simulator."""

    def __init__(self, simulator: SimulatorApp, runner: asyncio.Runner) -> None:
        self.simulator = simulator
        self.service = simulator.service
        self._runner = runner

    def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request, with the right key unless `headers` are given."""
        more.setdefault("headers", {"Authorization": f"Bearer {self.simulator.settings.api_key}"})

        async def send() -> httpx.Response:
            transport = httpx.ASGITransport(app=self.simulator)
            async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as client:
                return await client.request(method, path, **more)

        return self._runner.run(send())

    def create(self, **fields: Any) -> httpx.Response:
        return self.ask("POST", GENERATIONS, json={"model": "seedance-2.0", "prompt": "a paper boat"} | fields)

    def created(self, **fields: Any) -> str:
        """The request id of a new generation."""
        return str(self.create(**fields).json()["requestId"])

    def look(self, request_id: str) -> dict[str, Any]:
        body: dict[str, Any] = self.ask("GET", f"{GENERATIONS}/{request_id}").json()
        return body

    def cancel(self, request_id: str) -> httpx.Response:
        return self.ask("POST", f"{GENERATIONS}/{request_id}/cancel")

    def wait_for_film(self, request_id: str) -> None:
        """Until the clip of a generation exists, if it has one."""
        _, _, film = self.service.look(request_id)
        if film is not None:
            film.result(10)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def instant_films(monkeypatch: pytest.MonkeyPatch) -> None:
    """Films are a few bytes, made at once: for tests about anything but pictures."""

    def render(spec: clips.ClipSpec, path: Path, *, checkpoint: Callable[[], None]) -> None:
        checkpoint()
        path.write_bytes(STAND_IN)

    monkeypatch.setattr(clips, "render", render)


@pytest.fixture
def make_api(clock: Clock, instant_films: None) -> Iterator[Callable[..., Api]]:
    """Simulators by their settings: `make_api(credits=10)`."""
    opened: list[SimulatorApp] = []
    with asyncio.Runner() as runner:

        def make(**settings: Any) -> Api:
            simulator = app(SimulatorSettings(**{"api_key": "sd2_live_simulator", **settings}), now=clock)
            opened.append(simulator)
            return Api(simulator, runner)

        yield make
    for simulator in opened:
        simulator.close()


@pytest.fixture
def api(make_api: Callable[..., Api]) -> Api:
    return make_api(seed=1)
