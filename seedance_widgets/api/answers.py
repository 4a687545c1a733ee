"""The reading of an answer, and of none: a bounded body, the wire's reading of it, and our errors instead of httpx's.

Nothing that leaves here holds the key, also when the server sends it back.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

import httpx

from ..errors import AnswerLost, AnswerUnreadable, ApiError, ConnectionFailed, SeedanceError, ServerFailed
from ..secret import Secret
from .call import Answer, Call, excerpt
from .reasons import broken, next_step, proxy_of

T = TypeVar("T")

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError, httpx.UnsupportedProtocol)
_UNCLEAR = frozenset({408, 409, 425, 499})
"""What a proxy may answer after it has sent the request on: time-outs and conflicts, which the API's table lacks."""
_MAY_HAVE_CHARGED = "You may have been charged."


class TooLarge(SeedanceError):
    """A body over its bound."""


BROKEN = (httpx.TransportError, TooLarge)
"""What a call raises that brought no answer; see `translated`."""


class Bounded:
    """A body, unpacked at most to `limit` bytes; a compressed bomb is cut while it unpacks, not after."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._parts: list[bytes] = []
        self._size = 0
        self._unpack: Callable[[bytes], bytes] = lambda chunk: chunk

    def open(self, response: httpx.Response) -> None:
        """Begin a body. Raises TooLarge for a packing that cannot be bounded."""
        encoding = response.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("gzip", "x-gzip", "deflate"):  # some proxies compress though asked not to
            unpacker = zlib.decompressobj(47 if "gzip" in encoding else zlib.MAX_WBITS)
            self._unpack = lambda chunk: unpacker.decompress(chunk, self._limit + 1)
        elif encoding not in ("", "identity"):
            raise TooLarge("it is packed in a way that we did not ask for")

    def feed(self, chunk: bytes) -> None:
        """Take the next bytes as they came. Raises TooLarge."""
        try:
            piece = self._unpack(chunk)
        except zlib.error:
            raise TooLarge("it is packed, and broken") from None
        self._size += len(piece)
        if self._size > self._limit:
            raise TooLarge(f"it has more than {self._limit} bytes")
        self._parts.append(piece)

    def bytes(self) -> bytes:
        """All of it, unpacked."""
        return b"".join(self._parts)


def answer_of(response: httpx.Response, body: Bounded, key: Secret) -> Answer:
    """The answer for `open_api` to read."""
    return Answer(
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


def translated(
    call: Call[T], error: Exception, key: Secret, *, never_left: bool = False, whole_s: float = 0.0
) -> SeedanceError:
    """httpx's error as ours, to be raised where theirs is no longer at hand: it holds what the server sent, and its
    frames the request's headers, the key among them.

    `never_left`: it is known that no byte of the request has left. An answer was to be whole within `whole_s` seconds.
    """
    if never_left and isinstance(error, TimeoutError):
        return ConnectionFailed("The server could not be reached: the proxy did not answer in time.")
    if isinstance(error, TimeoutError):
        return _lost(call, f"No whole answer came within {whole_s:g} s.")
    if never_left or isinstance(error, _NEVER_SENT):
        step = next_step(error, proxy_of(error), ConnectionFailed.default_next_step)
        return ConnectionFailed(f"The server could not be reached ({_reason(error, key)}).", next_step=step)
    if isinstance(error, httpx.LocalProtocolError):
        return ConnectionFailed(f"The request could not be built ({_reason(error, key)}).")
    if isinstance(error, TooLarge):
        return _lost(call, f"The answer cannot be read: {error.what}.")
    return _lost(call, f"The line broke before an answer came ({_reason(error, key)}).")


def read(call: Call[T], answer: Answer) -> T:
    """The server's answer, or the error that it stands for; after a create an unclear error is an answer lost."""
    try:
        return call.read(answer)
    except ApiError as error:
        unclear = isinstance(error, AnswerUnreadable | ServerFailed) or error.status_code in _UNCLEAR
        if call.repeatable or not unclear:
            raise
        raise _lost(call, error.what, excerpt=excerpt(answer.body)) from None


def _lost(call: Call[T], what: str, excerpt: str = "") -> AnswerLost:
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
    return key.removed_from(broken(error, proxy_of(error), key))
