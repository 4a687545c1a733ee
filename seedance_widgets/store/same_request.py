"""Rows with exactly the same request: what a cell that was run twice, or a second click, would pay for again."""

from __future__ import annotations

import contextlib

import sqlalchemy as sa

from ..errors import SentBefore
from ..life import Row
from ..types import FINAL_STATUSES
from .schema import jobs, row_of

MOST_READ = 500
"""Rows of one model that are compared: the newest."""


def find(connection: sa.Connection, row: Row, within_s: float) -> Row | None:
    """A running row of the same request that is at most so old, else an unconfirmed one of any age."""
    running = sa.and_(jobs.c.status.not_in((*FINAL_STATUSES, "unconfirmed")), _near(row, within_s))
    running = sa.and_(running, jobs.c.cancel_asked_at.is_(None))
    here = sa.and_(jobs.c.service == row.service, jobs.c.model == row.request.model, jobs.c.removed_at.is_(None))
    where = sa.and_(here, jobs.c.id != row.id, sa.or_(running, jobs.c.status == "unconfirmed"))
    unconfirmed = None
    for found in connection.execute(sa.select(jobs).where(where).order_by(jobs.c.created_at.desc()).limit(MOST_READ)):
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a row of another hand
            other = row_of(found)
            if other.request != row.request:
                continue
            if other.status != "unconfirmed":
                return other
            unconfirmed = unconfirmed or other
    return unconfirmed


def sent_before(row: Row) -> SentBefore:
    """The error for a request that is unconfirmed as this row."""
    return SentBefore(f"The same request is unconfirmed as job {row.id}, so it was not sent again.", job=row)


def _near(row: Row, within_s: float) -> sa.ColumnElement[bool]:
    return sa.func.abs(jobs.c.created_at - row.created_at) <= within_s if within_s else sa.false()
