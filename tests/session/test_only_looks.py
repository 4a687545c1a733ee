"""Commands that only look (`seedance doctor`, `seedance tidy`) take over no job of a dead kernel, however slow."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from accepting import HALF, KEY, MODELS
from samples import until
from scripted import Raw, ScriptedServer, Seen, answer

import seedance_widgets as sw
from seedance_widgets.life import Row
from seedance_widgets.request.check import make_request
from seedance_widgets.session.connect import own_session
from seedance_widgets.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="what is told by `flock`")

DEAD = "host.1.0123456789abcdef"
SLOWLY_S = 4.0
"""A worker settles in one second, and takes over at once what a process of this home has left."""

SLOW_TIDY = f"""
import sys, time
from seedance_widgets.cli.main import main
from seedance_widgets.jobs import tidy as module
tidy = module.tidy
module.tidy = lambda *given, **named: (time.sleep({SLOWLY_S}), tidy(*given, **named))[1]
sys.exit(main(sys.argv[1:]))
"""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    """An API whose list of models takes its time."""

    def slow(seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            return replace(answer(200, MODELS), hang_s=SLOWLY_S)
        request_id = seen.path.rpartition("/")[2]
        return answer(200, {"success": True, "requestId": request_id, "status": "processing"})

    with ScriptedServer() as server:
        server.say(slow)
        yield server


@pytest.fixture
def home(server: ScriptedServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A data folder with two open rows of a kernel that has died: one queued, one that never left."""
    home = tmp_path / "home"
    for name, value in {"API_KEY": KEY, "BASE_URL": server.url, "HOME": str(home)}.items():
        monkeypatch.setenv(f"SEEDANCE_{name}", value)
    store = Store(home / "history.db")
    queued = Row(
        id="abcd2345",
        service=server.url,
        request=make_request("A boat", HALF),
        created_at=time.time(),
        sent_at=time.time(),
        status="queued",
        request_id="req_1",
    )
    store.add(queued, owner=DEAD)
    store.add(replace(queued, id="efgh6789", status="submitting", sent_at=None, request_id=None), owner=DEAD)
    store.close()
    (home / "owners").mkdir()
    (home / "owners" / f"{DEAD}.lock").touch()  # nobody holds it: the process is gone
    return home


def contents(home: Path) -> list[tuple[object, ...]]:
    """Every column of every row, leases included."""
    import sqlite3
    from contextlib import closing

    with closing(sqlite3.connect(home / "history.db")) as file:
        return file.execute("SELECT * FROM jobs ORDER BY id").fetchall()


@pytest.mark.parametrize(
    "command",
    [
        ["-m", "seedance_widgets.cli", "doctor", "--network"],
        ["-c", SLOW_TIDY, "tidy", "--dry-run"],
        ["-c", SLOW_TIDY, "tidy"],
    ],
    ids=["doctor", "tidy --dry-run", "tidy"],
)
def test_a_command_that_only_looks_leaves_the_rows_of_a_dead_kernel_as_they_are(
    home: Path, server: ScriptedServer, tmp_path: Path, command: list[str]
) -> None:
    """It closed rows as "not sent", and leased the others to a process that ended a moment later."""
    before = contents(home)
    began = time.monotonic()
    done = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    assert time.monotonic() - began > SLOWLY_S, "or this shows nothing"
    assert contents(home) == before
    assert (home / "owners" / f"{DEAD}.lock").exists()
    assert not server.of("GET", "/generations/"), "nor does it ask for jobs that are not its own"


def test_what_only_looks_still_looks_after_its_own_jobs(home: Path, server: ScriptedServer) -> None:
    session = own_session(takes_over=False)
    try:
        before = contents(home)
        answers = server._script[0]
        accepted = answer(200, {"success": True, "requestId": "req_2", "status": "queued"})
        server.say(lambda seen: accepted if seen.method == "POST" else answers(seen))  # type: ignore[operator]
        job = session.submit("Another boat", **HALF)
        until(lambda: job.status == "processing")
        assert [row for row in contents(home) if row[0] != job.id] == before
    finally:
        session.close()


def test_any_other_session_goes_on_with_what_a_dead_kernel_left(home: Path) -> None:
    session = sw.default_session()
    try:
        until(lambda: session.job("abcd2345").status == "processing")
        assert session.job("efgh6789").status_text == "Not sent"
    finally:
        session.close()
        sw.use_session(None)
