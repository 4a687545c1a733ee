"""Rows with exactly the same request (`life.same_request`), read in the transaction that would write another one."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import sqlalchemy as sa

from ..errors import SentBefore
from ..life import Row
from ..life.same_request import SameRequest
from .schema import jobs, row_of

MOST_READ = 500
"""Rows of one model that are compared: the newest."""


def find(connection: sa.Connection, same: SameRequest) -> Row | None:
    """A recent row of the same request, else an unconfirmed one of any age. SQL narrows, `same` decides."""
    here = sa.and_(jobs.c.service == same.service, jobs.c.model == same.request.model, jobs.c.removed_at.is_(None))
    near = sa.func.abs(jobs.c.created_at - same.at) <= same.within_s if same.within_s else sa.false()
    recent = sa.and_(jobs.c.status.not_in(("failed", "cancelled", "unconfirmed")), near)
    where = sa.and_(here, sa.or_(recent, jobs.c.status == "unconfirmed"))
    newest = sa.select(jobs).where(where).order_by(jobs.c.created_at.desc()).limit(MOST_READ)
    return same.first_of(_readable(connection.execute(newest)))


def _readable(lines: sa.CursorResult[tuple[object, ...]]) -> Iterator[Row]:
    for line in lines:
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a row that other software wrote
            yield row_of(line)


def sent_before(row: Row) -> SentBefore:
    """The error for a request that is unconfirmed as this row."""
    return SentBefore(f"The same request is unconfirmed as job {row.id}, so it was not sent again.", job=row)
