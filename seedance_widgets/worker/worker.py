"""The thread itself: what it opens, its rounds side by side, and what is asked of it from outside.

It borrows nobody's loop (see `background`), so it works in a script, in a cell, in a coroutine, and with or without
nest_asyncio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

from .. import life
from ..api.limiter import AT_ONCE, Turn
from ..life import schedule
from ..life.adoption import refuse_other_id, refuse_other_prompt
from ..threads.background import Background
from ..types import GenerationRequest, Model
from .cancelling import Cancelling
from .connection import Connection
from .database import Database
from .downloading import Downloading
from .guard import Guard
from .lease_owner import new_owner
from .leasing import Leasing
from .media import MediaWay
from .model_list import Models
from .needs import Needs, Subscriber, Terms
from .pace import Pace
from .polling import Polling
from .priors import Priors
from .pushes import Pushes
from .rows import Care, Rows
from .sharing import Sharing
from .submitting import Submitting
from .telling import Telling

TICK_S = 0.2
"""How often subscribers are told that time passes: five times a second, the most that a view is redrawn."""
HOUSEKEEPING_S = 10.0
"""Between renewals of our leases and looks for rows that a dead kernel left."""
SETTLING_S = 1.0
"""Before the first of them: a process that only asks and ends at once takes nothing over."""
ANSWERS_S = 3.0
"""How long closing waits for the answers to creates that have left."""
FOREIGN_S = 1.0
"""Between looks at rows that another kernel looks after and somebody here watches."""
WAKE_S = 5.0
"""The longest that the schedule sleeps: a laptop that slept wakes with another clock, and must notice."""
AFTER_TROUBLE_S = 5.0
"""When a row is tried again after trouble that is not the server's: a full disk, a locked database, a bug."""


class Worker(Background):
    """Looks after the jobs of one session. Nothing runs until `start` or the first `call`."""

    def __init__(self, needs: Needs, subscriber: Subscriber) -> None:
        self._needs = needs
        self._subscriber = subscriber
        super().__init__()

    def _forget(self) -> None:
        super()._forget()
        needs, owner = self._needs, new_owner()
        self._guard = guard = Guard()
        self._database = database = Database(needs)
        self._media = media = MediaWay(needs, database)
        self._telling = subscriber = Telling(self._subscriber, media.ended)
        self._sharing = sharing = Sharing(needs, database)
        self._connection = connection = Connection(needs, sharing)
        self._models = models = Models(needs, connection)
        self._priors = priors = Priors(needs, database)
        pushes = Pushes(needs, database)
        self._rows = rows = Rows(needs, owner, database, priors, pushes, guard, subscriber)
        self._pace = Pace(priors.of, lambda: connection.limiter, needs.awake, needs.floor_s)
        self._submitting = Submitting(needs, owner, database, connection, models, priors, pushes, rows, guard, media)
        self._cancelling = Cancelling(needs, database, connection, rows, self._submitting)
        if (earlier := getattr(self, "_leasing", None)) is not None:
            earlier.drop()
        self._leasing = Leasing(
            needs, owner, database, priors, rows, self._submitting, self._cancelling, guard, subscriber
        )
        self._polling = Polling(needs, connection, priors, pushes, rows, self._leasing, subscriber)
        self._downloading = Downloading(needs, database, rows, subscriber)

    # --- from any thread ------------------------------------------------------------------------------------------
    @property
    def problem(self) -> str | None:
        """What went wrong last, while it lasts. Nothing ends by it."""
        return self._guard.problem or self._telling.problem

    def known_models(self) -> tuple[Model, ...]:
        """The live list when it was fetched, else the bundled one. Never asks the network."""
        return self._models.known()

    def prior(self, request: GenerationRequest) -> schedule.Prior:
        """How long such a job runs, as far as we know without asking the store."""
        return self._priors.of(request)

    # --- for `call` -----------------------------------------------------------------------------------------------
    async def submit(self, row: life.Row, terms: Terms | None = None) -> life.Row:
        """Write the row, send the create once, write what came of it. **Spends credits.**

        Raises what the server or the line did, after it is in the history; before anything is, `RequestInvalid`,
        `CapExceeded`, `PriceChanged`, and `SentBefore` when the terms are not `fresh` and the same request is
        unconfirmed.
        """
        row = await self._submitting.submit(row, terms or Terms())
        if row.cancel_asked_at is not None and row.id not in self._cancelling.under_way and not row.final:
            self._begin(lambda: self._cancelling.cancel(row.id))  # another worker's wish, while it was being sent
        return row

    async def cancel(self, job_id: str) -> life.Row:
        """Ask the server to cancel; returns the row as the server then tells it.

        A job that is not sent yet is not sent; one that is just being sent is cancelled once the server has accepted
        it. Raises CancelRefused.
        """
        return await self._cancelling.cancel(job_id)

    async def save_again(self, job_id: str) -> life.Row:
        """Ask for the clip again; the API is asked for a fresh URL first. Free of charge."""
        return await self._downloading.save_again(job_id)

    async def look_now(self, job_id: str) -> life.Row:
        """Look at a job out of turn, after a webhook say."""
        return await self._polling.look_now(job_id)

    async def adopt(self, job_id: str, request_id: str) -> life.Row:
        """Give an unconfirmed job the request id that a person found.

        Raises NotFound when the server knows none, and AdoptRefused for one of another job or prompt.
        """
        row = await self._rows.find(job_id)
        generation = await self._connection.client.get(request_id)
        refuse_other_prompt(row, request_id, generation.prompt)
        row = await self._rows.apply(job_id, life.Adopted(self._needs.clock(), request_id))
        refuse_other_id(row, request_id)
        row = await self._rows.apply(job_id, life.Looked(self._needs.clock(), generation))
        return await self._rows.adopt(row)

    async def discard(self, job_id: str) -> life.Row:
        """Close an unconfirmed job. Asks nobody."""
        await self._rows.find(job_id)
        return await self._rows.apply(job_id, life.Discarded(self._needs.clock()))

    async def models(self, refresh: bool = False, anew: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached. See `Models.fresh`."""
        return await self._models.fresh(refresh, anew=anew)

    async def change_key(self) -> None:
        """Go on with the key that the session has now: every job that waits for it is looked at."""
        await self._polling.change_key()

    # --- the thread -----------------------------------------------------------------------------------------------
    async def open(self, closing: AsyncExitStack) -> None:
        """Load and open what the work needs: here, in the thread, so that nobody waits for it."""
        self._rounds: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._lookers: set[asyncio.Task[Any] | None] = set()
        """Those of them that wait for the turn of a look."""
        self._database.open()
        closing.callback(self._database.close)
        closing.push_async_callback(self._sharing.close)
        self._connection.open()
        closing.push_async_callback(self._connection.close)
        closing.push_async_callback(self._models.close)
        self._downloading.open()
        closing.callback(self._downloading.close)
        self._leasing.open()
        closing.callback(self._leasing.close)

    async def serve(self) -> None:
        """The rounds, side by side, until the thread ends."""
        self._rounds = asyncio.current_task()
        async with asyncio.TaskGroup() as rounds:
            for each in (self._housekeep, self._schedule, self._tick, self._sharing.follow):
                rounds.create_task(self._for_ever(each))

    async def _for_ever(self, each: Callable[[], Awaitable[None]]) -> None:
        """A round never ends: jobs are out there that somebody paid for."""
        while True:
            if not await self._guard.guarded(each):
                await asyncio.sleep(FOREIGN_S)

    async def close(self) -> None:
        """End the rounds and give up the leases. Jobs go on at the server; the next session looks after them."""
        submitting, running, leasing, rows = self._submitting, self._running, self._leasing, self._rows
        if self._rounds is not None:
            self._rounds.cancel()  # before what they began: they would begin more, whose connections outlive the loop
        await submitting.close(ANSWERS_S)
        for task in list(running):
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        leasing.end()
        await rows.give_up()
        await self._media.clean_at_the_end()

    # --- the rounds -----------------------------------------------------------------------------------------------
    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._telling.on_tick()

    async def _housekeep(self) -> None:
        """Renew our leases, take over what a dead kernel left, and read the rows that others look after."""
        guarded, connection, awake = self._guard.guarded, self._connection, self._needs.awake
        next_at, settled = awake() + SETTLING_S, False
        while True:
            if awake() >= next_at:
                next_at = awake() + HOUSEKEEPING_S
                await guarded(self._rows.write_late)
                await guarded(self._leasing.renew)
                await guarded(self._rows.read_pushes)
                if not connection.key_refused:
                    await guarded(self._leasing.take_over)
                    settled = True
            elif settled and not connection.key_refused:
                await guarded(self._leasing.take_over_from_the_dead)
            if connection.key_refused and self._needs.clock() >= connection.locked_until:
                await guarded(self._leasing.take_over)
            if self._media.has_news and settled:
                await guarded(self._media.clean)
            await guarded(self._leasing.read_foreign)
            await guarded(self._leasing.read_wishes)
            await asyncio.sleep(min(FOREIGN_S, max(0.05, next_at - awake())))

    async def _schedule(self) -> None:
        """Whenever something is due, it is done: a download at once, a look when its turn has come."""
        while True:
            await self._leasing.wake()
            now = self._needs.clock()
            due, later_s = self._pace.due(self._rows.care.values(), now)
            for care in [care for care in due if life.next_action(care.row) is life.Action.DOWNLOAD]:
                care.busy = True
                self._keep(asyncio.create_task(self._attend(care, life.Action.DOWNLOAD)))
            to_look = sum(not care.busy for care in due)
            for _ in range(min(to_look, AT_ONCE) - len(self._lookers)):
                looker = asyncio.create_task(self._look())
                self._keep(looker)
                self._lookers.add(looker)
                looker.add_done_callback(self._lookers.discard)
            await self._sleep(later_s)

    def _begin(self, work: Callable[[], Awaitable[object]]) -> None:
        """Do something beside the rest; what goes wrong is said."""

        async def do() -> None:
            await work()

        self._keep(asyncio.create_task(self._guarded(do)))

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> None:
        await self._guard.guarded(work)

    def _keep(self, task: asyncio.Task[None]) -> None:
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _look(self) -> None:
        """When a look's turn has come, the row that wastes most waiting gets it; who that is may have changed."""
        async with self._connection.limiter.turn("look") as turn:
            self._lookers.discard(asyncio.current_task())
            await self._leasing.wake()
            now = self._needs.clock()
            due, _ = self._pace.due(self._rows.care.values(), now)
            if (care := self._pace.first(due, now)) is not None:
                care.busy = True
                self._rows.replanned.set()  # the others are still due
                await self._attend(care, life.Action.POLL, turn)

    async def _sleep(self, seconds: float) -> None:
        self._rows.replanned.clear()
        try:
            async with asyncio.timeout(max(0.0, min(seconds, WAKE_S))):
                await self._rows.replanned.wait()
        except TimeoutError:
            pass

    async def _attend(self, care: Care, action: life.Action, turn: Turn | None = None) -> None:
        """One look or one download, and the plan for the next."""
        saving = action is life.Action.DOWNLOAD
        went_well = await self._guard.guarded(
            lambda: self._downloading.save(care) if saving else self._polling.look(care, turn)
        )
        care.busy = False
        if went_well:
            self._rows.plan(care)
        else:
            care.planned_at = self._needs.clock()
            care.due_at = care.planned_at + AFTER_TROUBLE_S
            self._rows.replanned.set()
