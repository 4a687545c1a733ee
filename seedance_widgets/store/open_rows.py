"""How many jobs of each service are open, whoever looks after them: counted by the database, in one query."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from ..life.row import KEY_REFUSED, MAX_AUTOMATIC_SAVES, OTHER_KEY, UNKNOWN, UNKNOWN_GRACE_S
from . import leases
from .schema import jobs


@dataclass(frozen=True, slots=True)
class OpenJobs:
    """The open jobs of one service."""

    unsent: int = 0
    """Waiting for their turn, or just being sent: the business of the kernel that made them, while it lives."""
    running: int = 0
    """Accepted, and not ended yet as far as is known."""
    to_save: int = 0
    """Succeeded, and the clip is not saved yet."""
    need_key: int = 0
    """Accepted, and the server tells the key that asked last nothing of them: it refuses it, or knows no such job."""

    @property
    def any(self) -> int:
        """All of them."""
        return self.workable + self.need_key

    @property
    def workable(self) -> int:
        """Those that go on by themselves."""
        return self.unsent + self.running + self.to_save


_asked_for_s = jobs.c.look_failed_at - sa.func.coalesce(jobs.c.accepted_at, jobs.c.created_at)
_KIND = sa.case(
    (jobs.c.status == "submitting", "unsent"),
    (jobs.c.look_problem.in_((KEY_REFUSED, OTHER_KEY)), "need_key"),
    (sa.and_(jobs.c.look_problem == UNKNOWN, _asked_for_s > UNKNOWN_GRACE_S), "need_key"),
    (jobs.c.status == "succeeded", "to_save"),
    else_="running",
)
_GOES_ON = sa.and_(
    leases.OPEN,
    jobs.c.removed_at.is_(None),
    sa.or_(jobs.c.status == "submitting", jobs.c.request_id.is_not(None)),
    sa.not_(sa.and_(jobs.c.status == "succeeded", jobs.c.saves >= MAX_AUTOMATIC_SAVES)),
)
"""The rows of which `life.next_action` does not say NOTHING, and those that are not sent yet."""


def by_service(connection: sa.Connection) -> dict[str, OpenJobs]:
    """The open jobs of each service that has any."""
    kind = _KIND.label("kind")
    query = sa.select(jobs.c.service, kind, sa.func.count()).where(_GOES_ON).group_by(jobs.c.service, kind)
    totals: dict[str, dict[str, int]] = {}
    for service, name, many in connection.execute(query):
        totals.setdefault(service, {})[name] = int(many)
    return {service: OpenJobs(**counts) for service, counts in totals.items()}
