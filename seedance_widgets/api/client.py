"""The API in plain calls: `Client` for scripts, `AsyncClient` for async code. Thin shells over `open_api`.

What may be repeated is repeated a little, see `patience`: up to three tries, each in a turn of its own.
"""

from __future__ import annotations

import asyncio
import math
import os
import threading
import weakref
from collections.abc import Callable, Coroutine, Generator, Mapping
from typing import Any, TypeVar

import httpx

from ..errors import SeedanceError, SettingsInvalid
from ..request.urls import check_base_url
from ..secret import Secret, checked_key
from ..types import Accepted, Generation, GenerationRequest, Model
from ..values.plain import check_timeout, index, shown
from . import logs, open_api, retries
from .answers import BROKEN, Bounded, TooLarge, answer_of, read, translated
from .call import MAX_JSON_BYTES, Answer, Call
from .hosts import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, is_loopback
from .http import Http, Progress
from .limiter import AT_ONCE, Limiter, Turn
from .reasons import certificates

T = TypeVar("T")

CREATE_TIMEOUT_S = 120.0
MAX_TRIES = 100
KEEPALIVE_S = 75.0
"""Longer than the gaps between looks; httpx's own 5 s would make nearly every look a new connection."""
NO_PLACE_S = 2.0
"""How long a request waits for a connection. Turns see to it that one is free: where none is, they are lost."""
ABANDONED_S = 0.02
"""After a body was cut: httpx's nested generators close in this time, also on a loop that ends next."""


class _Bearer(httpx.Auth):
    """Puts the key into each request as it leaves, so that no client has it among its headers."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        yield request


class AsyncClient:
    """The API for async code. `async with AsyncClient(key) as client: await client.models()`.

    Each call returns what the server said, or raises the error it stands for. Does not keep a history.

    Args:
        api_key: The key; it goes to `base_url` and nowhere else.
        base_url: The API's address.
        create_timeout_s: From the first byte of a create to the last byte of its answer, in seconds.
        read_timeout_s: The same for everything else.
        tries: How often a call is sent at most.
        limiter: Whose turns the calls take; by default only what is on its way at a time is bounded.
    """

    def __init__(
        self,
        api_key: str | Secret,
        base_url: str = "https://www.seedance2.ink",
        *,
        create_timeout_s: float = CREATE_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        tries: int = retries.TRIES,
        limiter: Limiter | None = None,
    ) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        self.base_url = check_base_url(base_url)
        if limiter is not None and not isinstance(limiter, Limiter):
            raise SettingsInvalid(f"limiter is a Limiter or None, not {shown(limiter)}.")
        self.limiter = limiter or Limiter(math.inf)
        self._key = checked_key(api_key, "argument")
        logs.hide(self._key)
        self._tries = _checked_tries(tries)
        self._read_timeout_s = read_timeout_s = check_timeout(read_timeout_s, "read_timeout_s")
        self._create_timeout_s = create_timeout_s = check_timeout(create_timeout_s, "create_timeout_s")
        shared = {
            "auth": _Bearer(self._key),
            "headers": {
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": "seedance-widgets",
            },
            "follow_redirects": False,
            "trust_env": not is_loopback(base_url),
            "verify": certificates(),
        }
        self._reads = Http(
            **shared,
            timeout=httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S, pool=NO_PLACE_S),
            limits=httpx.Limits(  # looks, and everything else
                max_connections=2 * AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=KEEPALIVE_S
            ),
        )
        self._creates = Http(  # a fresh connection each: a stale socket would make the outcome unclear
            **shared,
            timeout=httpx.Timeout(create_timeout_s, connect=CONNECT_TIMEOUT_S, pool=NO_PLACE_S),
            limits=httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=0),
        )

    async def models(self) -> tuple[Model, ...]:
        """The models with what they take and cost. Source: GET /models."""
        return await self._call(open_api.list_models())

    async def create(self, request: GenerationRequest, turn: Turn | None = None) -> Accepted:
        """Start a generation. **Spends credits.** Raises `AnswerLost` when it may have been charged unseen.

        With a `turn` it is sent at most once, in that turn; without one it may wait and be sent again, where it is
        certain that nothing was charged.
        """
        return await self._call(open_api.create_generation(request), turn)

    async def get(self, request_id: str, turn: Turn | None = None) -> Generation:
        """How a generation stands; with a `turn` it is asked once. Source: GET /video/generations/{requestId}."""
        return await self._call(open_api.get_generation(request_id), turn)

    async def cancel(self, request_id: str) -> Generation | None:
        """Ask to cancel; `None` when the server answers without a status. Source: POST .../cancel."""
        return await self._call(open_api.cancel_generation(request_id))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._reads.aclose()
        await self._creates.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def __getstate__(self) -> object:
        raise TypeError(f"a {type(self).__name__} holds an API key and is not pickled or copied")

    async def _call(self, call: Call[T], turn: Turn | None = None) -> T:
        if turn is not None:
            return read(call, await self._send(call, turn))
        patient = retries.Patience(repeatable=call.repeatable, tries=self._tries)
        while True:
            try:
                async with self.limiter.turn(call.kind) as turn:
                    return read(call, await self._send(call, turn))
            except SeedanceError as error:
                if (wait_s := patient.wait_s(error)) is None:
                    raise
            await retries.pause(wait_s)

    async def _send(self, call: Call[T], turn: Turn) -> Answer:
        turn.spend()
        http, whole_s = (
            (self._reads, self._read_timeout_s) if call.repeatable else (self._creates, self._create_timeout_s)
        )
        body, progress = Bounded(MAX_JSON_BYTES), Progress(whole_s)
        url = self.base_url + call.path
        try:
            async with http.stream(call.method, url, progress, content=call.body, headers=_content(call)) as response:
                turn.answered()
                try:
                    body.open(response)
                    async for chunk in response.aiter_raw():
                        body.feed(chunk)
                except TooLarge:
                    await asyncio.sleep(ABANDONED_S)
                    raise
                return answer_of(response, body, self._key)
        except (*BROKEN, TimeoutError) as error:
            failure = translated(call, error, self._key, never_left=progress.never_left, whole_s=whole_s)
        raise failure


class Client:
    """The API in plain calls, for scripts. Each returns what the server said, or raises the error it stands for.

    Does not keep a history: a request id that you lose is lost with its credits. `Session` keeps one. The work is done
    by an `AsyncClient` in a thread that the first call starts; any number of threads may call.

    Args:
        api_key: The key; it goes to `base_url` and nowhere else.
        base_url: The API's address.
        create_timeout_s: From the first byte of a create to the last byte of its answer, in seconds.
        read_timeout_s: The same for everything else.
        tries: How often a call is sent at most.
    """

    def __init__(
        self,
        api_key: str | Secret,
        base_url: str = "https://www.seedance2.ink",
        *,
        create_timeout_s: float = CREATE_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        tries: int = retries.TRIES,
    ) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        self.base_url = check_base_url(base_url)
        self._thread = _Thread(
            lambda: AsyncClient(
                api_key, base_url, create_timeout_s=create_timeout_s, read_timeout_s=read_timeout_s, tries=tries
            )
        )

    def models(self) -> tuple[Model, ...]:
        """The models with what they take and cost. Source: GET /models."""
        return self._thread.run(lambda client: client.models())

    def create(self, request: GenerationRequest) -> Accepted:
        """Start a generation. **Spends credits.** Raises `AnswerLost` when it may have been charged unseen."""
        return self._thread.run(lambda client: client.create(request))

    def get(self, request_id: str) -> Generation:
        """How a generation stands. Source: GET /video/generations/{requestId}."""
        return self._thread.run(lambda client: client.get(request_id))

    def cancel(self, request_id: str) -> Generation | None:
        """Ask to cancel; `None` when the server answers without a status. Source: POST .../cancel."""
        return self._thread.run(lambda client: client.cancel(request_id))

    def close(self) -> None:
        """Close the connections."""
        self._thread.run(lambda client: client.aclose())
        self._thread.end()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def __getstate__(self) -> object:
        raise TypeError(f"a {type(self).__name__} holds an API key and is not pickled or copied")


class _Thread:
    """A daemon thread with a loop, and an `AsyncClient` for it. A forked child begins both anew."""

    def __init__(self, make: Callable[[], AsyncClient]) -> None:
        self._make = make
        self._lock = threading.Lock()
        self._begin()

    def _begin(self) -> None:
        self._pid, self.client = os.getpid(), self._make()
        self._loop: asyncio.AbstractEventLoop | None = None

    def run(self, work: Callable[[AsyncClient], Coroutine[Any, Any, T]]) -> T:
        """Do something with the client. An interrupt ends it."""
        with self._lock:
            if self._pid != os.getpid():
                self._begin()
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._loop,), name="seedance-client", daemon=True).start()
                weakref.finalize(self, _stop, self._loop)
            done = asyncio.run_coroutine_threadsafe(work(self.client), self._loop)
        try:
            return done.result()
        finally:
            done.cancel()

    def end(self) -> None:
        """End the thread."""
        with self._lock:
            if self._loop is not None:
                _stop(self._loop)
                self._loop = None


def _checked_tries(tries: object) -> int:
    count = index(tries)
    if count is None or not 1 <= count <= MAX_TRIES:
        raise SettingsInvalid(f"tries is a whole number from 1 to {MAX_TRIES}, not {shown(tries)}.")
    return count


def _run(loop: asyncio.AbstractEventLoop) -> None:
    loop.run_forever()
    loop.close()


def _stop(loop: asyncio.AbstractEventLoop) -> None:
    if not loop.is_closed():
        loop.call_soon_threadsafe(loop.stop)


def _content(call: Call[T]) -> Mapping[str, str]:
    headers = {} if call.body is None else {"Content-Type": "application/json"}
    return headers if call.repeatable else {**headers, "Connection": "close"}
