"""Submitting: the row is written, the create is sent once, and what came of it is written. **Spends credits.**

    add the row ──▶ ask for the models ──▶ wait for our turn ──▶ `begin_sending` ──▶ create ──▶ what came of it
     one transaction: the same request,                           one transaction: still ours,
     its place in a sweep, caps                                   valid, its price, caps; `sent_at`

Before `begin_sending` nothing has left, whatever happens, and whoever loses the row sends nothing. After it the create
may be charged. Where nothing is merged the models are asked for before the row is written, so that a request that does
not fit makes none; who gives up meanwhile (a cancel, the session's end) waits for no list.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from .. import life
from ..errors import (
    AnswerLost,
    ApiError,
    CapExceeded,
    ConnectionFailed,
    GenerationCancelled,
    RequestInvalid,
    SeedanceError,
    SessionClosed,
    SubmissionUncertain,
    TakenOver,
)
from ..life.estimate import estimate_of
from ..life.plan import Plan, refuse_risen
from ..request import check
from ..types import GenerationRequest, Model, Problem
from ..when import midnight
from .connection import Connection, create_in_turn
from .database import Database
from .guard import Guard
from .media import MediaWay
from .model_list import Models
from .needs import Needs, Terms
from .priors import Priors
from .pushes import Pushes
from .rows import Care, Rows
from .unless import Overtaken, unless

if TYPE_CHECKING:
    from ..store import Store


CANCELLED = Problem(code="not_sent", message=life.CANCELLED_UNSENT)
CLOSED = Problem(code="not_sent", message="The session was closed before its turn came.")


@dataclass(slots=True)
class Sending:
    """A job on its way to the server, from the call that submits it until it is known what came of the create."""

    written: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    lost: asyncio.Event = field(default_factory=asyncio.Event)
    """Its turn never comes: cancelled, here or elsewhere, taken over, or the session is closed."""
    why: Problem | None = None
    """Why not, where it was given up here: also before there is a row to say it."""
    waits: bool = True
    """Nothing has left yet."""

    def give_up(self, why: Problem) -> None:
        """Send it no more, if nothing has left yet; what it waits for is waited for no longer."""
        self.why = self.why or why
        self.lost.set()


class Submitting:
    """The jobs that are just being sent, by their ids."""

    def __init__(
        self,
        needs: Needs,
        owner: str,
        database: Database,
        connection: Connection,
        models: Models,
        priors: Priors,
        pushes: Pushes,
        rows: Rows,
        guard: Guard,
        media: MediaWay,
    ) -> None:
        self._media = media
        self._needs = needs
        self._owner = owner
        self._database = database
        self._connection = connection
        self._models = models
        self._priors = priors
        self._pushes = pushes
        self._rows = rows
        self._guard = guard
        self.under_way: dict[str, Sending] = {}
        self._closing = False

    async def submit(self, row: life.Row, terms: Terms) -> life.Row:
        """See `Worker.submit`. **Spends credits.**"""
        sending = self.under_way[row.id] = Sending()
        try:
            return await self._submit(row, terms, sending)
        finally:
            sending.written.set()
            sending.over.set()
            del self.under_way[row.id]

    async def _submit(self, row: life.Row, terms: Terms, sending: Sending) -> life.Row:
        _check_text(row)
        if self._closing:
            raise _given_up(row, CLOSED)
        if self._connection.is_cut_off:  # what cannot be written down waits for no turn, to be refused then
            await self._database.run(lambda store: store.rows(limit=1))
        try:
            added = await self._added(row, terms, sending)
        except Overtaken:
            raise await self._end_unwritten(row, sending.why or CLOSED) from None
        if added.id != row.id:
            return added
        care = self._rows.care[row.id] = Care(added, busy=True, pushed=self._pushes.names_us(added))
        self._rows.tell(added)
        sending.written.set()
        try:
            return await self._create(added, terms, sending)
        finally:
            if self._rows.care.get(row.id) is care:
                care.busy = False
                self._rows.plan(care)

    async def _added(self, row: life.Row, terms: Terms, sending: Sending) -> life.Row:
        """The row as it was written, or the running one of the same request. Raises Overtaken where it was given up."""
        if not terms.merge_within_s:  # else the row comes first, whatever the list takes: a second click may be near
            await self._ask_models(sending, anew=_asks_anew(row, terms))
        try:
            return await self._add(row, terms)
        except (RequestInvalid, CapExceeded):
            if self._models.is_live:
                raise
            await self._ask_models(sending)  # the live list is the authority
            return await self._add(row, terms)

    async def _ask_models(self, sending: Sending, *, anew: bool = False) -> tuple[Model, ...]:
        async with unless(sending.lost):
            return await self._models.fresh(anew=anew)

    async def _end_unwritten(self, row: life.Row, why: Problem) -> SeedanceError:
        """Write a row that ended before it was written, so that the history has it; returns why as an error."""

        def write(store: Store) -> life.Row:
            store.add(row, owner=self._owner, key=self._needs.key())
            return store.apply(row.id, life.NotSent(self._needs.clock(), why))

        self._rows.tell(await self._database.run(write))
        return _given_up(row, why)

    async def _add(self, row: life.Row, terms: Terms) -> life.Row:
        """Check and price it by the list that is known, and write it, or return the running one of the same request."""
        known = self._models.known()
        row = self._priced(row, terms, known, refuses_rise=self._models.is_live)
        caps, day_at = self._needs.caps(), midnight(self._needs.clock())
        return await self._database.run(
            lambda store: store.add(
                row,
                owner=self._owner,
                caps=caps,
                day_at=day_at,
                merge_within_s=terms.merge_within_s,
                again=terms.fresh,
                recorded=self._must_record(terms),
                key=self._needs.key(),
            )
        )

    async def _create(self, row: life.Row, terms: Terms, sending: Sending) -> life.Row:
        now = self._needs.clock
        lost = Problem(code="answer_lost", message="The server's answer was lost.")
        event: life.Event = life.NotSent(now(), CLOSED)  # what is true whatever else goes wrong from here on

        async def leave() -> GenerationRequest:
            nonlocal row, event
            wire = await self._media.linked(request)
            row = await self._begin(row, models, terms, sending)
            event = life.Uncertain(now(), lost)
            return wire

        async def wait(seconds: float) -> None:
            nonlocal event
            event, sending.waits = life.NotSent(now(), CLOSED), True
            delayed = await self._rows.apply(row.id, life.Delayed(now(), now() + seconds))
            if delayed.cancel_asked_at is not None:
                sending.lost.set()

        try:
            try:
                asks = _asks_anew(row, terms) and terms.merge_within_s > 0
                models = await self._ask_models(sending, anew=asks)
                request = self._with_webhook(terms.request_of(row))
                async with unless(sending.lost):
                    await self._media.put(row, request)
                got = await create_in_turn(self._connection, leave=leave, wait=wait, lost=sending.lost)
            except Overtaken:
                raise (_given_up(row, sending.why) if sending.why else await self._lost(row)) from None
            event = life.Acknowledged(now(), got.request_id, got.status, got.credits_charged, got.retry_after_s)
        except AnswerLost as error:
            event = life.Uncertain(now(), Problem(code="answer_lost", message=error.what), error.excerpt or None)
            raise SubmissionUncertain(error.what, job=row) from error
        except ApiError as error:
            event = life.Refused(now(), Problem(code=error.code, message=error.message))
            raise
        except ConnectionFailed as error:
            event = life.NotSent(now(), Problem(code="not_sent", message=error.what))
            raise
        except SeedanceError as error:
            if isinstance(event, life.NotSent):  # found before it left
                event = life.NotSent(now(), sending.why or Problem(code="not_sent", message=error.what))
            raise
        finally:
            row = await self._rows.apply(row.id, event)
        await self._guard.guarded(lambda: self._priors.learn(row.request))
        return row

    def _with_webhook(self, request: GenerationRequest) -> GenerationRequest:
        """What leaves: with the address of this place's webhook, unless the person named one. It is kept nowhere."""
        address = self._needs.webhook_url
        return request if address is None or request.webhook_url else replace(request, webhook_url=address)

    async def _begin(self, row: life.Row, models: tuple[Model, ...], terms: Terms, sending: Sending) -> life.Row:
        """Now that it is our turn, check once more, and note that the create leaves now. Nothing has left before."""
        if (care := self._rows.care.get(row.id)) is not None:
            await self._rows.settle(care)
        priced = self._priced(row, terms, models)
        caps, now = self._needs.caps(), self._needs.clock()
        begun = await self._database.run(
            lambda store: store.begin_sending(
                priced,
                now,
                owner=self._owner,
                caps=caps,
                day_at=midnight(now),
                recorded=self._must_record(terms),
                key=self._needs.key(),
            )
        )
        if begun is None:
            raise await self._lost(row)
        sending.waits = False
        if (care := self._rows.care.get(row.id)) is not None:
            care.row = begun
        self._rows.tell(begun)
        return begun

    def _priced(self, row: life.Row, terms: Terms, models: Sequence[Model], *, refuses_rise: bool = True) -> life.Row:
        """The row, checked against these models and at their price.

        Raises RequestInvalid, and PriceChanged where it costs more by now than the person was shown.
        """
        cost_usd = check.checked_usd(terms.request_of(row), models)
        if refuses_rise:
            now = Plan(row.request, cost_usd, estimate_of(self._priors.of(row.request), 0.0))
            refuse_risen(now, terms.shown_usd)
        return replace(row, cost_usd=cost_usd)

    def _must_record(self, terms: Terms) -> bool:
        """Whether nothing may be sent that is kept in memory only: what costs money, unless a person said so."""
        return self._needs.service != life.SIMULATOR and not terms.unrecorded

    async def _lost(self, row: life.Row) -> SeedanceError:
        """Why a row is not ours to send any more, as an error."""
        stored = await self._database.run(lambda store: store.get(row.id))
        message = stored.problem.message if stored is not None and stored.problem else ""
        if message == life.CANCELLED_UNSENT or (stored is not None and stored.cancel_asked_at is not None):
            return _given_up(row, CANCELLED)
        return TakenOver(
            f"Job {row.id} was not sent: this kernel was paused, and another one on the same history went on.", job=row
        )

    async def close(self, seconds: float) -> None:
        """Send nothing more, and give creates that have left a moment for their answers.

        An answer that is not read makes a paid job unconfirmed.
        """
        self._closing = True
        for sending in self.under_way.values():
            sending.give_up(CLOSED)
        going = [asyncio.ensure_future(each.over.wait()) for each in self.under_way.values()]
        if going:
            _, late = await asyncio.wait(going, timeout=seconds)
            for each in late:
                each.cancel()

    async def read_waiting(self) -> None:
        """See which of the jobs that wait for their turn have ended meanwhile: cancelled elsewhere, or taken over."""
        waiting = {job_id for job_id, each in self.under_way.items() if each.waits and each.written.is_set()}
        if not waiting:
            return
        for job_id in await self._database.run(lambda store: store.ended(waiting)):
            if (sending := self.under_way.get(job_id)) is not None:
                sending.lost.set()


def _given_up(row: life.Row, why: Problem) -> SeedanceError:
    """Why a job was not sent, as an error."""
    if why == CANCELLED:
        message = f"Job {row.id} was cancelled before it was sent."
        return GenerationCancelled(message, job=row, charged="Nothing was charged.")
    return SessionClosed(
        f"Job {row.id} was not sent: the session was closed before its turn came.",
        charged="Nothing was sent, nothing was charged.",
        next_step="Submit it again in another session, if you still want it.",
    )


def _asks_anew(row: life.Row, terms: Terms) -> bool:
    """Whether the price is asked for once more, since a person was shown one; a sweep asks once for all of its jobs."""
    return terms.shown_usd is not None and row.sweep_id is None


def _check_text(row: life.Row) -> None:
    """Raise RequestInvalid for a name that no database takes: half a character, or a path of another encoding."""
    for name in ("out_name", "folder", "notebook", "parent_id"):
        text = getattr(row, name)
        try:
            (text or "").encode()
        except UnicodeEncodeError:
            raise RequestInvalid(
                f"{name} is {text!r:.80}, which holds half of a character (a lone surrogate).",
                field=name,
                next_step="Choose another name; for a folder, start the kernel with PYTHONUTF8=1.",
            ) from None
