"""Submitting: the row is written, the create is sent once, and what came of it is written. **Spends credits.**"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace

from .. import catalog, life
from ..errors import (
    AnswerLost,
    ApiError,
    ConnectionFailed,
    GenerationCancelled,
    RequestInvalid,
    SentBefore,
    SubmissionUncertain,
)
from ..types import GenerationRequest, Problem
from ..when import midnight
from .doors import Doors, Terms
from .line import Line
from .models import Models
from .priors import Priors
from .rows import Care, Rows
from .storing import Storing
from .trouble import Trouble


@dataclass(slots=True)
class Sending:
    """A job on its way to the server, from the call that submits it until it is known what came of the create."""

    written: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)
    unwanted: bool = False
    """A person asked to cancel it meanwhile."""


class Submissions:
    """The jobs that are just being sent, by their ids."""

    def __init__(
        self,
        doors: Doors,
        owner: str,
        storing: Storing,
        line: Line,
        models: Models,
        priors: Priors,
        rows: Rows,
        trouble: Trouble,
    ) -> None:
        self._doors = doors
        self._owner = owner
        self._storing = storing
        self._line = line
        self._models = models
        self._priors = priors
        self._rows = rows
        self._trouble = trouble
        self.under_way: dict[str, Sending] = {}

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
        wanted = terms.request_of(row)
        _check_text(row)
        catalog.check(wanted, await self._models.fresh())
        if not terms.fresh:
            await self._refuse_unconfirmed(row.request)
        row = replace(row, cost_usd=catalog.price_usd(row.request, self._models.known()))
        if self._line.limiter.has_capacity():
            row = replace(row, sent_at=self._doors.clock())
        caps, day_at = self._doors.caps(), midnight(self._doors.clock())
        await self._storing.run(lambda store: store.add(row, owner=self._owner, caps=caps, day_at=day_at))
        care = self._rows.care[row.id] = Care(row, busy=True)
        self._rows.tell(row)
        sending.written.set()
        try:
            return await self._create(row, sending, wanted)
        finally:
            if self._rows.care.get(row.id) is care:
                care.busy = False
                self._rows.plan(care)

    async def _create(self, row: life.Row, sending: Sending, wanted: GenerationRequest) -> life.Row:
        now = self._doors.clock
        closed = Problem(code="not_sent", message="The session was closed before its turn came.")
        lost = Problem(code="answer_lost", message="The server's answer was lost.")
        event: life.Event = life.NotSent(now(), closed)  # what is true whatever else goes wrong from here on
        try:
            await self._line.limiter.acquire()
            if sending.unwanted:
                why = Problem(code="not_sent", message="Cancelled before it was sent.")
                event = life.NotSent(now(), why)
                raise GenerationCancelled(
                    f"Job {row.id} was cancelled before it was sent.", job=row, charged="Nothing was charged."
                )
            if row.sent_at is None:
                await self._rows.apply(row.id, life.Sending(now()))
            event = life.Uncertain(now(), lost)
            got = await self._line.client.create(wanted)
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
            row = await self._rows.apply(row.id, event)
        await self._trouble.guarded(lambda: self._priors.learn(row.request))
        return row

    async def _refuse_unconfirmed(self, request: GenerationRequest) -> None:
        service = self._doors.service
        rows = await self._storing.run(
            lambda store: store.rows(service=service, status="unconfirmed", model=request.model, limit=100)
        )
        for row in rows:
            if row.request == request:
                raise SentBefore(f"The same request is unconfirmed as job {row.id}, so it was not sent again.", job=row)


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
