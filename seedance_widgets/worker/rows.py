"""The rows in our care: what this process knows of each, how news gets into it and into the store, and when it is due.

Whatever must outlive this process is written before it is told; what the store will not take now is written later.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from .. import life
from ..errors import JobNotFound, StoreError, job_gone
from ..life import schedule
from .database import Database
from .guard import Guard
from .lease_owner import is_gone
from .needs import Needs, Subscriber
from .priors import Priors
from .pushes import Pushes

if TYPE_CHECKING:
    from ..store import Store


@dataclass(slots=True)
class Care:
    """One row in our care: what only this process needs to know of it."""

    row: life.Row
    due_at: float = 0.0
    planned_at: float = 0.0
    """When that was decided."""
    busy: bool = False
    worth_s: float = 0.0
    """The price of a look for which `worth_at` was computed; 0 for none since the last plan."""
    worth_at: float = 0.0
    """When a look is due at that price."""
    unsaved: list[life.Event] = field(default_factory=list)
    """Events that are not in the store yet: they changed nothing durable, or it could not be written."""
    noted: dict[type, life.Event] = field(default_factory=dict)
    """Of those, the newest that changed nothing durable, by its kind: the next of that kind takes its place."""
    must_save: bool = False
    """Whether one of those must not wait for the next event."""
    pushed: bool = False
    """Whether its create named our address, so that a webhook is to tell of its end."""

    def is_due(self, now: float) -> bool:
        """Whether something is to be done for it now; also when the clock was set back since it was planned."""
        return self.due_at <= now or now < self.planned_at - schedule.SET_BACK_S


class Rows:
    """The rows that this worker looks after, by the id of the job, and the way to those that it does not."""

    def __init__(
        self,
        needs: Needs,
        owner: str,
        database: Database,
        priors: Priors,
        pushes: Pushes,
        guard: Guard,
        subscriber: Subscriber,
    ) -> None:
        self._needs = needs
        self._owner = owner
        self._database = database
        self._priors = priors
        self._pushes = pushes
        self._guard = guard
        self._subscriber = subscriber
        self.care: dict[str, Care] = {}
        self.replanned = asyncio.Event()
        """Something may be due earlier than was thought."""

    def tell(self, row: life.Row) -> None:
        """Tell who wants to know."""
        self._subscriber.on_row(row)

    async def find(self, job_id: str) -> life.Row:
        """A row of this service, whoever looks after it. Raises JobNotFound."""
        if care := self.care.get(job_id):
            return care.row
        row = await self._database.run(lambda store: store.get(job_id))
        if row is None or row.is_removed:
            raise job_gone(job_id, None if row is None else row.request_id, was_deleted=row is not None)
        if row.service != self._needs.service:
            raise JobNotFound(f"Job {job_id} belongs to {row.service}, not to {self._needs.service}.")
        return row

    # --- news -----------------------------------------------------------------------------------------------------
    async def apply(self, job_id: str, event: life.Event) -> life.Row:
        """Write an event, then tell; returns the row as it is after it."""
        care = self.care.get(job_id)
        if care is None:
            row = await self._database.run(lambda store: store.apply(job_id, event))
        else:
            before = care.row
            care.unsaved.append(event)
            try:
                row = await self._write(care)
            except StoreError as error:  # locked for long, say: it happened all the same, and is written later
                self._guard.problem = str(error)
                row = care.row = life.advance(before, event)
                care.must_save = True
        self.tell(row)
        return row

    async def note(self, care: Care, event: life.Event) -> None:
        """Apply an event; write it only when it says something that must outlive this process."""
        after = life.advance(care.row, event)
        if _durable(after) != _durable(care.row):
            await self.apply(care.row.id, event)
            return
        before, care.noted[type(event)] = care.noted.get(type(event)), event
        care.unsaved = [each for each in care.unsaved if each is not before] + [event]
        care.row = replace(after, rev=care.row.rev)  # as in the store, or what is written next would look like old news
        self.tell(care.row)

    async def settle(self, care: Care) -> None:
        """Write what the store would not take of a row when it happened; raises StoreError where it still does not."""
        if care.must_save:
            await self._write(care)

    async def write_late(self) -> None:
        """Write what the store would not take when it happened."""
        for care in [care for care in self.care.values() if care.must_save]:
            await self._write(care)
            if not care.busy:
                self.plan(care)

    async def _write(self, care: Care) -> life.Row:
        """Write what is not written of a row; a row that somebody deleted under us is written anew."""
        written: list[life.Event] = []

        def write(store: Store) -> life.Row:
            row = store.get(care.row.id) or store.add(care.row, owner=self._owner)
            for each in list(care.unsaved):
                row = store.apply(row.id, each, owner=self._owner)
                written.append(each)
            return row

        try:
            row = await self._database.run(write)
        finally:
            care.unsaved = [event for event in care.unsaved if all(event is not each for each in written)]
        for event in care.unsaved:  # what came while it was written
            row = replace(life.advance(row, event), rev=row.rev)
        care.row = row
        care.must_save = False
        return row

    def take_in(self, care: Care, row: life.Row) -> None:
        """Take what the store has of a row in our care, with what is not written yet."""
        if row.rev == care.row.rev:
            return
        for event in care.unsaved:
            row = replace(life.advance(row, event), rev=row.rev)
        care.row = row
        if not care.busy:
            self.plan(care)
        self.tell(row)

    # --- care -----------------------------------------------------------------------------------------------------
    def plan(self, care: Care) -> None:
        """When this row is due next; a row that asks for nothing leaves our care."""
        action, care.planned_at, care.worth_s = life.next_action(care.row), self._needs.clock(), 0.0
        if action is life.Action.NOTHING:
            if care.row.status != "submitting" and not care.unsaved:
                self.care.pop(care.row.id, None)
        elif action is life.Action.DOWNLOAD:
            care.due_at = schedule.save_again_at(care.row)
        else:
            prior = self._priors.of(care.row.request)
            is_told = care.pushed and self._pushes.arrive
            care.due_at = schedule.next_look_at(care.row, prior, floor_s=self._needs.floor_s, is_told=is_told)
        if schedule.is_of_another_clock(care.row, care.planned_at):
            care.due_at = care.planned_at
        self.replanned.set()

    async def read_pushes(self) -> None:
        """Read whether webhooks arrive; where that has changed, plan anew what they tell of."""
        if await self._pushes.read():
            self.plan_pushed()

    def plan_pushed(self) -> None:
        """Plan anew what webhooks tell of."""
        for care in [care for care in self.care.values() if care.pushed and not care.busy]:
            self.plan(care)

    async def adopt(self, row: life.Row) -> life.Row:
        """Look after a row from now on, unless it asks for nothing or another worker looks after it."""
        folder = self._needs.owners

        def lease(store: Store) -> bool:
            return store.lease(row.id, self._owner, is_gone=lambda owner: is_gone(folder, owner))

        if not row.settled and await self._database.run(lease):
            care = self.care.setdefault(row.id, Care(row))
            care.row = row
            self.plan(care)
        return row

    async def give_up(self) -> None:
        """Write what is not written and give up every lease. Jobs go on at the server."""
        await self._database.run(self._flush_and_release)

    def _flush_and_release(self, store: Store) -> None:
        for job_id, care in list(self.care.items()):
            for event in care.unsaved:
                with contextlib.suppress(JobNotFound):
                    store.apply(job_id, event)
        store.release(self._owner)


_VOLATILE: dict[str, Any] = {
    "looked_at": None,
    "queued_seen_at": None,
    "look_failures": 0,
    "look_problem": None,
    "look_failed_at": None,
    "failing_since_at": None,
    "not_before_at": None,
    "rev": 0,
}


def _durable(row: life.Row) -> life.Row:
    return replace(row, **_VOLATILE)
