"""The models that the server lists, kept for an hour."""

from __future__ import annotations

import asyncio

from .. import catalog
from ..errors import SeedanceError
from ..types import Model
from .doors import Doors
from .line import Line

MODELS_FRESH_S = 3600.0
MISSING_FRESH_S = 30.0
"""After a list that did not come, the one that is known is good for so long: not every submission asks again."""


class Models:
    """What there is to choose from."""

    def __init__(self, doors: Doors, line: Line) -> None:
        self._doors = doors
        self._line = line
        self._live: tuple[Model, ...] | None = None
        self._asking: asyncio.Task[None] | None = None
        self._asked_at = self._fresh_until = 0.0

    def known(self) -> tuple[Model, ...]:
        """The live list when it was fetched, else the bundled one. Never asks the network. From any thread."""
        return self._live or catalog.BUNDLED_MODELS

    @property
    def is_live(self) -> bool:
        """Whether the live list was fetched within the hour."""
        return self._live is not None and self._asked_at <= self._doors.clock() < self._fresh_until

    async def fresh(self, refresh: bool = False, *, anew: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached.

        `refresh`: ask now, and raise what the server says. `anew`: ask now, and go on with what is known otherwise.
        Whoever asks while it is asked for waits for the same answer.
        """
        if refresh or anew or self._doors.clock() >= self._fresh_until or self._doors.clock() < self._asked_at:
            if self._asking is None or self._asking.done():
                self._asking = asyncio.create_task(self._ask())
            try:
                await asyncio.shield(self._asking)
            except SeedanceError:
                if refresh:
                    raise
        return self.known()

    async def _ask(self) -> None:
        at = self._doors.clock()
        try:
            self._live = await self._line.client.models()
        except SeedanceError as error:
            asked_s = getattr(error, "retry_after_s", None) or 0.0
            self._asked_at, self._fresh_until = at, at + max(MISSING_FRESH_S, asked_s)
            raise
        self._asked_at, self._fresh_until = at, at + MODELS_FRESH_S
