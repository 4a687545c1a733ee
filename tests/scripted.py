"""A real HTTP server on loopback whose every answer a test scripts: also the answers that no server should give.

with ScriptedServer() as server:
    server.say(answer(500, b"oh"), CUT, answer(200, {"success": True}))
    ...                           # the last one is repeated
    server.requests               # what came, in order
"""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Self


@dataclass(frozen=True)
class Seen:
    """One request as it arrived."""

    method: str
    path: str
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    connection: int
    """Which connection it came over, from 1."""

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Raw:
    """Bytes for the line. `hang_s`: silence before them. `close`: hang up after them."""

    data: bytes = b""
    close: bool = True
    hang_s: float = 0.0


CUT = Raw()
"""Read the request, then hang up without a word."""


def answer(status: int = 200, body: Any = b"", *, close: bool = False, **headers: str) -> Raw:
    """A well-formed answer; what is not bytes is sent as JSON. `retry_after="1"` is the header `retry-after: 1`."""
    data = body if isinstance(body, bytes) else json.dumps(body).encode()
    named = {"content-type": "application/json", "content-length": str(len(data))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items() if value)
    return Raw(f"HTTP/1.1 {status} Said\r\n{head}\r\n".encode() + data, close=close)


def error(status: int, code: str, message: str = "no", **headers: str) -> Raw:
    """The error envelope of the API."""
    return answer(status, {"success": False, "error": {"code": code, "message": message}}, **headers)


Reply = Raw | Callable[[Seen], Raw]


class ScriptedServer:
    """Listens on a free port of loopback; a thread for each connection."""

    def __init__(self) -> None:
        self.requests: list[Seen] = []
        self.connections = 0
        self._script: list[Reply] = [answer(500)]
        self._lock = threading.Lock()
        self._gone = threading.Event()
        self._open: set[socket.socket] = set()
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        self._listener.bind(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def say(self, *replies: Reply) -> None:
        """The next answers, in order; the last is repeated for ever."""
        with self._lock:
            self._script = list(replies)

    def listen(self) -> Self:
        """Until this is called, connections to the port are refused."""
        self._listener.listen(32)
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def close(self) -> None:
        self._gone.set()
        with contextlib.suppress(OSError):  # it never listened
            self._listener.shutdown(socket.SHUT_RDWR)  # wakes the thread that waits for a connection
        self._listener.close()
        for line in list(self._open):
            line.close()

    def __enter__(self) -> Self:
        return self.listen()

    def __exit__(self, *_: object) -> None:
        self.close()

    def of(self, method: str, part: str = "") -> list[Seen]:
        """The requests of one method whose path holds `part`."""
        return [seen for seen in list(self.requests) if seen.method == method and part in seen.path]

    def _accept(self) -> None:
        while not self._gone.is_set():
            try:
                line, _ = self._listener.accept()
            except OSError:
                return
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._open.add(line)
            self.connections += 1
            threading.Thread(target=self._serve, args=(line, self.connections), daemon=True).start()

    def _serve(self, line: socket.socket, number: int) -> None:
        try:
            with line, line.makefile("rb") as incoming:
                while (seen := _read(incoming, number)) is not None:
                    reply = self._next(seen)
                    if self._gone.wait(reply.hang_s):
                        return
                    line.sendall(reply.data)
                    if reply.close:
                        line.shutdown(socket.SHUT_RDWR)
                        return
        except OSError:
            pass  # the client hung up first
        finally:
            self._open.discard(line)

    def _next(self, seen: Seen) -> Raw:
        with self._lock:
            self.requests.append(seen)
            reply = self._script.pop(0) if len(self._script) > 1 else self._script[0]
        return reply if isinstance(reply, Raw) else reply(seen)


def _read(incoming: Any, number: int) -> Seen | None:
    first = incoming.readline().decode("latin-1").split()  # a stranger may knock at a port that it had before us
    if len(first) != 3:
        return None
    headers: dict[str, str] = {}
    while (text := incoming.readline().decode("latin-1").strip()) != "":
        name, _, value = text.partition(":")
        headers[name.lower()] = value.strip()
    body = incoming.read(int(headers.get("content-length", 0)))
    return Seen(first[0], first[1], headers, body, number)
