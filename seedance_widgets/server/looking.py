"""What a page should know of the history at once: what goes on, and what ended and nobody has seen.

Read by SELECTs that cost the same with many rows as with few, through a function that takes one: the standard
library's `sqlite3` for a file, so that a server which only watches loads nothing else, and the store for a database.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

SCHEMA = 3
"""The newest history that is understood here; `store.SCHEMA_VERSION`."""
MAX_SAVES = 6
"""`life.MAX_AUTOMATIC_SAVES`: from then on nothing more is tried by itself."""
NEEDS_KEY = ("the key was refused", "made with another key")
"""`life.KEY_REFUSED` and `life.OTHER_KEY`."""
SIMULATOR = "simulator"
"""`life.SIMULATOR`: the service that takes no key."""
MOST = 5_000
"""Rows of a kind that are read at once."""

Select: TypeAlias = Callable[[str, Mapping[str, object]], Sequence[Sequence[Any]]]
"""Reads by a SELECT in which `:name` stands for a value."""

_SEEN = "seen_at"
_COLUMNS = (
    "id, service, status, created_at, accepted_at, final_at, clip_path IS NOT NULL, saves, look_problem, {seen}, rev, "
    "lease_owner, lease_until, removed_at"
)
_GOING_ON = "status NOT IN ('succeeded', 'failed', 'cancelled') AND removed_at IS NULL"
_UNSAVED = "status = 'succeeded' AND clip_path IS NULL AND removed_at IS NULL"
_UNSEEN = "seen_at IS NULL AND final_at > :since AND removed_at IS NULL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A job, as far as a notice of it needs to know."""

    id: str
    service: str
    status: str
    created_at: float
    accepted_at: float | None
    final_at: float | None
    is_saved: bool
    saves: int
    look_problem: str | None
    seen_at: float | None
    rev: int
    lease_owner: str | None
    lease_until: float | None
    removed_at: float | None = None

    @property
    def is_open(self) -> bool:
        """Whether it goes on by itself."""
        if self.removed_at is not None or self.status in ("failed", "cancelled", "unconfirmed"):
            return False
        return self.status != "succeeded" or (not self.is_saved and self.saves < MAX_SAVES)

    @property
    def is_held(self) -> bool:
        """Whether somebody says that he looks after it; he may have died since."""
        return bool(self.lease_owner) and self.lease_until != 0.0

    def kind(self, needs_key: bool = False) -> str:
        """What has become of it, in one of the words of docs/server-api.md."""
        if self.removed_at is not None:
            return "removed"
        if self.status == "unconfirmed":
            return "unconfirmed"
        if self.is_open:
            return "needs_key" if needs_key or self.look_problem in NEEDS_KEY else "open"
        if self.status == "succeeded":
            return "saved" if self.is_saved else "unsaved"
        return self.status


TOLD = ("saved", "unsaved", "failed", "unconfirmed", "needs_key")
"""What a person is notified of."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What one look found."""

    changes: str = ""
    """Changes whenever a row does."""
    rows: tuple[Entry, ...] = ()
    """What goes on, is unconfirmed, or ended since the extension first ran and was not seen; newest first."""

    @property
    def open(self) -> tuple[Entry, ...]:
        """Those that go on."""
        return tuple(entry for entry in self.rows if entry.is_open)

    @property
    def statuses(self) -> dict[str, int]:
        """The statuses of those that go on, counted."""
        return dict(Counter(entry.status for entry in self.open))

    @property
    def newest_acceptance_at(self) -> float | None:
        """When the youngest of those that go on was accepted, or made."""
        return max((entry.accepted_at or entry.created_at for entry in self.open), default=None)


def read(select: Select, since: float, *, is_old: bool = False) -> Seen:
    """What there is to know now. `since`: when the extension first ran; `is_old`: of 0.1.0, without what came later."""
    columns = _COLUMNS.format(seen="NULL" if is_old else _SEEN)
    unseen = _UNSEEN.replace("seen_at IS NULL AND ", "") if is_old else _UNSEEN
    rows: dict[str, Entry] = {}
    changes = _changes(select, is_old)
    for where in (_GOING_ON, _UNSAVED, unseen):
        order = " ORDER BY final_at DESC" if where is unseen else ""  # another order would pass over the index
        query = f"SELECT {columns} FROM jobs WHERE {where}{order} LIMIT {MOST}"
        rows |= {entry.id: entry for entry in _entries(select(query, {"since": since}))}
    newest = sorted(rows.values(), key=lambda entry: entry.final_at or entry.created_at, reverse=True)
    return Seen(changes, tuple(newest))


def read_some(select: Select, job_ids: Iterable[str], *, is_old: bool = False) -> list[Entry]:
    """Some jobs as they are now, also when they are of no interest any more."""
    values: dict[str, object] = {f"id{number}": job_id for number, job_id in enumerate(job_ids)}
    if not values:
        return []
    names = ", ".join(f":{name}" for name in values)
    columns = _COLUMNS.format(seen="NULL" if is_old else _SEEN)
    return list(_entries(select(f"SELECT {columns} FROM jobs WHERE id IN ({names})", values)))


def _changes(select: Select, is_old: bool) -> str:
    if is_old:
        return ""
    rows = select("SELECT history, changes FROM seedance_news ORDER BY service", {})
    return "-".join(f"{history:x}.{changes}" for history, changes in rows)


def _entries(rows: Iterable[Sequence[Any]]) -> Iterable[Entry]:
    for id, service, status, created, accepted, final, saved, saves, problem, seen, rev, owner, until, removed in rows:
        yield Entry(
            id=str(id),
            service=str(service),
            status=str(status),
            created_at=float(created or 0.0),
            accepted_at=accepted,
            final_at=final,
            is_saved=bool(saved),
            saves=int(saves or 0),
            look_problem=problem,
            seen_at=seen,
            rev=int(rev or 0),
            lease_owner=owner,
            lease_until=until,
            removed_at=removed,
        )


class Unreadable(Exception):
    """The file cannot be read now; says why, without its path. `passes`: it is only locked."""

    def __init__(self, why: str, *, passes: bool = False) -> None:
        self.passes = passes
        super().__init__(why)


def read_file(path: Path, since: float) -> tuple[Seen, Callable[[Iterable[str]], list[Entry]]]:
    """A history's file by `sqlite3`, which writes nothing. Returns with what there is a way to read some more of it.

    Raises Unreadable.
    """

    def with_file(work: Callable[[Select, bool], Any]) -> Any:
        try:
            return _read(path, work, "ro")
        except sqlite3.Error as error:
            if _primary_code(error) != sqlite3.SQLITE_READONLY:
                raise _unreadable(error) from None
        try:  # a program that was killed while it wrote has left its step half done: only who may write can undo it
            return _read(path, work, "rw")
        except sqlite3.Error as error:
            raise _unreadable(error) from None

    seen: Seen = with_file(lambda select, is_old: read(select, since, is_old=is_old))
    return seen, lambda ids: with_file(lambda select, is_old: read_some(select, ids, is_old=is_old))


def _read(path: Path, work: Callable[[Select, bool], Any], mode: str) -> Any:
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=1.0)) as file:
        file.execute("BEGIN")
        return work(lambda sql, values: file.execute(sql, values).fetchall(), _is_old(file))


def _is_old(file: sqlite3.Connection) -> bool:
    """Whether a file lacks what this version adds. Raises Unreadable for one of a newer version."""
    row = file.execute("SELECT value FROM seedance_meta WHERE key = 'schema'").fetchone()
    if row is not None and int(row[0]) > SCHEMA:
        raise Unreadable(
            "The history was written by a newer version of seedance-widgets than the one of this server: upgrade it "
            "and restart the server."
        )
    columns = {name for _, name, *_ in file.execute("PRAGMA table_info(jobs)")}
    news = file.execute("SELECT 1 FROM sqlite_master WHERE name = 'seedance_news'").fetchone()
    return _SEEN not in columns or news is None


def _primary_code(error: sqlite3.Error) -> int:
    return (getattr(error, "sqlite_errorcode", None) or 0) & 0xFF


def _unreadable(error: sqlite3.Error) -> Unreadable:
    code = _primary_code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return Unreadable("The history is locked by another program for long.", passes=True)
    return Unreadable(f"The history cannot be read ({type(error).__name__}).", passes=code == sqlite3.SQLITE_CANTOPEN)
