"""The history: one row a job, written before anything is sent. The only door to the database.

SQLite in rollback-journal mode with `synchronous=FULL` and `BEGIN IMMEDIATE` by default, so that many kernels share one
file safely, on network homes too (WAL is not safe there). PostgreSQL by URL for a team. Every change is one
transaction: read the row, `life.advance` it, write it. A lease on a row says which kernel looks after it.

The file is the person's own: a table `jobs` with one plain column a fact, documented in docs/history.md.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, TypedDict, Unpack

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from .errors import JobNotFound, StoreError
from .life import Event, Row, advance
from .types import ClipFacts, GenerationRequest, Problem

SCHEMA_VERSION = 1
BUSY_TIMEOUT_S = 30.0
LEASE_S = 30.0
"""A kernel that has not renewed its lease for this long is taken for dead."""

_metadata = sa.MetaData()
_TEXT, _FLOAT, _INT = sa.Text, sa.Float, sa.Integer

jobs = sa.Table(
    "jobs",
    _metadata,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("service", _TEXT, nullable=False),
    sa.Column("status", _TEXT, nullable=False),
    sa.Column("created_at", _FLOAT, nullable=False),
    sa.Column("model", _TEXT, nullable=False),
    sa.Column("prompt", _TEXT, nullable=False),
    sa.Column("request", _TEXT, nullable=False),  # JSON, the fields of GenerationRequest
    sa.Column("request_id", _TEXT),
    *(
        sa.Column(name, _FLOAT)
        for name in (
            "accepted_at",
            "queued_seen_at",
            "processing_at",
            "looked_at",
            "final_at",
            "run_s",
            "cost_usd",
            "look_failed_at",
            "failing_since_at",
            "cancel_asked_at",
            "save_failed_at",
        )
    ),
    *(sa.Column(name, _INT, nullable=False, server_default="0") for name in ("look_failures", "saves", "rev")),
    sa.Column("credits_charged", _INT),
    *(
        sa.Column(name, _TEXT)
        for name in (
            "output_url",
            "problem",  # JSON {code, message}
            "answer",
            "look_problem",
            "save_problem",
            "clip_path",
            "poster_path",
            "clip_facts",  # JSON, see types.ClipFacts
            "folder",
            "out_name",
            "notebook",
            "parent_id",
        )
    ),
    sa.Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("note", _TEXT, nullable=False, server_default=""),
    sa.Column("lease_owner", _TEXT),
    sa.Column("lease_until", _FLOAT, nullable=False, server_default="0"),
    sa.Index("jobs_by_time", "service", "created_at"),
    sa.Index("jobs_by_request_id", "request_id"),
)
meta = sa.Table("seedance_meta", _metadata, sa.Column("key", _TEXT, primary_key=True), sa.Column("value", _TEXT))

_OPEN = sa.or_(
    jobs.c.status.not_in(("succeeded", "failed", "cancelled", "unconfirmed")),
    sa.and_(jobs.c.status == "succeeded", jobs.c.clip_path.is_(None)),
)


class Wanted(TypedDict, total=False):
    """What rows to find; what is left out does not matter."""

    service: str | None
    status: str | None
    model: str | None
    text: str | None
    """Every word of it stands in the prompt, the note, the id or the request id."""
    starred: bool | None
    since: float | None
    """Created at or after this instant."""


class Store:
    """The rows of one database. Thread-safe; cheap to open, the first use creates file and folder (0700).

    Args:
        url: A SQLAlchemy URL, or the path of a SQLite file.
        clock: Seconds since 1970; a test passes its own.
    """

    def __init__(self, url: str | Path, *, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._path = None if isinstance(url, str) and "://" in url else Path(url)
        self._engine = _sqlite(self._path) if self._path else _shared(str(url))
        self._ready = False
        self._lock = threading.Lock()

    @property
    def where(self) -> str:
        """The file, or the database's address without its password."""
        return str(self._path) if self._path else self._engine.url.render_as_string(hide_password=True)

    def add(self, row: Row, *, owner: str | None = None) -> Row:
        """Write a new row, leased to `owner` so that no other kernel takes it for abandoned."""
        until = self._clock() + LEASE_S if owner else 0.0
        with self._transaction() as connection:
            connection.execute(sa.insert(jobs).values(**_columns(row), lease_owner=owner, lease_until=until))
        return row

    def apply(self, job_id: str, event: Event) -> Row:
        """One step of a job's life, in one transaction. Returns the row as it is afterwards."""
        with self._transaction() as connection:
            row = _one(connection, jobs.c.id == job_id)
            if row is None:
                raise JobNotFound(f"There is no job {job_id!r} in {self.where}.")
            after = advance(row, event)
            if after is not row:
                connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**_columns(after)))
        return after

    def get(self, job_id: str) -> Row | None:
        """The row of an id, or `None`."""
        with self._reading() as connection:
            return _one(connection, jobs.c.id == job_id)

    def find(self, name: str, *, service: str | None = None) -> list[Row]:
        """Rows of a service whose id or request id is `name`, else those whose id begins with it."""
        here = _where({"service": service})
        with self._reading() as connection:
            exact = _all(connection, sa.and_(here, sa.or_(jobs.c.id == name, jobs.c.request_id == name)), 2)
            return exact or _all(connection, sa.and_(here, jobs.c.id.startswith(name, autoescape=True)), 5)

    def rows(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[Wanted]) -> list[Row]:
        """The newest rows that fit all that is wanted, newest first; `offset` skips so many."""
        with self._reading() as connection:
            return _all(connection, _where(wanted), limit, offset)

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many rows fit all that is wanted."""
        with self._reading() as connection:
            return int(connection.execute(sa.select(sa.func.count()).where(_where(wanted))).scalar_one())

    def spent_usd(self, service: str, since: float) -> tuple[float, int]:
        """The estimated cost of what was accepted since an instant, and how many of it had no known price."""
        charged = sa.and_(
            jobs.c.service == service,
            jobs.c.created_at >= since,
            sa.or_(jobs.c.request_id.is_not(None), jobs.c.status == "unconfirmed"),
        )
        unknown = sa.func.sum(sa.case((jobs.c.cost_usd.is_(None), 1), else_=0))
        with self._reading() as connection:
            query = sa.select(sa.func.sum(jobs.c.cost_usd), unknown).where(charged)
            usd, count = connection.execute(query).one()
        return float(usd or 0.0), int(count or 0)

    def news(self, service: str) -> tuple[int, int]:
        """Two numbers that change when any row of a service does: cheap to ask often."""
        with self._reading() as connection:
            query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(jobs.c.rev), 0))
            many, revs = connection.execute(query.where(jobs.c.service == service)).one()
        return int(many), int(revs)

    def like_durations_s(self, request: GenerationRequest, service: str, limit: int = 40) -> list[float]:
        """How long the newest jobs of the same model ran, in seconds: same resolution and duration."""
        with self._reading() as connection:
            found = connection.execute(
                sa.select(jobs.c.run_s, jobs.c.request)
                .where(jobs.c.service == service, jobs.c.model == request.model)
                .where(jobs.c.status == "succeeded", jobs.c.run_s.is_not(None))
                .order_by(jobs.c.created_at.desc())
                .limit(limit * 5)
            ).all()
        wanted = (request.resolution, request.duration, bool(request.media_urls))
        like = [run_s for run_s, text in found if _kind(json.loads(text)) == wanted]
        return like[:limit]

    def take_over(
        self, service: str, owner: str, *, is_dead: Callable[[str], bool] = lambda owner: False, limit: int = 500
    ) -> list[Row]:
        """Lease the open rows of a service that no living kernel looks after, and return them.

        A lease that has run out is free, and so is one whose owner `is_dead`, as far as this machine can tell.
        """
        now = self._clock()
        with self._reading() as connection:
            held = sa.select(jobs.c.lease_owner).where(_OPEN, jobs.c.service == service).distinct()
            dead = [name for (name,) in connection.execute(held) if name and name != owner and is_dead(name)]
        unheld = sa.or_(jobs.c.lease_until < now, jobs.c.lease_owner.in_(dead))
        with self._transaction() as connection:
            rows = _all(connection, sa.and_(_OPEN, jobs.c.service == service, unheld), limit)
            _lease(connection, [row.id for row in rows], owner, now + LEASE_S)
        return rows

    def lease(self, job_id: str, owner: str) -> bool:
        """Take the lease of one row, unless another living kernel has it."""
        now = self._clock()
        free = sa.or_(jobs.c.lease_until < now, jobs.c.lease_owner == owner)
        with self._transaction() as connection:
            done = connection.execute(
                sa.update(jobs).where(jobs.c.id == job_id, free).values(lease_owner=owner, lease_until=now + LEASE_S)
            )
        return done.rowcount > 0

    def renew(self, job_ids: Iterable[str], owner: str) -> set[str]:
        """Renew the leases that are still ours; returns their ids."""
        ids = list(job_ids)
        with self._transaction() as connection:
            mine = sa.and_(jobs.c.id.in_(ids), jobs.c.lease_owner == owner)
            found = {found for (found,) in connection.execute(sa.select(jobs.c.id).where(mine))}
            _lease(connection, found, owner, self._clock() + LEASE_S)
        return found

    def release(self, owner: str) -> None:
        """Give up every lease, so that the next session need not wait for them to run out."""
        with self._transaction() as connection:
            connection.execute(sa.update(jobs).where(jobs.c.lease_owner == owner).values(lease_until=0.0))

    def close(self) -> None:
        """Close the connections. The store may be used again."""
        self._engine.dispose()

    @contextmanager
    def _transaction(self) -> Iterator[sa.Connection]:
        with self._errors():
            self._prepare()
            with self._engine.begin() as connection:
                yield connection

    @contextmanager
    def _reading(self) -> Iterator[sa.Connection]:
        with self._errors():
            self._prepare()
            with self._engine.connect().execution_options(seedance_read=True) as connection:
                yield connection

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            raise StoreError(
                f"The history at {self.where} cannot be used ({type(cause).__name__}: {str(cause)[:200]}).",
                next_step="Check the folder's rights and space, or set SEEDANCE_HOME to another one.",
            ) from error

    def _prepare(self) -> None:
        if self._ready:
            return
        with self._lock:
            if not self._ready:
                if self._path:
                    _make_folder(self._path.parent)
                with self._engine.begin() as connection:
                    _migrate(connection, self.where)
                self._ready = True


def _shared(url: str) -> sa.Engine:
    try:
        return sa.create_engine(url, pool_pre_ping=True)
    except (SQLAlchemyError, ImportError) as error:
        raise StoreError(
            f"SEEDANCE_DATABASE_URL cannot be used ({type(error).__name__}).",
            next_step="Check the address, and that the database's driver is installed.",
        ) from None  # the address may hold a password


def _sqlite(path: Path) -> sa.Engine:
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)),
        connect_args={"timeout": BUSY_TIMEOUT_S, "check_same_thread": False},
        poolclass=sa.NullPool,  # a file left open is left open in forks and on network homes, too
    )

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


def _migrate(connection: sa.Connection, where: str) -> None:
    """Named, append-only steps. Version 1 is the first."""
    _metadata.create_all(connection)
    found = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar()
    if found is None:
        connection.execute(sa.insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
    elif int(found) > SCHEMA_VERSION:
        raise StoreError(
            f"The history at {where} was written by a newer version (schema {found}, this one knows {SCHEMA_VERSION}).",
            next_step="Upgrade seedance-widgets, or set SEEDANCE_HOME to another folder.",
        )


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(
            f"The data folder {folder} cannot be made ({error.strerror}).",
            next_step="Set SEEDANCE_HOME to a folder that you may write to.",
        ) from error
    if not os.access(folder, os.W_OK):
        raise StoreError(
            f"The data folder {folder} cannot be written to.",
            next_step="Set SEEDANCE_HOME to a folder that you may write to.",
        )


# --- rows and columns -----------------------------------------------------------------------------------------------


_REQUEST_FIELDS = {field.name for field in fields(GenerationRequest)}
"""A newer version may have written more."""


def _columns(row: Row) -> dict[str, Any]:
    values = {f.name: getattr(row, f.name) for f in fields(row)}
    request = asdict(row.request)
    values |= {"request": json.dumps(request, ensure_ascii=False), "model": row.request.model}
    values["prompt"] = row.request.prompt
    values["problem"] = None if row.problem is None else json.dumps(asdict(row.problem), ensure_ascii=False)
    values["clip_facts"] = None if row.clip_facts is None else json.dumps(row.clip_facts)
    return values


def _row(found: sa.Row[Any]) -> Row:
    values = {f.name: found._mapping[f.name] for f in fields(Row)}
    request = {name: value for name, value in json.loads(values["request"]).items() if name in _REQUEST_FIELDS}
    values["request"] = GenerationRequest(**{**request, "media_urls": tuple(request.get("media_urls", ()))})
    values["problem"] = None if values["problem"] is None else Problem(**json.loads(values["problem"]))
    facts: ClipFacts | None = None if values["clip_facts"] is None else json.loads(values["clip_facts"])
    return Row(**{**values, "clip_facts": facts})


def _lower(text: object) -> object:
    return text.lower() if isinstance(text, str) else text


def _one(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Row | None:
    found = connection.execute(sa.select(jobs).where(where)).first()
    return None if found is None else _row(found)


def _where(wanted: Wanted) -> sa.ColumnElement[bool]:
    found: list[sa.ColumnElement[bool]] = [sa.true()]
    for name in ("service", "status", "model"):
        if (value := wanted.get(name)) is not None and value != "":
            found.append(jobs.c[name] == value)
    if wanted.get("starred"):
        found.append(jobs.c.starred)
    if (since := wanted.get("since")) is not None:
        found.append(jobs.c.created_at >= since)
    for word in (wanted.get("text") or "").split():
        columns = (jobs.c.prompt, jobs.c.note, jobs.c.id, jobs.c.request_id)
        found.append(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    return sa.and_(*found)


def _all(connection: sa.Connection, where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Row]:
    query = sa.select(jobs).where(where).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit).offset(offset)
    rows = []
    for found in connection.execute(query):
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a row of another hand must not hide the rest
            rows.append(_row(found))
    return rows


def _lease(connection: sa.Connection, ids: Iterable[str], owner: str, until: float) -> None:
    query = sa.update(jobs).where(jobs.c.id.in_(list(ids))).values(lease_owner=owner, lease_until=until)
    connection.execute(query)


def _kind(request: dict[str, Any]) -> tuple[Any, Any, bool]:
    return request.get("resolution"), request.get("duration"), bool(request.get("media_urls"))


__all__: Sequence[str] = ["LEASE_S", "Store"]
