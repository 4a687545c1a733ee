"""Lines that are worse than broken: answers that drip, proxies that lead nowhere, and what is said of them."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from impatience import no_waiting

from seedance_widgets.api import stalls
from seedance_widgets.api.client import AsyncClient, Client
from seedance_widgets.api.files import Files
from seedance_widgets.errors import AnswerLost, ConnectionFailed, FetchFailed, SeedanceError
from seedance_widgets.types import GenerationRequest

KEY = "sd2_live_do_not_show_me_4711"
REQUEST = GenerationRequest(prompt="A boat", model="seedance-2.0", duration=5)
BODY = b'{"success": true, "requestId": "req_1", "status": "queued"}'
HEAD = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(BODY)


@contextlib.contextmanager
def serving(handle: Callable[[socket.socket], None]) -> Iterator[int]:
    """A server on loopback, each connection in a thread; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def accept() -> None:
            with contextlib.suppress(OSError):
                while True:
                    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

        def serve(line: socket.socket) -> None:
            with line, contextlib.suppress(OSError):
                handle(line)

        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)


def read_head(line: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (more := line.recv(65_536)):
            raise OSError
        data += more
    return data


def drip(at_once: bytes, rest: bytes, gap_s: float = 0.05) -> Callable[[socket.socket], None]:
    """A part of the answer, then a byte at a time."""

    def handle(line: socket.socket) -> None:
        read_head(line)
        line.sendall(at_once)
        for n in range(len(rest)):
            time.sleep(gap_s)
            line.sendall(rest[n : n + 1])

    return handle


def call(kind: type, url: str, name: str) -> None:
    argument = REQUEST if name == "create" else "req_1"
    if kind is Client:
        with Client(KEY, url, create_timeout_s=0.4, read_timeout_s=0.4, tries=1) as client:
            getattr(client, name)(argument)
        return

    async def work() -> None:
        async with AsyncClient(KEY, url, create_timeout_s=0.4, read_timeout_s=0.4, tries=1) as client:
            await getattr(client, name)(argument)

    asyncio.run(work())


# --- deadlines --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", [Client, AsyncClient])
@pytest.mark.parametrize("name", ["get", "create"])
@pytest.mark.parametrize("at_once", [b"", HEAD], ids=["head", "body"])
def test_an_answer_that_comes_a_byte_at_a_time_is_given_up_in_time(kind: type, name: str, at_once: bytes) -> None:
    """The bug: each byte began the time-out anew, and a create was `submitting` for ever."""
    whole = HEAD + BODY
    with serving(drip(at_once, whole[len(at_once) :])) as port:
        began = time.monotonic()
        with pytest.raises(AnswerLost, match=r"No whole answer came within 0\.4 s") as caught:
            call(kind, f"http://127.0.0.1:{port}", name)
        assert time.monotonic() - began < 2.5
    assert ("may have been charged" in str(caught.value)) is (name == "create")


@pytest.mark.parametrize("at_once", [b"", b"HTTP/1.1 200 OK\r\n\r\n"], ids=["head", "body"])
def test_a_download_that_comes_a_byte_at_a_time_has_stalled(at_once: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stalls, "STALLED_S", 0.4)
    with serving(drip(at_once, (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 500)[len(at_once) :])) as port:
        files = Files(f"http://127.0.0.1:{port}")
        with pytest.raises(FetchFailed, match=r"stalled|no answer"), files.open(f"http://127.0.0.1:{port}/a") as stream:
            list(stream.chunks)
        files.close()


def test_a_download_that_brings_enough_has_not_stalled() -> None:
    now = iter(range(0, 10_000, 50))
    assert sum(map(len, stalls.flowing(iter([b"x" * 64_000] * 20), clock=lambda: next(now)))) == 64_000 * 20


# --- proxies ----------------------------------------------------------------------------------------------------------
class Proxy:
    """Says yes to every CONNECT; behind it is nonsense instead of TLS, until the network is back."""

    def __init__(self, folder: Path) -> None:
        self.is_broken = True
        self.body = BODY
        self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._tls.load_cert_chain(folder / "cert.pem", folder / "key.pem")

    def __call__(self, line: socket.socket) -> None:
        read_head(line)
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        if self.is_broken:
            line.sendall(b"<html>log in first</html>")
            return
        with self._tls.wrap_socket(line, server_side=True) as secure:
            if read_head(secure).endswith(b"\r\n\r\n"):
                secure.settimeout(0.2)
                with contextlib.suppress(TimeoutError):
                    secure.recv(65_536)  # the body, where there is one
            secure.sendall(HEAD + self.body)


@pytest.fixture
def proxy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Proxy]:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=api.test"]
    command += ["-addext", "subjectAltName=DNS:api.test", "-keyout", "key.pem", "-out", "cert.pem"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    for name in ("http_proxy", "HTTP_PROXY", "HTTPS_PROXY", "all_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    proxy = Proxy(tmp_path)
    with serving(proxy) as port:
        monkeypatch.setenv("https_proxy", f"http://127.0.0.1:{port}")
        yield proxy


@pytest.mark.parametrize("name", ["get", "create"])
def test_a_proxy_whose_tls_failed_often_is_no_end_of_the_client(proxy: Proxy, name: str) -> None:
    """The bug: each failure kept its place in httpx's pool, and then every call timed out for the client's life."""
    argument = REQUEST if name == "create" else "req_1"

    async def work() -> str:
        async with AsyncClient(KEY, "https://api.test") as client:
            for _ in range(8):
                with pytest.raises(ConnectionFailed, match="could not be reached"):
                    await getattr(client, name)(argument)
            proxy.is_broken = False
            async with asyncio.timeout(10):
                return str((await getattr(client, name)(argument)).request_id)

    with no_waiting():
        assert asyncio.run(work()) == "req_1"


def test_files_behind_a_proxy_whose_tls_failed_often_come_all_the_same(
    proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = Files("https://api.test", read_timeout_s=0.5)
    for _ in range(102):
        with pytest.raises(FetchFailed), files.open("https://api.test/a"):
            pass
    proxy.is_broken, proxy.body = False, b"\x00\x00\x00\x18ftypisom".ljust(len(BODY), b"\x00")
    with contextlib.suppress(FetchFailed), files.open("https://api.test/a"):
        pass  # this one finds no place, and the next does
    with files.open("https://api.test/a") as stream:
        assert b"".join(stream.chunks) == proxy.body
    files.close()


# --- what is said -----------------------------------------------------------------------------------------------------
TALK = """
import logging, sys
logging.basicConfig(level=logging.INFO)
import seedance_widgets as sw
session = sw.simulate(speed=1e9, home=sys.argv[1], faults=["get:503x2", "create:429", "models:503"])
session.submit("a boat", duration=4, resolution="480p").wait(timeout=60)
session.close()
"""


def test_nothing_of_ours_is_logged_into_peoples_cells(tmp_path: Path) -> None:
    """The bugs: red lines of a retry in unrelated cells, and at INFO the signed URL of each clip."""
    done = subprocess.run([sys.executable, "-c", TALK, str(tmp_path)], cwd=tmp_path, capture_output=True, text=True)
    assert (done.returncode, done.stderr, done.stdout) == (0, "", "")


def test_what_others_log_with_httpx_is_logged_as_ever(caplog: pytest.LogCaptureFixture) -> None:
    import httpx

    caplog.set_level("INFO")
    with serving(drip(HEAD + BODY, b"")) as port:
        url = f"http://127.0.0.1:{port}/api/open/v1/video/generations/req_1"
        with Client(KEY, f"http://127.0.0.1:{port}") as client, contextlib.suppress(SeedanceError):
            client.get("req_1")
        assert "HTTP Request" not in caplog.text
        httpx.get(url, trust_env=False)
    assert f"HTTP Request: GET {url}" in caplog.text
