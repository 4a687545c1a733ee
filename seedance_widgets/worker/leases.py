"""Who looks after which row: ours are leased anew, those of a dead kernel are taken over, those of others are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .. import life
from ..types import Problem
from .cancels import Cancels
from .doors import Doors, Subscriber
from .owners import is_dead
from .priors import Priors
from .rows import Care, Rows
from .storing import Storing
from .trouble import Trouble

if TYPE_CHECKING:
    from ..store import Store


class Leases:
    """What this worker agrees with the other kernels on the same history."""

    def __init__(
        self,
        doors: Doors,
        owner: str,
        storing: Storing,
        priors: Priors,
        rows: Rows,
        cancels: Cancels,
        trouble: Trouble,
        subscriber: Subscriber,
    ) -> None:
        self._doors = doors
        self._owner = owner
        self._storing = storing
        self._priors = priors
        self._rows = rows
        self._cancels = cancels
        self._trouble = trouble
        self._subscriber = subscriber

    async def renew(self) -> None:
        """Lease the rows in our care for longer; what another kernel has by now leaves it."""
        care = self._rows.care
        if not care:
            return
        ours = await self._storing.run(lambda store: store.renew(list(care), self._owner))
        for job_id in set(care) - ours:
            if not care[job_id].busy:  # another kernel has it: we slept too long
                del care[job_id]

    async def take_over(self) -> None:
        """Look after the rows that nobody looks after."""
        service = self._doors.service
        rows = await self._storing.run(lambda store: store.take_over(service, self._owner, is_dead=is_dead))
        for row in rows:
            if row.id in self._rows.care:
                continue
            if row.status == "submitting":  # its kernel died between the row and the answer
                row = await self._rows.apply(row.id, _died(row, self._doors.clock()))
            if not row.settled:
                care = self._rows.care[row.id] = Care(row)
                await self._priors.learn(row.request)
                self._rows.plan(care)
                self._rows.tell(row)
        for row in rows:
            if row.cancel_asked_at is not None and row.request_id is not None and not row.final:
                await self._trouble.guarded(lambda job_id=row.id: self._ask_again(job_id))  # type: ignore[misc]

    async def _ask_again(self, job_id: str) -> None:
        """The kernel died between a person's wish to cancel and the server's answer."""
        await self._cancels.cancel(job_id)

    async def release_all_but_ours(self) -> None:
        """Let others look after what is not in our care any more."""

        def release(store: Store) -> None:
            store.release(self._owner)
            store.renew(list(self._rows.care), self._owner)

        await self._storing.run(release)

    async def read_foreign(self) -> None:
        """Read the rows that others look after and somebody here waits for."""
        for job_id in [job_id for job_id in self._subscriber.waits_for() if job_id not in self._rows.care]:
            row = await self._storing.run(lambda store, job_id=job_id: store.get(job_id))  # type: ignore[misc]
            if row is not None:
                self._rows.tell(row)


def _died(row: life.Row, now: float) -> life.Event:
    """What the end of its kernel means for a row that had no answer yet."""
    if row.sent_at is None:
        message = "The kernel ended while the request waited for its turn; it was not sent."
        return life.NotSent(now, Problem(code="not_sent", message=message))
    return life.Uncertain(now, Problem(code="kernel_died", message="The kernel ended before the server's answer came."))
