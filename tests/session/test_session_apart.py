"""What must not stop the others: bad rows, views that fail, patches of asyncio, many jobs on one budget."""

from __future__ import annotations

import asyncio
import os
import re
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from samples import until
from scripted import Raw, Seen, answer, error
from session_service import KEY, Api, api, connect, place

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.api import retries
from seedance_widgets.api.limiter import Kind, Limiter
from seedance_widgets.session.session import Session
from seedance_widgets.store import Store

__all__ = ["api", "connect", "place"]


# --- what must not stop the others ------------------------------------------------------------------------------------
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_row_that_cannot_be_read_does_not_stop_the_other_jobs(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row], tmp_path: Path
) -> None:
    """A newer version may have written it: a field more in the request is enough."""
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of(service=api.server.url, status="queued", request_id="req_9"))
    store.close()
    file = sqlite3.connect(tmp_path / "home" / "history.db")
    file.execute("""UPDATE jobs SET request = '{"prompt": "p", "model": "m", "media_urls": [], "seed": 7}'""")
    file.commit()
    file.close()
    session = connect()
    time.sleep(0.5)
    assert session.submit("A boat").wait(timeout=60).path.exists()


def test_an_error_of_any_kind_while_submitting_reaches_the_one_who_waits(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(self: Store, row: life.Row, **_: Any) -> None:
        raise OverflowError("a bug of ours")

    monkeypatch.setattr(Store, "add", broken)
    with pytest.raises((OverflowError, sw.SeedanceError), match="a bug of ours"):
        connect().submit("A boat")


HANG = """
import sys
import seedance_widgets as sw
try:
    sw.connect("sd2_live_x", "http://127.0.0.1:9", home=sys.argv[1]).submit("A boat")
except sw.SeedanceError as error:
    print("told:", error)
"""


def test_a_history_that_cannot_be_opened_is_told_and_does_not_hang(tmp_path: Path) -> None:
    environment = {**os.environ, "SEEDANCE_DATABASE_URL": "postgresql+nodriver://host/db"}
    command = [sys.executable, "-c", HANG, str(tmp_path)]
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired:
        pytest.fail("submit() waits for ever")
    assert "told:" in done.stdout


def test_a_look_that_turns_into_a_download_gives_its_place_back(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a look waits for its token, a webhook or a cancel may bring the news that it was to bring."""
    acquire = Limiter._acquire

    async def slowly(self: Limiter, kind: Kind) -> None:
        await asyncio.sleep(0.2)
        await acquire(self, kind)

    monkeypatch.setattr(Limiter, "_acquire", slowly)
    monkeypatch.setattr("seedance_widgets.worker.worker.AT_ONCE", 1)
    session = connect()
    for number in range(4):
        api.status = "processing"
        job = session.submit(f"Boat {number}")
        until(lambda job=job: job.status == "processing")
        time.sleep(0.1)  # now the next look waits for its token
        api.status = "succeeded"
        session.engine.worker.call(session.engine.worker.look_now, job.id).result(timeout=60)
        job.wait(timeout=60)


def test_a_session_that_is_closed_at_once_leaves_no_thread(connect: Callable[..., Session]) -> None:
    before = set(threading.enumerate())
    connect().close()
    end = time.monotonic() + 30
    while left := {thread for thread in set(threading.enumerate()) - before if "worker" in thread.name}:
        assert time.monotonic() < end, left
        time.sleep(0.05)


def test_a_viewer_that_is_told_news_is_told_before_those_who_wait(connect: Callable[..., Session]) -> None:
    told: list[str] = []

    class Viewer:
        def on_job(self, job: Any) -> None:
            time.sleep(0.02)
            told.append(job.status)

        def on_tick(self) -> None:
            pass

    session = connect()
    session.subscribe(Viewer())
    session.submit("A boat").wait(timeout=20)
    assert told[-1] == "succeeded"


# --- asyncio, patched and not -----------------------------------------------------------------------------------------
NESTED = """
import asyncio, math, sys
{patch}
import seedance_widgets as sw

session = sw.simulate(speed=math.inf, home=sys.argv[1])
small = dict(duration=4, resolution="480p", model="seedance-2.0-fast")  # one clip is rendered for all three

async def cell():
    assert session.submit("boat", **small).wait(timeout=60).path.exists()
    assert (await session.submit("boat", **small)).path.exists()
    {inside}

asyncio.run(cell())
assert session.submit("boat", **small).wait(timeout=60).path.exists()
session.close()
print("fine")
"""


@pytest.mark.parametrize(
    ("patch", "inside"),
    [
        ("import nest_asyncio; nest_asyncio.apply()", "asyncio.run(asyncio.sleep(0))"),
        ("import nest_asyncio2; nest_asyncio2.apply()", "asyncio.run(asyncio.sleep(0))"),
        (
            "import seedance_widgets; print(seedance_widgets.enable_nested_asyncio(), file=sys.stderr)",
            "asyncio.run(asyncio.sleep(0))",
        ),
        ("", "assert not hasattr(asyncio, '_nest_patched')"),
    ],
    ids=["nest_asyncio", "nest_asyncio2", "enable_nested_asyncio", "no patch"],
)
def test_jobs_work_with_and_without_a_patched_asyncio(tmp_path: Path, patch: str, inside: str) -> None:
    code = textwrap.dedent(NESTED).format(patch=patch, inside=inside)
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "home")], capture_output=True, text=True, timeout=120, cwd=tmp_path
    )
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.parametrize("already", ["nest_asyncio", "nest_asyncio2", ""])
def test_a_patch_that_is_in_place_is_left_alone(already: str) -> None:
    code = f"""
import asyncio
if {already!r}:
    import {already or "asyncio"} as nesting
    nesting.apply()
import seedance_widgets as sw
before = asyncio.run
first = sw.enable_nested_asyncio()
patched = asyncio.run
assert (patched is before) is bool({already!r})
assert sw.enable_nested_asyncio() == first and asyncio.run is patched
print(first)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() in ({already} if already else {"nest_asyncio", "nest_asyncio2"}), done.stderr


# --- waiting for a turn -----------------------------------------------------------------------------------------------
def test_a_request_that_waits_for_its_turn_when_its_kernel_ends_was_not_sent(
    connect: Callable[..., Session], api: Api, row_of: Callable[..., life.Row], tmp_path: Path
) -> None:
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of(service=api.server.url, sent_at=None))
    store.close()
    job = connect().job("abcd2345")
    until(lambda: job.final)
    assert job.status_text == "Not sent"
    assert job.error is not None
    assert job.error.charged == "Nothing was charged."


def test_it_is_written_that_a_request_leaves_before_it_does(connect: Callable[..., Session], api: Api) -> None:
    """The row is there, waits, and is marked when its turn has come."""
    session, seen = connect(), []

    def look(request: Seen) -> Raw:
        if request.method == "POST":
            seen.extend(row.sent_at for row in session.store.rows())
        return api.reply(request)

    api.server.say(look)
    session.submit("A boat").wait(timeout=10)
    assert len(seen) == 1
    assert seen[0] is not None


# --- one budget -------------------------------------------------------------------------------------------------------
def test_sixty_submissions_ask_for_the_models_once(connect: Callable[..., Session], api: Api) -> None:
    """The bug: each asked for itself until one had an answer."""

    def slowly(seen: Seen) -> Raw:
        reply = api.reply(seen)
        return replace(reply, hang_s=0.3) if seen.path.endswith("/models") else reply

    api.server.say(slowly)
    session = connect()
    jobs = [session.start(f"Boat {number}") for number in range(60)]
    for job in jobs:
        job.wait_accepted(timeout=30)
    assert len(api.server.of("GET", "/models")) == 1
    assert len(api.server.of("POST")) == 60


def test_models_that_do_not_come_are_not_asked_for_at_each_submission(
    connect: Callable[..., Session], api: Api
) -> None:
    api.server.say(lambda seen: error(404, "not_found") if seen.path.endswith("/models") else api.reply(seen))
    session = connect()
    for number in range(5):
        session.submit(f"Boat {number}")
    assert len(api.server.of("GET", "/models")) == 1


def test_no_more_leaves_at_once_than_a_quarter_of_the_minute_whatever_it_is(tmp_path: Path, api: Api) -> None:
    """The bug: what was sent again and the list of models needed no turn; thirty jobs made 174 requests in a minute."""
    api.server.say(lambda seen: answer(503, b"") if seen.method == "GET" else error(429, "rate_limited"))
    session = sw.connect(KEY, api.server.url, tmp_path / "home", requests_per_minute=20)
    for number in range(30):
        session.start(f"Boat {number}")
    time.sleep(4.0)
    assert 1 <= len(api.server.requests) <= 5 + 2
    session.close()


def test_a_create_that_waits_as_the_server_asked_says_until_when(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def without_end(seconds: float) -> None:
        await asyncio.Event().wait()

    monkeypatch.setattr(retries, "pause", without_end)  # a machine that sleeps meanwhile changes nothing
    api.server.say(lambda seen: error(429, "no", retry_after="40") if seen.method == "POST" else api.reply(seen))
    session = connect()
    job = session.start("A boat")
    until(lambda: re.fullmatch(r"Not accepted yet; sending it again at \d\d:\d\d:\d\d", job.status_text))
    assert job.row.sent_at is None  # if the kernel died now: not sent, nothing was charged
    job.cancel()
    assert job.status_text == "Not sent"
    assert len(api.server.of("POST")) == 1


# --- two looks at once ------------------------------------------------------------------------------------------------
def test_news_that_waits_to_be_written_is_not_lost_to_an_older_answer(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: a look that says `queued` came while the end, which Cancel had asked for, waited for the store."""
    asked, ended, read = [], threading.Event(), Store.get

    def reply(seen: Seen) -> Raw:
        if "/video/generations/" in seen.path and seen.method == "GET":
            asked.append(seen)
            api.status = "queued" if len(asked) == 1 else "succeeded"
            if len(asked) != 2:  # the first comes late, and no other comes to help
                return Raw(api.reply(seen).data, hang_s=0.5 if len(asked) == 1 else 30)
            ended.set()
        return api.reply(seen)

    def slow(store: Store, job_id: str) -> life.Row | None:
        time.sleep(1.0 if ended.is_set() else 0.0)
        return read(store, job_id)

    api.cancel = error(409, "conflict")
    api.server.say(reply)
    job = connect().submit("A boat")
    until(lambda: asked)
    monkeypatch.setattr(Store, "get", slow)
    assert job.cancel().status == "succeeded"


def test_where_the_history_cannot_be_reached_a_submission_waits_for_no_turn_to_be_refused_then(
    connect: Callable[..., Session], api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bug: few turns are left then, so the second session waited a minute to say that there is no database."""
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", "postgresql://me@127.0.0.1:1/d")
    with pytest.raises(sw.StoreError):
        connect().submit("A boat")
    asked = len(api.server.requests)
    for _ in range(6):
        with pytest.raises(sw.StoreError):
            connect().submit("A boat")
    assert len(api.server.requests) == asked
