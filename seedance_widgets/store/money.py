"""What was spent, added up by the database: each function runs within a transaction of the history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from ..request.caps import MICROS, MOST_USD, Spent
from ..types import Spending
from ..when import midnight
from .schema import jobs

BEFORE = ("submitting", "unconfirmed")
ACCEPTED = sa.or_(jobs.c.request_id.is_not(None), jobs.c.status.in_(BEFORE))
"""It was or may be charged: accepted, on its way, or unconfirmed. Failed and cancelled ones were accepted, too."""
CHARGED = sa.or_(jobs.c.request_id.is_not(None), jobs.c.status == "unconfirmed")
"""The same without what is on its way."""
_USD = sa.case((jobs.c.cost_usd < 0, 0.0), (jobs.c.cost_usd > MOST_USD, MOST_USD), else_=jobs.c.cost_usd)
_MICROS = sa.cast(sa.func.round(sa.func.coalesce(_USD, 0.0) * MICROS), sa.BigInteger)
"""An estimate in whole millionths of a dollar: what is added up is exact, and nothing in the column makes it less."""
FEW = 3
"""Jobs that it takes to tell what a credit costs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums(Spending):
    """One line as the database adds it up."""

    compared_usd: float
    compared_credits: int
    """The estimates of those whose charge is known, and that charge."""


def spent(
    connection: sa.Connection,
    service: str,
    session_id: str | None,
    day_at: float,
    *,
    counts: sa.ColumnElement[bool] = ACCEPTED,
) -> Spent:
    """What counts towards the caps of a session and of the day that began at `day_at`.

    Args:
        connection: A transaction of the history.
        service: Whose jobs.
        session_id: The session; a job of it counts whenever it was.
        day_at: Midnight; a job that is dated after the next one counts on a day of its own. 0: every job.
        counts: Which jobs were or may be charged; a narrower condition leaves some out.
    """
    day, session = jobs.c.created_at >= day_at, jobs.c.session_id == session_id
    if day_at:
        day = sa.and_(day, jobs.c.created_at < midnight(day_at, 1))
    usd = [sa.func.sum(sa.case((each, _MICROS), else_=0)) for each in (session, day)]
    unknown = sa.func.sum(sa.case((sa.and_(day, jobs.c.cost_usd.is_(None)), 1), else_=0))
    query = sa.select(*usd, unknown).where(jobs.c.service == service, counts, sa.or_(day, session))
    session_micros, day_micros, day_unknown = (int(value or 0) for value in connection.execute(query).one())
    return Spent(session_micros / MICROS, day_micros / MICROS, day_unknown)


def spent_since(connection: sa.Connection, service: str, since: float) -> tuple[float, int]:
    """The estimated cost of what was accepted since an instant, and how many of it had no known price."""
    unknown = sa.func.sum(sa.case((jobs.c.cost_usd.is_(None), 1), else_=0))
    query = sa.select(sa.func.sum(_MICROS), unknown)
    query = query.where(jobs.c.service == service, jobs.c.created_at >= since, CHARGED)
    usd, count = connection.execute(query).one()
    return int(usd or 0) / MICROS, int(count or 0)


def sums(
    connection: sa.Connection, service: str, by: str, since: float | None = None, until: float | None = None
) -> list[Sums]:
    """All jobs of a service by day, model, sweep or notebook, also deleted ones. Days in order, the rest by cost."""
    name = _group(connection, by)
    accepted, cost, charged = ACCEPTED, _MICROS, jobs.c.credits_charged
    failed, cancelled = (sa.and_(accepted, jobs.c.status == status) for status in ("failed", "cancelled"))
    went = sa.and_(accepted, jobs.c.status.not_in(("failed", "cancelled")))
    compared = sa.and_(accepted, cost > 0, charged > 0)
    columns: dict[str, sa.ColumnElement[Any]] = {"name": name}
    for prefix, kind in (("", went), ("failed", failed), ("cancelled", cancelled)):
        columns[prefix or "jobs"] = _total(kind, 1)
        columns[f"{prefix}_usd" if prefix else "estimated_usd"] = _total(kind, cost)
        columns[f"{prefix}_credits" if prefix else "credits_charged"] = _total(kind, charged)
    unpriced = sa.and_(accepted, jobs.c.cost_usd.is_(None))
    columns |= {"unknown": _total(unpriced, 1), "not_charged": _total(sa.not_(accepted), 1)}
    columns |= {"compared_usd": _total(compared, cost), "compared_credits": _total(compared, charged)}
    query = sa.select(*(column.label(label) for label, column in columns.items())).where(jobs.c.service == service)
    if since is not None:
        query = query.where(jobs.c.created_at >= since)
    if until is not None:
        query = query.where(jobs.c.created_at < until)
    order = name if by == "day" else sa.desc("estimated_usd")
    return [_sums(row) for row in connection.execute(query.group_by(name).order_by(order, name))]


def usd_per_credit(connection: sa.Connection, service: str) -> tuple[float | None, int]:
    """What a credit has cost in most jobs, by their estimates, and how many jobs tell; `None` where too few do."""
    priced = jobs.c.cost_usd.between(1e-9, MOST_USD)
    known = (jobs.c.service == service, ACCEPTED, priced, jobs.c.credits_charged > 0)
    many = connection.execute(sa.select(sa.func.count()).select_from(jobs).where(*known)).scalar_one()
    if many < FEW:
        return None, many
    rate = jobs.c.cost_usd / jobs.c.credits_charged
    middle = sa.select(rate).where(*known).order_by(rate).limit(1).offset((many - 1) // 2)
    return float(connection.execute(middle).scalar_one()), many


def _total(kind: sa.ColumnElement[bool], value: Any) -> sa.ColumnElement[Any]:
    return sa.func.coalesce(sa.func.sum(sa.case((kind, value), else_=0)), 0)


def _group(connection: sa.Connection, by: str) -> sa.ColumnElement[Any]:
    if by != "day":
        return sa.func.coalesce({"model": jobs.c.model, "sweep": jobs.c.sweep_id, "notebook": jobs.c.notebook}[by], "")
    if connection.dialect.name == "sqlite":
        words: list[Any] = [sa.literal_column(word) for word in ("'%Y-%m-%d'", "'unixepoch'", "'localtime'")]
        return sa.func.strftime(words[0], jobs.c.created_at, *words[1:])
    return sa.func.to_char(sa.func.to_timestamp(jobs.c.created_at), sa.literal_column("'YYYY-MM-DD'"))


def _sums(row: sa.Row[Any]) -> Sums:
    """As Python's own numbers: a database may answer with a Decimal."""
    values: dict[str, Any] = {}
    for name, value in row._mapping.items():
        values[name] = str(value or "") if name == "name" else int(value)
        if name.endswith("_usd"):
            values[name] /= MICROS
    return Sums(**values)
