"""What is done when the history's file is damaged, deleted or cannot be written: nothing of it may be lost.

A damaged file is moved aside, never deleted, and a new one is built from the paper trail. The new one appears under
its name whole or not at all, and only one of several kernels builds it.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import time
from enum import Enum
from pathlib import Path

import sqlalchemy as sa
from filelock import FileLock, Timeout
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreError
from ..life import Row
from . import search
from .engine import file_engine
from .schema import columns_of, jobs, migrate, places, sweep_columns_of, sweeps
from .trail import Trail

LOCK_S = 60.0
"""How long one kernel waits for another that builds the file."""


class Trouble(Enum):
    """What an error of the database asks for."""

    MISSING = "missing"
    DAMAGED = "damaged"
    UNWRITABLE = "unwritable"
    OTHER = "other"
    """Nothing that we could mend: locked for too long, a wrong statement, a server that is away."""


_BY_CODE = {
    sqlite3.SQLITE_CORRUPT: Trouble.DAMAGED,
    sqlite3.SQLITE_NOTADB: Trouble.DAMAGED,
    sqlite3.SQLITE_READONLY: Trouble.UNWRITABLE,
    sqlite3.SQLITE_FULL: Trouble.UNWRITABLE,
    sqlite3.SQLITE_IOERR: Trouble.UNWRITABLE,
    sqlite3.SQLITE_PERM: Trouble.UNWRITABLE,
    sqlite3.SQLITE_CANTOPEN: Trouble.UNWRITABLE,
}


def trouble_of(error: SQLAlchemyError, path: Path) -> Trouble:
    """What an error says about the file."""
    cause = getattr(error, "orig", None)
    if not isinstance(cause, sqlite3.Error):
        return Trouble.OTHER
    if is_missing(path) or "no such table" in str(cause):
        return Trouble.MISSING
    code = getattr(cause, "sqlite_errorcode", None)
    return Trouble.OTHER if code is None else _BY_CODE.get(code & 0xFF, Trouble.OTHER)


def is_of_a_value(error: Exception) -> bool:
    """Whether an error is of a value that no database takes, and says nothing about this one."""
    cause = getattr(error, "orig", None) or error
    return isinstance(cause, TypeError | ValueError | OverflowError) or (
        "binding parameter" in str(cause) or "cannot adapt type" in str(cause)
    )


def is_missing(path: Path) -> bool:
    """Whether there is no file, or an empty one, which SQLite would take for a new database."""
    try:
        return path.stat().st_size == 0
    except FileNotFoundError:
        return True


def build(path: Path, trail: Trail) -> int:
    """Make the file where it is missing, with every job of the paper trail. Returns how many those are."""
    with _only_one(path):
        if not is_missing(path):
            return 0
        _move_companions(path, _aside(path, "deleted"))
        return _build(path, trail)


def rebuild(path: Path, trail: Trail) -> tuple[Path | None, int]:
    """Move a damaged file aside and build a new one. Returns where the old one went and how many jobs came back.

    `None` when it is whole after all: another kernel was faster, or only the index of the search is damaged. That is
    made anew.
    """
    with _only_one(path):
        if _is_whole(path):
            search.remove(path)
            return None, 0
        aside = _aside(path, "damaged")
        os.rename(path, aside)
        _move_companions(path, aside)
        return aside, _build(path, trail)


def copy_into(memory: sa.Engine, path: Path, trail: Trail) -> None:
    """Fill a database in memory with what can still be read: the file, else the paper trail."""
    raw = memory.raw_connection()
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as source:
            source.backup(raw.driver_connection)  # type: ignore[arg-type]
    except sqlite3.Error:
        with memory.begin() as connection:
            _fill(connection, path, trail)
    finally:
        raw.close()
    with memory.begin() as connection:
        migrate(connection, "memory")


def add_missing(memory: sa.Engine, connection: sa.Connection, known: set[str] | None) -> None:
    """Bring rows that a database in memory has and another one has not into that one: as they are by now.

    Only those that are not `known`, where that is given. What the other one has under the same request id is there.
    """
    there = connection.execute(sa.select(jobs.c.id, jobs.c.service, jobs.c.request_id)).all()
    ids = {row.id for row in there}
    accepted = {(row.service, row.request_id) for row in there if row.request_id is not None}
    with memory.connect() as source:
        rows = [dict(row._mapping) for row in source.execute(sa.select(jobs))]
    missing = [
        row
        for row in rows
        if row["id"] not in (ids if known is None else ids | known)
        and (row["service"], row["request_id"]) not in accepted
    ]
    if missing:
        connection.execute(sa.insert(jobs), missing)


def make_folder(folder: Path) -> None:
    """The data folder, for its owner alone. Raises OSError when it cannot be made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _build(path: Path, trail: Trail) -> int:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
    fresh.unlink(missing_ok=True)
    engine = file_engine(fresh, create=True)
    try:
        with engine.begin() as connection:
            many = _fill(connection, path, trail)
        os.chmod(fresh, 0o600)
        os.replace(fresh, path)
    finally:
        engine.dispose()
        fresh.unlink(missing_ok=True)
    return many


def _fill(connection: sa.Connection, path: Path, trail: Trail) -> int:
    migrate(connection, str(path))
    rows = trail.rows()
    if rows:
        connection.execute(sa.insert(jobs), [columns_of(row) for row in rows])
    if records := _records_of(rows):
        connection.execute(sa.insert(places), records)
    for sweep in trail.sweeps():
        connection.execute(sa.insert(sweeps).values(**sweep_columns_of(sweep)))
    return len(rows)


def _records_of(rows: list[Row]) -> list[dict[str, object]]:
    """What the rows had put into a bucket: some of it may still lie there."""
    found: dict[str, dict[str, object]] = {}
    for row in rows:
        for facts in row.media:
            if (place := facts.get("place")) is not None:
                kept = bool(facts.get("kept")) or bool(found.get(place, {}).get("kept"))
                found[place] = {"place": place, "sha256": facts["sha256"], "kept": kept, "put_at": row.created_at}
    return list(found.values())


def _is_whole(path: Path) -> bool:
    # Not read-only: the half step of a program that was killed must be undone first.
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=30)) as file:
            return bool(file.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",))
    except sqlite3.Error:
        return False


def _aside(path: Path, what: str) -> Path:
    """A free name beside the file for what is left of it."""
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    return _free(path.with_name(f"{path.stem}-{what}-{stamp}{path.suffix}"))


def _move_companions(path: Path, aside: Path) -> None:
    """Move what belongs to an old file and lies beside it: SQLite would play it into the new one."""
    for ending in ("-journal", "-wal", "-shm"):
        with contextlib.suppress(FileNotFoundError):
            os.rename(f"{path}{ending}", f"{aside}{ending}")


def _free(path: Path) -> Path:
    """The path, with a number when there is one already."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_name(f"{path.stem}-{number}{path.suffix}")
    return free


@contextlib.contextmanager
def _only_one(path: Path):  # type: ignore[no-untyped-def]
    try:
        with FileLock(f"{path}.lock", timeout=LOCK_S, mode=0o600):
            yield
    except Timeout:
        raise StoreError(
            f"Another kernel has been building the history at {path} for a minute.",
            next_step=f"Wait for it, or delete {path}.lock if no kernel runs.",
        ) from None
