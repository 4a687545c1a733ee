"""The API in plain calls: `Client` for scripts, `AsyncClient` for async code. Thin shells over `wire`.

What may be repeated is repeated a little (stamina: up to three tries, within 60 s). A create is sent again only when
the connection was never made, or after a 429: the API has no idempotency key, so a lost answer stays lost, and is
raised as `AnswerLost`, never tried again.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Generator, Mapping
from typing import Any, TypedDict, TypeVar, Unpack
from weakref import WeakSet

import httpx
import stamina

from .. import wire
from ..errors import AnswerLost, ConnectionFailed, RateLimited, ServerFailed
from ..secret import Secret, checked_key
from ..types import Accepted, Generation, GenerationRequest, Model
from .answers import BROKEN, Bounded, TooLarge, answer_of, read, translated
from .hosts import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, is_loopback
from .reasons import certificates

T = TypeVar("T")

CREATE_TIMEOUT_S = 120.0
FOREGROUND_WAIT_S = 60.0
"""The longest that a call waits for a 429 to pass; a longer `Retry-After` is raised with the time to try again."""
TRIES = 3
IN_FLIGHT = 8
"""httpx scans all connections for each request: beyond 8 in flight its cost grows steeply."""
KEEPALIVE_S = 75.0
"""Longer than the gaps between looks; httpx's own 5 s would make nearly every look a new connection."""
ABANDONED_S = 0.02
"""After a body was cut: httpx's nested generators close in this time, also on a loop that ends next."""


class _Bearer(httpx.Auth):
    """Puts the key into each request as it leaves, so that no client has it among its headers."""

    def __init__(self, key: Secret) -> None:
        self._key = key

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        request.headers["Authorization"] = f"Bearer {self._key.reveal()}"
        yield request


class _WithoutKeys(logging.Filter):
    """Takes our keys out of what httpx and httpcore log: they log headers, and a server may send a key back in one."""

    def __init__(self) -> None:
        super().__init__()
        self.keys: WeakSet[Secret] = WeakSet()

    def filter(self, record: logging.LogRecord) -> bool:
        text = said = record.getMessage()
        for key in list(self.keys):
            said = key.removed_from(said)
        if said != text:
            record.msg, record.args = said, ()
        return True


_without_keys = _WithoutKeys()
for _name in ("httpx", *(f"httpcore.{part}" for part in ("connection", "http11", "http2", "proxy", "socks"))):
    logging.getLogger(_name).addFilter(_without_keys)


class ClientSettings(TypedDict, total=False):
    """The keywords of both clients, so that editors complete them and a misspelt one is a type error."""

    create_timeout_s: float
    """How long a create may take to answer, in seconds."""
    read_timeout_s: float
    """The same for everything else."""
    tries: int
    """How often a call is tried in all."""


class _Shell:
    """What both clients share: two sets of settings for httpx, and how to read what it says."""

    def __init__(
        self,
        api_key: Secret,
        base_url: str,
        *,
        create_timeout_s: float = CREATE_TIMEOUT_S,
        read_timeout_s: float = READ_TIMEOUT_S,
        tries: int = TRIES,
    ) -> None:
        self.base_url = base_url.rstrip("/")
        self._key = checked_key(api_key, "argument")
        _without_keys.keys.add(self._key)
        self._tries = tries
        self._shared = {
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
        self._for_reads = {
            "timeout": httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
            "limits": httpx.Limits(
                max_connections=IN_FLIGHT, max_keepalive_connections=IN_FLIGHT, keepalive_expiry=KEEPALIVE_S
            ),
        }
        self._for_creates = {  # a fresh connection each: a stale socket would make the outcome unclear
            "timeout": httpx.Timeout(create_timeout_s, connect=CONNECT_TIMEOUT_S),
            "limits": httpx.Limits(max_connections=IN_FLIGHT, max_keepalive_connections=0),
        }

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.base_url}>"

    def __getstate__(self) -> object:
        raise TypeError(f"a {type(self).__name__} holds an API key and is not pickled or copied")

    def _tries_of(self, call: wire.Call[T]) -> stamina._core._RetryContextIterator:
        return stamina.retry_context(
            on=_Patience(call).try_again,
            attempts=self._tries,
            timeout=FOREGROUND_WAIT_S,
            wait_initial=0.25,
            wait_max=5.0,
        )

    def _request(self, call: wire.Call[T]) -> tuple[str, str]:
        return call.method, self.base_url + call.path


class Client(_Shell):
    """The API in plain calls, for scripts. Each returns what the server said, or raises the error it stands for.

    Does not keep a history: a request id that you lose is lost with its credits. `Session` keeps one.
    """

    def __init__(
        self, api_key: str | Secret, base_url: str = "https://www.seedance2.ink", **settings: Unpack[ClientSettings]
    ) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        super().__init__(api_key, base_url, **settings)
        self._reads = httpx.Client(**self._shared, **self._for_reads)  # type: ignore[arg-type]
        self._creates = httpx.Client(**self._shared, **self._for_creates)  # type: ignore[arg-type]

    def models(self) -> tuple[Model, ...]:
        """The models with what they take and cost. Source: GET /models."""
        return self._call(wire.list_models())

    def create(self, request: GenerationRequest) -> Accepted:
        """Start a generation. **Spends credits.** Raises `AnswerLost` when it may have been charged unseen."""
        return self._call(wire.create_generation(request))

    def get(self, request_id: str) -> Generation:
        """How a generation stands. Source: GET /video/generations/{requestId}."""
        return self._call(wire.get_generation(request_id))

    def cancel(self, request_id: str) -> Generation | None:
        """Ask to cancel; `None` when the server answers without a status. Source: POST .../cancel."""
        return self._call(wire.cancel_generation(request_id))

    def close(self) -> None:
        """Close the connections."""
        self._reads.close()
        self._creates.close()

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _call(self, call: wire.Call[T]) -> T:
        for attempt in self._tries_of(call):
            with attempt:
                return read(call, self._send(call))
        raise AssertionError("stamina ends with a result or an error")

    def _send(self, call: wire.Call[T]) -> wire.Answer:
        http = self._reads if call.repeatable else self._creates
        body = Bounded(wire.MAX_JSON_BYTES)
        try:
            with http.stream(*self._request(call), content=call.body, headers=_content(call)) as response:
                body.open(response)
                for chunk in response.iter_raw():
                    body.feed(chunk)
                return answer_of(response, body, self._key)
        except BROKEN as error:
            failure = translated(call, error, self._key)
        raise failure


class AsyncClient(_Shell):
    """The same calls for async code. `async with AsyncClient(key) as client: await client.models()`."""

    def __init__(
        self, api_key: str | Secret, base_url: str = "https://www.seedance2.ink", **settings: Unpack[ClientSettings]
    ) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        super().__init__(api_key, base_url, **settings)
        self._reads = httpx.AsyncClient(**self._shared, **self._for_reads)  # type: ignore[arg-type]
        self._creates = httpx.AsyncClient(**self._shared, **self._for_creates)  # type: ignore[arg-type]

    async def models(self) -> tuple[Model, ...]:
        """The models with what they take and cost. Source: GET /models."""
        return await self._call(wire.list_models())

    async def create(self, request: GenerationRequest) -> Accepted:
        """Start a generation. **Spends credits.** Raises `AnswerLost` when it may have been charged unseen."""
        return await self._call(wire.create_generation(request))

    async def get(self, request_id: str) -> Generation:
        """How a generation stands. Source: GET /video/generations/{requestId}."""
        return await self._call(wire.get_generation(request_id))

    async def cancel(self, request_id: str) -> Generation | None:
        """Ask to cancel; `None` when the server answers without a status. Source: POST .../cancel."""
        return await self._call(wire.cancel_generation(request_id))

    async def aclose(self) -> None:
        """Close the connections."""
        await self._reads.aclose()
        await self._creates.aclose()

    async def __aenter__(self) -> AsyncClient:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.aclose()

    async def _call(self, call: wire.Call[T]) -> T:
        async for attempt in self._tries_of(call):
            with attempt:
                return read(call, await self._send(call))
        raise AssertionError("stamina ends with a result or an error")

    async def _send(self, call: wire.Call[T]) -> wire.Answer:
        http = self._reads if call.repeatable else self._creates
        body = Bounded(wire.MAX_JSON_BYTES)
        try:
            async with http.stream(*self._request(call), content=call.body, headers=_content(call)) as response:
                try:
                    body.open(response)
                    async for chunk in response.aiter_raw():
                        body.feed(chunk)
                except TooLarge:
                    await asyncio.sleep(ABANDONED_S)
                    raise
                return answer_of(response, body, self._key)
        except BROKEN as error:
            failure = translated(call, error, self._key)
        raise failure


def _content(call: wire.Call[T]) -> Mapping[str, str]:
    headers = {} if call.body is None else {"Content-Type": "application/json"}
    return headers if call.repeatable else {**headers, "Connection": "close"}


class _Patience:
    """stamina's hook for one call: whether to repeat it, and after how many seconds when the server named them.

    All the waits that the server names for one call come out of the same minute.
    """

    def __init__(self, call: wire.Call[Any]) -> None:
        self._call = call
        self._left_s = FOREGROUND_WAIT_S

    def try_again(self, error: Exception) -> bool | float:
        if isinstance(error, ConnectionFailed):
            return True
        if isinstance(error, RateLimited):
            return self._named(error.retry_after_s)
        return self._call.repeatable and isinstance(error, AnswerLost | ServerFailed)

    def _named(self, wait_s: float | None) -> bool | float:
        if wait_s is None:
            return True
        if wait_s > self._left_s:
            return False
        self._left_s -= wait_s
        return wait_s
