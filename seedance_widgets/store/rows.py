"""The rows of jobs in one connection: which fit, which are newest, and how one is written."""

from __future__ import annotations

import contextlib
import json
from typing import Any, TypedDict

import sqlalchemy as sa

from ..life import Row
from . import search
from .schema import columns_of, jobs, row_of


class Wanted(TypedDict, total=False):
    """What rows to find; what is left out does not matter."""

    service: str | None
    status: str | list[str] | None
    model: str | list[str] | None
    text: str | None
    """Every word of it stands in the prompt, the note, a tag, the id or the request id."""
    starred: bool | None
    """With a star, or without."""
    tag: str | None
    """One of its tags, as it was given but for capitals."""
    rating: int | None
    """At least this."""
    sweep: str | None
    """The id of its sweep."""
    since: float | None
    """Created at or after this instant."""
    until: float | None
    """Created before this instant."""


def tags_of(connection: sa.Connection, service: str) -> list[str]:
    """Every tag of the rows of a service that are not removed."""
    there = (jobs.c.service == service, jobs.c.removed_at.is_(None), jobs.c.tags != "[]")
    lists = connection.execute(sa.select(jobs.c.tags).where(*there).distinct()).scalars()
    by_word = {word.casefold(): word for each in lists for word in json.loads(each)}
    return [by_word[word] for word in sorted(by_word)]


def insert_row(connection: sa.Connection, row: Row, owner: str | None, until: float) -> None:
    """Write a new row, leased to `owner` until then."""
    connection.execute(sa.insert(jobs).values(**columns_of(row), lease_owner=owner, lease_until=until))


def one_row(connection: sa.Connection, where: sa.ColumnElement[bool], *, alone: bool = False) -> Row | None:
    """The row that fits. `alone` keeps others from changing it until the transaction ends, on a team's database too."""
    query = sa.select(jobs).where(where)
    record = connection.execute(query.with_for_update() if alone else query).first()
    return None if record is None else row_of(record)


def fitting(connection: sa.Connection, wanted: Wanted) -> sa.ColumnElement[bool]:
    """The condition that rows fulfil which are wanted; what a person deleted never does."""
    conditions: list[sa.ColumnElement[bool]] = [jobs.c.removed_at.is_(None)]
    for name, column in (("service", "service"), ("status", "status"), ("model", "model"), ("sweep", "sweep_id")):
        if (value := wanted.get(name)) is not None and value != "":
            conditions.append(jobs.c[column].in_(value) if isinstance(value, list) else jobs.c[column] == value)
    if (starred := wanted.get("starred")) is not None:
        conditions.append(jobs.c.starred if starred else sa.not_(jobs.c.starred))
    if (since := wanted.get("since")) is not None:
        conditions.append(jobs.c.created_at >= since)
    if (until := wanted.get("until")) is not None:
        conditions.append(jobs.c.created_at < until)
    if tag := wanted.get("tag"):
        conditions.append(jobs.c.tags.icontains(json.dumps(tag, ensure_ascii=False), autoescape=True))
    if rating := wanted.get("rating"):
        conditions.append(jobs.c.rating >= rating)
    if text := wanted.get("text"):
        conditions.append(search.holds(connection, jobs, text))
    return sa.and_(*conditions)


def newest_rows(connection: sa.Connection, where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Row]:
    """The newest rows that fulfil a condition, newest first."""
    return rows_of(connection, newest(where, limit, offset))


def newest(where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> sa.Select[Any]:
    """The query for the newest rows that fulfil a condition."""
    return sa.select(jobs).where(where).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit).offset(offset)


def rows_of(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    """The rows that a query finds, but for those that cannot be read."""
    rows = []
    for record in connection.execute(query):
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a row of other software must not hide the rest
            rows.append(row_of(record))
    return rows
