"""Cancelling: what is not sent is not sent, and what the server has it is asked to end."""

from __future__ import annotations

from .. import life
from ..errors import AnswerLost, CancelRefused, ConnectionFailed, SeedanceError
from ..types import Generation
from .doors import Doors
from .line import Line
from .rows import Rows
from .submissions import Submissions


class Cancels:
    """How a person's wish to cancel becomes what the server says of it."""

    def __init__(self, doors: Doors, line: Line, rows: Rows, submissions: Submissions) -> None:
        self._doors = doors
        self._line = line
        self._rows = rows
        self._submissions = submissions

    async def cancel(self, job_id: str) -> life.Row:
        """See `Worker.cancel`."""
        if (sending := self._submissions.under_way.get(job_id)) is not None:
            sending.unwanted = True
            await sending.written.wait()
        row = await self._rows.find(job_id)
        if row.final:
            return row
        if row.status != "unconfirmed":
            row = await self._rows.apply(job_id, life.CancelAsked(self._doors.clock()))
        if sending is not None:
            await sending.over.wait()
            row = await self._rows.find(job_id)
        if row.final:
            return row
        if row.request_id is None:
            raise _not_cancellable(row)
        return await self._at_server(row, row.request_id)

    async def _at_server(self, row: life.Row, request_id: str) -> life.Row:
        refusal: SeedanceError | None = None
        generation: Generation | None = None
        try:
            generation = await self._line.client.cancel(request_id)
        except SeedanceError as error:
            refusal = error
        seen = True
        try:
            generation = generation or await self._line.client.get(request_id)
            row = await self._rows.apply(row.id, life.Looked(self._doors.clock(), generation))
        except SeedanceError:
            seen = False
        if refusal is None or row.final:
            return row
        row = await self._rows.apply(row.id, life.CancelEnded(self._doors.clock()))
        unknown = not seen or isinstance(refusal, AnswerLost | ConnectionFailed)
        what = "is not known to be cancelled" if unknown else f"was not cancelled and is {row.status}"
        raise CancelRefused(
            f"Job {row.id} {what}. {refusal.what}",
            job=row,
            next_step="It is still looked at, and its status tells what becomes of it; cancelling again is safe.",
        ) from refusal


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
