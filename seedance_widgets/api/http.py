"""httpx as we use it: silent, told how far a request has come, and made anew when its connections are used up."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from .logs import silent

CONNECTED_WITHIN_S = 30.0
"""From the first step towards the server, or the proxy before it, to the first byte of the request."""


class Progress:
    """The progress of one request, and the time until which its answer must be whole. httpx calls it at each step.

    Args:
        whole_s: From the first byte of the request to the last byte of its answer, in seconds.
    """

    def __init__(self, whole_s: float) -> None:
        self.whole_s = whole_s
        self.deadline = asyncio.timeout(CONNECTED_WITHIN_S + whole_s)
        self._left = self._tunnelling = False

    @property
    def never_left(self) -> bool:
        """Tell whether it is known that no byte of it has left: a proxy was asked for the way, and that was all."""
        return self._tunnelling and not self._left

    async def __call__(self, step: str, info: Mapping[str, Any]) -> None:
        if not step.endswith("send_request_headers.started"):
            return
        if getattr(info.get("request"), "method", b"") == b"CONNECT":
            self._tunnelling = True
        elif not self._left:
            self._left = True
            self.deadline.reschedule(asyncio.get_running_loop().time() + self.whole_s)


class _Silent(httpx.AsyncClient):
    """httpx says each URL at INFO."""

    async def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        with silent("httpx"):
            return await super().send(request, **how)


class SilentClient(httpx.Client):
    """The same for files, whose URLs are signed, and may be named again in what httpcore says at DEBUG."""

    def send(self, request: httpx.Request, **how: Any) -> httpx.Response:
        with silent("httpx", "httpcore"):
            return super().send(request, **how)


@dataclass(slots=True)
class _Pool:
    """One httpx client, and how many requests are on their way with it."""

    client: httpx.AsyncClient
    users: int = field(default=0)


class Http:
    """An httpx client that is thrown away when it has no connection left to give, and a new one in its place.

    TLS that fails behind a proxy's CONNECT never gives its place in the pool back (httpcore 1.0): after a few of those
    every call would time out for ever. What is on its way with the old client still comes to its end.
    """

    def __init__(self, **settings: Any) -> None:
        self._make: Callable[[], httpx.AsyncClient] = lambda: _Silent(**settings)
        self._pool = _Pool(self._make())

    @property
    def now(self) -> httpx.AsyncClient:
        """The client in use."""
        return self._pool.client

    @asynccontextmanager
    async def stream(self, method: str, url: str, progress: Progress, **more: Any) -> AsyncIterator[httpx.Response]:
        """Send a request; its answer's body is still to be read. Raises httpx's errors, and TimeoutError."""
        pool = self._pool
        pool.users += 1
        try:
            async with (
                progress.deadline,
                pool.client.stream(method, url, extensions={"trace": progress}, **more) as response,
            ):
                yield response
        except (httpx.TransportError, TimeoutError) as error:
            if pool is self._pool and (progress.never_left or isinstance(error, httpx.PoolTimeout)):
                self._pool = _Pool(self._make())
            raise
        finally:
            pool.users -= 1
            if pool is not self._pool and not pool.users:
                await pool.client.aclose()

    async def aclose(self) -> None:
        """Close the connections."""
        await self._pool.client.aclose()
