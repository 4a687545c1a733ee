"""Output files, fetched without any key, from public hosts only: each address is checked before it is connected to."""

from __future__ import annotations

import contextlib
import itertools
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit, urlunsplit

import httpx

from ..clips.containers import HEAD_BYTES, compressions, is_packed, is_text
from ..errors import FetchFailed
from ..request.urls import is_private_host
from .hosts import CONNECT_TIMEOUT_S, READ_TIMEOUT_S, is_loopback, proxy_for, without_password
from .http import SilentClient
from .reasons import broken, certificates, next_step
from .stalls import STALLED_S, HeadWatch, flowing

MAX_REDIRECTS = 3
MAX_ADDRESSES = 8
"""Of one host that are tried, one after the other."""
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
            "limits": httpx.Limits(max_connections=100, max_keepalive_connections=0),  # see HeadWatch
        }
        self._by_route: dict[str | None, SilentClient] = {}
        self._retired: list[SilentClient] = []

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
            watch = HeadWatch()
            try:
                with watch, self._answer(url, headers, proxy, watch) as response:
                    watch.end()
                    target = response.headers.get("location") if response.is_redirect else None
                    if target is None:
                        yield self._stream(response, start)
                        return
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                if isinstance(error, httpx.PoolTimeout):
                    self._renew(proxy)
                if watch.hung_up:
                    raise FetchFailed(f"The file's server sent no answer within {STALLED_S:.0f} s.") from None
                message = f"The download broke ({broken(error, proxy)})."
                raise FetchFailed(message, next_step=next_step(error, proxy)) from None
            try:
                url = urljoin(url, target)
            except ValueError:
                raise FetchFailed("The file's URL redirects to what is no URL.") from None
        raise FetchFailed(f"The file's URL redirects more than {MAX_REDIRECTS} times.")

    @contextmanager
    def _answer(
        self, url: str, headers: dict[str, str], proxy: str | None, watch: HeadWatch
    ) -> Iterator[httpx.Response]:
        """The server's answer, from the first address of its host that can be connected to."""
        http = self._client(proxy)
        addresses: list[tuple[str, dict[str, str], dict[str, str]]] = [(url, {}, {})] if proxy else self._pinned(url)
        for left, (address, host, extensions) in zip(reversed(range(len(addresses))), addresses, strict=True):
            traced: dict[str, Any] = {**extensions, "trace": watch}
            request = http.build_request("GET", address, headers={**headers, **host}, extensions=traced)
            try:
                response = http.send(request, stream=True)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                if not left:
                    raise
                continue
            with contextlib.closing(response):
                yield response
            return

    def check_size(self, size_bytes: int) -> None:
        """Raises FetchFailed for a file over the bound, said or seen."""
        if size_bytes > self.max_bytes:
            raise FetchFailed(f"The file has more than {self.max_bytes} bytes.", hopeless=True)

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            clients, self._by_route, self._retired = [*self._by_route.values(), *self._retired], {}, []
        for client in clients:
            client.close()

    def _renew(self, proxy: str | None) -> None:
        """Go on with a new client: the one of this route has no connection left to give, see `Http`."""
        with self._lock:
            if (client := self._by_route.pop(proxy, None)) is not None:
                self._retired.append(client)

    def _client(self, proxy: str | None) -> SilentClient:
        """The connections by one route: straight there, or through one proxy, whatever the environment says."""
        with self._lock:
            if proxy not in self._by_route:
                try:
                    self._by_route[proxy] = SilentClient(proxy=proxy, **self._settings)
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

    def _pinned(self, url: str) -> list[tuple[str, dict[str, str], dict[str, str]]]:
        """The URL with its name resolved, checked and replaced by each address in turn: the address that was checked
        is the one that is connected to. TLS still proves the name. What goes through a proxy is not pinned: it
        resolves names."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        if self._loopback and is_loopback(url):
            return [(url, {}, {})]
        try:
            entries = self._resolve(host, parts.port or 443, type=socket.SOCK_STREAM)
        except OSError as error:
            raise FetchFailed(f"The file's host cannot be found ({error.strerror or 'no address'}).") from None
        addresses = [str(entry[4][0]) for entry in entries]
        public = [address for address in dict.fromkeys(addresses) if not is_private_host(address)][:MAX_ADDRESSES]
        if not public:
            raise FetchFailed("The file's URL leads to a private or local address.")
        port = f":{parts.port}" if parts.port else ""
        netlocs = [f"[{address}]{port}" if ":" in address else f"{address}{port}" for address in public]
        return [
            (urlunsplit(parts._replace(netloc=netloc)), {"Host": host + port}, {"sni_hostname": host})
            for netloc in netlocs
        ]

    def _stream(self, response: httpx.Response, start: int) -> Stream:
        code = response.status_code
        if code == 416:
            raise FetchFailed("The server has no such part of the file.", no_such_part=True)
        if code not in (200, 206):
            raise FetchFailed(f"The file's server answered HTTP {code}.", stale_url=code in (401, 403, 404, 410))
        got_start = _range_start(response) if code == 206 else 0
        if got_start not in (0, start):
            raise FetchFailed("The server sent another part of the file than was asked for.", no_such_part=True)
        length = response.headers.get("content-length", "")
        total = int(length) if length.isascii() and length.isdigit() else None
        if code == 206:
            whole = response.headers.get("content-range", "").rpartition("/")[2]
            total = int(whole) if whole.isascii() and whole.isdigit() else None
        self.check_size(total or 0)
        encodings = response.headers.get("content-encoding", "")
        chunks = flowing(response.iter_raw())
        if got_start == 0:
            chunks = _judged(chunks, encodings)
        elif compressions(encodings):  # the middle of a file does not tell what it is
            raise FetchFailed("The rest of the file came compressed.", no_such_part=True)
        return Stream(got_start, total, response.headers.get("etag"), chunks)


def _judged(chunks: Iterator[bytes], encodings: str) -> Iterator[bytes]:
    """The chunks, unless they begin like what no clip is: a file is judged by what it is, not by what it is called.

    Waits for the first of them. Raises FetchFailed, and httpx's errors.
    """
    head = b""
    for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    if is_packed(head, encodings):
        raise FetchFailed("The file came compressed, though we asked for it as it is.", hopeless=True)
    begins = head.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")[:1]
    if begins == b"<" and is_text(head):
        raise FetchFailed("The file's server sent a web page instead of the clip.", stale_url=True)
    if head and is_text(head):
        what = "an answer in JSON" if begins == b"{" else "a text"
        raise FetchFailed(f"The file's server sent {what} instead of the clip.", stale_url=begins == b"{", no_clip=True)
    return itertools.chain([head], chunks)


def _range_start(response: httpx.Response) -> int:
    text = response.headers.get("content-range", "").removeprefix("bytes ").split("-")[0]
    return int(text) if text.isascii() and text.isdigit() else -1
