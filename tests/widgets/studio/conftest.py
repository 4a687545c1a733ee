"""A Studio outside a kernel, on the simulator or on a server whose every answer a test scripts."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import NOW, until
from scripted import Raw, ScriptedServer, Seen, answer
from studio_page import MakeStudio, Page
from widget_fixtures import SMALL, clips, finished, job_of, place, quick, simulated

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session
from seedance_widgets.types import GenerationRequest
from seedance_widgets.widgets.studio.studio import Studio

__all__ = ["clips", "job_of", "place", "quick", "simulated"]

KEY = "sd2_live_do_not_show_me_4711"
MODELS = {
    "success": True,
    "data": [
        {
            "id": name,
            "durations": [4, 5, 6],
            "aspectRatios": ["16:9", "9:16"],
            "resolutions": ["480p", "720p"],
            "usdPerSecond": {"720p": 0.1},
        }
        for name in ("seedance-2.0", "seedance-2.0-fast")
    ],
}


class Service:
    """The API as a test wants it: the answers to `models`, `create`, `look` and `cancel`."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.models: Raw = answer(200, MODELS)
        self.create: Raw | None = None
        self.cancel: Raw | None = None
        self.look: Raw | None = None
        self.status = "processing"
        self._numbers = itertools.count(1)
        server.say(self._reply)

    @property
    def creates(self) -> list[Seen]:
        return [seen for seen in self.server.of("POST", "/generations") if not seen.path.endswith("/cancel")]

    def _reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return self.models
        if seen.path.endswith("/cancel") and self.cancel is not None:
            return self.cancel
        if seen.method == "POST" and not seen.path.endswith("/cancel"):
            accepted = {"success": True, "requestId": f"req_{next(self._numbers)}", "status": "queued"}
            return self.create or answer(200, accepted)
        request_id = seen.path.removesuffix("/cancel").rpartition("/")[2]
        return self.look or answer(200, {"success": True, "requestId": request_id, "status": self.status})


@pytest.fixture(scope="session")
def done(simulated: Session, tmp_path_factory: pytest.TempPathFactory) -> Job:
    """A job of the shared simulator with its clip and poster. Do not change it: tests share it."""
    return finished(simulated, tmp_path_factory.mktemp("done"), "The clip that tests share")[0]


@pytest.fixture
def service() -> Iterator[Service]:
    with ScriptedServer() as server:
        yield Service(server)


@pytest.fixture
def connect(service: Service, tmp_path: Path, brisk: None) -> Iterator[Callable[..., Session]]:
    """Sessions with the scripted service, over one history."""
    made: list[Session] = []

    def make(**settings: Any) -> Session:
        settings = {"api_key": KEY, "base_url": service.server.url, "home": tmp_path / "home", **settings}
        session = sw.connect(requests_per_minute=60_000, **settings)
        session.engine.hurry()
        made.append(session)
        return session

    yield make
    for session in made:
        session.close()


@pytest.fixture
def studio_of() -> Iterator[MakeStudio]:
    """A Studio on a session, and the page that shows it."""
    made: list[Studio] = []

    def make(session: Session, **values: Any) -> Page:
        made.append(Studio(session, **values))
        return Page(made[-1])

    yield make
    for each in made:
        each.close()


@pytest.fixture
def page(simulated: Session, studio_of: MakeStudio) -> Page:
    """A Studio that is ready, on the shared simulator."""
    return ready(studio_of(simulated, prompt="A paper boat", **SMALL))


def ready(page: Page, state: str = "ready") -> Page:
    until(lambda: page.studio.view.get("state") == state)
    return page


@pytest.fixture
def fill(request_of: Callable[..., GenerationRequest]) -> Callable[..., list[str]]:
    """Rows straight into the store of a session, newest first in time; they are over and have no clip."""

    def put(session: Session, many: int, prefix: str = "row", **changes: Any) -> list[str]:

        plain = {"status": "failed", "final_at": NOW, "request": request_of(**changes.pop("asked", {}))} | changes
        row = Row(**{"id": "", "service": session.service, "created_at": NOW} | plain)
        rows = [
            replace(row, id=f"{prefix}{number:05}", created_at=changes.get("created_at", NOW) - number)
            for number in range(many)
        ]
        session.store.add_all(rows)
        return [each.id for each in rows]

    return put
