"""Both clients as one kind of object, and a scripted server for them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from impatience import Retry, no_waiting
from scripted import ScriptedServer, answer

from seedance_widgets.api.client import AsyncClient, Client
from seedance_widgets.types import GenerationRequest

KEY = "sd2_live_do_not_show_me_4711"
REQUEST = GenerationRequest(prompt="A paper boat 🚣", model="seedance-2.0", duration=5)
ACCEPTED = answer(200, {"success": True, "requestId": "req_1", "status": "queued", "creditsCharged": 40})
QUEUED = answer(200, {"success": True, "requestId": "req_1", "status": "queued"})
MODELS = answer(200, {"success": True, "data": [{"id": "seedance-2.0", "durations": [5]}]})
GZIP = {"content_encoding": "gzip"}


class Plain:
    """The four calls of `Client`."""

    kind = Client

    def __init__(self, url: str, key: str = KEY, **times: Any) -> None:
        self.client: Any = self.kind(key, url, **times)

    @property
    def inner(self) -> AsyncClient:
        """What speaks to the server."""
        return self.client._thread.client  # type: ignore[no-any-return]

    def call(self, name: str, *args: Any) -> Any:
        return getattr(self.client, name)(*args)

    def close(self) -> None:
        self.client.close()


class Async(Plain):
    """The same of `AsyncClient`, on one loop of its own."""

    kind = AsyncClient  # type: ignore[assignment]

    def __init__(self, url: str, key: str = KEY, **times: Any) -> None:
        super().__init__(url, key, **times)
        self.loop = asyncio.new_event_loop()

    @property
    def inner(self) -> AsyncClient:
        return self.client  # type: ignore[no-any-return]

    def call(self, name: str, *args: Any) -> Any:
        return self.loop.run_until_complete(getattr(self.client, name)(*args))

    def close(self) -> None:
        self.loop.run_until_complete(self.client.aclose())
        self.loop.close()


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


@pytest.fixture(autouse=True)
def retries() -> Iterator[list[Retry]]:
    """What was sent again, without the waits before it."""
    with no_waiting() as seen:
        yield seen


@pytest.fixture(params=[Plain, Async], ids=["Client", "AsyncClient"])
def make(request: pytest.FixtureRequest) -> Iterator[Callable[..., Plain]]:
    made: list[Plain] = []

    def maker(url: str, key: str = KEY, **times: float) -> Plain:
        made.append(request.param(url, key, **{"create_timeout_s": 5.0, "read_timeout_s": 5.0, **times}))
        return made[-1]

    yield maker
    for client in made:
        client.close()


@pytest.fixture
def client(make: Callable[..., Plain], server: ScriptedServer) -> Plain:
    return make(server.url)
