"""Looking: what the server says of a job, and what follows when it refuses the key."""

from __future__ import annotations

from .. import life
from ..api.limiter import Turn
from ..errors import ApiError, NotFound, SeedanceError, Unauthorized
from .connection import Connection
from .leasing import Leasing
from .needs import Needs, Subscriber
from .priors import Priors
from .pushes import Pushes
from .rows import Care, Rows


class Polling:
    """How news comes from the server."""

    def __init__(
        self,
        needs: Needs,
        connection: Connection,
        priors: Priors,
        pushes: Pushes,
        rows: Rows,
        leasing: Leasing,
        subscriber: Subscriber,
    ) -> None:
        self._needs = needs
        self._connection = connection
        self._priors = priors
        self._pushes = pushes
        self._rows = rows
        self._leasing = leasing
        self._subscriber = subscriber

    async def look_now(self, job_id: str) -> life.Row:
        """Look at a job out of turn, where it is in our care."""
        if care := self._rows.care.get(job_id):
            await self.look(care)
            return care.row
        return await self._rows.find(job_id)

    async def look(self, care: Care, turn: Turn | None = None) -> None:
        """Ask the server how a job stands, and note what it says. In a `turn` once: the row knows when to ask again."""
        request_id, now = care.row.request_id, self._needs.clock
        assert request_id is not None, "next_action says POLL only for rows with a request id"
        if life.next_action(care.row) is not life.Action.POLL:
            return  # the news came another way while we waited for our turn
        is_awaited = care.pushed and self._pushes.arrive and not care.row.final and care.row.look_asked_at is None
        try:
            client = self._connection.client
            generation = await client.get(request_id, turn)
        except NotFound as error:
            await self._fail(care, self._unknown(care.row), error.retry_after_s)
        except Unauthorized as error:
            await self._fail(care, life.KEY_REFUSED)
            if client is self._connection.client:
                await self._lock_out(error.what)
        except SeedanceError as error:
            await self._fail(care, error.what, error.retry_after_s if isinstance(error, ApiError) else None)
        else:
            if generation.request_id != request_id:
                await self._rows.note(care, life.LookFailed(now(), "the server answered for another generation"))
                return
            await self._rows.note(care, life.Looked(now(), generation))
            await self._unlock()
            if care.row.final:
                await self._priors.learn(care.row.request)
                if is_awaited:  # the webhook did not come, or comes late
                    await self._pushes.missed()
                    self._rows.plan_pushed()

    def _unknown(self, row: life.Row) -> str:
        """Why the server may not know a job: keys of one account may share jobs, so each is asked for all the same."""
        key = self._needs.key()
        is_other = key is not None and row.key_hash is not None and not key.is_hashed_as(row.key_hash)
        return life.OTHER_KEY if is_other else life.UNKNOWN

    async def _fail(self, care: Care, problem: str, retry_after_s: float | None = None) -> None:
        """Note a look without an answer, unless the job has left our care meanwhile: it waits for a key."""
        if care.row.id in self._rows.care:
            await self._rows.note(care, life.LookFailed(self._needs.clock(), problem, retry_after_s))

    async def change_key(self) -> None:
        """Go on with the key that the session has now: every job that waits for it is looked at."""
        self._connection.change_key()
        await self._unlock()

    async def _lock_out(self, reason: str) -> None:
        """The server refuses the key: the jobs wait, and a session with another key may look after them."""
        self._connection.lock()
        waiting = [care for care in self._rows.care.values() if life.next_action(care.row) is life.Action.POLL]
        for care in waiting:
            await self._rows.apply(
                care.row.id, life.LookFailed(self._needs.clock(), life.KEY_REFUSED)
            )  # all may read it
            if not care.unsaved:
                self._rows.care.pop(care.row.id, None)
        await self._leasing.release_all_but_ours()
        if not self._connection.key_refused:
            self._connection.key_refused = True
            self._subscriber.on_key_refused(reason)

    async def _unlock(self) -> None:
        if self._connection.key_refused:
            self._connection.unlock()
            await self._leasing.take_over()
