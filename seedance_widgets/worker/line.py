"""The line to the server: the client with the key that holds, how often it may ask, and whether the key is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .doors import Doors

if TYPE_CHECKING:
    from ..client import AsyncClient

FIRST_LOCKED_OUT_S, LOCKED_OUT_S = 2.0, 60.0
"""How long the jobs are left alone when the server has refused the key: at first, and at most. A gateway may err."""


class Line:
    """The client of now, and those before it."""

    def __init__(self, doors: Doors) -> None:
        self._doors = doors
        self._retired: list[AsyncClient] = []
        """Clients with an earlier key. What they had sent may still be answered."""
        self.key_refused = False
        """Whether the server refuses the key, and the subscriber was told so."""
        self.locked_until = 0.0
        """Until then nobody asks whether the server still refuses the key."""
        self._locked_s = 0.0

    def open(self) -> None:
        """Make the client."""
        from aiolimiter import AsyncLimiter

        per_minute = self._doors.requests_per_minute
        self.limiter = AsyncLimiter(max(1.0, per_minute / 4), 15.0)  # the same rate, in bursts a quarter the size
        self.client = self._doors.client()

    def change_key(self) -> None:
        """From here on a client with the key that the session has now."""
        self._retired.append(self.client)
        self.client = self._doors.client()

    def lock(self) -> None:
        """Leave the server alone for a while, and for longer each time it refuses the key again."""
        now = self._doors.clock()
        if now >= self.locked_until:  # and not what was on its way then
            self._locked_s = min(2 * self._locked_s or FIRST_LOCKED_OUT_S, LOCKED_OUT_S)
            self.locked_until = now + self._locked_s

    def unlock(self) -> None:
        """The server takes the key, or there is another one."""
        self.locked_until, self._locked_s, self.key_refused = 0.0, 0.0, False

    async def close(self) -> None:
        """Close the connections of every client."""
        for client in (self.client, *self._retired):
            await client.aclose()
