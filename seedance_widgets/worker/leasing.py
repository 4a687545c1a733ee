"""Who looks after which row: ours are leased anew, those of a dead worker are taken over, those of others are read."""

from __future__ import annotations

import os
from pathlib import Path

from .. import life
from . import lease_owner
from .cancelling import Cancelling
from .database import Database
from .guard import Guard
from .needs import Needs, Subscriber
from .priors import Priors
from .rows import Care, Rows
from .submitting import Submitting

SLEPT_S = 20.0
"""Since the last renewal: who was away for this long may have lost rows, and reads them again before doing anything."""


WISH_S = 2.0
"""How long a wish to cancel is left to whoever made it: a kernel asks the server itself."""


class Leasing:
    """What this worker agrees with the other workers on the same history."""

    def __init__(
        self,
        needs: Needs,
        owner: str,
        database: Database,
        priors: Priors,
        rows: Rows,
        submitting: Submitting,
        cancelling: Cancelling,
        guard: Guard,
        subscriber: Subscriber,
    ) -> None:
        self._needs = needs
        self._owner = owner
        self._lock = lease_owner.OwnerLock(needs.owners, owner)
        self._database = database
        self._priors = priors
        self._rows = rows
        self._submitting = submitting
        self._cancelling = cancelling
        self._guard = guard
        self._subscriber = subscriber
        self._renewed_at = needs.awake()
        self._ended = False
        self._left_behind: set[str] = set()
        """Names of dead workers whose rows are not ours to take: of another service."""
        self._wishes: set[str] = set()
        """Rows in our care that somebody wished to cancel, as of the last renewal."""
        self._file_seen: tuple[int, int] | None = None
        """The facts of the history's file when it was last read for wishes."""
        self._wished_at: dict[str, float] = {}
        """Since when each wish to cancel is known here."""

    def open(self) -> None:
        """Hold the lock that says that this process lives."""
        self._lock.hold()

    def end(self) -> None:
        """Lease nothing from here on: what is about to be given up would be taken again."""
        self._ended = True

    def close(self) -> None:
        """Say that this worker is gone."""
        self._lock.give_up()

    def drop(self) -> None:
        """In a forked child: leave the lock to the parent."""
        self._lock.drop()

    async def renew(self) -> None:
        """Lease the rows in our care for longer, and read them; what another worker has by now leaves it."""
        self._renewed_at = self._needs.awake()
        care = self._rows.care
        if not care or self._ended:
            return
        ours = await self._database.run(lambda store: store.renew(list(care), self._owner))
        for job_id, row in ours.items():
            if (known := care.get(job_id)) is not None:
                self._rows.take_in(known, row)
        for job_id in set(care) - set(ours):
            if not care[job_id].busy and not care[job_id].must_save:  # another worker has it: we slept too long
                del care[job_id]
        await self._do_wishes(ours)

    async def wake(self) -> None:
        """Renew before anything else is done, where the last renewal is so long ago that this process slept."""
        if self._needs.awake() - self._renewed_at > SLEPT_S:
            await self.renew()

    async def _do_wishes(self, ours: dict[str, life.Row]) -> None:
        """Cancel what another worker was asked to cancel and did not: it may have died over it."""
        wished = {row.id for row in ours.values() if row.cancel_asked_at is not None and row.request_id is not None}
        for job_id in (wished & self._wishes) - self._cancelling.under_way:
            await self._guard.guarded(lambda job_id=job_id: self._ask_again(job_id))  # type: ignore[misc]
        self._wishes = {job_id for job_id in wished if not ours[job_id].final}

    async def read_wishes(self) -> None:
        """Read what others wished of the rows in our care, within a second where the history is a file.

        Who wishes may ask the server itself, as a kernel does; a page only writes the wish down. So it is done here
        when it still stands after `WISH_S`. Of a database's rows the next renewal tells.
        """
        facts = _facts_of(self._needs.history)
        if facts != self._file_seen and self._rows.care:
            self._file_seen = facts
            wished = await self._database.run(lambda store: store.wishes(self._owner))
            for row in wished:
                if (known := self._rows.care.get(row.id)) is not None:
                    self._rows.take_in(known, row)
            ids = {row.id for row in wished if row.cancel_asked_at is not None and row.request_id is not None}
            now = self._needs.awake()
            self._wished_at = {job_id: self._wished_at.get(job_id, now) for job_id in ids}
        for job_id, since in list(self._wished_at.items()):
            if self._needs.awake() - since >= WISH_S:
                del self._wished_at[job_id]
                if job_id not in self._cancelling.under_way and job_id in self._rows.care:
                    await self._guard.guarded(lambda job_id=job_id: self._ask_again(job_id))  # type: ignore[misc]

    async def take_over(self) -> None:
        """Look after the rows that nobody looks after, unless this worker is to look after its own only."""
        if self._ended or not self._needs.takes_over:
            return
        service, folder = self._needs.service, self._needs.owners
        holding = set(self._rows.care) | set(self._submitting.under_way)
        gone = lease_owner.gone(folder)
        rows = await self._database.run(
            lambda store: store.take_over(service, self._owner, holding=holding, is_gone=gone.__contains__)
        )
        for row in rows:
            if row.id in self._rows.care:
                continue
            if not row.settled:
                care = self._rows.care[row.id] = Care(row)
                await self._priors.learn(row.request)
                self._rows.plan(care)
            self._rows.tell(row)
        for row in rows:
            if row.cancel_asked_at is not None and row.request_id is not None and not row.final:
                await self._guard.guarded(lambda job_id=row.id: self._ask_again(job_id))  # type: ignore[misc]
        for owner in gone:
            if not await self._database.run(lambda store, owner=owner: store.holds_any(owner)):  # type: ignore[misc]
                lease_owner.forget(folder, owner)
        self._left_behind = lease_owner.gone(folder)

    async def take_over_from_the_dead(self) -> None:
        """Look after the rows of a process of this home that has just ended."""
        if lease_owner.gone(self._needs.owners) - self._left_behind:
            await self.take_over()

    async def _ask_again(self, job_id: str) -> None:
        """The worker died between a person's wish to cancel and the server's answer."""
        await self._cancelling.cancel(job_id)

    async def release_all_but_ours(self) -> None:
        """Let others look after what is not in our care any more."""
        keep = set(self._rows.care) | set(self._submitting.under_way)
        await self._database.run(lambda store: store.release(self._owner, keep=keep))

    async def read_foreign(self) -> None:
        """Read the rows that others look after and somebody here waits for, and our own that wait for their turn."""
        await self._submitting.read_waiting()
        for job_id in [job_id for job_id in self._subscriber.waits_for() if job_id not in self._rows.care]:
            row = await self._database.run(lambda store, job_id=job_id: store.get(job_id))  # type: ignore[misc]
            if row is not None:
                self._rows.tell(row)


def _facts_of(path: Path | None) -> tuple[int, int] | None:
    """What changes when a file does; `None` where there is no file."""
    if path is None:
        return None
    try:
        file_stat = os.stat(path)
    except OSError:
        return None
    return file_stat.st_mtime_ns, file_stat.st_size
