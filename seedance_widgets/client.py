"""The only door to HTTP: the API with the key, files without any. Thin shells over `wire`.

    Client, AsyncClient   the API's origin only; the key goes nowhere else; no redirect is followed
    Files                 output files on any public host; no key is ever attached

What may be repeated is repeated a little (stamina: up to three tries, within 60 s). A create is sent again only when
the connection was never made, or after a 429: the API has no idempotency key, so a lost answer stays lost, and is
raised as `AnswerLost`, never tried again.
"""

from __future__ import annotations

import asyncio
import json
import logging
import socket
import time
import zlib
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit, urlunsplit
from urllib.request import getproxies
from weakref import WeakSet

import httpx
import stamina

from . import wire
from .catalog import is_loopback_host, is_private_host
from .errors import (
    AnswerLost,
    AnswerUnreadable,
    ApiError,
    ConnectionFailed,
    FetchFailed,
    RateLimited,
    SeedanceError,
    ServerFailed,
)
from .secret import Secret, checked_key
from .types import Accepted, Generation, GenerationRequest, Model

T = TypeVar("T")

CONNECT_TIMEOUT_S = 10.0
READ_TIMEOUT_S = 30.0
CREATE_TIMEOUT_S = 120.0
FOREGROUND_WAIT_S = 60.0
"""The longest that a call waits for a 429 to pass; a longer `Retry-After` is raised with the time to try again."""
TRIES = 3
IN_FLIGHT = 8
"""httpx scans all connections for each request: beyond 8 in flight its cost grows steeply."""
KEEPALIVE_S = 75.0
"""Longer than the gaps between looks; httpx's own 5 s would make nearly every look a new connection."""
MAX_REDIRECTS = 3
MAX_FILE_BYTES = 2_000_000_000
ABANDONED_S = 0.02
"""After a body was cut: httpx's nested generators close in this time, also on a loop that ends next."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_UNCLEAR = frozenset({408, 409, 425, 499})
"""What a proxy may answer after it has sent the request on: time-outs and conflicts, which the API's table lacks."""
_MAY_HAVE_CHARGED = "You may have been charged."


def is_loopback(url: str) -> bool:
    """Whether a URL's host is this machine."""
    return is_loopback_host(urlsplit(url).hostname or "")


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

    def __init__(self, api_key: str | Secret, base_url: str = "https://www.seedance2.ink", **settings: float) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        super().__init__(api_key, base_url, **settings)  # type: ignore[arg-type]
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
                return _read(call, self._send(call))
        raise AssertionError("stamina ends with a result or an error")

    def _send(self, call: wire.Call[T]) -> wire.Answer:
        http = self._reads if call.repeatable else self._creates
        body = _Bounded(wire.MAX_JSON_BYTES)
        try:
            with http.stream(*self._request(call), content=call.body, headers=_content(call)) as response:
                body.open(response)
                for chunk in response.iter_raw():
                    body.feed(chunk)
                return _answer(response, body, self._key)
        except _BROKEN as error:
            failure = _translated(call, error, self._key)
        raise failure


class AsyncClient(_Shell):
    """The same calls for async code. `async with AsyncClient(key) as client: await client.models()`."""

    def __init__(self, api_key: str | Secret, base_url: str = "https://www.seedance2.ink", **settings: float) -> None:
        api_key = Secret(api_key) if isinstance(api_key, str) else api_key  # a traceback may show what is in a frame
        super().__init__(api_key, base_url, **settings)  # type: ignore[arg-type]
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
                return _read(call, await self._send(call))
        raise AssertionError("stamina ends with a result or an error")

    async def _send(self, call: wire.Call[T]) -> wire.Answer:
        http = self._reads if call.repeatable else self._creates
        body = _Bounded(wire.MAX_JSON_BYTES)
        try:
            async with http.stream(*self._request(call), content=call.body, headers=_content(call)) as response:
                try:
                    body.open(response)
                    async for chunk in response.aiter_raw():
                        body.feed(chunk)
                except _TooLarge:
                    await asyncio.sleep(ABANDONED_S)
                    raise
                return _answer(response, body, self._key)
        except _BROKEN as error:
            failure = _translated(call, error, self._key)
        raise failure


# --- files ----------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Stream:
    """An open download: `chunks` from byte `start` on; `total_bytes` of the whole file, where the server says."""

    start: int
    total_bytes: int | None
    etag: str | None
    chunks: Iterator[bytes]


class Files:
    """Output files, fetched without any key. Blocking: call it from a thread.

    Args:
        api_url: The API's address. Only when that is on loopback may a file come over plain http from loopback.
        max_bytes: No larger file is fetched.
        resolve: Turns a name into addresses, as `socket.getaddrinfo` does; a test passes its own.
    """

    def __init__(
        self,
        api_url: str,
        *,
        read_timeout_s: float = READ_TIMEOUT_S,
        max_bytes: int = MAX_FILE_BYTES,
        resolve: Callable[..., Any] = socket.getaddrinfo,
    ) -> None:
        self.max_bytes = max_bytes
        self._loopback = is_loopback(api_url)
        self._proxied = not self._loopback and bool({"https", "all"} & set(getproxies()))
        self._resolve = resolve
        self._http = httpx.Client(
            headers={"Accept-Encoding": "identity", "User-Agent": "seedance-widgets"},
            follow_redirects=False,
            trust_env=not self._loopback,
            timeout=httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        )

    @contextmanager
    def open(self, url: str, *, start: int = 0, etag: str | None = None) -> Iterator[Stream]:
        """A file from byte `start` on, or from 0 when the server cannot or the file changed (see `Stream.start`).

        Raises:
            FetchFailed: a URL we do not go to, an error of the server or the line, an encoded body.
        """
        headers = {"Range": f"bytes={start}-"} if start else {}
        if start and etag:
            headers["If-Range"] = etag
        for _ in range(MAX_REDIRECTS + 1):
            self._check(url)
            address, host, extensions = self._pinned(url)
            try:
                with self._http.stream("GET", address, headers={**headers, **host}, extensions=extensions) as response:
                    target = response.headers.get("location") if response.is_redirect else None
                    if target is None:
                        yield self._stream(response, start)
                        return
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise FetchFailed(f"The download broke ({type(error).__name__}).") from None
            try:
                url = urljoin(url, target)
            except ValueError:
                raise FetchFailed("The file's URL redirects to what is no URL.") from None
        raise FetchFailed(f"The file's URL redirects more than {MAX_REDIRECTS} times.")

    def check_size(self, size_bytes: int) -> None:
        """Raises FetchFailed for a file over the bound, said or seen."""
        if size_bytes > self.max_bytes:
            raise FetchFailed(f"The file has more than {self.max_bytes} bytes.", too_large=True)

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def _check(self, url: str) -> None:
        try:
            parts = urlsplit(url)
            host, _ = parts.hostname or "", parts.port
            host.encode("idna")
        except ValueError:  # UnicodeError is one
            raise FetchFailed("The file's URL is not a URL.") from None
        if parts.username or parts.password:
            raise FetchFailed("The file's URL carries a user name or password; we do not send those.")
        if self._loopback and parts.scheme == "http" and is_loopback(url):
            return
        if parts.scheme != "https" or not host:
            raise FetchFailed("The file's URL is not https.")
        if is_private_host(host):
            raise FetchFailed("The file's URL names a private or local host.")

    def _pinned(self, url: str) -> tuple[str, dict[str, str], dict[str, str]]:
        """The URL with its name resolved, checked and replaced by the address: the address that was checked is the one
        that is connected to. TLS still proves the name. Behind a proxy the proxy resolves, and nothing is pinned."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._proxied or (self._loopback and is_loopback(url)):
            return url, {}, {}
        try:
            found = self._resolve(host, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchFailed(f"The file's host cannot be found ({error.strerror or 'no address'}).") from None
        address = str(found[0][4][0])
        if is_private_host(address):
            raise FetchFailed("The file's URL leads to a private or local address.")
        netloc = f"[{address}]" if ":" in address else address
        port = f":{parts.port}" if parts.port else ""
        return urlunsplit(parts._replace(netloc=netloc + port)), {"Host": host + port}, {"sni_hostname": host}

    def _stream(self, response: httpx.Response, start: int) -> Stream:
        code = response.status_code
        if code == 416:
            raise FetchFailed("The server has no such part of the file.", no_such_part=True)
        if code not in (200, 206):
            raise FetchFailed(f"The file's server answered HTTP {code}.", stale_url=code in (401, 403, 404, 410))
        if response.headers.get("content-encoding", "identity") != "identity":
            raise FetchFailed("The file came compressed, though we asked for it as it is.")
        got_start = _range_start(response) if code == 206 else 0
        if got_start not in (0, start):
            raise FetchFailed("The server sent another part of the file than was asked for.", no_such_part=True)
        length = response.headers.get("content-length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
        if code == 206:
            whole = response.headers.get("content-range", "").rpartition("/")[2]
            total = int(whole) if whole.isascii() and whole.isdigit() else None
        self.check_size(total or 0)
        return Stream(got_start, total, response.headers.get("etag"), _no_page(response.iter_raw(), got_start))


def _no_page(chunks: Iterator[bytes], start: int) -> Iterator[bytes]:
    """The chunks, unless they are markup: a file is judged by what it is, not by what the server calls it."""
    for chunk in chunks:
        if start == 0 and chunk.lstrip()[:1] == b"<":
            raise FetchFailed("The file's server sent a web page instead of the clip.", stale_url=True)
        start += len(chunk)
        yield chunk


def _range_start(response: httpx.Response) -> int:
    text = response.headers.get("content-range", "").removeprefix("bytes ").split("-")[0]
    return int(text) if text.isascii() and text.isdigit() else -1


# --- shared parts ---------------------------------------------------------------------------------------------------
class _TooLarge(SeedanceError):
    """A body over its bound."""


_BROKEN = (httpx.TransportError, _TooLarge)


class _Bounded:
    """A body, unpacked at most to `limit` bytes; a compressed bomb is cut while it unpacks, not after."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._unpack: Callable[[bytes], bytes] = lambda chunk: chunk

    def open(self, response: httpx.Response) -> None:
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):  # some proxies compress though asked not to
            unpacker = zlib.decompressobj(47 if "gzip" in encoding else zlib.MAX_WBITS)
            self._unpack = lambda chunk: unpacker.decompress(chunk, self._limit + 1)
        elif encoding not in ("", "identity"):
            raise _TooLarge("it is packed in a way that we did not ask for")

    def feed(self, chunk: bytes) -> None:
        try:
            piece = self._unpack(chunk)
        except zlib.error:
            raise _TooLarge("it is packed, and broken") from None
        self._size += len(piece)
        if self._size > self._limit:
            raise _TooLarge(f"it has more than {self._limit} bytes")
        self._parts.append(piece)

    def bytes(self) -> bytes:
        return b"".join(self._parts)


def _answer(response: httpx.Response, body: _Bounded, key: Secret) -> wire.Answer:
    return wire.Answer(
        status_code=response.status_code,
        headers={name.lower(): key.removed_from(value) for name, value in response.headers.items()},
        body=_without(key, body.bytes()),
        received_at=time.time(),
    )


def _without(key: Secret, body: bytes) -> bytes:
    """A body that does not send our key back to us, in letters or in the escapes of JSON: it is shown and stored."""
    text = body.decode("utf-8", "surrogateescape")
    if "\\" in text:
        with suppress(ValueError, RecursionError):
            plain = json.dumps(json.loads(text), ensure_ascii=False)
            if key.removed_from(plain) != plain:
                text = plain
    return key.removed_from(text).encode("utf-8", "surrogateescape")


def _content(call: wire.Call[T]) -> Mapping[str, str]:
    headers = {} if call.body is None else {"Content-Type": "application/json"}
    return headers if call.repeatable else {**headers, "Connection": "close"}


def _translated(call: wire.Call[T], error: Exception, key: Secret) -> SeedanceError:
    """httpx's error as ours, to be raised where theirs is no longer at hand: it holds what the server sent, and its
    frames the request's headers, the key among them."""
    if isinstance(error, _NEVER_SENT):
        return ConnectionFailed(f"The server could not be reached ({_reason(error, key)}).")
    if isinstance(error, httpx.LocalProtocolError):
        return ConnectionFailed(f"The request could not be built ({_reason(error, key)}).")
    if isinstance(error, _TooLarge):
        return _lost(call, f"The answer cannot be read: {error.what}.")
    return _lost(call, f"The line broke before an answer came ({_reason(error, key)}).")


def _read(call: wire.Call[T], answer: wire.Answer) -> T:
    try:
        return call.read(answer)
    except ApiError as error:
        unclear = isinstance(error, AnswerUnreadable | ServerFailed) or error.status_code in _UNCLEAR
        if call.repeatable or not unclear:
            raise
        raise _lost(call, error.what, excerpt=wire.excerpt(answer.body)) from None


def _lost(call: wire.Call[T], what: str, excerpt: str = "") -> AnswerLost:
    if call.repeatable:
        return AnswerLost(what)
    return AnswerLost(
        what,
        charged=_MAY_HAVE_CHARGED,
        next_step="Look in the vendor's dashboard before sending it again.",
        excerpt=excerpt,
    )


def _reason(error: Exception, key: Secret) -> str:
    """In words; they may hold what the server sent."""
    return key.removed_from(f"{type(error).__name__}: {error}")[:200].rstrip(": ")


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


__all__ = ["AsyncClient", "Client", "Files", "Stream", "is_loopback"]
