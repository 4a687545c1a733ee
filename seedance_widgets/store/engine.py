"""How databases are opened: a SQLite file, a copy in memory, a team's shared database by its address."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError, SQLAlchemyError

from ..errors import StoreError
from ..secret import Secret
from .address import Address, hand_over, read_address

BUSY_TIMEOUT_S = 30.0
WAL_STEP_S = 0.1
"""Between tries to leave WAL mode: SQLite itself does not wait there."""


def file_of(url: str | Path | Secret) -> Path | None:
    """The SQLite file that a path or an address such as `sqlite:////shared/history.db` names; `None` for a server.

    Raises StoreError for a SQLite address that names no lasting file, or asks the driver for something.
    """
    if not isinstance(url, Secret):
        return Path(url)
    read = _address(url)
    address = read.url
    if address.get_backend_name() != "sqlite":
        return None
    name = address.database or ":memory:"
    if name == ":memory:" or name.startswith("file:") or address.query or read.secrets:
        raise StoreError(
            "SEEDANCE_DATABASE_URL names a SQLite database that is not just a file.",
            next_step="Write sqlite:// and the file's path, as in sqlite:////shared/history.db, without any options.",
        )
    return Path(name).absolute()


def file_engine(path: Path, *, create: bool = False, patience_s: float | None = None) -> sa.Engine:
    """A SQLite file. It is made only when told so: one that was deleted is noticed instead of begun anew, empty.

    `patience_s` is how long a locked one is waited for: `BUSY_TIMEOUT_S` unless told otherwise.
    """
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=_waits_s(patience_s), check_same_thread=False),
        poolclass=sa.NullPool,  # a file left open is left open in forks and on network homes, too
    )
    return _with_transactions(engine, patience_s)


def memory_engine() -> sa.Engine:
    """A database that ends with this process, on one connection: whoever uses it takes turns."""
    return _with_transactions(
        sa.create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=sa.StaticPool)
    )


def shared_engine(text: Secret) -> tuple[sa.Engine, Address]:
    """A team's database. `postgresql://` is spoken by psycopg 3. No repr of the engine holds a password.

    At READ COMMITTED whatever the database's default is: what is counted after a lock was waited for must be what
    holds now, not what held when the transaction began.
    """
    address = _address(text)
    try:  # NullPool as with a file: nothing to leave open or to fork
        engine = sa.create_engine(address.url, poolclass=sa.NullPool, isolation_level="READ COMMITTED")
        hand_over(engine, address.secrets)
        return engine, address
    except (SQLAlchemyError, ImportError, ValueError) as error:
        kind = type(error).__name__
    raise _unusable(kind)  # outside: the frames of that error hold the address


def _address(text: Secret) -> Address:
    try:
        return read_address(text)
    except (SQLAlchemyError, ValueError) as error:
        kind = type(error).__name__
    raise _unusable(kind)


def _unusable(kind: str) -> StoreError:
    return StoreError(
        f"SEEDANCE_DATABASE_URL cannot be used ({kind}).",
        next_step="Check the address (a password is percent-encoded in it), and that the database's driver is "
        'installed: pip install "seedance-widgets[postgresql]".',
    )


def take_turns(connection: sa.Connection, what: str) -> None:
    """On a team's database, until the transaction ends; a SQLite file is ours from BEGIN IMMEDIATE on."""
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"seedance_widgets {what}"))
        connection.execute(sa.select(lock))


def database_time(connection: sa.Connection) -> float:
    """The instant by a shared database's own clock, in seconds since 1970."""
    return float(connection.execute(sa.select(sa.func.extract("epoch", sa.func.clock_timestamp()))).scalar_one())


def _waits_s(patience_s: float | None) -> float:
    return BUSY_TIMEOUT_S if patience_s is None else patience_s


def _with_transactions(engine: sa.Engine, patience_s: float | None = None) -> sa.Engine:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows A to Z only
        connection.isolation_level = None  # the driver's own BEGIN would come too late and too weak
        for pragma in ("synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("seedance_read"):
            connection.exec_driver_sql("BEGIN")
            return
        _leave_wal(connection, _waits_s(patience_s))
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine


def _leave_wal(connection: sa.Connection, patience_s: float) -> None:
    """Back to the rollback journal, where another program has put the file into WAL mode; wait while it is open there.

    WAL is not safe on network homes, and only who has the file alone can leave it. Reading is possible meanwhile.
    """
    give_up_at = time.monotonic() + patience_s
    while True:
        try:
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
            return
        except OperationalError as error:
            code = getattr(error.orig, "sqlite_errorcode", None) or 0
            if code & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > give_up_at:
                raise
        time.sleep(WAL_STEP_S)


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text
