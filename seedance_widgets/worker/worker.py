"""The thread itself: what it opens, its rounds side by side, and what is asked of it from outside.

It borrows nobody's loop (see `background`), so it works in a script, in a cell, in a coroutine, and with or without
nest_asyncio.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from .. import life, schedule
from ..background import Background
from ..life.adoption import refuse_other_id, refuse_other_prompt
from ..types import GenerationRequest, Model
from .cancels import Cancels
from .doors import Doors, Subscriber, Terms
from .leases import Leases
from .line import Line
from .looks import Looks
from .models import Models
from .owners import new_owner
from .priors import Priors
from .rows import Care, Rows
from .saves import Saves
from .storing import Storing
from .submissions import Submissions
from .trouble import Trouble

TICK_S = 0.2
"""How often subscribers are told that time passes: five times a second, the most that a view is redrawn."""
HOUSEKEEPING_S = 10.0
"""Between renewals of our leases and looks for rows that a dead kernel left."""
FOREIGN_S = 1.0
"""Between looks at rows that another kernel looks after and somebody here watches."""
WAKE_S = 5.0
"""The longest that the schedule sleeps: a laptop that slept wakes with another clock, and must notice."""
AFTER_TROUBLE_S = 5.0
"""When a row is tried again after trouble that is not the server's: a full disk, a locked database, a bug."""


class Worker(Background):
    """Looks after the jobs of one session. Nothing runs until `start` or the first `call`."""

    def __init__(self, doors: Doors, subscriber: Subscriber) -> None:
        self._doors = doors
        self._subscriber = subscriber
        super().__init__()

    def _forget(self) -> None:
        super()._forget()
        doors, subscriber, owner = self._doors, self._subscriber, new_owner()
        self._trouble = trouble = Trouble()
        self._storing = storing = Storing(doors)
        self._line = line = Line(doors)
        self._models = models = Models(doors, line)
        self._priors = priors = Priors(doors, storing)
        self._rows = rows = Rows(doors, owner, storing, priors, trouble, subscriber)
        self._submissions = Submissions(doors, owner, storing, line, models, priors, rows, trouble)
        self._cancels = Cancels(doors, line, rows, self._submissions)
        self._leases = Leases(doors, owner, storing, priors, rows, self._cancels, trouble, subscriber)
        self._looks = Looks(doors, line, priors, rows, self._leases, subscriber)
        self._saves = Saves(doors, rows, subscriber)

    # --- from any thread ------------------------------------------------------------------------------------------
    @property
    def problem(self) -> str | None:
        """What went wrong last, while it lasts. Nothing ends by it."""
        return self._trouble.said

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
        return await self._submissions.submit(row, terms or Terms())

    async def cancel(self, job_id: str) -> life.Row:
        """Ask the server to cancel; returns the row as the server then tells it.

        A job that is not sent yet is not sent; one that is just being sent is cancelled once the server has accepted
        it. Raises CancelRefused.
        """
        return await self._cancels.cancel(job_id)

    async def save_again(self, job_id: str) -> life.Row:
        """Ask for the clip again; the API is asked for a fresh URL first. Free of charge."""
        return await self._saves.save_again(job_id)

    async def look_now(self, job_id: str) -> life.Row:
        """Look at a job out of turn, after a webhook say."""
        return await self._looks.look_now(job_id)

    async def adopt(self, job_id: str, request_id: str) -> life.Row:
        """Give an unconfirmed job the request id that a person found.

        Raises NotFound when the server knows none, and AdoptRefused for one of another job or prompt.
        """
        row = await self._rows.find(job_id)
        generation = await self._line.client.get(request_id)
        refuse_other_prompt(row, request_id, generation.prompt)
        row = await self._rows.apply(job_id, life.Adopted(self._doors.clock(), request_id))
        refuse_other_id(row, request_id)
        row = await self._rows.apply(job_id, life.Looked(self._doors.clock(), generation))
        return await self._rows.adopt(row)

    async def discard(self, job_id: str) -> life.Row:
        """Close an unconfirmed job. Asks nobody."""
        await self._rows.find(job_id)
        return await self._rows.apply(job_id, life.Discarded(self._doors.clock()))

    async def models(self, refresh: bool = False, anew: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached. See `Models.fresh`."""
        return await self._models.fresh(refresh, anew=anew)

    async def change_key(self) -> None:
        """Go on with the key that the session has now: every job that waits for it is looked at."""
        await self._looks.change_key()

    # --- the thread -----------------------------------------------------------------------------------------------
    async def open(self) -> None:
        """Load and open what the work needs: here, in the thread, so that nobody waits for it."""
        self._running: set[asyncio.Task[None]] = set()
        self._storing.open()
        self._line.open()
        self._saves.open()

    async def serve(self) -> None:
        """The rounds, side by side, until the thread ends."""
        async with asyncio.TaskGroup() as rounds:
            for each in (self._housekeep, self._schedule, self._tick):
                rounds.create_task(self._for_ever(each))

    async def _for_ever(self, each: Callable[[], Awaitable[None]]) -> None:
        """A round never ends: jobs are out there that somebody paid for."""
        while True:
            if not await self._trouble.guarded(each):
                await asyncio.sleep(FOREIGN_S)

    async def close(self) -> None:
        """Give up the leases. Jobs go on at the server; the next session looks after them."""
        rows, line, saves, storing = self._rows, self._line, self._saves, self._storing
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)  # or their connections outlive the loop
        await rows.give_up()
        await line.close()
        saves.close()
        storing.close()

    # --- the rounds -----------------------------------------------------------------------------------------------
    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._subscriber.on_tick()

    async def _housekeep(self) -> None:
        """Renew our leases, take over what a dead kernel left, and read the rows that others look after."""
        guarded, line, next_at = self._trouble.guarded, self._line, 0.0
        while True:
            now = self._doors.clock()
            if not next_at - HOUSEKEEPING_S <= now < next_at:  # also when the clock was set back
                next_at = now + HOUSEKEEPING_S
                await guarded(self._rows.write_late)
                await guarded(self._leases.renew)
                if not line.key_refused:
                    await guarded(self._leases.take_over)
            if line.key_refused and self._doors.clock() >= line.locked_until:
                await guarded(self._leases.take_over)
            await guarded(self._leases.read_foreign)
            await asyncio.sleep(FOREIGN_S)

    async def _schedule(self) -> None:
        """Whenever something is due and a token is there, the row that wastes most waiting goes first."""
        while True:
            now, care_of_all = self._doors.clock(), self._rows.care.values()
            idle = [c for c in care_of_all if not c.busy and life.next_action(c.row) is not life.Action.NOTHING]
            due = [c for c in idle if c.due_at <= now or c.due_at > now + schedule.LONGEST_PLAN_S]
            if not due:
                await self._sleep(min([c.due_at - now for c in idle] + [WAKE_S]))
                continue
            care = max(due, key=lambda c: self._urgency(c, now))
            action = life.next_action(care.row)
            if action is life.Action.POLL:
                await self._line.limiter.acquire()
            care.busy = True
            task = asyncio.create_task(self._attend(care, action))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _urgency(self, care: Care, now: float) -> float:
        if life.next_action(care.row) is life.Action.DOWNLOAD:
            return float("inf")  # needs no token
        return schedule.urgency_s(care.row, self._priors.of(care.row.request), now)

    async def _sleep(self, seconds: float) -> None:
        self._rows.replanned.clear()
        try:
            async with asyncio.timeout(max(0.0, min(seconds, WAKE_S))):
                await self._rows.replanned.wait()
        except TimeoutError:
            pass

    async def _attend(self, care: Care, action: life.Action) -> None:
        """One look or one download, and the plan for the next."""
        work = self._saves.save if action is life.Action.DOWNLOAD else self._looks.look
        went_well = await self._trouble.guarded(lambda: work(care))
        care.busy = False
        if went_well:
            self._rows.plan(care)
        else:
            care.due_at = self._doors.clock() + AFTER_TROUBLE_S
            self._rows.replanned.set()
