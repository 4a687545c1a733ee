"""The models that the server lists, kept for an hour."""

from __future__ import annotations

import asyncio

from ..errors import ApiError, SeedanceError
from ..request import models
from ..types import Model
from .connection import Connection
from .needs import Needs

MODELS_FRESH_S = 3600.0
MISSING_FRESH_S = 30.0
"""After a list that did not come, the one that is known is good for so long: not every submission asks again."""


class Models:
    """What there is to choose from."""

    def __init__(self, needs: Needs, connection: Connection) -> None:
        self._needs = needs
        self._connection = connection
        self._live: tuple[Model, ...] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = self._fresh_until = self._not_before_at = 0.0
        self._turned_away: ApiError | None = None
        """What the server said when it asked to be left alone until `_not_before_at`."""

    def known(self) -> tuple[Model, ...]:
        """The live list when it was fetched, else the bundled one. Never asks the network. From any thread."""
        return self._live or models.BUNDLED_MODELS

    @property
    def is_live(self) -> bool:
        """Whether the live list was fetched within the hour."""
        return self._live is not None and self._asked_at <= self._needs.clock() < self._fresh_until

    async def fresh(self, refresh: bool = False, *, anew: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached.

        `refresh`: ask now, and raise what the server says. `anew`: ask now, and go on with what is known otherwise.
        Whoever asks while it is asked for waits for the same answer. Nobody asks while the server wants to be left
        alone (`Retry-After`): `refresh` raises what it said then, with the seconds that are left.
        """
        if self._turned_away is not None and self._asked_at <= (now := self._needs.clock()) < self._not_before_at:
            if refresh:
                raise _again(self._turned_away, self._not_before_at - now)
            return self.known()
        if refresh or anew or self._needs.clock() >= self._fresh_until or self._needs.clock() < self._asked_at:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            try:
                await asyncio.shield(self._asking)
            except SeedanceError:
                if refresh:
                    raise
        return self.known()

    async def close(self) -> None:
        """End a flight that nobody waits for any more: its connection would outlive the client."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        at = self._needs.clock()
        try:
            self._live = await self._connection.client.models()
        except SeedanceError as error:
            refusal = error if isinstance(error, ApiError) and error.retry_after_s else None
            asked_s = (refusal.retry_after_s if refusal else None) or 0.0
            self._turned_away, self._not_before_at = refusal, self._needs.clock() + asked_s
            self._asked_at, self._fresh_until = at, max(at + MISSING_FRESH_S, self._not_before_at)
            raise
        self._turned_away, self._asked_at, self._fresh_until = None, at, at + MODELS_FRESH_S


def _again(error: ApiError, left_s: float) -> ApiError:
    """What the server said a while ago, with the seconds that are left of the wait that it asked for."""
    copy = type(error).__new__(type(error))
    vars(copy).update(vars(error))
    copy.retry_after_s = left_s
    copy.next_step = f"The server asked to be left alone; try again in {left_s:.0f} s."
    copy.args = (" ".join(part for part in (copy.what, copy.charged, copy.next_step) if part),)
    return copy
