"""Other programs that read the history: one that holds it open in WAL mode is waited for."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from seedance_widgets.errors import StoreError
from seedance_widgets.life import Marked, Row
from seedance_widgets.store import Store

MakeRow = Callable[..., Row]

HOLDS = """
import sqlite3, sys, threading, time
file = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False)
mode = file.execute("PRAGMA journal_mode=WAL").fetchone()[0]
file.execute("SELECT count(*) FROM jobs").fetchone()
print(mode, flush=True)
threading.Thread(target=lambda: (sys.stdin.read(), file.close()), daemon=True).start()
time.sleep(float(sys.argv[2]))
file.close()
"""


@pytest.fixture
def store(tmp_path: Path, row_of: MakeRow) -> Iterator[Store]:
    store = Store(tmp_path / "history.db")
    store.add(row_of())
    yield store
    store.close()


@contextmanager
def program_in_wal_mode(path: Path, for_s: float = 600.0) -> Iterator[None]:
    """Another program that put the file into WAL mode and has it open, as a viewer of databases does."""
    command = [sys.executable, "-c", HOLDS, str(path), str(for_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdin is not None
        assert other.stdout is not None
        assert other.stdout.readline() == "wal\n"
        try:
            yield
        finally:
            other.kill()


def test_a_program_that_holds_the_history_open_in_wal_mode_is_waited_for(
    store: Store, row_of: MakeRow, tmp_path: Path
) -> None:
    """It was "locked" at once: SQLite does not wait where WAL mode is left."""
    with program_in_wal_mode(tmp_path / "history.db", for_s=1.5):
        began = time.monotonic()
        store.add(row_of(id="efgh6789"))
        assert time.monotonic() - began > 0.5
    assert {row.id for row in store.rows()} == {"abcd2345", "efgh6789"}
    assert not store.is_in_memory
    assert not (tmp_path / "history.db-wal").exists()


def test_the_history_is_read_while_a_program_holds_it_open_in_wal_mode(store: Store, tmp_path: Path) -> None:
    with program_in_wal_mode(tmp_path / "history.db"):
        began = time.monotonic()
        assert [row.id for row in store.rows()] == ["abcd2345"]
        assert time.monotonic() - began < 5


def test_a_program_that_never_closes_it_is_said_with_what_to_do(
    store: Store, row_of: MakeRow, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("seedance_widgets.store.engine.BUSY_TIMEOUT_S", 0.3)
    closes = pytest.raises(StoreError, match=r"locked.*Close the program that has it open")
    with program_in_wal_mode(tmp_path / "history.db"), closes:
        store.add(row_of(id="efgh6789"))
    assert [row.id for row in store.rows()] == ["abcd2345"]


def test_what_another_program_wrote_in_wal_mode_is_there_afterwards(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("UPDATE jobs SET note = 'by hand'")
    other.commit()
    assert store.rows()[0].note == "by hand"
    other.close()
    assert store.apply("abcd2345", Marked(starred=True)).note == "by hand"


def test_a_write_ahead_log_that_a_deleted_file_left_is_not_played_into_the_new_one(
    store: Store, row_of: MakeRow, tmp_path: Path
) -> None:
    """SQLite plays what lies beside a file into it, whosever it was."""
    path = tmp_path / "history.db"
    other = sqlite3.connect(path)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("PRAGMA wal_autocheckpoint=0")
    other.execute("UPDATE jobs SET note = 'of the old file'")
    other.commit()
    left = (tmp_path / "history.db-wal").read_bytes()
    other.close()
    path.unlink()
    (tmp_path / "history.db-wal").write_bytes(left)
    assert [(row.id, row.note) for row in store.rows()] == [("abcd2345", "")]
    assert store.add(row_of(id="efgh6789")).id == "efgh6789"
    with closing(sqlite3.connect(path)) as file:
        assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
