"""No commit is lost: the paper trail, and a history that is damaged, deleted, locked or cannot be written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from samples import NOW, Clock

from seedance_widgets import life
from seedance_widgets.errors import StoreError
from seedance_widgets.life import (
    Acknowledged,
    Adopted,
    Discarded,
    Looked,
    Marked,
    NotSent,
    Refused,
    Row,
    Saved,
    Uncertain,
)
from seedance_widgets.store import Store, Trail
from seedance_widgets.store.transactions import BACK_TO_FILE_S
from seedance_widgets.types import ClipFacts, Generation, Problem

MakeRow = Callable[..., Row]

FACTS = ClipFacts(size_bytes=1, width=2, height=3, duration_s=4.5, fps=24.0, has_audio=True, codec="h264")
NO = Problem(code="no", message="The server said no.")
ENDED = Looked(NOW, Generation(request_id="req_1", status="failed", problem=NO, extra={"big": "x" * 9000}))
DAMAGED = [b"This is no database. " * 300, b"SQLite format 3\x00" + b"\xff" * 5_000]


@pytest.fixture
def store(tmp_path: Path, clock: Clock) -> Iterator[Store]:
    store = Store(tmp_path / "history.db", clock=clock, awake=clock)
    yield store
    store.close()


@pytest.fixture
def trail(tmp_path: Path) -> Path:
    return tmp_path / "submissions.jsonl"


@contextmanager
def nobody() -> Iterator[None]:
    """Not root for a moment: root may write anywhere."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


# --- the paper trail --------------------------------------------------------------------------------------------------
def test_a_submission_and_its_acceptance_are_one_line_each(store: Store, row_of: MakeRow, trail: Path) -> None:
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    submitted, accepted = (json.loads(line) for line in trail.read_text().splitlines())
    assert (submitted["event"], submitted["job"]) == ("submitted", "abcd2345")
    assert submitted["row"]["request"]["prompt"] == row_of().request.prompt
    assert (accepted["event"], accepted["request_id"]) == ("Acknowledged", "req_1")


@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
def test_the_paper_trail_is_for_its_owner_alone(store: Store, row_of: MakeRow, trail: Path) -> None:
    store.add(row_of())
    assert stat.S_IMODE(trail.stat().st_mode) == 0o600


def test_a_submission_and_its_acceptance_are_forced_to_the_disk(
    store: Store, row_of: MakeRow, trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.count()
    forced: list[str] = []
    fsync = os.fsync

    def watched(file: int) -> None:
        forced.append(trail.read_text().splitlines()[-1].split('"event": "')[1].split('"')[0])
        fsync(file)

    monkeypatch.setattr("seedance_widgets.store.trail.os.fsync", watched)
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    store.apply("abcd2345", Marked(starred=True))
    assert forced == ["submitted", "Acknowledged"]


@pytest.mark.parametrize(
    "events",
    [
        [],
        [Refused(NOW, NO)],
        [NotSent(NOW, NO)],
        [Uncertain(NOW, NO, "<html>")],
        [Uncertain(NOW, NO), Adopted(NOW, "req_1")],
        [Uncertain(NOW, NO), Discarded(NOW)],
        [Acknowledged(NOW, "req_1", "queued", 40)],
        [Acknowledged(NOW, "req_1"), ENDED],
        [
            Acknowledged(NOW, "req_1"),
            Looked(NOW, Generation(request_id="req_1", status="succeeded", output_url="https://x/y.mp4")),
            Saved(NOW, "/clips/a.mp4", "/clips/a.jpg", FACTS),
            Marked(starred=True, note="the best", rating=5, tags=("boat", "雨")),
        ],
    ],
    ids=lambda events: " then ".join(type(event).__name__ for event in events) or "only submitted",
)
def test_the_paper_trail_tells_the_whole_row_again(
    store: Store, row_of: MakeRow, trail: Path, events: list[life.Event]
) -> None:
    store.add(row_of())
    for event in events:
        store.apply("abcd2345", event)
    assert Trail(trail).rows() == [store.get("abcd2345")]


def test_looks_that_bring_nothing_final_leave_no_line(store: Store, row_of: MakeRow, trail: Path) -> None:
    store.add(row_of())
    store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    for number in range(20):
        store.apply("abcd2345", Looked(NOW + number, Generation(request_id="req_1", status="processing")))
    assert len(trail.read_text().splitlines()) == 2


def test_a_line_that_was_cut_by_a_dying_kernel_costs_no_other_line(store: Store, row_of: MakeRow, trail: Path) -> None:
    store.add(row_of())
    with open(trail, "ab") as file:
        file.write(b'{"job": "zzzz9999", "event": "subm')
    store.add(row_of(id="efgh6789"))
    assert {row.id for row in Trail(trail).rows()} == {"abcd2345", "efgh6789"}


@pytest.mark.parametrize(
    "line",
    ["", "null", "[1]", "{}", '{"job": 1, "event": "submitted"}', '{"job": "a", "event": "Bogus"}', "\x00\xff",
     '{"job": "abcd2345", "event": "Acknowledged"}', '{"job": "a", "event": "submitted", "row": {"id": 3}}'],
)  # fmt: skip
def test_a_line_of_another_hand_is_passed_over(store: Store, row_of: MakeRow, trail: Path, line: str) -> None:
    store.add(row_of())
    with open(trail, "a", encoding="latin-1") as file:
        file.write(line + "\n")
    store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    assert Trail(trail).rows() == [store.get("abcd2345")]


def test_a_paper_trail_that_cannot_be_written_does_not_stop_a_submission(
    store: Store, row_of: MakeRow, trail: Path
) -> None:
    trail.mkdir()
    store.add(row_of())
    assert store.get("abcd2345") == row_of()


# --- damaged and deleted ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("content", DAMAGED, ids=["not a database", "a header and nonsense"])
def test_a_damaged_file_is_moved_aside_and_rebuilt_from_the_paper_trail(
    store: Store, row_of: MakeRow, tmp_path: Path, content: bytes
) -> None:
    store.add(row_of())
    accepted = store.apply("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    (tmp_path / "history.db").write_bytes(content)
    assert store.get("abcd2345") == accepted
    (aside,) = tmp_path.glob("history-damaged-*Z.db")
    assert aside.read_bytes() == content


def test_a_file_that_is_damaged_before_the_first_use_is_rebuilt_too(
    store: Store, row_of: MakeRow, tmp_path: Path
) -> None:
    store.add(row_of())
    store.close()
    (tmp_path / "history.db").write_bytes(DAMAGED[0])
    later = Store(tmp_path / "history.db")
    assert later.rows() == [row_of()]
    assert later.notice is not None
    assert "damaged" in later.notice
    assert "1 job was read back" in later.notice
    later.close()


def test_a_page_in_the_middle_that_is_damaged_loses_no_job(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    for number in range(200):
        store.add(row_of(id=f"job{number:05}"))
    content = bytearray((tmp_path / "history.db").read_bytes())
    for page in range(2, len(content) // 4096, 2):
        content[page * 4096 : page * 4096 + 512] = b"\xa5" * 512
    (tmp_path / "history.db").write_bytes(content)
    assert len(store.rows(limit=500)) == 200


def test_a_deleted_file_is_rebuilt_within_the_session(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    store.add(row_of())
    (tmp_path / "history.db").unlink()
    store.add(row_of(id="efgh6789"))
    assert {row.id for row in store.rows()} == {"abcd2345", "efgh6789"}
    assert store.notice is not None
    assert "missing" in store.notice


def test_an_emptied_file_is_taken_for_a_deleted_one(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    store.add(row_of())
    os.truncate(tmp_path / "history.db", 0)
    assert store.rows() == [row_of()]


def test_a_deleted_folder_is_made_again(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    store.add(row_of())
    for path in tmp_path.iterdir():
        path.unlink()
    store.add(row_of(id="efgh6789"))
    assert [row.id for row in store.rows()] == ["efgh6789"]


def test_a_new_history_says_nothing(store: Store, row_of: MakeRow) -> None:
    store.add(row_of())
    assert store.notice is None


RACE = """
import sys
from seedance_widgets.store import Store
store = Store(sys.argv[1])
print(sorted(row.id for row in store.rows(limit=500)) == [f"job{n:05}" for n in range(50)])
"""


@pytest.mark.parametrize("trouble", ["damaged", "deleted"])
def test_eight_kernels_that_find_it_so_at_once_build_it_once(
    store: Store, row_of: MakeRow, tmp_path: Path, trouble: str
) -> None:
    for number in range(50):
        store.add(row_of(id=f"job{number:05}"))
    if trouble == "damaged":
        (tmp_path / "history.db").write_bytes(DAMAGED[0])
    else:
        (tmp_path / "history.db").unlink()
    command = [sys.executable, "-c", RACE, str(tmp_path / "history.db")]
    kernels = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(8)]
    assert [kernel.communicate(timeout=60)[0].strip() for kernel in kernels] == ["True"] * 8
    assert len(list(tmp_path.glob("history-damaged-*"))) == (trouble == "damaged")
    assert not list(tmp_path.glob("*.new"))


def test_a_newer_schema_is_refused_and_left_alone(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    store.add(row_of())
    file = sqlite3.connect(tmp_path / "history.db")
    file.execute("UPDATE seedance_meta SET value = '99' WHERE key = 'schema'")
    file.commit()
    file.close()
    with pytest.raises(StoreError, match="newer version"):
        Store(tmp_path / "history.db").rows()
    assert not list(tmp_path.glob("history-damaged-*"))


# --- unwritable -------------------------------------------------------------------------------------------------------
@pytest.mark.skipif(os.name != "posix", reason="rights of POSIX")
@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o444), (0o755, 0o444), (0o555, 0o666)])
def test_a_read_only_history_is_read_and_the_session_goes_on_in_memory(row_of: MakeRow, folder: int, file: int) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own folders are closed to others
        path = Path(name) / "history.db"
        store = Store(path)
        store.add(row_of())
        store.close()
        path.chmod(file)
        path.parent.chmod(folder)
        reader = Store(path)
        with nobody():
            reader.add(row_of(id="efgh6789"))
            assert {row.id for row in reader.rows()} == {"abcd2345", "efgh6789"}
            assert reader.is_in_memory
            reader.close()
        path.parent.chmod(0o755)
        path.chmod(0o644)
        assert reader.notice is not None
        assert "kept in memory" in reader.notice
        assert "SEEDANCE_HOME" in reader.notice


def test_a_folder_that_is_a_file_keeps_the_session_in_memory(tmp_path: Path, row_of: MakeRow) -> None:
    (tmp_path / "home").write_text("a file")
    store = Store(tmp_path / "home" / "history.db")
    store.add(row_of())
    assert store.apply("abcd2345", Acknowledged(NOW, "req_1")).request_id == "req_1"
    assert store.is_in_memory
    store.close()
    assert (tmp_path / "home").read_text() == "a file"


def test_what_was_kept_in_memory_is_written_when_it_can_be(tmp_path: Path, row_of: MakeRow, clock: Clock) -> None:
    home = tmp_path / "home"
    home.write_text("in the way")
    store = Store(home / "history.db", clock=clock, awake=clock)
    store.add(row_of())
    row = store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    home.unlink()
    clock.pass_s(BACK_TO_FILE_S + 1)
    store.count()
    assert (store.is_in_memory, store.notice) == (False, None)
    other = Store(home / "history.db")
    assert other.get("abcd2345") == row
    other.close()
    store.close()


def test_what_was_kept_in_memory_is_written_at_the_end_at_the_latest(tmp_path: Path, row_of: MakeRow) -> None:
    home = tmp_path / "home"
    home.write_text("in the way")
    store = Store(home / "history.db")
    store.add(row_of())
    home.unlink()
    store.close()
    assert Store(home / "history.db").get("abcd2345") == row_of()


def test_threads_share_a_history_in_memory(tmp_path: Path, row_of: MakeRow) -> None:
    (tmp_path / "home").write_text("a file")
    store = Store(tmp_path / "home" / "history.db")
    threads = [
        threading.Thread(target=lambda n=n: [store.add(row_of(id=f"job{n}x{k:03}")) for k in range(25)])
        for n in range(4)
    ]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert store.count() == 100


FULL = """
import resource, signal, sys
from dataclasses import replace
from seedance_widgets.life import Acknowledged, Row
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
store = Store(sys.argv[1])
row = Row(id="first", service="s", request=GenerationRequest(prompt="p" * 2000, model="m"), created_at=0.0)
store.add(row)
size = __import__("os").path.getsize(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 4096, resource.RLIM_INFINITY))
for number in range(20):
    store.add(replace(row, id=f"more{number}"))
    store.apply(f"more{number}", Acknowledged(0.0, f"req_{number}"))
print(store.count(), store.is_in_memory)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
store.close()
"""


@pytest.mark.skipif(os.name != "posix", reason="a limit of POSIX")
def test_a_full_disk_loses_no_job_and_all_are_written_when_there_is_room(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    done = subprocess.run([sys.executable, "-c", FULL, str(path)], capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["21", "True"], done.stderr
    store = Store(path)
    assert sum(row.request_id is not None for row in store.rows(limit=100)) == 20
    store.close()


# --- locked, and killed between the two ------------------------------------------------------------------------------
def test_an_acceptance_is_on_paper_even_while_the_database_is_locked(
    store: Store, row_of: MakeRow, tmp_path: Path, trail: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.store.engine.BUSY_TIMEOUT_S", 0.1)
    store.add(row_of())
    other = sqlite3.connect(tmp_path / "history.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(StoreError, match="locked"):
        store.apply("abcd2345", Acknowledged(NOW, "req_1"))
    other.close()
    (row,) = Trail(trail).rows()
    assert row.request_id == "req_1"


def test_a_kernel_that_takes_over_reads_on_paper_what_the_database_missed(
    store: Store, row_of: MakeRow, trail: Path, clock: Clock
) -> None:
    """Its kernel was killed after the line was written and before the row was."""
    store.add(row_of(), owner="dead")
    Trail(trail).happened("abcd2345", Acknowledged(NOW, "req_1", "queued", 40))
    taken = []
    for _ in range(4):
        taken += store.take_over(row_of().service, "alive")
        clock.pass_s(10)
    row = taken[-1]
    assert (row.status, row.request_id, row.credits_charged) == ("queued", "req_1", 40)
    assert store.get("abcd2345") == row


def test_an_import_of_many_rows_is_one_transaction(store: Store, row_of: MakeRow) -> None:
    rows = [replace(row_of(), id=f"job{number}", status="failed") for number in range(100)]
    store.add_all(rows)
    assert store.count() == 100


def test_a_history_is_moved_with_its_folder(store: Store, row_of: MakeRow, tmp_path: Path) -> None:
    store.add(row_of())
    store.close()
    shutil.copytree(tmp_path, tmp_path.parent / f"{tmp_path.name}-copy")
    there = Store(tmp_path.parent / f"{tmp_path.name}-copy" / "history.db")
    assert there.rows() == [row_of()]
    there.close()
