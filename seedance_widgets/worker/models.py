"""The models that the server lists, kept for an hour."""

from __future__ import annotations

from .. import catalog
from ..errors import SeedanceError
from ..types import Model
from .doors import Doors
from .line import Line

MODELS_FRESH_S = 3600.0


class Models:
    """What there is to choose from."""

    def __init__(self, doors: Doors, line: Line) -> None:
        self._doors = doors
        self._line = line
        self._live: tuple[Model, ...] | None = None
        self._live_at = 0.0

    def known(self) -> tuple[Model, ...]:
        """The live list when it was fetched, else the bundled one. Never asks the network. From any thread."""
        return self._live or catalog.BUNDLED_MODELS

    async def fresh(self, refresh: bool = False, *, anew: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old; the bundled one when the server cannot be reached.

        `refresh`: ask now, and raise what the server says. `anew`: ask now, and go on with what is known otherwise.
        """
        now = self._doors.clock()
        if refresh or anew or self._live is None or now - self._live_at > MODELS_FRESH_S:
            try:
                self._live, self._live_at = await self._line.client.models(), now
            except SeedanceError:
                if refresh:
                    raise
        return self.known()
