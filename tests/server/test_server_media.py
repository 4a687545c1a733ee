"""The notebook server as a place for media: one file under a path that nobody guesses, until its job has ended."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.errors import MediaNotPut
from seedance_widgets.media import served
from seedance_widgets.media.served import Served
from seedance_widgets.server.extension import Extension
from seedance_widgets.settings import webhooks

DATA = b"\x89PNG a picture of somebody"
FILE = f"{hashlib.sha256(DATA).hexdigest()}.png"
NAME = f"history1/{FILE}"
PUBLIC = "https://hub.test/user/bob"
Fetch = Callable[..., Any]


@pytest.fixture(autouse=True)
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", PUBLIC)


@pytest.fixture
def place(home: Path) -> Served:
    """The place as a kernel of this server has it, with a file in it."""
    place = Served(home / "media", PUBLIC)
    place.put(NAME, DATA, "image/png")
    return place


@pytest.fixture
def fetch(jp_base_url: str, http_server_client: Any, extension: Extension) -> Fetch:
    """Fetch a link as the vendor does: without any login, by whatever the server is reached."""

    async def fetch(link: str, method: str = "GET", **headers: str) -> Any:
        path = link.removeprefix(f"{PUBLIC}/")
        body = None if method in ("GET", "HEAD") else b""
        return await http_server_client.fetch(
            f"{jp_base_url}{path}",
            method=method,
            body=body,
            headers=headers,
            raise_error=False,
            allow_nonstandard_methods=True,
        )

    return fetch


async def test_a_link_gives_its_file_to_whoever_has_it(place: Served, fetch: Fetch) -> None:
    link = place.link(NAME, 3600)
    assert link.startswith(f"{PUBLIC}/seedance/media/")
    assert link.endswith(f"/{FILE}")
    got = await fetch(link)
    assert (got.code, got.body, got.headers["Content-Type"]) == (200, DATA, "image/png")
    assert (got.headers["Cache-Control"], got.headers["X-Content-Type-Options"]) == ("private, no-store", "nosniff")
    head = await fetch(link, "HEAD")
    assert (head.code, head.body, head.headers["Content-Length"]) == (200, b"", str(len(DATA)))
    part = await fetch(link, Range="bytes=1-3")
    assert (part.code, part.body) == (206, b"PNG")


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_nothing_but_get_and_head_is_answered(place: Served, fetch: Fetch, method: str) -> None:
    assert (await fetch(place.link(NAME, 3600), method)).code in (403, 405)
    assert (await fetch(place.link(NAME, 3600))).code == 200


async def test_two_links_to_the_same_file_are_two_paths(place: Served, fetch: Fetch) -> None:
    one, other = place.link(NAME, 3600), place.link(NAME, 3600)
    assert one != other
    assert [(await fetch(link)).code for link in (one, other)] == [200, 200]


async def test_no_other_path_gives_anything(place: Served, fetch: Fetch, home: Path) -> None:
    link = place.link(NAME, 3600)
    token = link.split("/")[-2]
    (home / "media" / "secret.txt").write_text("mine")
    kept = next((home / "media" / "served" / FILE).iterdir()).name
    guesses = [
        f"{PUBLIC}/seedance/media/{each}/{file}"
        for each, file in [
            ("0" * 43, FILE),
            (kept, FILE),  # what is written down opens nothing
            (token[:-1], FILE),
            (token, "secret.txt"),
            (token, f"{'0' * 64}.png"),
            (token, "..%2F..%2Fhistory.db"),
            ("..", FILE),
            (token, f"{FILE}%00"),
        ]
    ]
    assert {(await fetch(guess)).code for guess in guesses} == {404}


async def test_it_ends_with_its_job_and_the_copy_stays(place: Served, fetch: Fetch, home: Path) -> None:
    link, of_another = place.link(NAME, 3600), place.link(f"history2/{FILE}", 3600)
    place.delete(NAME)
    assert [(await fetch(each)).code for each in (link, of_another)] == [404, 200]
    place.delete(f"history2/{FILE}")
    assert (await fetch(of_another)).code == 404
    assert (home / "media" / FILE).read_bytes() == DATA
    assert not (home / "media" / "served" / FILE).exists()


async def test_it_ends_after_its_time_too(home: Path, fetch: Fetch) -> None:
    place = Served(home / "media", PUBLIC, clock=lambda: 1000.0)
    place.put(NAME, DATA, "image/png")
    assert (await fetch(place.link(NAME, 60))).code == 404


async def test_no_link_is_in_any_file_or_in_the_log(
    place: Served, fetch: Fetch, home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    link = place.link(NAME, 3600)
    token = link.split("/")[-2]
    await fetch(link)
    place.delete(NAME)
    await fetch(link)
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert token.encode() not in written
    assert not any(token in str(path) for path in home.rglob("*"))
    assert not any(token in record.getMessage() for record in caplog.records)


async def test_a_link_that_is_a_symbolic_link_to_something_else_is_not_followed(
    place: Served, fetch: Fetch, home: Path, tmp_path: Path
) -> None:
    link = place.link(NAME, 3600)
    (tmp_path / "other").write_bytes(b"another file")
    (home / "media" / FILE).unlink()
    (home / "media" / FILE).symlink_to(tmp_path / "other")
    assert (await fetch(link)).code == 404


async def test_a_server_says_that_it_serves_until_it_stops(extension: Extension, home: Path) -> None:
    assert served.is_attended(home / "media")
    extension.stop()
    assert not served.is_attended(home / "media")


def test_a_server_that_died_serves_nothing(home: Path) -> None:
    served.attend(home / "media")
    line = home / "media" / "served" / "server"
    line.write_text(line.read_text().replace(str(os.getpid()), str(2**22 + 1)))
    assert not served.is_attended(home / "media")


def test_a_data_folder_that_cannot_be_written_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file in the way")
    with pytest.raises(MediaNotPut, match="cannot be written"):
        Served(tmp_path / "media", PUBLIC).put(NAME, DATA, "image/png")


@pytest.mark.parametrize(
    ("given", "address"),
    [
        ("https://hub.test/user/bob/", "https://hub.test/user/bob"),
        ("http://hub.test", None),
        ("https://127.0.0.1:8888", None),
        ("https://me:secret@hub.test", None),
        ("https://hub.test?x=1", None),
        ("hub", None),
        ("", None),
    ],
)
def test_an_address_counts_only_where_the_vendor_can_fetch_from_it(given: str, address: str | None) -> None:
    assert webhooks.public_address({"SEEDANCE_PUBLIC_URL": given}) == address
