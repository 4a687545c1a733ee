"""What was put into a bucket, and what of it nothing needs any more.

A record is written before a medium is put and goes after it was taken away, so that a process which dies between the
two leaves nothing that the next one does not know of. What is being taken away is put again only once it has gone.
"""

from __future__ import annotations

import hashlib
import json
import re

import sqlalchemy as sa

from ..types import FINAL_STATUSES
from .engine import take_turns
from .schema import jobs, places, salt_of, sweeps

_HASH = re.compile(r"media:([0-9a-f]{64})")
NEWEST = 500
"""Jobs by which the slowest queue is told."""


def folder(connection: sa.Connection) -> str:
    """The name of this history's own folder in a bucket."""
    return "seedance-" + hashlib.sha256(f"media {salt_of(connection)}".encode()).hexdigest()[:12]


def want(connection: sa.Connection, place: str, sha256: str, at: float, *, kept: bool) -> bool:
    """Note that a medium is about to be put; `False` while it is being taken away."""
    take_turns(connection, "media")
    record = connection.execute(sa.select(places).where(places.c.place == place)).first()
    if record is not None and record.going:
        return False
    if record is None:
        connection.execute(sa.insert(places).values(place=place, sha256=sha256, kept=kept, going=False, put_at=at))
    elif kept and not record.kept:
        connection.execute(sa.update(places).where(places.c.place == place).values(kept=True))
    return True


def unneeded(connection: sa.Connection, address: str) -> list[str]:
    """The places below an address that nothing needs; with those that a process began to take away before it died."""
    take_turns(connection, "media")
    records = connection.execute(sa.select(places).where(sa.not_(places.c.kept))).all()
    ours = [record for record in records if record.place.startswith(f"{address}/")]
    if not ours:
        return []
    still = needed(connection)
    free = [record.place for record in ours if record.going or record.sha256 not in still]
    if free:
        connection.execute(sa.update(places).where(places.c.place.in_(free)).values(going=True))
    return free


def gone(connection: sa.Connection, place: str) -> None:
    """It was taken away."""
    connection.execute(sa.delete(places).where(places.c.place == place, places.c.going))


def needed(connection: sa.Connection) -> set[str]:
    """The hashes of what open jobs and unfinished sweeps need."""
    is_open = sa.and_(jobs.c.status.not_in(FINAL_STATUSES), jobs.c.removed_at.is_(None), jobs.c.media.is_not(None))
    found: set[str] = set()
    for (text,) in connection.execute(sa.select(jobs.c.media).where(is_open)):
        found |= {str(each["sha256"]) for each in json.loads(text)}
    with_media = sa.select(sweeps.c.id, sweeps.c.plan).where(sweeps.c.plan.contains("media:"))
    for sweep_id, plan in connection.execute(with_media):
        hashes = set(_HASH.findall(plan))
        if hashes - found and _is_unfinished(connection, sweep_id, plan):
            found |= hashes
    return found


def _is_unfinished(connection: sa.Connection, sweep_id: str, plan: str) -> bool:
    """Tell whether a place of a sweep has no job yet that stands in it for good."""
    in_place = sa.or_(jobs.c.status != "failed", jobs.c.request_id.is_not(None))
    taken = sa.select(sa.func.count()).select_from(jobs).where(jobs.c.sweep_id == sweep_id, in_place)
    return int(connection.execute(taken).scalar() or 0) < len(json.loads(plan)["places"])


def slowest_s(connection: sa.Connection, service: str) -> float:
    """The longest time from acceptance to work among the newest jobs of a service, in seconds."""
    waited = sa.func.coalesce(jobs.c.processing_at, jobs.c.final_at) - jobs.c.accepted_at
    newest = sa.select(waited.label("waited")).where(jobs.c.service == service, jobs.c.accepted_at.is_not(None))
    within = newest.order_by(jobs.c.created_at.desc()).limit(NEWEST).subquery()
    return float(connection.execute(sa.select(sa.func.max(within.c.waited))).scalar() or 0.0)
