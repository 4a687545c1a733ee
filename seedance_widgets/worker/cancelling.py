"""Cancelling: what is not sent is not sent, and what the server has it is asked to end."""

from __future__ import annotations

from .. import life
from ..errors import AnswerLost, CancelRefused, ConnectionFailed, SeedanceError
from ..types import Generation
from .connection import Connection
from .database import Database
from .needs import Needs
from .rows import Rows
from .submitting import CANCELLED, Sending, Submitting


class Cancelling:
    """How a person's wish to cancel becomes what the server says of it."""

    def __init__(
        self, needs: Needs, database: Database, connection: Connection, rows: Rows, submitting: Submitting
    ) -> None:
        self._needs = needs
        self._connection = connection
        self._rows = rows
        self._submitting = submitting
        self._database = database
        self.under_way: set[str] = set()
        """Jobs that are just being cancelled here."""

    async def cancel(self, job_id: str) -> life.Row:
        """See `Worker.cancel`."""
        self.under_way.add(job_id)
        try:
            return await self._cancel(job_id)
        finally:
            self.under_way.discard(job_id)

    async def _cancel(self, job_id: str) -> life.Row:
        sending = self._submitting.under_way.get(job_id)
        if sending is not None and not sending.written.is_set():
            sending.give_up(CANCELLED)  # there is no row yet to say it in
            await sending.written.wait()
        row = await self._rows.find(job_id)
        if row.final:
            return row
        if row.status == "submitting":  # the wish stands in the row, for whoever sends it
            row = await self._ask_unsent(job_id, sending)
        elif row.status != "unconfirmed":
            row = await self._rows.apply(job_id, life.CancelAsked(self._needs.clock()))
        if sending is not None:
            await sending.over.wait()
            row = await self._rows.find(job_id)
        if row.final or (sending is None and row.status == "submitting"):
            return row
        if row.request_id is None:
            raise _not_cancellable(row)
        return await self._at_server(row, row.request_id)

    async def _ask_unsent(self, job_id: str, sending: Sending | None) -> life.Row:
        row = await self._database.run(lambda store: store.cancel_unsent(job_id, self._needs.clock()))
        if (care := self._rows.care.get(job_id)) is not None:
            self._rows.take_in(care, row)
        else:
            self._rows.tell(row)
        if sending is not None and row.final:
            sending.give_up(CANCELLED)
        return row

    async def _at_server(self, row: life.Row, request_id: str) -> life.Row:
        refusal: SeedanceError | None = None
        generation: Generation | None = None
        try:
            generation = await self._connection.client.cancel(request_id)
        except SeedanceError as error:
            refusal = error
        seen = True
        try:
            generation = generation or await self._connection.client.get(request_id)
            row = await self._rows.apply(row.id, life.Looked(self._needs.clock(), generation))
        except SeedanceError:
            seen = False
        if refusal is None or row.final:
            return row
        row = await self._rows.apply(row.id, life.CancelEnded(self._needs.clock()))
        unknown = not seen or isinstance(refusal, AnswerLost | ConnectionFailed)
        what = "is not known to be cancelled" if unknown else f"was not cancelled and is {row.status}"
        raise CancelRefused(
            f"Job {row.id} {what}. {refusal.what}",
            job=row,
            next_step="It is still looked at, and its status tells what becomes of it; cancelling again is safe.",
        ) from refusal


def _not_cancellable(row: life.Row) -> CancelRefused:
    return CancelRefused(
        f"Job {row.id} is unconfirmed: without the server's name for it, it cannot be cancelled.",
        job=row,
        charged="You may have been charged.",
        next_step="Look in the vendor's dashboard: job.adopt(request_id) brings it back, then cancel it.",
    )
