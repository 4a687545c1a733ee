"""When a download has stalled: less than 64 kB in 60 s, before its first byte or after."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from ..errors import FetchFailed

STALLED_S = 60.0
STALLED_BYTES = 64_000


class HeadWatch:
    """Hangs up when an answer has not begun in time, also where its head comes byte by byte. httpx calls it.

    It must see the connection being made, so it is for connections that are made for one request.
    """

    def __init__(self) -> None:
        self._stream: Any = None
        self._timer = threading.Timer(STALLED_S, self._hang_up)
        self._timer.daemon = True
        self.hung_up = False

    def __call__(self, step: str, info: Mapping[str, Any]) -> None:
        if step.endswith(("connect_tcp.complete", "start_tls.complete")):
            self._stream = info.get("return_value")

    def __enter__(self) -> HeadWatch:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def end(self) -> None:
        """The answer has begun, or never will."""
        self._timer.cancel()

    def _hang_up(self) -> None:
        if self._stream is not None:
            self.hung_up = True
            with suppress(OSError):  # not the method of an SSL socket: another thread reads from it
                socket.socket.shutdown(self._stream.get_extra_info("socket"), socket.SHUT_RDWR)


def flowing(chunks: Iterator[bytes], clock: Callable[[], float] = time.monotonic) -> Iterator[bytes]:
    """The chunks, as long as they come fast enough. Raises FetchFailed."""
    since, came = clock(), 0
    for chunk in chunks:
        came += len(chunk)
        if came >= STALLED_BYTES:
            since, came = clock(), 0
        elif clock() - since >= STALLED_S:
            raise FetchFailed(f"The download has stalled: less than 64 kB came in {STALLED_S:.0f} s.")
        yield chunk
