"""Output files, fetched without any key, from public hosts only: each address is checked before it is connected to."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from ..catalog import is_private_host
from ..errors import FetchFailed
from .hosts import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, is_loopback, proxy_for, without_password
from .reasons import broken, certificates, next_step

MAX_REDIRECTS = 3
MAX_FILE_BYTES = 2_000_000_000


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
        self._resolve = resolve
        self._lock = threading.Lock()
        self._settings: dict[str, Any] = {
            "headers": {"Accept-Encoding": "identity", "User-Agent": "seedance-widgets"},
            "follow_redirects": False,
            "trust_env": False,  # the route is ours to choose: what was checked is what is connected to
            "verify": certificates(),
            "timeout": httpx.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        }
        self._by_route: dict[str | None, httpx.Client] = {}

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
            proxy = None if self._loopback else proxy_for(url)
            http = self._client(proxy)
            address, host, extensions = (url, {}, {}) if proxy else self._pinned(url)
            try:
                with http.stream("GET", address, headers={**headers, **host}, extensions=extensions) as response:
                    target = response.headers.get("location") if response.is_redirect else None
                    if target is None:
                        yield self._stream(response, start)
                        return
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                said = f"The download broke ({broken(error, proxy)})."
                raise FetchFailed(said, next_step=next_step(error, proxy)) from None
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
        with self._lock:
            clients, self._by_route = list(self._by_route.values()), {}
        for client in clients:
            client.close()

    def _client(self, proxy: str | None) -> httpx.Client:
        """The connections by one route: straight there, or through one proxy, whatever the environment says."""
        with self._lock:
            if proxy not in self._by_route:
                try:
                    self._by_route[proxy] = httpx.Client(proxy=proxy, **self._settings)
                except (ValueError, ImportError, httpx.InvalidURL) as error:  # no such scheme, no package for SOCKS
                    raise FetchFailed(f"The proxy {without_password(proxy or '')} cannot be used ({error}).") from None
            return self._by_route[proxy]

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
        that is connected to. TLS still proves the name. What goes through a proxy is not pinned: it resolves names."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._loopback and is_loopback(url):
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
