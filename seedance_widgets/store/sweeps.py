"""The table `sweeps`: the whole plan of each, written before its first job is sent. Its jobs are rows of `jobs`.

A place of a sweep is taken by the row that stands in it, so two kernels that go on with one sweep never send the same
combination twice. A row that the server never accepted takes no place: nothing was charged.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Any, Protocol, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from ..errors import SentBefore
from ..life import Row, digest_of_place, kept_values_of
from ..text import links
from ..types import SweepRow
from .schema import jobs, row_of, sweep_columns_of, sweep_of, sweeps
from .trail import Trail

T = TypeVar("T")

_TAKES_A_PLACE = sa.or_(jobs.c.status != "failed", jobs.c.request_id.is_not(None))


class _Run(Protocol):
    """One transaction of the store."""

    def __call__(self, work: Callable[[sa.Connection], T]) -> T: ...


class Sweeps:
    """The sweeps of one store."""

    def __init__(self, write: _Run, read: _Run, trail: Trail) -> None:
        self._write = write
        self._read = read
        self._trail = trail

    def add(self, sweep: SweepRow) -> SweepRow:
        """Keep a plan, in the paper trail first. Returns the one that is there when another kernel was faster."""
        known = self.get(sweep.id)
        if known is None:
            self._trail.planned(sweep)
            self._write(lambda connection: connection.execute(_insert(connection, sweep)))
            known = self.get(sweep.id)
        return known or sweep

    def get(self, sweep_id: str) -> SweepRow | None:
        """The sweep of an id, or `None`."""
        rows = self._found(sweeps.c.id == sweep_id)
        return rows[0] if rows else None

    def find(self, service: str, name: str) -> list[SweepRow]:
        """The sweep of a name or an id, else those whose id begins with it."""
        exact = sa.or_(sweeps.c.name == name, sweeps.c.id == name)
        begins = sweeps.c.id.startswith(name, autoescape=True)
        here = sweeps.c.service == service
        return self._found(sa.and_(here, exact)) or self._found(sa.and_(here, begins))

    def all(self, service: str, limit: int | None) -> list[SweepRow]:
        """The newest sweeps of a service, newest first."""
        return self._found(sweeps.c.service == service, limit)

    def names(self, service: str) -> dict[str, str]:
        """What a person calls each sweep that has a name, by its id."""
        query = sa.select(sweeps.c.id, sweeps.c.name).where(sweeps.c.service == service, sweeps.c.name.is_not(None))
        return self._read(lambda connection: {each.id: each.name for each in connection.execute(query)})

    def rows(self, sweep_id: str) -> list[Row]:
        """The rows of a sweep, oldest first."""
        query = sa.select(jobs).where(jobs.c.sweep_id == sweep_id).order_by(jobs.c.created_at, jobs.c.id)

        def read(connection: sa.Connection) -> list[Row]:
            rows = []
            for record in connection.execute(query):
                with contextlib.suppress(KeyError, TypeError, ValueError):  # a row that other software wrote
                    rows.append(row_of(record))
            return rows

        return self._read(read)

    def _found(self, where: sa.ColumnElement[bool], limit: int | None = 5) -> list[SweepRow]:
        query = sa.select(sweeps).where(where).order_by(sweeps.c.created_at.desc(), sweeps.c.id).limit(limit)
        return self._read(lambda connection: [sweep_of(record) for record in connection.execute(query)])


def refuse_taken(connection: sa.Connection, row: Row) -> None:
    """Raise SentBefore when another row stands where this one belongs in its sweep."""
    if row.sweep_id is None:
        return
    connection.execute(sa.select(sweeps.c.id).where(sweeps.c.id == row.sweep_id).with_for_update())  # one at a time
    values = kept_values_of(row.sweep_values or {})
    written = json.dumps(values, ensure_ascii=False)
    kept_otherwise = sa.or_(  # 0.1.0 kept what signs a link; of a deleted job a digest is left
        jobs.c.removed_at.is_not(None), *(jobs.c.sweep_values.contains(sign, autoescape=True) for sign in links.SIGNS)
    )
    same = sa.or_(jobs.c.sweep_values == written, kept_otherwise)
    here = sa.and_(jobs.c.sweep_id == row.sweep_id, same, _TAKES_A_PLACE)
    rows = connection.execute(sa.select(jobs.c.id, jobs.c.sweep_values).where(here))
    taken = next((job_id for job_id, stored in rows if stored and _is_place(stored, job_id, values, written)), None)
    if taken is not None:
        raise SentBefore(
            f"This combination of the sweep was sent before, as job {taken}.",
            job=row,
            charged="Nothing was sent or charged now.",
            next_step="",
        )


def _is_place(stored: str, job_id: str, values: dict[str, Any], written: str) -> bool:
    """Whether the place stored in a row is this one."""
    return stored == written or _kept_place(stored) == written or json.loads(stored) == digest_of_place(job_id, values)


@lru_cache(maxsize=2_000)
def _kept_place(stored: str) -> str:
    """A row's place as it would be written today."""
    return json.dumps(kept_values_of(json.loads(stored)), ensure_ascii=False)


def _insert(connection: sa.Connection, sweep: SweepRow) -> sa.Insert:
    """An insert that does nothing where the sweep is there already."""
    values = sweep_columns_of(sweep)
    if connection.dialect.name == "postgresql":
        return postgresql.insert(sweeps).values(**values).on_conflict_do_nothing()
    return sqlite.insert(sweeps).values(**values).on_conflict_do_nothing()
