"""The history loses nothing: round trips, one transaction a change, leases, and many processes at once."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import NOW, Clock
from sqlalchemy import make_url

from seedance_widgets import life
from seedance_widgets.errors import JobNotFound, StoreError
from seedance_widgets.life import Acknowledged, Looked, LookFailed, Refused, Row, Saved
from seedance_widgets.store import LEASE_S, Store, jobs
from seedance_widgets.types import ClipFacts, Generation, GenerationRequest, Problem

MakeRow = Callable[..., Row]
NUMBERS = count()


@pytest.fixture
def store(place: Path | str, tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(place, trail=tmp_path / "home" / "submissions.jsonl", clock=clock, awake=clock)
    yield store
    store.close()


@pytest.fixture
def file_store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(tmp_path / "home" / "history.db", clock=clock, awake=clock)
    yield store
    store.close()


words = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40) | st.sampled_from(
    ["🚣 in the rain", "قارب ورقي", 'it\'s "quoted"; DROP TABLE jobs;--', "a\x00b", "  lead and trail \n", "%_\\"]
)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats(allow_nan=False, allow_infinity=False) | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
instants = st.none() | st.floats(0, 4e9)
rows = st.builds(
    Row,
    id=st.just("given by the test"),
    service=st.sampled_from(["simulator", "https://www.seedance2.ink"]),
    request=st.builds(
        GenerationRequest,
        prompt=words,
        model=words,
        duration=st.none() | st.integers(1, 60),
        aspect_ratio=st.none() | words,
        resolution=st.none() | words,
        media_urls=st.lists(words, max_size=5).map(tuple),
        webhook_url=st.none() | words,
        metadata=st.none() | st.dictionaries(words, json_values, max_size=3),
    ),
    created_at=st.floats(0, 4e9),
    status=words,
    request_id=st.none() | words,
    accepted_at=instants,
    processing_at=instants,
    run_s=instants,
    credits_charged=st.none() | st.integers(0, 2**62),
    cost_usd=st.none() | st.floats(0, 1e6),
    problem=st.none() | st.builds(Problem, code=words, message=words),
    output_url=st.none() | words,
    clip_facts=st.none()
    | st.just(ClipFacts(size_bytes=1, width=2, height=3, duration_s=4.5, fps=24.0, has_audio=True, codec="h264")),
    saves=st.integers(0, 9),
    rev=st.integers(0, 2**40),
    out_name=st.none() | words,
    tags=st.lists(words, max_size=3).map(tuple),
    sweep_values=st.none() | st.dictionaries(words, json_values, max_size=3),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(row=rows)
def test_a_row_comes_back_as_it_was_written(store: Store, row: Row) -> None:
    row = replace(row, id=f"job{next(NUMBERS)}")
    store.add(row)
    assert store.get(row.id) == (row if store.where.endswith(".db") else without_nul(row))


def without_nul(row: Row) -> Row:
    """What PostgreSQL can keep of it: a request is JSON, where a NUL is an escape."""
    texts = {f.name: value for f in fields(row) if isinstance(value := getattr(row, f.name), str)}
    return replace(row, **{name: text.replace("\x00", "\N{SYMBOL FOR NULL}") for name, text in texts.items()})


def test_every_fact_of_a_row_has_a_column_of_its_own() -> None:
    assert {f.name for f in fields(Row)} <= {column.name for column in jobs.columns}


def test_an_unknown_id_is_none(store: Store) -> None:
    assert store.get("nothere") is None


def test_a_row_is_written_before_anything_else_can_read_it(store: Store, row_of: MakeRow, place: Path | str) -> None:
    store.add(row_of())
    other = Store(place)
    assert other.get("abcd2345") == row_of()
    other.close()


def test_the_same_id_twice_is_an_error_and_the_first_stays(store: Store, row_of: MakeRow) -> None:
    store.add(row_of())
    with pytest.raises(StoreError):
        store.add(row_of(status="queued"))
    assert store.get("abcd2345") == row_of()


# --- apply ------------------------------------------------------------------------------------------------------------
def test_apply_is_one_step_of_the_life(store: Store, row_of: MakeRow) -> None:
    store.add(row_of())
    after = store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    assert after == life.advance(row_of(), Acknowledged(NOW, "req_1", "queued", 40)) == store.get("abcd2345")


def test_an_event_for_a_job_that_is_not_there_is_an_error(store: Store) -> None:
    with pytest.raises(JobNotFound, match="nothere"):
        store.apply("nothere", Acknowledged(NOW, "req_1"))


def test_two_threads_that_apply_at_once_lose_nothing(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(status="queued", request_id="req_1"))

    def fail() -> None:
        for _ in range(10):
            store.apply("abcd2345", LookFailed(NOW, "cut"))

    threads = [threading.Thread(target=fail) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    row = store.get("abcd2345")
    assert row is not None
    assert (row.look_failures, row.rev) == (40, 40)


def test_a_change_that_breaks_half_way_changes_nothing(
    store: Store, row_of: MakeRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.add(row_of())
    monkeypatch.setattr(
        "seedance_widgets.store.history.columns_of", lambda row: {"id": row.id, "status": None, "rev": 99}
    )
    with pytest.raises(StoreError):
        store.apply("abcd2345", Refused(NOW, Problem(code="c", message="m")))
    assert store.get("abcd2345") == row_of()


def test_nonsense_credits_do_not_lose_an_accepted_job(store: Store, row_of: MakeRow) -> None:
    """The wire lets any whole number through; SQLite takes 64 bits."""
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 10**20))
    row = store.get("abcd2345")
    assert row is not None
    assert row.request_id == "req_1"


# --- leases -----------------------------------------------------------------------------------------------------------
OPEN = {"status": "queued", "request_id": "req_1"}


def test_a_row_that_a_living_kernel_looks_after_is_not_taken_over(store: Store, row_of: MakeRow, clock: Clock) -> None:
    store.add(row_of(**OPEN), owner="one")
    assert store.take_over("simulator", "two") == []
    clock.pass_s(LEASE_S - 1)
    assert store.take_over("simulator", "two") == []
    assert not store.lease("abcd2345", "two")


def test_a_row_whose_kernel_died_is_taken_over_once(store: Store, row_of: MakeRow, clock: Clock) -> None:
    store.add(row_of(**OPEN), owner="one")
    for _ in range(3):
        assert store.take_over("simulator", "two") == []
        clock.pass_s(LEASE_S / 3)
    assert [row.id for row in store.take_over("simulator", "two")] == ["abcd2345"]
    assert store.take_over("simulator", "three") == []
    assert store.renew(["abcd2345"], "one") == {}


def test_a_lease_that_is_renewed_does_not_run_out(store: Store, row_of: MakeRow, clock: Clock) -> None:
    store.add(row_of(**OPEN), owner="one")
    for _ in range(5):
        assert store.take_over("simulator", "two") == []
        clock.pass_s(LEASE_S - 1)
        assert list(store.renew(["abcd2345", "nothere"], "one")) == ["abcd2345"]
    assert store.take_over("simulator", "two") == []


def test_a_lease_that_is_released_is_free_at_once(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(**OPEN), owner="one")
    store.release("two")
    assert not store.lease("abcd2345", "two")
    store.release("one")
    assert store.lease("abcd2345", "two")


def test_our_own_lease_can_be_taken_again(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(**OPEN), owner="one")
    assert store.lease("abcd2345", "one")


def test_the_lease_of_a_row_that_is_not_there_cannot_be_taken(store: Store) -> None:
    assert not store.lease("nothere", "one")


def test_nothing_to_renew_is_no_error(store: Store) -> None:
    assert store.renew([], "one") == {}


@pytest.mark.parametrize(
    ("state", "taken"),
    [
        ({"status": "submitting"}, True),
        ({"status": "queued", "request_id": "r"}, True),
        ({"status": "moderating", "request_id": "r"}, True),
        ({"status": "succeeded", "request_id": "r"}, True),
        ({"status": "succeeded", "request_id": "r", "clip_path": "/a.mp4"}, False),
        ({"status": "failed", "request_id": "r"}, False),
        ({"status": "cancelled", "request_id": "r"}, False),
        ({"status": "unconfirmed"}, False),
        ({"status": "queued", "request_id": "r", "service": "https://www.seedance2.ink"}, False),
    ],
)
def test_only_open_rows_of_the_service_are_taken_over(
    store: Store, row_of: MakeRow, state: dict[str, Any], taken: bool
) -> None:
    store.add(row_of(**state))
    assert bool(store.take_over("simulator", "one")) is taken


def test_applying_an_event_keeps_the_lease(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(**OPEN), owner="one")
    store.apply("abcd2345", Looked(NOW, Generation(request_id="req_1", status="processing")))
    assert store.take_over("simulator", "two") == []


# --- finding ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def shelf(store: Store, row_of: MakeRow, request_of: Callable[..., GenerationRequest]) -> Store:
    prompts = ["A red boat", "a BLUE boat", "100% of a_b", "100 of axb", "back\\slash", "ein Boot 🚣"]
    for n, prompt in enumerate(prompts):
        row = row_of(id=f"ab{n}xyz23", request=request_of(prompt=prompt), created_at=NOW + n, request_id=f"req_{n}")
        store.add(replace(row, status="failed" if n == 5 else "queued"))
    return store


@pytest.mark.parametrize(
    ("name", "ids"),
    [
        ("ab1xyz23", ["ab1xyz23"]),
        ("req_1", ["ab1xyz23"]),
        ("ab1", ["ab1xyz23"]),
        ("req_", []),  # only our own ids are found by their beginning
        ("b1", []),
        ("%", []),
        ("ab_", []),
        ("nothere", []),
    ],
)
def test_a_job_is_found_by_its_names_and_by_the_beginning_of_its_id(shelf: Store, name: str, ids: list[str]) -> None:
    assert [row.id for row in shelf.find(name)] == ids


def test_a_beginning_that_fits_several_finds_several(shelf: Store) -> None:
    assert len(shelf.find("ab")) == 5  # at most: enough to say that it is not clear


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("boat", [1, 0]),
        ("BOAT red", [0]),
        ("blue", [1]),
        ("100%", [2]),
        ("a_b", [2]),
        ("%", [2]),
        ("_", [5, 4, 3, 2, 1, 0]),  # in every request id
        ("\\", [4]),
        ("🚣", [5]),
        ("req_3", [3]),
        ("ab4", [4]),
        ("boat nothere", []),
        ("", [5, 4, 3, 2, 1, 0]),
        ("' OR 1=1 --", []),
    ],
)
def test_every_word_is_looked_for_as_it_is_written(shelf: Store, text: str, found: list[int]) -> None:
    assert [row.id for row in shelf.rows(text=text)] == [f"ab{n}xyz23" for n in found]


def test_case_does_not_matter_in_any_script(store: Store, row_of: MakeRow, request_of: Any) -> None:
    store.add(row_of(request=request_of(prompt="Über den МОСТ")))
    assert len(store.rows(text="über мост")) == 1


def test_the_newest_come_first_and_no_more_than_asked_for(shelf: Store) -> None:
    assert [row.created_at - NOW for row in shelf.rows(limit=3)] == [5.0, 4.0, 3.0]


def test_rows_are_chosen_by_status_and_service(shelf: Store) -> None:
    assert [row.id for row in shelf.rows(status="failed")] == ["ab5xyz23"]
    assert shelf.rows(service="https://www.seedance2.ink") == []
    assert len(shelf.rows(service="simulator", status="queued")) == 5


def test_only_the_runs_of_like_jobs_are_learned_from(store: Store, row_of: MakeRow, request_of: Any) -> None:
    done = {"status": "succeeded", "request_id": "r"}
    like = [("a", {}, 10.0), ("b", {}, 20.0)]
    unlike = [
        ("c", {"resolution": "1080p"}, 1.0),
        ("d", {"duration": 10}, 2.0),
        ("e", {"media_urls": ("https://h.example/a.png",)}, 3.0),
        ("f", {"model": "seedance-2.0-fast"}, 4.0),
        ("g", {}, None),
    ]
    for n, (name, changes, run_s) in enumerate([*like, *unlike]):
        store.add(row_of(id=name, request=request_of(**changes), run_s=run_s, created_at=NOW + n, **done))
    store.add(row_of(id="h", status="failed", run_s=5.0))
    store.add(row_of(id="i", service="https://www.seedance2.ink", run_s=6.0, **done))
    assert store.like_durations_s(request_of(prompt="another"), "simulator") == [20.0, 10.0]


# --- files ------------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_the_folder_is_for_this_person_only(file_store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        file_store.add(row_of())
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "home").stat().st_mode) == 0o700


def test_opening_a_store_makes_nothing_before_its_first_use(tmp_path: Path) -> None:
    store = Store(tmp_path / "home" / "history.db")
    store.close()
    assert list(tmp_path.iterdir()) == []


def test_the_file_is_written_through_and_keeps_a_rollback_journal(file_store: Store) -> None:
    assert file_store.rows() == []
    with file_store._engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2


def test_a_newer_history_is_refused_and_left_alone(file_store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    file_store.add(row_of())
    file_store.close()
    path = tmp_path / "home" / "history.db"
    with sqlite3.connect(path) as file:
        file.execute("UPDATE seedance_meta SET value = '999' WHERE key = 'schema'")
    file.close()
    newer = Store(path)
    with pytest.raises(StoreError, match="newer version") as caught:
        newer.get("abcd2345")
    assert "Upgrade" in caught.value.next_step
    newer.close()


def test_columns_that_an_older_version_did_not_have_are_added(file_store: Store, row_of: MakeRow) -> None:
    file_store.add(row_of())
    with contextlib.closing(sqlite3.connect(file_store.where, isolation_level=None)) as file:
        for event in ("insert", "update", "delete"):
            file.execute(f"DROP TRIGGER jobs_words_{event}")
        for column in ("rating", "tags"):
            file.execute(f"ALTER TABLE jobs DROP COLUMN {column}")
    later = Store(file_store.where)
    assert later.get("abcd2345") == row_of()
    later.close()


def test_a_store_that_was_closed_can_be_used_again(file_store: Store, row_of: MakeRow) -> None:
    file_store.add(row_of())
    file_store.close()
    assert file_store.get("abcd2345") == row_of()


def test_a_password_of_a_shared_history_is_not_shown() -> None:
    store = Store("history.db")
    store._path = None
    store._engine = SimpleNamespace(url=make_url("postgresql://user:verysecret@host/db"))  # needs no driver
    assert store.where == "postgresql://user:***@host/db"


@pytest.mark.parametrize("url", ["postgresql+nodriver://host/db", "nonsense://host/db", "mysql+mysqldb://h/db"])
def test_an_address_that_no_driver_serves_is_one_clear_sentence(url: str) -> None:
    with pytest.raises(StoreError):
        Store(url).rows()


# --- many at once -----------------------------------------------------------------------------------------------------
ADDER = """
import sys
from seedance_widgets.life import LookFailed, Row
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest

store, who = Store(sys.argv[1]), sys.argv[2]
print("ready", flush=True)
sys.stdin.readline()
for n in range(6):
    request = GenerationRequest(prompt=f"{who}/{n}", model="seedance-2.0")
    store.add(Row(id=f"{who}{n}", service="simulator", request=request, created_at=float(n)), owner=who)
    store.apply("shared", LookFailed(1.0, who))
"""


def test_eight_processes_at_once_lose_nothing(place: Path | str, row_of: MakeRow) -> None:
    """The history itself is new: they also make it together."""
    processes = [
        subprocess.Popen([sys.executable, "-c", ADDER, str(place), f"p{n}x"], stdin=-1, stdout=-1, stderr=-1, text=True)
        for n in range(8)
    ]
    for process in processes:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    store = Store(place)
    store.add(row_of(id="shared", status="queued", request_id="req_1"))
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    errors = [process.communicate(timeout=90)[1] for process in processes]
    assert errors == [""] * 8
    shared = store.get("shared")
    assert shared is not None
    assert shared.look_failures == 48
    assert len(store.rows(limit=1_000)) == 49
    store.close()


def test_eight_threads_that_take_over_get_every_row_once(place: Path | str, row_of: MakeRow, clock: Clock) -> None:
    stores = [Store(place, clock=clock, awake=clock) for _ in range(8)]
    for n in range(30):
        stores[0].add(row_of(id=f"job{n}", **OPEN))
    taken: list[str] = []
    threads = [
        threading.Thread(target=lambda n=n: taken.extend(row.id for row in stores[n].take_over("simulator", f"k{n}")))
        for n in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    assert sorted(taken) == sorted(f"job{n}" for n in range(30))


def test_a_person_can_read_the_history_with_plain_sqlite(file_store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    file_store.add(row_of())
    file_store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    file_store.apply(
        "abcd2345", Looked(NOW, Generation(request_id="req_1", status="succeeded", output_url="https://x"))
    )
    facts = ClipFacts(size_bytes=1, width=2, height=3, duration_s=4.5, fps=24.0, has_audio=True)
    file_store.apply("abcd2345", Saved(NOW, "/a.mp4", None, facts))
    file = sqlite3.connect(tmp_path / "home" / "history.db")
    row = file.execute("SELECT prompt, status, credits_charged, clip_path, request FROM jobs").fetchone()
    file.close()
    assert row[:4] == ("A paper boat crosses a puddle", "succeeded", 40, "/a.mp4")
    assert json.loads(row[4])["duration"] == 5
