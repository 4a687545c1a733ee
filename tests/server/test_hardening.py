"""What bad input and bad luck get: a sentence, and nothing lost."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from golden_history import prepared
from tornado.httputil import HTTPHeaders

from seedance_widgets.life import Row
from seedance_widgets.server.extension import Extension
from seedance_widgets.store import Store

Ask = Callable[..., Any]
ROUTES = [
    ("GET", "new"),
    ("GET", "jobs"),
    ("GET", "jobs/abcd2345"),
    ("GET", "jobs/abcd2345/clip"),
    ("HEAD", "jobs/abcd2345/clip"),
    ("GET", "jobs/abcd2345/poster"),
    ("POST", "jobs/abcd2345/cancel"),
    ("POST", "jobs/abcd2345/download"),
    ("POST", "jobs/abcd2345/mark"),
    ("DELETE", "jobs/abcd2345"),
    ("POST", "jobs/seen"),
    ("POST", "jobs/told"),
    ("GET", "costs"),
    ("GET", "doctor"),
]


@pytest.fixture
def url(jp_serverapp: Any, jp_base_url: str, http_server_client: Any, extension: Extension) -> Callable[[str], str]:
    return lambda path: f"{jp_base_url}seedance/{path}"


@pytest.fixture
def raw(http_server_client: Any, url: Callable[[str], str]) -> Ask:
    """Ask without the token, unless told."""

    async def raw(method: str, path: str, *, headers: dict[str, str] | None = None, body: Any = None) -> Any:
        return await http_server_client.fetch(
            url(path),
            method=method,
            headers=HTTPHeaders(headers or {}),
            body=b"{}" if body is None and method == "POST" else body,
            allow_nonstandard_methods=True,
            raise_error=False,
            follow_redirects=False,
            request_timeout=30,
        )

    return raw


@pytest.mark.parametrize(("method", "path"), ROUTES)
async def test_nobody_asks_without_the_token(
    raw: Ask, saved: Callable[..., Row], store: Store, method: str, path: str
) -> None:
    before = saved()
    answer = await raw(method, path)
    assert answer.code in (302, 403)  # a GET of a file leads to the login page
    assert b"paper" not in answer.body
    assert store.get("abcd2345") == before


@pytest.mark.parametrize(("method", "path"), [each for each in ROUTES if each[0] in ("POST", "DELETE")])
async def test_a_cookie_without_its_header_changes_nothing(
    raw: Ask, jp_serverapp: Any, saved: Callable[..., Row], store: Store, method: str, path: str
) -> None:
    """A forged form of another page: the browser sends the cookie, and cannot read it."""
    before = saved()
    login = await raw("GET", f"jobs?token={jp_serverapp.identity_provider.token}")
    assert login.code == 200
    cookies = "; ".join(each.partition(";")[0] for each in login.headers.get_list("Set-Cookie"))
    assert "username" in cookies
    assert (await raw("GET", "jobs", headers={"Cookie": cookies})).code == 200, "the cookie alone lets one read"
    answer = await raw(method, path, headers={"Cookie": cookies, "Origin": "https://evil.test"})
    assert answer.code in (403, 404)
    assert json.loads(answer.body)["error"]["what"]
    assert store.get("abcd2345") == before


@pytest.mark.parametrize(
    "name", ["..%2F..%2Fetc%2Fpasswd", "%2Fetc%2Fpasswd", "a.b", "ABCD2345", "a" * 41, "abcd%00", "%E2%80%AE"]
)
@pytest.mark.parametrize("rest", ["", "/clip", "/poster"])
async def test_a_path_for_an_id_is_no_job(
    raw: Ask, jp_auth_header: dict[str, str], saved: Callable[..., Row], name: str, rest: str
) -> None:
    saved()
    answer = await raw("GET", f"jobs/{name}{rest}", headers=jp_auth_header)
    assert answer.code == 404
    assert json.loads(answer.body)["error"]["what"]


async def test_ten_megabytes_are_refused_before_they_are_read(
    raw: Ask, jp_auth_header: dict[str, str], saved: Callable[..., Row], store: Store, extension: Extension
) -> None:
    before = saved()
    answer = await raw("POST", "jobs/abcd2345/mark", headers=jp_auth_header, body=b'{"note": "' + b"x" * 10_000_000)
    assert answer.code in (413, 599)  # 599: the server has closed while the client still sends
    small = await raw("POST", "jobs/abcd2345/mark", headers=jp_auth_header, body=b'{"note": "' + b"x" * 70_000)
    assert small.code == 413
    assert "64,000 bytes" in json.loads(small.body)["error"]["what"]
    assert store.get("abcd2345") == before


async def test_deep_json_and_too_many_ids_are_refused(ask: Ask) -> None:
    assert (await ask("jobs", "seen", method="POST", body="[" * 30_000))[0] == 400
    assert (await ask("jobs", "seen", method="POST", body={"ids": ["abcd2345"] * 501}))[0] == 400
    assert (await ask("jobs", "told", method="POST", body={"ids": [{"a": 1}]}))[0] == 400


async def test_what_there_is_not_and_a_wrong_method_are_said_in_json(ask: Ask) -> None:
    for status, answer in (await ask("nothing"), await ask("jobs", "abcd2345", "explode", method="POST")):
        assert (status, bool(answer["error"]["what"])) == (404, True)
    status, answer = await ask("costs", method="POST", body={})
    assert (status, bool(answer["error"]["what"])) == (405, True)


# --- the history ------------------------------------------------------------------------------------------------------
async def test_a_locked_history_is_said_after_a_while_and_nothing_is_changed(
    ask: Ask, saved: Callable[..., Row], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.server.place.PATIENCE_S", 0.2)
    before = saved()
    file = sqlite3.connect(store.where, isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    for parts, method in ((("jobs",), "GET"), (("jobs", "abcd2345", "cancel"), "POST")):
        status, answer = await ask(*parts, method=method)
        assert status == 503
        assert "locked" in answer["error"]["what"]
    file.execute("ROLLBACK")
    file.close()
    assert (await ask("jobs", "abcd2345"))[0] == 200
    assert store.get("abcd2345") == before


async def test_a_newer_history_is_said(ask: Ask, saved: Callable[..., Row], store: Store) -> None:
    saved()
    with sqlite3.connect(store.where) as file:
        file.execute("UPDATE seedance_meta SET value = '99' WHERE key = 'schema'")
    file.close()
    status, answer = await ask("jobs")
    assert status == 503
    assert "newer version" in answer["error"]["what"]
    assert (await ask("new"))[1]["history"] == "trouble"


async def test_a_history_of_0_1_0_is_watched_and_listed_whole(ask: Ask, home: Path, tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    shutil.copytree(prepared(tmp_path / "old", "http://127.0.0.1:1") / "home", home)
    file = sqlite3.connect(home / "history.db")
    (many,) = file.execute("SELECT count(*) FROM jobs WHERE removed_at IS NULL").fetchone()
    assert "seen_at" not in {name for _, name, *_ in file.execute("PRAGMA table_info(jobs)")}
    file.close()
    status, new = await ask("new")
    assert (status, new["history"]) == (200, "ok")
    assert {each["kind"] for each in new["new"]} == {"needs_key"}, "what ended before the extension ran is not new"
    answer = (await ask("jobs", params={"limit": 200}))[1]
    assert answer["total"] == len(answer["jobs"]) == many > 10
    assert (await ask("costs"))[0] == 200
    assert (await ask("new"))[1]["history"] == "ok"


@pytest.mark.skipif(not hasattr(os, "geteuid"), reason="POSIX only")
async def test_a_history_that_cannot_be_written_is_read_and_a_mark_is_refused(
    ask: Ask, saved: Callable[..., Row], store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Root may write everywhere, so the database itself refuses."""
    saved()
    real = sqlite3.connect

    def only_read(name: str, **how: Any) -> sqlite3.Connection:
        return real(name.replace("mode=rwc", "mode=ro").replace("mode=rw", "mode=ro"), **how)

    monkeypatch.setattr("seedance_widgets.store.engine.sqlite3.connect", only_read)
    assert (await ask("jobs", "abcd2345"))[1]["job"]["status"] == "succeeded"
    status, answer = await ask("jobs", "abcd2345", "mark", method="POST", body={"starred": True})
    assert status == 503
    assert "nothing was changed" in answer["error"]["what"]
    monkeypatch.undo()
    row = store.get("abcd2345")
    assert row is not None
    assert not row.starred


# --- the log ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], str]:
    """What the server and all within it have logged at INFO and above, with tracebacks."""
    caplog.set_level(logging.INFO)
    return lambda: caplog.text


async def test_no_prompt_path_or_key_is_in_the_log_at_info(
    ask: Ask, saved: Callable[..., Row], home: Path, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_API_KEY", "sd2_live_canary1234567890")
    saved()
    await ask("jobs", "abcd2345")
    await ask("jobs", "abcd2345", "mark", method="POST", body={"note": "a canary note"})
    await ask("jobs", "abcd2345", "mark", method="POST", body={"note": 1})
    await ask("jobs", params={"text": "canary words", "rating": "x"})
    await ask("jobs", "canary.path", "clip")
    assert "/seedance/jobs/abcd2345/mark " in said(), "which route it was, and of which job, is told"
    assert "canary" not in said()
    assert "paper boat" not in said()
    assert str(home) not in said()
    assert "sd2_live" not in said()


async def test_a_search_in_a_locked_history_is_logged_without_its_words(
    ask: Ask, saved: Callable[..., Row], store: Store, said: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Jupyter's server logs the whole address of what fails: what somebody searched for stood there."""
    monkeypatch.setattr("seedance_widgets.server.place.PATIENCE_S", 0.2)
    saved()
    file = sqlite3.connect(store.where, isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    assert (await ask("jobs", params={"text": "canary words"}))[0] == 503
    file.close()
    assert "503 GET" in said()
    assert "/seedance/jobs (" in said()
    assert "canary" not in said()


@pytest.mark.parametrize(
    ("status", "method", "path"),
    [
        (400, "GET", "jobs?text=canary&limit=canary"),
        (400, "GET", "jobs?text=canary%FF"),
        (400, "GET", "jobs/canary%FF"),
        (404, "GET", "jobs/canary%20words?canary"),
        (404, "GET", "jobs/canary.path/clip?canary"),
        (404, "POST", "jobs/canary.path/cancel"),
        (404, "GET", "canary/words?canary"),
        (405, "PATCH", "jobs?text=canary"),
    ],
)
async def test_what_is_refused_is_logged_by_its_route_alone(
    raw: Ask, jp_auth_header: dict[str, str], said: Callable[[], str], status: int, method: str, path: str
) -> None:
    headers = {**jp_auth_header, "Referer": "http://127.0.0.1/lab/tree/canary.ipynb"}
    assert (await raw(method, path, headers=headers)).code == status
    assert f"{status} {method}" in said()
    assert "canary" not in said()


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "jobs?text=canary"), ("GET", "jobs/canary.path/clip?canary"), ("POST", "jobs/canary.path/cancel")],
)
async def test_what_another_page_asks_for_is_logged_by_its_route_alone(
    raw: Ask, said: Callable[[], str], method: str, path: str
) -> None:
    headers = {"Origin": "https://evil.test", "Referer": "https://evil.test/canary"}
    assert (await raw(method, path, headers=headers)).code in (302, 403, 404)
    assert f"{method} " in said()
    assert "canary" not in said()


async def test_a_file_that_another_page_embeds_is_logged_by_its_route_alone(
    raw: Ask, jp_serverapp: Any, said: Callable[[], str]
) -> None:
    login = await raw("GET", f"jobs?token={jp_serverapp.identity_provider.token}")
    cookies = "; ".join(each.partition(";")[0] for each in login.headers.get_list("Set-Cookie"))
    headers = {"Cookie": cookies, "Referer": "https://evil.test/canary"}
    assert (await raw("GET", "jobs/canary.path/clip?canary", headers=headers)).code == 403
    assert "403 GET" in said()
    assert "canary" not in said()


async def test_a_login_leads_back_to_the_clip_that_was_asked_for(raw: Ask, saved: Callable[..., Row]) -> None:
    saved()
    answer = await raw("GET", "jobs/abcd2345/clip")
    assert answer.code == 302
    assert answer.headers["Location"].endswith("%2Fseedance%2Fjobs%2Fabcd2345%2Fclip")


async def test_an_error_that_nobody_foresaw_is_logged_without_what_it_says(
    ask: Ask, extension: Extension, saved: Callable[..., Row], store: Store, said: Callable[[], str]
) -> None:
    saved()
    with sqlite3.connect(store.where) as file:
        file.execute("UPDATE seedance_meta SET value = 'canary' WHERE key = 'schema'")
    file.close()
    assert (await ask("new"))[0] == 500
    extension.look_soon()
    async with asyncio.timeout(10):
        while said().count("ValueError") < 2:
            await asyncio.sleep(0.01)
    assert said().count("in _is_old") == 2, "where it was is told"
    assert "canary" not in said()
