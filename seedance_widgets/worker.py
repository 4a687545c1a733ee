"""The one thread: it creates, looks, cancels and downloads for every job of a session, and tells who wants to know.

It borrows nobody's loop (see `background`), so it works in a script, in a cell, in a coroutine, and with or without
nest_asyncio. Everything it does next is read from rows
(`life.next_action`, `schedule.next_look_at`), so a kernel that died needs no special recovery: the next one leases
the rows that nobody looks after and goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import platform
import secrets
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from . import catalog, life, schedule
from .background import Background, in_thread
from .caps import Caps
from .errors import (
    AnswerLost,
    ApiError,
    CancelRefused,
    ConnectionFailed,
    GenerationCancelled,
    JobNotFound,
    NotFound,
    SeedanceError,
    SentBefore,
    StoreError,
    SubmissionUncertain,
    Unauthorized,
)
from .types import Generation, GenerationRequest, Model, Problem
from .when import midnight

if TYPE_CHECKING:
    from .client import AsyncClient, Files
    from .store import Store

T = TypeVar("T")

TICK_S = 0.2
"""How often subscribers are told that time passes: five times a second, the most that a view is redrawn."""
HOUSEKEEPING_S = 10.0
"""Between renewals of our leases and looks for rows that a dead kernel left."""
FOREIGN_S = 1.0
"""Between looks at rows that another kernel looks after and somebody here watches."""
LOOKS_AT_ONCE = 8
SAVES_AT_ONCE = 3
MODELS_FRESH_S = 3600.0
WAKE_S = 5.0
"""The longest that the schedule sleeps: a laptop that slept wakes with another clock, and must notice."""
FIRST_LOCKED_OUT_S, LOCKED_OUT_S = 2.0, 60.0
"""How long the jobs are left alone when the server has refused the key: at first, and at most. A gateway may err."""
AFTER_TROUBLE_S = 5.0
"""When a row is tried again after trouble that is not the server's: a full disk, a locked database, a bug."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Doors:
    """How the worker opens what it needs. Called once, in its own thread, so that heavy modules load there."""

    store: Callable[[], Store]
    client: Callable[[], AsyncClient]
    files: Callable[[], Files]
    service: str
    requests_per_minute: float = 60.0
    floor_s: float = 1.0
    """The shortest time between two looks at one job."""
    time_scale: float = 1.0
    """How much faster than life the service runs: the simulator at speed 30 has 1/30."""
    clock: Callable[[], float] = time.time
    caps: Callable[[], Caps] = Caps
    """What may be spent, asked for at each submission."""


class Subscriber(Protocol):
    """Somebody who wants to know. Called in the worker's thread: be quick and never raise."""

    def on_row(self, row: life.Row) -> None:
        """A row changed."""

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """A download moved on."""

    def on_tick(self) -> None:
        """A fifth of a second passed."""

    def on_key_refused(self, said: str) -> None:
        """The server refuses the key; told once, until it has taken one again."""

    def waits_for(self) -> Iterable[str]:
        """The ids of open jobs that somebody here looks at, whoever looks after them."""


@dataclass(slots=True)
class _Care:
    """One row in our care: what only this process needs to know of it."""

    row: life.Row
    due_at: float = 0.0
    busy: bool = False
    unsaved: list[life.Event] = field(default_factory=list)
    """Events that are not in the store yet: they changed nothing durable, or it could not be written."""
    noted: dict[type, life.Event] = field(default_factory=dict)
    """Of those, the newest that changed nothing durable, by its kind: the next of that kind takes its place."""
    must_save: bool = False
    """Whether one of those must not wait for the next event."""


@dataclass(slots=True)
class _Sending:
    """A job on its way to the server, from the call that submits it until it is known what came of the create."""

    written: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    unwanted: bool = False
    """A person asked to cancel it meanwhile."""


class Worker(Background):
    """Looks after the jobs of one session. Nothing runs until `start` or the first `call`."""

    def __init__(self, doors: Doors, subscriber: Subscriber) -> None:
        self._doors = doors
        self._subscriber = subscriber
        super().__init__()

    def _forget(self) -> None:
        super()._forget()
        self.owner = f"{platform.node()}/{os.getpid()}/{secrets.token_hex(4)}"
        self._care: dict[str, _Care] = {}
        self._sending: dict[str, _Sending] = {}
        self._models: tuple[Model, ...] | None = None
        self._models_at = 0.0
        self._priors: dict[tuple[object, ...], schedule.Prior] = {}
        self.problem: str | None = None
        self._key_refused = False
        self._locked_until = 0.0
        """Until then nobody asks whether the server still refuses the key."""
        self._locked_s = 0.0
        self._retired: list[AsyncClient] = []
        """Clients with an earlier key. What they had sent may still be answered."""

    # --- from any thread ------------------------------------------------------------------------------------------
    def known_models(self) -> tuple[Model, ...]:
        """The live list when it was fetched, else the bundled one. Never asks the network."""
        return self._models or catalog.BUNDLED_MODELS

    def prior(self, request: GenerationRequest) -> schedule.Prior:
        """How long such a job runs, as far as we know without asking the store."""
        guess = schedule.shipped_prior(request).scaled(self._doors.time_scale)
        return self._priors.get(_kind(request), guess)

    # --- the thread -----------------------------------------------------------------------------------------------
    async def open(self) -> None:
        """Load and open what the work needs: here, in the thread, so that nobody waits for it."""
        from aiolimiter import AsyncLimiter

        self._wake = asyncio.Event()
        self._storing = asyncio.Lock()
        self._running: set[asyncio.Task[None]] = set()
        self._looks = asyncio.Semaphore(LOOKS_AT_ONCE)
        self._saves = asyncio.Semaphore(SAVES_AT_ONCE)
        per_minute = self._doors.requests_per_minute
        self._limiter = AsyncLimiter(max(1.0, per_minute / 4), 15.0)  # the same rate, in bursts a quarter the size
        self._store = self._doors.store()
        self._client = self._doors.client()
        self._files = self._doors.files()

    async def serve(self) -> None:
        """The rounds, side by side, until the thread ends."""
        async with asyncio.TaskGroup() as rounds:
            for each in (self._housekeep, self._schedule, self._tick):
                rounds.create_task(self._for_ever(each))

    async def _for_ever(self, each: Callable[[], Awaitable[None]]) -> None:
        """A round never ends: jobs are out there that somebody paid for."""
        while True:
            if not await self._guarded(each):
                await asyncio.sleep(FOREIGN_S)

    async def _guarded(self, work: Callable[[], Awaitable[None]]) -> bool:
        """Do something; what goes wrong is kept in `problem` and ends nothing else. Returns whether it went well."""
        try:
            await work()
        except Exception as error:  # noqa: BLE001  also a bug of ours must not stop us from looking after the rest
            self.problem = str(error) if isinstance(error, SeedanceError) else f"{type(error).__name__}: {error}"
            return False
        self.problem = None
        return True

    async def close(self) -> None:
        """Give up the leases. Jobs go on at the server; the next session looks after them."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)  # or their connections outlive the loop
        await self._in_store(self._flush_and_release)
        for client in (self._client, *self._retired):
            await client.aclose()
        self._files.close()
        self._store.close()

    def _flush_and_release(self) -> None:
        for job_id, care in list(self._care.items()):
            for event in care.unsaved:
                with contextlib.suppress(JobNotFound):
                    self._store.apply(job_id, event)
        self._store.release(self.owner)

    # --- jobs -----------------------------------------------------------------------------------------------------
    async def submit(self, row: life.Row, fresh: bool = True) -> life.Row:
        """Write the row, send the create once, write what came of it. **Spends credits.**

        Raises what the server or the line did, after it is in the history; before anything is, `RequestInvalid`,
        `CapExceeded`, and `SentBefore` when it is not `fresh` and the same request is unconfirmed.
        """
        sending = self._sending[row.id] = _Sending()
        try:
            return await self._submit(row, fresh, sending)
        finally:
            sending.written.set()
            sending.over.set()
            del self._sending[row.id]

    async def _submit(self, row: life.Row, fresh: bool, sending: _Sending) -> life.Row:
        catalog.check(row.request, await self.models())
        if not fresh:
            await self._refuse_unconfirmed(row.request)
        row = replace(row, cost_usd=catalog.price_usd(row.request, self.known_models()))
        if self._limiter.has_capacity():
            row = replace(row, sent_at=self._doors.clock())
        caps, day_at = self._doors.caps(), midnight(self._doors.clock())
        await self._in_store(lambda: self._store.add(row, owner=self.owner, caps=caps, day_at=day_at))
        care = self._care[row.id] = _Care(row, busy=True)
        self._tell(row)
        sending.written.set()
        try:
            return await self._create(row, sending)
        finally:
            if self._care.get(row.id) is care:
                care.busy = False
                self._plan(care)

    async def _create(self, row: life.Row, sending: _Sending) -> life.Row:
        now = self._doors.clock
        closed = Problem(code="not_sent", message="The session was closed before its turn came.")
        lost = Problem(code="answer_lost", message="The server's answer was lost.")
        event: life.Event = life.NotSent(now(), closed)  # what is true whatever else goes wrong from here on
        try:
            await self._limiter.acquire()
            if sending.unwanted:
                why = Problem(code="not_sent", message="Cancelled before it was sent.")
                event = life.NotSent(now(), why)
                raise GenerationCancelled(
                    f"Job {row.id} was cancelled before it was sent.", job=row, charged="Nothing was charged."
                )
            if row.sent_at is None:
                await self._apply(row.id, life.Sending(now()))
            event = life.Uncertain(now(), lost)
            got = await self._client.create(row.request)
            event = life.Acknowledged(now(), got.request_id, got.status, got.credits_charged)
        except AnswerLost as error:
            event = life.Uncertain(now(), Problem(code="answer_lost", message=error.what), error.excerpt or None)
            raise SubmissionUncertain(error.what, job=row) from error
        except ConnectionFailed as error:
            event = life.NotSent(now(), Problem(code="not_sent", message=error.what))
            raise
        except ApiError as error:
            event = life.Refused(now(), Problem(code=error.code, message=error.message))
            raise
        finally:
            row = await self._apply(row.id, event)
        await self._guarded(lambda: self._learn(row.request))
        return row

    async def _refuse_unconfirmed(self, request: GenerationRequest) -> None:
        rows = await self._in_store(
            lambda: self._store.rows(service=self._doors.service, status="unconfirmed", model=request.model, limit=100)
        )
        for row in rows:
            if row.request == request:
                raise SentBefore(f"The same request is unconfirmed as job {row.id}, so it was not sent again.", job=row)

    async def discard(self, job_id: str) -> life.Row:
        """Close an unconfirmed job. Asks nobody."""
        await self._find(job_id)
        return await self._apply(job_id, life.Discarded(self._doors.clock()))

    async def cancel(self, job_id: str) -> life.Row:
        """Ask the server to cancel; returns the row as the server then tells it.

        A job that is not sent yet is not sent; one that is just being sent is cancelled once the server has accepted
        it. Raises CancelRefused.
        """
        if (sending := self._sending.get(job_id)) is not None:
            sending.unwanted = True
            await sending.written.wait()
        row = await self._find(job_id)
        if row.final:
            return row
        if row.status != "unconfirmed":
            row = await self._apply(job_id, life.CancelAsked(self._doors.clock()))
        if sending is not None:
            await sending.over.wait()
            row = await self._find(job_id)
        if row.final:
            return row
        if row.request_id is None:
            raise _not_cancellable(row)
        return await self._cancel_at_server(row, row.request_id)

    async def _cancel_at_server(self, row: life.Row, request_id: str) -> life.Row:
        refusal: SeedanceError | None = None
        generation: Generation | None = None
        try:
            generation = await self._client.cancel(request_id)
        except SeedanceError as error:
            refusal = error
        seen = True
        try:
            generation = generation or await self._client.get(request_id)
            row = await self._apply(row.id, life.Looked(self._doors.clock(), generation))
        except SeedanceError:
            seen = False
        if refusal is None or row.final:
            return row
        row = await self._apply(row.id, life.CancelEnded(self._doors.clock()))
        unknown = not seen or isinstance(refusal, AnswerLost | ConnectionFailed)
        what = "is not known to be cancelled" if unknown else f"was not cancelled and is {row.status}"
        raise CancelRefused(
            f"Job {row.id} {what}. {refusal.what}",
            job=row,
            next_step="It is still looked at, and its status tells what becomes of it; cancelling again is safe.",
        ) from refusal

    async def save_again(self, job_id: str) -> life.Row:
        """Ask for the clip again; the API is asked for a fresh URL first. Free of charge."""
        await self._find(job_id)
        row = await self._apply(job_id, life.SaveAsked(self._doors.clock()))
        return await self._adopt_care(row)

    async def adopt(self, job_id: str, request_id: str) -> life.Row:
        """Give an unconfirmed job the request id that a person found. Raises NotFound when the server knows none."""
        await self._find(job_id)
        generation = await self._client.get(request_id)
        await self._apply(job_id, life.Adopted(self._doors.clock(), request_id))
        row = await self._apply(job_id, life.Looked(self._doors.clock(), generation))
        return await self._adopt_care(row)

    async def change_key(self) -> None:
        """Go on with the key that the session has now: every job that waits for it is looked at."""
        self._retired.append(self._client)
        self._client = self._doors.client()
        await self._unlock()

    async def _lock_out(self, said: str) -> None:
        """The server refuses the key: the jobs wait, and a session with another key may look after them."""
        if self._doors.clock() >= self._locked_until:  # and not what was on its way then
            self._locked_s = min(2 * self._locked_s or FIRST_LOCKED_OUT_S, LOCKED_OUT_S)
            self._locked_until = self._doors.clock() + self._locked_s
        waiting = [care for care in self._care.values() if life.next_action(care.row) is life.Action.POLL]
        for care in waiting:
            await self._note(care, life.LookFailed(self._doors.clock(), life.KEY_REFUSED))
            self._care.pop(care.row.id, None)
        await self._in_store(self._release_all_but_ours)
        if not self._key_refused:
            self._key_refused = True
            self._subscriber.on_key_refused(said)

    def _release_all_but_ours(self) -> None:
        self._store.release(self.owner)
        self._store.renew(list(self._care), self.owner)

    async def _unlock(self) -> None:
        if self._key_refused:
            self._locked_until, self._locked_s, self._key_refused = 0.0, 0.0, False
            await self._take_over()

    async def look_now(self, job_id: str) -> life.Row:
        """Look at a job out of turn, after a webhook say."""
        if care := self._care.get(job_id):
            await self._look(care)
            return care.row
        return await self._find(job_id)

    async def models(self, refresh: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached."""
        now = self._doors.clock()
        if refresh or self._models is None or now - self._models_at > MODELS_FRESH_S:
            try:
                self._models, self._models_at = await self._client.models(), now
            except SeedanceError:
                if refresh:
                    raise
        return self.known_models()

    async def _adopt_care(self, row: life.Row) -> life.Row:
        if not row.settled and await self._in_store(lambda: self._store.lease(row.id, self.owner)):
            care = self._care.setdefault(row.id, _Care(row))
            care.row = row
            self._plan(care)
        return row

    async def _find(self, job_id: str) -> life.Row:
        if care := self._care.get(job_id):
            return care.row
        row = await self._in_store(lambda: self._store.get(job_id))
        if row is None or row.is_removed:
            raise JobNotFound(f"There is no job {job_id!r}.")
        if row.service != self._doors.service:
            raise JobNotFound(f"Job {job_id} belongs to {row.service}, not to {self._doors.service}.")
        return row

    async def _apply(self, job_id: str, event: life.Event) -> life.Row:
        care = self._care.get(job_id)
        if care is None:
            row = await self._in_store(lambda: self._store.apply(job_id, event))
        else:
            before = care.row
            care.unsaved.append(event)
            try:
                row = await self._write(care)
            except StoreError as error:  # locked for long, say: it happened all the same, and is written later
                self.problem = str(error)
                row = care.row = life.advance(before, event)
                care.must_save = True
        self._tell(row)
        return row

    async def _write(self, care: _Care) -> life.Row:
        """Write what is not written of a row; a row that somebody deleted under us is written anew."""
        written: list[life.Event] = []

        def write() -> life.Row:
            row = self._store.get(care.row.id) or self._store.add(care.row, owner=self.owner)
            for each in list(care.unsaved):
                row = self._store.apply(row.id, each)
                written.append(each)
            return row

        try:
            row = await self._in_store(write)
        finally:
            care.unsaved = [event for event in care.unsaved if all(event is not each for each in written)]
        for event in care.unsaved:  # what came while it was written
            row = replace(life.advance(row, event), rev=row.rev)
        care.row = row
        care.must_save = False
        return row

    async def _note(self, care: _Care, event: life.Event) -> None:
        """Apply an event; write it only when it says something that must outlive this process."""
        after = life.advance(care.row, event)
        if _durable(after) != _durable(care.row):
            await self._apply(care.row.id, event)
            return
        before, care.noted[type(event)] = care.noted.get(type(event)), event
        care.unsaved = [each for each in care.unsaved if each is not before] + [event]
        care.row = replace(after, rev=care.row.rev)  # as in the store, or what is written next would look like old news
        self._tell(care.row)

    def _tell(self, row: life.Row) -> None:
        self._subscriber.on_row(row)

    # --- the rounds -----------------------------------------------------------------------------------------------
    def _plan(self, care: _Care) -> None:
        """When this row is due next; a row that asks for nothing leaves our care."""
        action = life.next_action(care.row)
        if action is life.Action.NOTHING:
            if care.row.status != "submitting" and not care.unsaved:
                self._care.pop(care.row.id, None)
        elif action is life.Action.DOWNLOAD:
            care.due_at = schedule.save_again_at(care.row)
        else:
            care.due_at = schedule.next_look_at(care.row, self.prior(care.row.request), floor_s=self._doors.floor_s)
        self._wake.set()

    async def _schedule(self) -> None:
        """Whenever something is due and a token is there, the row that wastes most waiting goes first."""
        while True:
            now = self._doors.clock()
            idle = [c for c in self._care.values() if not c.busy and life.next_action(c.row) is not life.Action.NOTHING]
            due = [c for c in idle if c.due_at <= now or c.due_at > now + schedule.LONGEST_PLAN_S]
            if not due:
                await self._sleep(min([c.due_at - now for c in idle] + [WAKE_S]))
                continue
            care = max(due, key=lambda c: self._urgency(c, now))
            action = life.next_action(care.row)
            if action is life.Action.POLL:
                await self._limiter.acquire()
            care.busy = True
            task = asyncio.create_task(self._attend(care, action))
            self._running.add(task)
            task.add_done_callback(self._running.discard)

    def _urgency(self, care: _Care, now: float) -> float:
        if life.next_action(care.row) is life.Action.DOWNLOAD:
            return float("inf")  # needs no token
        return schedule.urgency_s(care.row, self.prior(care.row.request), now)

    async def _sleep(self, seconds: float) -> None:
        self._wake.clear()
        try:
            async with asyncio.timeout(max(0.0, min(seconds, WAKE_S))):
                await self._wake.wait()
        except TimeoutError:
            pass

    async def _attend(self, care: _Care, action: life.Action) -> None:
        """One look or one download, and the plan for the next."""
        work = self._download if action is life.Action.DOWNLOAD else self._look
        went_well = await self._guarded(lambda: work(care))
        care.busy = False
        if went_well:
            self._plan(care)
        else:
            care.due_at = self._doors.clock() + AFTER_TROUBLE_S
            self._wake.set()

    async def _look(self, care: _Care) -> None:
        request_id, now = care.row.request_id, self._doors.clock
        assert request_id is not None, "next_action says POLL only for rows with a request id"
        if life.next_action(care.row) is not life.Action.POLL:
            return  # the news came another way while we waited for our turn
        try:
            async with self._looks:
                client = self._client
                generation = await client.get(request_id)
        except NotFound:
            await self._note(care, life.LookFailed(now(), life.UNKNOWN))
        except Unauthorized as error:
            await self._note(care, life.LookFailed(now(), life.KEY_REFUSED))
            if client is self._client:
                await self._lock_out(error.what)
        except SeedanceError as error:
            await self._note(care, life.LookFailed(now(), error.what))
        else:
            if generation.request_id != request_id:
                await self._note(care, life.LookFailed(now(), "the server answered for another generation"))
                return
            await self._note(care, life.Looked(now(), generation))
            await self._unlock()
            if care.row.final:
                await self._learn(care.row.request)

    async def _download(self, care: _Care) -> None:
        from . import downloads

        loop, row = asyncio.get_running_loop(), care.row
        if life.next_action(row) is not life.Action.DOWNLOAD:
            return

        def progress(received: int, total: int | None) -> None:
            loop.call_soon_threadsafe(self._subscriber.on_progress, row.id, received, total)

        async with self._saves:
            event = await in_thread(lambda: downloads.save(row, self._files, now=self._doors.clock, progress=progress))
        await self._note(care, event)

    async def _learn(self, request: GenerationRequest) -> None:
        durations = await self._in_store(lambda: self._store.like_durations_s(request, self._doors.service))
        guess = schedule.shipped_prior(request).scaled(self._doors.time_scale)
        self._priors[_kind(request)] = schedule.learn(durations, guess)

    async def _tick(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self._subscriber.on_tick()

    async def _housekeep(self) -> None:
        """Renew our leases, take over what a dead kernel left, and read the rows that others look after."""
        next_at = 0.0
        while True:
            now = self._doors.clock()
            if not next_at - HOUSEKEEPING_S <= now < next_at:  # also when the clock was set back
                next_at = now + HOUSEKEEPING_S
                await self._guarded(self._save_late)
                await self._guarded(self._renew)
                if not self._key_refused:
                    await self._guarded(self._take_over)
            if self._key_refused and self._doors.clock() >= self._locked_until:
                await self._guarded(self._take_over)
            await self._guarded(self._read_foreign)
            await asyncio.sleep(FOREIGN_S)

    async def _save_late(self) -> None:
        """Write what the store would not take when it happened."""
        for care in [care for care in self._care.values() if care.must_save]:
            await self._write(care)
            if not care.busy:
                self._plan(care)

    async def _renew(self) -> None:
        if not self._care:
            return
        ours = await self._in_store(lambda: self._store.renew(list(self._care), self.owner))
        for job_id in set(self._care) - ours:
            if not self._care[job_id].busy:  # another kernel has it: we slept too long
                del self._care[job_id]

    async def _take_over(self) -> None:
        rows = await self._in_store(lambda: self._store.take_over(self._doors.service, self.owner, is_dead=_is_dead))
        for row in rows:
            if row.id in self._care:
                continue
            if row.status == "submitting":  # its kernel died between the row and the answer
                row = await self._apply(row.id, _died(row, self._doors.clock()))
            if not row.settled:
                care = self._care[row.id] = _Care(row)
                await self._learn(row.request)
                self._plan(care)
                self._tell(row)
        for row in rows:
            if row.cancel_asked_at is not None and row.request_id is not None and not row.final:
                await self._guarded(lambda job_id=row.id: self._ask_again(job_id))  # type: ignore[misc]

    async def _ask_again(self, job_id: str) -> None:
        """The kernel died between a person's wish to cancel and the server's answer."""
        await self.cancel(job_id)

    async def _read_foreign(self) -> None:
        for job_id in [job_id for job_id in self._subscriber.waits_for() if job_id not in self._care]:
            row = await self._in_store(lambda job_id=job_id: self._store.get(job_id))  # type: ignore[misc]
            if row is not None:
                self._tell(row)

    async def _in_store(self, work: Callable[[], T]) -> T:
        async with self._storing:
            return await in_thread(work)


def _died(row: life.Row, now: float) -> life.Event:
    """What the end of its kernel means for a row that had no answer yet."""
    if row.sent_at is None:
        message = "The kernel ended while the request waited for its turn; it was not sent."
        return life.NotSent(now, Problem(code="not_sent", message=message))
    return life.Uncertain(now, Problem(code="kernel_died", message="The kernel ended before the server's answer came."))


def _is_dead(owner: str) -> bool:
    """Whether a worker of this machine has died without giving up its leases, so that nobody waits for them to end."""
    host, _, rest = owner.partition("/")
    pid = rest.partition("/")[0]
    if host != platform.node() or os.name != "posix" or not (pid.isascii() and pid.isdigit() and len(pid) < 10):
        return False
    try:
        os.kill(int(pid), 0)  # asks only
    except ProcessLookupError:
        return True
    except OSError:
        return False
    return False


def _not_cancellable(row: life.Row) -> CancelRefused:
    if row.status == "unconfirmed":
        return CancelRefused(
            f"Job {row.id} is unconfirmed: without the server's name for it, it cannot be cancelled.",
            job=row,
            charged="You may have been charged.",
            next_step="Look in the vendor's dashboard: job.adopt(request_id) brings it back, then cancel it.",
        )
    return CancelRefused(
        f"Job {row.id} is just being sent by another kernel.", job=row, next_step="Cancel it when it is queued."
    )


_VOLATILE: dict[str, Any] = {
    "looked_at": None,
    "queued_seen_at": None,
    "look_failures": 0,
    "look_problem": None,
    "look_failed_at": None,
    "failing_since_at": None,
    "rev": 0,
}


def _durable(row: life.Row) -> life.Row:
    return replace(row, **_VOLATILE)


def _kind(request: GenerationRequest) -> tuple[object, ...]:
    return request.model, request.resolution, request.duration, bool(request.media_urls)


__all__: Sequence[str] = ["Doors", "Subscriber", "Worker"]
