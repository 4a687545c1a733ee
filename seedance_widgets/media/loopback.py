"""Media served on loopback to a simulator on this machine: nothing to set up, and nothing leaves.

A link is signed and ends, as a bucket's does, so that what is tried here is what happens there.
"""

from __future__ import annotations

import hmac
import os
import secrets
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ..request.media import CONTENT_TYPES, LONGEST_S


class Loopback:
    """Serves what is asked for by a signed link, GET and HEAD only. Listens from the first file on.

    Args:
        read: The bytes of a file by its name.
        clock: Seconds since 1970.
    """

    told = "the simulator on this machine"
    address = None
    is_local = True

    def __init__(self, read: Callable[[str], bytes | None], clock: Callable[[], float] = time.time) -> None:
        self._read = read
        self._clock = clock
        self._secret = secrets.token_bytes(32)
        self._server: ThreadingHTTPServer | None = None
        self._pid = 0
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes, content_type: str) -> None:
        with self._lock:
            if self._server is None or self._pid != os.getpid():
                self._server, self._pid = _Server(self._answer), os.getpid()
                threading.Thread(target=self._server.serve_forever, name="seedance-media", daemon=True).start()

    def link(self, name: str, lifetime_s: float) -> str:
        assert self._server is not None, "a link is made of what was put"
        expires = int(self._clock() + lifetime_s)
        port = self._server.server_address[1]
        return f"http://127.0.0.1:{port}/{name}?expires={expires}&signature={self._signature(name, expires)}"

    def get(self, name: str) -> bytes | None:
        return None

    def delete(self, name: str) -> None:
        """There is nothing to take away: the copy of the data folder is what is served."""

    def lifetime_s(self) -> float:
        return LONGEST_S

    def close(self) -> None:
        """Serve no more."""
        with self._lock:
            server, self._server = self._server, None
        if server is not None and self._pid == os.getpid():
            server.shutdown()
            server.server_close()

    def _signature(self, name: str, expires: int) -> str:
        return hmac.new(self._secret, f"{name} {expires}".encode(), "sha256").hexdigest()

    def _answer(self, target: str) -> tuple[int, str, bytes]:
        """Status, content type and body."""
        parts = urlsplit(target)
        name, given = parts.path.removeprefix("/"), parse_qs(parts.query)
        expires, signature = given.get("expires", [""])[0], given.get("signature", [""])[0]
        ours = self._signature(name, int(expires)) if expires.isdecimal() and len(expires) < 20 else ""
        if not ours or not hmac.compare_digest(ours, signature) or self._clock() > int(expires):
            return 403, "text/plain", b"This link is not signed, or has expired."
        data = self._read(name)
        if data is None:
            return 404, "text/plain", b"Not Found"
        return 200, CONTENT_TYPES.get(name[name.rfind(".") :], "application/octet-stream"), data


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, answer: Callable[[str], tuple[int, str, bytes]]) -> None:
        self.answer = answer
        super().__init__(("127.0.0.1", 0), _Handler)


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        status, content_type, body = self.server.answer(self.path)
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET

    def log_message(self, format: str, *args: object) -> None:
        """Nothing is said of a signed link."""
