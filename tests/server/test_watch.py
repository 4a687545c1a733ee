"""The watch: when it looks, what it tells, what it tells a Hub; and that it loads nothing before a page asks."""

from __future__ import annotations

import asyncio
import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from half_step import leave_half_step

from seedance_widgets import life
from seedance_widgets.life import Row
from seedance_widgets.secret import Secret
from seedance_widgets.server import looking, watching
from seedance_widgets.server.extension import ACTIVE_S, EVENTS, SETTING, Extension
from seedance_widgets.server.notes import Notes
from seedance_widgets.server.place import Place
from seedance_widgets.server.watching import Watch
from seedance_widgets.store import SCHEMA_VERSION, Store
from seedance_widgets.types import Generation

RowOf = Callable[..., Row]
API = "https://api.test"


@pytest.fixture
def watch(home: Path) -> Watch:
    return Watch(Place(home), Notes(home, now=500.0), lambda: False)


def test_what_is_known_of_the_history_without_loading_it_is_what_the_history_says() -> None:
    assert looking.SCHEMA == SCHEMA_VERSION
    assert looking.MAX_SAVES == life.MAX_AUTOMATIC_SAVES
    assert looking.NEEDS_KEY == (life.KEY_REFUSED, life.OTHER_KEY)
    assert looking.SIMULATOR == life.SIMULATOR


@pytest.mark.parametrize("status", ["submitting", "unconfirmed", "queued", "processing", "paused"])
@pytest.mark.parametrize("changes", [{}, {"request_id": "r"}])
def test_what_is_open_to_the_watch_is_open_to_the_worker(
    store: Store, row_of: RowOf, watch: Watch, status: str, changes: dict[str, Any]
) -> None:
    row = store.add(row_of(status=status, **changes))
    watch.look()
    assert bool(watch.state.seen.open) is (row.status != "unconfirmed")


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_what_a_writer_that_was_killed_left_half_done_is_undone_and_the_rest_is_read(
    store: Store, row_of: RowOf, watch: Watch, home: Path
) -> None:
    """The bug was a server that read nothing, and so started no worker, until a kernel came."""
    for number in range(20):
        store.add(row_of(id=f"abcd2{number + 300}", status="processing", request_id=f"r{number}"))
    store.close()
    leave_half_step(home / "history.db")
    watch.look()
    assert (watch.state.history, watch.state.seen.statuses) == ("ok", {"processing": 20})


def test_a_look_at_what_has_not_changed_reads_nothing(store: Store, row_of: RowOf, watch: Watch) -> None:
    store.add(row_of(status="failed", final_at=1.0))
    watch.look()
    assert not watch.is_due()
    store.apply("abcd2345", life.Marked(starred=True))
    assert watch.is_due()


def test_a_look_passes_over_what_is_of_no_interest_by_the_indexes_that_are_for_it(store: Store, row_of: RowOf) -> None:
    """Ordered otherwise, SQLite read every row: 413 ms with 100,000 jobs."""
    store.add(row_of())
    file = sqlite3.connect(store.where)
    plans: list[str] = []

    def explain(sql: str, values: Any) -> list[Any]:
        plans.append(" ".join(str(line) for line in file.execute(f"EXPLAIN QUERY PLAN {sql}", values)))
        return []

    looking.read(explain, 500.0)
    file.close()
    for plan, index in zip(plans[1:], ("jobs_going_on", "jobs_unsaved", "jobs_unseen"), strict=True):
        assert index in plan


def test_the_file_is_looked_at_every_five_seconds_and_twice_a_second_while_jobs_run(
    store: Store, row_of: RowOf, watch: Watch
) -> None:
    assert watch.pause_s == 5.0
    store.add(row_of(status="queued", request_id="r"))
    watch.look()
    assert watch.pause_s == 0.5


def test_news_names_each_job_once_with_what_became_of_it(store: Store, row_of: RowOf, watch: Watch) -> None:
    store.add(row_of(status="queued", request_id="r"))
    assert watch.look() is None
    store.apply("abcd2345", life.Looked(600.0, Generation(request_id="r", status="failed")))
    event = watch.look()
    assert event is not None
    assert event["changed"] == [{"id": "abcd2345", "status": "failed", "kind": "failed", "is_new": True}]
    assert (event["open"], event["new_count"]) == (0, 1)
    assert watch.look() is None
    store.seen(["abcd2345"], 700.0)
    event = watch.look()
    assert event is not None
    assert (event["changed"][0]["kind"], event["new_count"]) == ("seen", 0)


def test_a_mark_is_an_event_without_a_job_so_that_lists_are_read_again(
    store: Store, row_of: RowOf, watch: Watch
) -> None:
    store.add(row_of(status="failed", final_at=600.0))
    watch.look()
    before = watch.state.seen.changes
    store.apply("abcd2345", life.Marked(note="a word"))
    event = watch.look()
    assert event is not None
    assert event["changed"] == []
    assert event["changes"] != before


def test_what_was_seen_is_new_again_when_it_goes_on(row_of: RowOf) -> None:
    """An unconfirmed job that was adopted, a clip that was fetched again."""
    row = life.advance(row_of(status="unconfirmed"), life.Seen(5.0))
    assert row.seen_at == 5.0
    assert life.advance(row, life.Seen(9.0)).seen_at == 5.0
    assert life.advance(row, life.Adopted(6.0, "req_1")).seen_at is None
    failed = life.advance(row_of(status="succeeded", request_id="r", final_at=1.0), life.Seen(5.0))
    facts: Any = {"size_bytes": 1, "width": 1, "height": 1, "duration_s": 1.0, "fps": 1.0, "has_audio": False}
    assert life.advance(failed, life.Saved(7.0, "/x.mp4", None, facts)).seen_at is None


def test_a_job_of_the_api_that_nobody_holds_needs_a_key_where_there_is_none(
    store: Store, row_of: RowOf, home: Path
) -> None:
    store.add(row_of(service=API, status="processing", request_id="r"))
    without, with_key = (Watch(Place(home), Notes(home), lambda there=there: there) for there in (False, True))  # type: ignore[misc]
    without.look()
    with_key.look()
    assert (without.state.needs_key, without.state.workable) == ({"abcd2345"}, frozenset())
    assert (with_key.state.needs_key, with_key.state.workable) == (frozenset(), {"abcd2345"})


def test_a_job_that_a_living_kernel_holds_needs_no_key_until_its_lease_stands_still(
    store: Store, row_of: RowOf, home: Path
) -> None:
    now = [0.0]
    watch = Watch(Place(home), Notes(home), lambda: False, clock=lambda: now[0])
    store.add(row_of(service=API, status="processing", request_id="r"), owner="kernel")
    watch.look()
    assert watch.state.needs_key == frozenset()
    now[0] = 30.0
    store.renew(["abcd2345"], "kernel")
    watch.look()
    now[0] = 60.0
    watch.look()
    assert watch.state.needs_key == frozenset()
    now[0] = 75.0
    watch.look()
    assert watch.state.needs_key == {"abcd2345"}


# --- a history in trouble ---------------------------------------------------------------------------------------------
def test_a_history_of_a_newer_version_is_said_and_left_alone(
    store: Store, row_of: RowOf, home: Path, watch: Watch
) -> None:
    store.add(row_of(status="queued"))
    with sqlite3.connect(home / "history.db") as file:
        file.execute("UPDATE seedance_meta SET value = '99' WHERE key = 'schema'")
    file.close()
    watch.look()
    answer = watch.answer("1")
    assert (answer["history"], answer["open"]) == ("trouble", 0)
    assert "newer version" in answer["said"]
    assert str(home) not in answer["said"]


def test_a_history_of_0_1_0_is_watched_before_anybody_migrates_it(
    store: Store, row_of: RowOf, home: Path, watch: Watch
) -> None:
    store.add(row_of(status="processing", request_id="r"))
    with sqlite3.connect(home / "history.db") as file:
        for name in ("jobs_unseen",):
            file.execute(f"DROP INDEX {name}")
        file.execute("ALTER TABLE jobs DROP COLUMN seen_at")
        for part in ("insert", "update", "delete"):
            file.execute(f"DROP TRIGGER seedance_news_{part}")
        file.execute("DROP TABLE seedance_news")
    file.close()
    watch.look()
    assert (watch.state.history, len(watch.state.seen.open)) == ("ok", 1)


def test_a_locked_history_is_waited_for_and_then_said(store: Store, row_of: RowOf, home: Path) -> None:
    now = [0.0]
    watch = Watch(Place(home), Notes(home), lambda: False, clock=lambda: now[0])
    store.add(row_of(status="queued"))
    watch.look()
    file = sqlite3.connect(home / "history.db", isolation_level=None)
    file.execute("BEGIN EXCLUSIVE")
    os.utime(home / "history.db")
    watch.look()
    assert watch.state.history == "ok"
    now[0] = watching.LOCKED_S + 1
    watch.look()
    assert watch.state.history == "trouble"
    assert len(watch.state.seen.open) == 1, "what was known stays known"
    file.execute("ROLLBACK")
    file.close()
    watch.look()
    assert (watch.state.history, watch.state.said) == ("ok", None)


def test_what_is_no_history_is_trouble_and_no_crash(home: Path, watch: Watch) -> None:
    home.mkdir()
    (home / "history.db").write_bytes(b"no database at all, but long enough to be asked" * 40)
    watch.look()
    assert watch.state.history == "trouble"


def test_a_database_is_not_asked_before_a_page_asks(team_address: str, home: Path, row_of: RowOf) -> None:
    now = [0.0]
    watch = Watch(Place(home, Secret(team_address)), Notes(home), lambda: True, clock=lambda: now[0])
    assert not watch.is_due()
    team = Store(team_address, trail=home / "submissions.jsonl")
    team.add(row_of(service=API, status="processing", request_id="r"))
    watch.is_asked = True
    assert watch.is_due()
    watch.look()
    assert (watch.state.history, len(watch.state.seen.open)) == ("ok", 1)
    assert not watch.is_due()
    now[0] += watching.DATABASE_S
    team.apply("abcd2345", life.Looked(4e9, Generation(request_id="r", status="failed")))
    event = watch.look()
    assert event is not None
    assert event["changed"] == [{"id": "abcd2345", "status": "failed", "kind": "failed", "is_new": True}]
    team.close()


# --- in the server ----------------------------------------------------------------------------------------------------
async def test_news_comes_by_the_servers_event_stream(
    extension: Extension, jp_ws_fetch: Any, http_server: Any, store: Store, row_of: RowOf
) -> None:
    store.add(row_of(status="queued", request_id="r"))
    await extension.look()
    stream = await jp_ws_fetch("api", "events", "subscribe")
    store.apply("abcd2345", life.Looked(4e9, Generation(request_id="r", status="cancelled")))
    await extension.look()
    event = json.loads(await asyncio.wait_for(stream.read_message(), 10))
    stream.close()
    assert event["schema_id"] == EVENTS
    assert event["changed"] == [{"id": "abcd2345", "status": "cancelled", "kind": "cancelled", "is_new": False}]
    assert "A paper boat" not in json.dumps(event)


async def test_a_hub_sees_activity_while_jobs_run_and_not_for_ever(
    extension: Extension, jp_serverapp: Any, store: Store, row_of: RowOf
) -> None:
    await extension.look()
    assert SETTING not in jp_serverapp.web_app.settings
    accepted_at = time.time() - ACTIVE_S + 100
    store.add(row_of(status="processing", request_id="r", accepted_at=accepted_at))
    await extension.look()
    assert abs(jp_serverapp.web_app.settings[SETTING].timestamp() - time.time()) < 30
    assert jp_serverapp.web_app.last_activity() >= jp_serverapp.web_app.settings[SETTING]
    store.add(row_of(id="bbbb2345", status="failed"))
    with sqlite3.connect(store.where) as file:
        file.execute("UPDATE jobs SET accepted_at = 1000.0 WHERE id = 'abcd2345'")
    file.close()
    await extension.look()
    assert jp_serverapp.web_app.settings[SETTING].timestamp() == 1000.0 + ACTIVE_S


def test_the_watch_loads_no_sqlalchemy_no_httpx_and_no_decoder(store: Store, row_of: RowOf, home: Path) -> None:
    store.add(row_of(status="processing", request_id="r"))
    code = (
        "import json, sys; from pathlib import Path; import jupyter_server.base.handlers; before = set(sys.modules)\n"
        "from seedance_widgets.server import loading\n"
        "from seedance_widgets.server.place import Place; from seedance_widgets.server.notes import Notes\n"
        "from seedance_widgets.server.watching import Watch\n"
        "loading.routes(None, '/')\n"
        f"watch = Watch(Place(Path({str(home)!r})), Notes(Path({str(home)!r})), lambda: True); watch.look()\n"
        "assert len(watch.state.seen.open) == 1\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in set(sys.modules) - before})))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    assert not {"sqlalchemy", "httpx", "pydantic", "av", "PIL", "IPython", "ipywidgets"} & set(json.loads(done.stdout))
