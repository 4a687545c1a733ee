"""Whose a request id is: a generation belongs to one job, and is paid for once."""

from __future__ import annotations

import sqlalchemy as sa

from ..errors import AdoptRefused
from ..life.adoption import SHOWN, shown
from .engine import take_turns
from .schema import jobs, row_of


def refuse_owned(connection: sa.Connection, job_id: str, request_id: str) -> None:
    """Raise AdoptRefused when another job of the same service has a request id, also one that was deleted."""
    take_turns(connection, "adopt")
    mine = connection.execute(sa.select(jobs).where(jobs.c.id == job_id)).first()
    if mine is None:
        return
    row = row_of(mine)
    others = sa.and_(jobs.c.service == row.service, jobs.c.request_id == request_id, jobs.c.id != job_id)
    other = connection.execute(sa.select(jobs.c.id, jobs.c.prompt).where(others)).first()
    if other is not None:
        detail = f" ({shown(other.prompt)})" if other.prompt else ", which was deleted"
        raise AdoptRefused(f"Request id {request_id[:SHOWN]} belongs to job {other.id}{detail}.", job=row)
