"""The doctor tries the notebook server as the place of media: by its public address, as the vendor would."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.media import served
from seedance_widgets.media.served import Served
from seedance_widgets.server.extension import Extension
from seedance_widgets.session import media_check
from seedance_widgets.session.doctor import Check
from seedance_widgets.settings import webhooks

Doctor = Callable[[str], Any]
TRIED = "this notebook server: "


@pytest.fixture
def look(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Doctor]:
    """What the doctor says of the served place, where the public address is this one.

    That it is https and public is checked elsewhere, and is all that is left out: everything else is real.
    """
    session: list[sw.Session] = []

    async def look(public: str) -> Check:
        monkeypatch.setattr(webhooks, "public_address", lambda: public)
        served.attend(home / "media")
        session.append(sw.connect("sd2_live_x", "http://127.0.0.1:9/api/open/v1", home))
        session[0].engine.media.is_here = False  # a service that is not on this machine
        report = await asyncio.to_thread(session[0].doctor, network=True)
        (check,) = [each for each in report.checks if each.name == "media" and each.detail.startswith(TRIED)]
        return check

    yield look
    for each in session:
        each.close()


@pytest.fixture
def address(http_server_client: Any, jp_base_url: str, jp_http_port: int, extension: Extension) -> str:
    """Where the real server with the extension is reached."""
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}".rstrip("/")


@contextmanager
def answering(status: int) -> Iterator[str]:
    """Something else at that address: it answers everything alike, such as a proxy that shows its login."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Location", "/login")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/user/bob"
    finally:
        server.shutdown()
        server.server_close()


def left(home: Path) -> list[str]:
    """What the doctor left of what it tried."""
    return [path.name for path in (home / "media").rglob("*") if path.is_file() and path.name != served.SERVER]


async def test_a_server_that_serves_is_well_and_nothing_is_left(look: Doctor, address: str, home: Path) -> None:
    check = await look(address)
    assert check.ok is True
    assert check.detail == f"{TRIED}put, fetched by its path and by no other, and ended"
    assert left(home) == []


async def test_a_wrong_path_of_the_right_server_is_told_with_what_is_wanted(
    look: Doctor, address: str, home: Path
) -> None:
    check = await look(f"{address}/nowhere")
    assert check.ok is False
    assert "a tiny file answers 404," in check.detail
    assert "SEEDANCE_PUBLIC_URL is the https address of this Jupyter server with its base path" in check.next_step
    assert left(home) == []


@pytest.mark.parametrize("status", [200, 302, 401, 502])
async def test_what_answers_every_path_alike_is_not_the_server(look: Doctor, home: Path, status: int) -> None:
    with answering(status) as public:
        check = await look(public)
    assert check.ok is False
    answers = f"a tiny file answers {status}, under another path {status}, and after its end {status}"
    assert answers in check.detail
    assert "open without a login" in check.next_step
    assert left(home) == []


async def test_an_address_that_nobody_answers_is_told(look: Doctor, home: Path) -> None:
    check = await look("http://127.0.0.1:9/user/bob")
    assert check.ok is False
    assert "a tiny file answers nothing (ConnectError)" in check.detail
    assert left(home) == []


async def test_a_file_that_does_not_end_is_no_success(
    look: Doctor, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Served, "delete", lambda self, name: None)
    check = await look(address)
    assert check.ok is False
    assert "and after its end 200, not 200, 404, 404" in check.detail


async def test_the_report_holds_no_path_that_opens_a_file(
    look: Doctor, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    links: list[str] = []
    real = Served.link

    def link(self: Served, name: str, lifetime_s: float) -> str:
        links.append(real(self, name, lifetime_s))
        return links[-1]

    monkeypatch.setattr(Served, "link", link)
    monkeypatch.setattr(media_check, "TINY", b"another tiny file")
    for public in (address, f"{address}/nowhere"):
        check = await look(public)
        assert links
        assert not any(each.split("/")[-2] in f"{check}" for each in links)


async def test_without_a_server_that_has_the_data_folder_the_doctor_names_the_ways(
    look: Doctor, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webhooks, "public_address", lambda: "https://hub.test/user/bob")
    session = sw.connect("sd2_live_x", "http://127.0.0.1:9/api/open/v1", home)
    session.engine.media.is_here = False
    try:
        checks = [each for each in session.doctor(network=True).checks if each.name == "media"]
    finally:
        session.close()
    assert [each.ok for each in checks] == [None]
    assert "SEEDANCE_MEDIA=s3://" in checks[0].next_step
