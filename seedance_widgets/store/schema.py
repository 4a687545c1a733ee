"""The tables of the history, and how a `Row` is written and read. docs/history.md explains each column."""

from __future__ import annotations

import json
import secrets
from dataclasses import asdict, fields
from typing import Any

import sqlalchemy as sa
from sqlalchemy.schema import CreateColumn

from ..errors import StoreError
from ..life import Row
from ..request.options import OPTIONS
from ..types import ClipFacts, GenerationRequest, Problem, SweepRow
from . import news, search
from .engine import take_turns

SCHEMA_VERSION = 3
"""2 added `lease_beat`, `key_hash`, `seen_at` and `look_asked_at`; 3 `relation`, `media` and the table of places."""


class _Text(sa.types.TypeDecorator[str]):
    """Text. PostgreSQL keeps no NUL: there it becomes its picture, and the request keeps it in its JSON."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:
        return value.replace("\x00", "\N{SYMBOL FOR NULL}") if value and dialect.name == "postgresql" else value


_metadata = sa.MetaData()
_TEXT, _FLOAT, _INT = _Text, sa.Float, sa.BigInteger

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
            "sent_at",
            "accepted_at",
            "queued_seen_at",
            "processing_at",
            "looked_at",
            "final_at",
            "run_s",
            "cost_usd",
            "look_failed_at",
            "failing_since_at",
            "not_before_at",
            "cancel_asked_at",
            "save_failed_at",
            "seen_at",
            "look_asked_at",
            "removed_at",
        )
    ),
    *(sa.Column(name, _INT, nullable=False, server_default="0") for name in ("look_failures", "saves", "rev")),
    *(sa.Column(name, _INT) for name in ("credits_charged", "rating")),
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
            "sweep_id",
            "sweep_values",  # JSON, the value of each axis
            "session_id",
            "key_hash",
            "media",  # JSON, a list of types.MediaFacts
        )
    ),
    sa.Column("relation", _TEXT, nullable=False, server_default="variation"),
    sa.Column("starred", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("note", _TEXT, nullable=False, server_default=""),
    sa.Column("tags", _TEXT, nullable=False, server_default="[]"),  # JSON, a list of words
    sa.Column("lease_owner", _TEXT),
    sa.Column("lease_until", _FLOAT, nullable=False, server_default="0"),
    sa.Column("lease_beat", _INT, nullable=False, server_default="0"),
    sa.Index("jobs_by_time", "service", "created_at"),
    sa.Index("jobs_by_request_id", "request_id"),
    sa.Index("jobs_by_sweep", "sweep_id"),
    sa.Index("jobs_by_session", "session_id"),
    sa.Index("jobs_by_parent", "parent_id"),
    sa.Index("jobs_by_status", "service", "status", "created_at"),
    sa.Index("jobs_by_creation", "created_at"),
)
for _name, _column, _where in (  # a page that asks what is open or new reads those rows, however many there are besides
    ("jobs_going_on", jobs.c.status, jobs.c.status.not_in(("succeeded", "failed", "cancelled"))),
    ("jobs_unsaved", jobs.c.final_at, sa.and_(jobs.c.status == "succeeded", jobs.c.clip_path.is_(None))),
    ("jobs_unseen", jobs.c.final_at, jobs.c.seen_at.is_(None)),
):
    sa.Index(_name, _column, sqlite_where=_where, postgresql_where=_where)
sweeps = sa.Table(
    "sweeps",
    _metadata,
    sa.Column("id", _TEXT, primary_key=True),
    sa.Column("service", _TEXT, nullable=False),
    sa.Column("name", _TEXT),
    sa.Column("digest", _TEXT, nullable=False),
    sa.Column("created_at", _FLOAT, nullable=False),
    sa.Column("plan", _TEXT, nullable=False),  # JSON, see sweep.plan
    sa.Column("notebook", _TEXT),
    sa.Index("sweeps_by_time", "service", "created_at"),
)
places = sa.Table(
    "seedance_media",
    _metadata,
    sa.Column("place", _TEXT, primary_key=True),  # such as s3://bucket/prefix/…png; never a link
    sa.Column("sha256", _TEXT, nullable=False),
    sa.Column("kept", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("going", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("put_at", _FLOAT, nullable=False),
)
"""What was put where the vendor fetches it, from before it is put until it was taken away: see `places`."""
rates = sa.Table(
    "seedance_rates",
    _metadata,
    sa.Column("name", _TEXT, primary_key=True),  # a salted hash of the service and the key
    sa.Column("holder", _TEXT, primary_key=True),
    *(sa.Column(name, _INT, nullable=False) for name in ("turns", "wanted", "most")),
    sa.Column("synced_at", _FLOAT, nullable=False),
)
"""Who may ask how often, of those who ask with one key: see `rates`. What it holds is worthless after a minute."""
meta = sa.Table("seedance_meta", _metadata, sa.Column("key", _TEXT, primary_key=True), sa.Column("value", _TEXT))

_REQUEST_FIELDS = {field.name for field in fields(GenerationRequest)}
"""A newer version may have written more."""


def migrate(connection: sa.Connection, where: str) -> None:
    """Make what is missing. Columns are only ever added; a newer file than we know is refused."""
    take_turns(connection, "schema")
    _metadata.create_all(connection)
    there = {column["name"] for column in sa.inspect(connection).get_columns("jobs")}
    for column in jobs.columns:
        if column.name not in there:
            words = CreateColumn(column).compile(dialect=connection.dialect)
            connection.exec_driver_sql(f"ALTER TABLE jobs ADD COLUMN {words}")
    for index in jobs.indexes:
        index.create(connection, checkfirst=True)
    search.install(connection)
    news.install(connection)
    version = connection.execute(sa.select(meta.c.value).where(meta.c.key == "schema")).scalar()
    if version is None:
        connection.execute(sa.insert(meta).values(key="schema", value=str(SCHEMA_VERSION)))
    elif int(version) > SCHEMA_VERSION:
        raise StoreError(
            f"The history at {where} was written by a newer version "
            f"(schema {version}, this one knows {SCHEMA_VERSION}).",
            next_step="Upgrade seedance-widgets, or set SEEDANCE_HOME to another folder.",
        )
    elif int(version) < SCHEMA_VERSION:
        connection.execute(sa.update(meta).where(meta.c.key == "schema").values(value=str(SCHEMA_VERSION)))


def salt_of(connection: sa.Connection) -> str:
    """The salt of this history, made once: two hashes of one key are the same in it."""
    known = sa.select(meta.c.value).where(meta.c.key == "key_salt")
    salt = connection.execute(known).scalar()
    if salt is None:
        take_turns(connection, "salt")
        salt = connection.execute(known).scalar()
    if salt is None:
        salt = secrets.token_hex(8)
        connection.execute(sa.insert(meta).values(key="key_salt", value=salt))
    return str(salt)


def columns_of(row: Row) -> dict[str, Any]:
    """A row as the values of its columns; no link in them holds what signs it."""
    row = row.kept
    values = {f.name: getattr(row, f.name) for f in fields(row)}
    request = asdict(row.request)
    values |= {"request": json.dumps(request, ensure_ascii=False), "model": row.request.model}
    values["prompt"] = row.request.prompt
    values["problem"] = None if row.problem is None else json.dumps(asdict(row.problem), ensure_ascii=False)
    values["clip_facts"] = None if row.clip_facts is None else json.dumps(row.clip_facts)
    values["tags"] = json.dumps(row.tags, ensure_ascii=False)
    values["media"] = json.dumps(row.media, ensure_ascii=False) if row.media else None
    values["sweep_values"] = None if row.sweep_values is None else json.dumps(row.sweep_values, ensure_ascii=False)
    return values


def row_of(record: sa.Row[Any]) -> Row:
    """The row that a line of the table holds."""
    values = {f.name: record._mapping[f.name] for f in fields(Row)}
    values["request"] = request_of(json.loads(values["request"]))
    values["problem"] = None if values["problem"] is None else Problem(**json.loads(values["problem"]))
    facts: ClipFacts | None = None if values["clip_facts"] is None else json.loads(values["clip_facts"])
    values["tags"] = tuple(json.loads(values["tags"]))
    values["media"] = tuple(json.loads(values["media"] or "[]"))
    values["sweep_values"] = None if values["sweep_values"] is None else json.loads(values["sweep_values"])
    return Row(**{**values, "clip_facts": facts}).kept  # older versions wrote signatures, too


def sweep_columns_of(sweep: SweepRow) -> dict[str, Any]:
    """A sweep as the values of its columns."""
    values = {f.name: getattr(sweep, f.name) for f in fields(sweep)}
    return values | {"plan": json.dumps(sweep.plan, ensure_ascii=False)}


def sweep_of(record: sa.Row[Any]) -> SweepRow:
    """The sweep that a line of the table holds."""
    values = {f.name: record._mapping[f.name] for f in fields(SweepRow)}
    return SweepRow(**{**values, "plan": json.loads(values["plan"])})


def request_of(values: dict[str, Any]) -> GenerationRequest:
    """A request from its JSON, as it may be shown; fields that this version does not know are left out."""
    known = {name: value for name, value in values.items() if name in _REQUEST_FIELDS}
    many = {option.name: tuple(known.get(option.name, ())) for option in OPTIONS if option.kind == "urls"}
    return GenerationRequest(**{**known, **many}).kept
