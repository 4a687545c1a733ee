"""Who looks after which row: leases, and how it is told that their holder is gone.

No two machines' clocks are compared. A holder raises the counter `lease_beat` of its rows every few seconds; an
observer remembers what it saw and when by its own clock, which runs on while the machine sleeps. A lease that has not
moved for `LEASE_S` is free. Where the holder's process is known to be gone (see `worker.owners`) it is free at once.

`lease_until` is written as version 0.1.0 wrote it, for kernels of that version that run on. Here it is only looked at
for whether it changed: that is how their leases are seen to move.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from ..when import awake_s
from .schema import jobs

LEASE_S = 30.0
"""A holder whose leases have not moved for this long is taken for dead."""

OPEN = sa.or_(
    jobs.c.status.not_in(("succeeded", "failed", "cancelled", "unconfirmed")),
    sa.and_(jobs.c.status == "succeeded", jobs.c.clip_path.is_(None), jobs.c.removed_at.is_(None)),
)
"""Rows that somebody has to look after."""


AWAY_S = 20.0
"""An observer that has not looked for this long has watched nobody meanwhile: it slept, and others may have, too."""


@dataclass(frozen=True, slots=True)
class Lease:
    """What an observer reads of a row's lease."""

    job_id: str
    owner: str | None
    beat: int
    until: float


class Observer:
    """Remembers when each lease was last seen to move, by its own clock."""

    def __init__(self, clock: Callable[[], float] = awake_s) -> None:
        self._clock = clock
        self._seen: dict[str, tuple[Lease, float]] = {}
        self._looked_at = clock()

    def silent(self, leases: Collection[Lease]) -> list[Lease]:
        """Those that have not moved for `LEASE_S`, of all that are held by others now."""
        now = self._clock()
        before, self._seen = self._seen if now - self._looked_at <= AWAY_S else {}, {}
        self._looked_at = now
        for lease in leases:
            known = before.get(lease.job_id)
            self._seen[lease.job_id] = known if known is not None and known[0] == lease else (lease, now)
        return [lease for lease, since in self._seen.values() if now - since >= LEASE_S]


def read(connection: sa.Connection, service: str) -> list[Lease]:
    """The leases of the open rows of a service."""
    columns = (jobs.c.id, jobs.c.lease_owner, jobs.c.lease_beat, jobs.c.lease_until)
    rows = connection.execute(sa.select(*columns).where(OPEN, jobs.c.service == service))
    return [Lease(job_id, owner, int(beat or 0), float(until or 0.0)) for job_id, owner, beat, until in rows]


def is_free(lease: Lease) -> bool:
    """Whether nobody holds it: given up, or never taken."""
    return not lease.owner or lease.until == 0.0


def ours(job_ids: Iterable[str], owner: str) -> sa.ColumnElement[bool]:
    """Those of some rows that are leased to an owner, or open and leased to nobody."""
    nobodys = sa.and_(jobs.c.lease_owner.is_(None), OPEN)
    return sa.and_(jobs.c.id.in_(list(job_ids)), sa.or_(jobs.c.lease_owner == owner, nobodys))


def take(connection: sa.Connection, lease: Lease, owner: str, until: float) -> bool:
    """Take a lease, if it is still as it was seen and its row still open: compare and set."""
    as_seen = sa.and_(
        jobs.c.id == lease.job_id,
        jobs.c.lease_owner.is_not_distinct_from(lease.owner),
        sa.func.coalesce(jobs.c.lease_beat, 0) == lease.beat,
        sa.func.coalesce(jobs.c.lease_until, 0.0) == lease.until,
        OPEN,
    )
    return connection.execute(sa.update(jobs).where(as_seen).values(moved(owner, until))).rowcount == 1


def take_one(connection: sa.Connection, job_id: str, owner: str, until: float, gone: Collection[str]) -> bool:
    """Take the lease of one row, unless another has it: one who is not among the `gone`."""
    free = sa.or_(
        jobs.c.lease_owner.is_(None),
        jobs.c.lease_until == 0.0,
        jobs.c.lease_owner == owner,
        jobs.c.lease_owner.in_(gone),
    )
    query = sa.update(jobs).where(jobs.c.id == job_id, free).values(moved(owner, until))
    return connection.execute(query).rowcount == 1


def renew(connection: sa.Connection, job_ids: Iterable[str], owner: str, until: float) -> None:
    """Move the leases of these rows that are still the owner's, or nobody's."""
    connection.execute(sa.update(jobs).where(ours(job_ids, owner)).values(moved(owner, until)))


def release(connection: sa.Connection, owner: str, keep: Iterable[str]) -> None:
    """Give up the leases of an owner, but for the rows to keep."""
    mine = sa.and_(jobs.c.lease_owner == owner, jobs.c.id.not_in(list(keep)))
    connection.execute(sa.update(jobs).where(mine).values(lease_owner=None, lease_until=0.0))


def moved(owner: str, until: float) -> dict[str, object]:
    """The columns of a lease that has just moved."""
    return {
        "lease_owner": owner,
        "lease_until": until,
        "lease_beat": sa.func.coalesce(jobs.c.lease_beat, 0) + 1,
    }
