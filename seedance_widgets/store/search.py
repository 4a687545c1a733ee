"""Full-text search over prompts, notes, tags and ids: an index of trigrams beside the table, where SQLite has them.

Three characters in a row are found in any script, so Thai and Chinese need no dictionary. Triggers keep the index in
step with whoever writes. Without FTS5, on another database, and for words that the index does not serve, every row is
looked at: slower, and the same answer.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from .engine import BUSY_TIMEOUT_S

INDEX = "jobs_words"
GRAM = 3
"""Characters that a word needs to be looked up in the index."""
AT_ONCE = 50
"""Words of one look-up: SQLite bounds how deep its expressions go."""

_COLUMNS = ("id", "request_id", "note", "prompt")
_PARTS = ("insert", "update", "delete")
_SHADOWS = ("data", "idx", "content", "docsize", "config")
"""The tables that FTS5 keeps an index in."""
_TRIGGERS = tuple(f"{INDEX}_{part}" for part in _PARTS)

_FOLDED = ((0x00, 0x24F), (0x370, 0x3F2), (0x3F4, 0x524), (0x1E00, 0x1FFF))
"""Letters that the index folds as `str.lower` does: Latin, Greek, Cyrillic. Most scripts have no capitals to fold."""
_DOT_ABOVE = "\u0307"
"""What `str.lower` leaves of the Turkish capital I with a dot, and the index does not."""


@cache
def is_possible() -> bool:
    """Whether this SQLite has FTS5 with trigrams, and JSON."""
    try:
        with closing(sqlite3.connect(":memory:")) as memory:
            memory.execute("CREATE VIRTUAL TABLE probe USING fts5(words, tokenize='trigram')")
            memory.execute("SELECT value FROM json_each('[]') WHERE json_valid('[]')")
    except sqlite3.Error:
        return False
    return True


def install(connection: sa.Connection) -> None:
    """Make the index where it is missing and can be. Where it cannot, take its triggers away: they would fail.

    An index without its triggers is out of step, and is made anew by the next SQLite that can.
    """
    if connection.dialect.name != "sqlite" or _is_installed(connection) is is_possible():
        return
    forget(connection)
    if is_possible():
        connection.exec_driver_sql(f"DROP TABLE IF EXISTS {INDEX}")
        connection.exec_driver_sql(f"CREATE VIRTUAL TABLE {INDEX} USING fts5(words, tokenize='trigram')")
        connection.exec_driver_sql(f"INSERT INTO {INDEX}(rowid, words) SELECT rowid, {_words('jobs')} FROM jobs")
        for statement in _triggers():
            connection.exec_driver_sql(statement)


def forget(connection: sa.Connection) -> None:
    """Keep the index in step no longer. The next `install` makes it anew."""
    for trigger in _TRIGGERS:
        connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS {trigger}")


def remove(path: Path) -> None:
    """Take an index out of a file although it may be damaged: such a one SQLite cannot even drop. No job is touched."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=BUSY_TIMEOUT_S)) as file:
        file.execute("BEGIN IMMEDIATE")
        for trigger in _TRIGGERS:
            file.execute(f"DROP TRIGGER IF EXISTS {trigger}")
        try:
            file.execute(f"DROP TABLE IF EXISTS {INDEX}")
        except sqlite3.Error:
            file.execute("PRAGMA writable_schema = ON")
            file.execute("DELETE FROM sqlite_master WHERE type = 'table' AND name = ?", (INDEX,))
            file.execute("PRAGMA writable_schema = RESET")
            for part in _SHADOWS:
                file.execute(f"DROP TABLE IF EXISTS {INDEX}_{part}")
        file.execute("COMMIT")


def holds(connection: sa.Connection, jobs: sa.Table, text: str) -> sa.ColumnElement[bool]:
    """Every word of a text stands somewhere in a row, capitals or not."""
    words = list(dict.fromkeys(text.split()))
    if connection.dialect.name != "sqlite" or not (is_possible() and _is_installed(connection)):
        return sa.and_(sa.true(), *(_in_columns(jobs, word) for word in words))
    whole = [word for word in words if _is_indexed(word)]
    batches = (whole[at : at + AT_ONCE] for at in range(0, len(whole), AT_ONCE))
    queries = [" AND ".join(f'"{_quoted(word)}"' for word in batch) for batch in batches]
    conditions = [_in_index(sa.literal_column(INDEX).op("MATCH")(each), INDEX, "rowid") for each in queries]
    for word in words:
        if word not in whole:
            conditions.append(_in_index(_stands_in(word), f"{INDEX}_content", "id"))
    return sa.and_(sa.true(), *conditions)


def _quoted(word: str) -> str:
    return word.replace('"', '""')


def _in_index(where: sa.ColumnElement[bool], table: str, row: str) -> sa.ColumnElement[bool]:
    rows: sa.Select[Any] = sa.select(sa.literal_column(row)).select_from(sa.table(table)).where(where)
    return sa.literal_column("jobs.rowid").in_(rows)


def _stands_in(word: str) -> sa.ColumnElement[bool]:
    """In the words that the index keeps: one narrow table, several times as fast to read as the rows themselves."""
    words = sa.literal_column("c0", sa.Text)
    if word.isascii() or word.lower() == word.upper():  # SQLite's own LIKE knows the capitals of A to Z
        return words.contains(word, autoescape=True)
    return words.icontains(word, autoescape=True)


def _in_columns(jobs: sa.Table, word: str) -> sa.ColumnElement[bool]:
    conditions = [jobs.c[name].icontains(word, autoescape=True) for name in _COLUMNS]
    if any(c.isalnum() for c in word):  # or the brackets of the JSON would be found
        in_json = json.dumps(word, ensure_ascii=False)[1:-1]
        conditions.append(jobs.c.tags.icontains(in_json, autoescape=True))
    return sa.or_(*conditions)


def _is_indexed(word: str) -> bool:
    return len(word) >= GRAM and all(_folds_alike(c) for c in word)


def _folds_alike(letter: str) -> bool:
    if letter.lower() == letter.upper():
        return letter not in (_DOT_ABOVE, "\x00")
    return any(first <= ord(letter) <= last for first, last in _FOLDED) and len(letter.lower()) == 1


def _is_installed(connection: sa.Connection) -> bool:
    names = ", ".join(f"'{name}'" for name in _TRIGGERS)
    query = f"SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name IN ({names})"
    return connection.exec_driver_sql(query).scalar() == len(_TRIGGERS)


def _words(row: str) -> str:
    """All that is searched of a row, as SQL. A word holds no white space, so none reaches from one part to the next."""
    tags = (
        f"CASE WHEN json_valid({row}.tags) THEN (SELECT group_concat(value, char(10)) FROM json_each({row}.tags)) END"
    )
    plain = [f"coalesce({row}.{name}, '')" for name in _COLUMNS]
    return " || char(10) || ".join([*plain[:-1], f"coalesce({tags}, '')", plain[-1]])


def _triggers() -> tuple[str, ...]:
    inserted, updated, deleted = _TRIGGERS
    changed = " OR ".join(f"old.{name} IS NOT new.{name}" for name in (*_COLUMNS, "tags"))
    return (
        f"CREATE TRIGGER {inserted} AFTER INSERT ON jobs BEGIN "
        f"INSERT INTO {INDEX}(rowid, words) VALUES (new.rowid, {_words('new')}); END",
        f"CREATE TRIGGER {updated} AFTER UPDATE ON jobs WHEN {changed} BEGIN "
        f"UPDATE {INDEX} SET words = {_words('new')} WHERE rowid = new.rowid; END",
        f"CREATE TRIGGER {deleted} AFTER DELETE ON jobs BEGIN DELETE FROM {INDEX} WHERE rowid = old.rowid; END",
    )
