"""A scripted API and sessions with it, for all tests of sessions."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets.session.session import Session

KEY = "sd2_live_do_not_show_me_4711"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
MODELS = {
    "success": True,
    "data": [
        {
            "id": "seedance-2.0",
            "durations": [4, 5, 6],
            "aspectRatios": ["16:9", "9:16"],
            "resolutions": ["480p", "720p"],
            "usdPerSecond": {"720p": 0.1},
        }
    ],
}


class Api:
    """The API as a test wants it: `status` of its one job, `create` for another answer to a create."""

    def __init__(self, server: ScriptedServer, clip: Path) -> None:
        self.server = server
        self.clip = clip.read_bytes()
        self.status = "succeeded"
        accepted = {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": 40}
        self.create: Raw = answer(200, accepted)
        self.look: Raw | None = None
        self.cancel: Raw | None = None
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return answer(200, MODELS)
        if seen.path.endswith(".mp4"):
            return answer(200, self.clip, content_type="video/mp4")
        if seen.method == "POST" and not seen.path.endswith("/cancel"):
            return self.create
        if seen.path.endswith("/cancel") and self.cancel is not None:
            return self.cancel
        if seen.path.endswith("/cancel"):
            self.status = "cancelled"
        return self.look or self.generation(seen.path.removesuffix("/cancel").rpartition("/")[2])

    def generation(self, request_id: str) -> Raw:
        output = {"type": "video", "url": f"{self.server.url}/files/{request_id}.mp4"}
        body = {"success": True, "requestId": request_id, "status": self.status}
        return answer(200, {**body, "output": output if self.status == "succeeded" else None})

    def polls(self) -> list[Seen]:
        return self.server.of("GET", "/video/generations/")

    def creates(self) -> list[Seen]:
        return [seen for seen in self.server.of("POST", "/generations") if not seen.path.endswith("/cancel")]


@pytest.fixture
def api(clip: Path) -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server, clip)


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips go to the current folder."""
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def connect(api: Api, tmp_path: Path, brisk: None) -> Iterator[Callable[..., Session]]:
    """Sessions with the scripted API, over one history."""
    made: list[Session] = []

    def make(**settings: Any) -> Session:
        settings = {"api_key": KEY, "base_url": api.server.url, "home": tmp_path / "home", **settings}
        made.append(sw.connect(requests_per_minute=60_000, **settings))
        return made[-1]

    yield make
    for session in made:
        session.close()


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Session]:
    """One simulator for all tests that need nothing special of it: to start one takes a second."""
    session = sw.simulate(speed=math.inf, home=tmp_path_factory.mktemp("simulated"))
    yield session
    session.close()
