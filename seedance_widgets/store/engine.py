"""How databases are opened: a SQLite file, a copy in memory, a team's shared database by its address."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..errors import StoreError
from ..secret import Secret
from .address import Address, hand_over, read_address

BUSY_TIMEOUT_S = 30.0


def file_engine(path: Path, *, create: bool = False) -> sa.Engine:
    """A SQLite file. It is made only when told so: one that was deleted is noticed instead of begun anew, empty."""
    address = f"{path.absolute().as_uri()}?mode={'rwc' if create else 'rw'}"
    engine = sa.create_engine(
        "sqlite://",
        creator=lambda: sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_S, check_same_thread=False),
        poolclass=sa.NullPool,  # a file left open is left open in forks and on network homes, too
    )
    return _with_transactions(engine)


def memory_engine() -> sa.Engine:
    """A database that ends with this process, on one connection: whoever uses it takes turns."""
    return _with_transactions(
        sa.create_engine("sqlite://", connect_args={"check_same_thread": False}, poolclass=sa.StaticPool)
    )


def shared_engine(text: Secret) -> tuple[sa.Engine, Address]:
    """A team's database. `postgresql://` is spoken by psycopg 3. No repr of the engine holds a password."""
    try:
        address = read_address(text)
        engine = sa.create_engine(address.url, poolclass=sa.NullPool)  # nothing to leave open or to fork
        hand_over(engine, address.secrets)
        return engine, address
    except (SQLAlchemyError, ImportError, ValueError) as error:
        kind = type(error).__name__
    raise StoreError(  # outside: the frames of that error hold the address
        f"SEEDANCE_DATABASE_URL cannot be used ({kind}).",
        next_step="Check the address (a password is percent-encoded in it), and that the database's driver is "
        'installed: pip install "seedance-widgets[postgresql]".',
    )


def take_turns(connection: sa.Connection, what: str) -> None:
    """On a team's database, until the transaction ends; a SQLite file is ours from BEGIN IMMEDIATE on."""
    if connection.dialect.name == "postgresql":
        lock = sa.func.pg_advisory_xact_lock(sa.func.hashtext(f"seedance_widgets {what}"))
        connection.execute(sa.select(lock))


def _with_transactions(engine: sa.Engine) -> sa.Engine:
    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.create_function("lower", 1, _lower, deterministic=True)  # SQLite's own knows A to Z only
        connection.isolation_level = None  # the driver's own BEGIN would come too late and too weak
        for pragma in ("journal_mode=DELETE", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}")

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        reading = connection.get_execution_options().get("seedance_read")
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text
