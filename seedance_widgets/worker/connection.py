"""The connection to the server: the client with the key that holds, how often it may ask, whether the key is refused.

Also how a create goes over it, in a turn of its own each time that it is sent.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING

from ..api.limiter import Limiter
from ..errors import ConnectionFailed, RateLimited
from .needs import Needs
from .shared_limiter import shared
from .sharing import Sharing
from .unless import unless

if TYPE_CHECKING:
    from ..api.client import AsyncClient
    from ..types import Accepted, GenerationRequest

FIRST_LOCKED_OUT_S, LOCKED_OUT_S = 2.0, 60.0
"""How long the jobs are left alone when the server has refused the key: at first, and at most. A gateway may err."""


class Connection:
    """The client of now, and those before it."""

    def __init__(self, needs: Needs, sharing: Sharing) -> None:
        self._needs = needs
        self._sharing = sharing
        self._retired: list[AsyncClient] = []
        """Clients with an earlier key. What they had sent may still be answered."""
        self.key_refused = False
        """Whether the server refuses the key, and the subscriber was told so."""
        self.locked_until = 0.0
        """Until then nobody asks whether the server still refuses the key."""
        self._locked_s = 0.0

    def open(self) -> None:
        """Make the client, and what says when it may ask."""
        self._share_limiter()
        self.client = self._made()

    @property
    def is_cut_off(self) -> bool:
        """Whether the history could not be asked how often we may ask, so that a turn may be long in coming."""
        return self._sharing.is_cut_off

    def change_key(self) -> None:
        """From here on a client with the key that the session has now."""
        self._retired.append(self.client)
        self._share_limiter()
        self.client = self._made()

    def _share_limiter(self) -> None:
        """Ask as often as all sessions of this process with this key may together; the rate named last holds.

        Other processes that share the history have their part of it, too.
        """
        rate = self._needs.requests_per_minute
        self.limiter = shared(self._needs.service, self._needs.key(), lambda: Limiter(rate, clock=self._needs.awake))
        self.limiter.change(rate)
        self._sharing.use(self.limiter)

    def _made(self) -> AsyncClient:
        client = self._needs.client()
        client.limiter = self.limiter
        return client

    def lock(self) -> None:
        """Leave the server alone for a while, and for longer each time it refuses the key again."""
        now = self._needs.clock()
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
        for _ in range(3):
            await asyncio.sleep(0)  # a transport ends in the next round of its loop, and this is among the last


async def create_in_turn(
    connection: Connection,
    *,
    leave: Callable[[], Awaitable[GenerationRequest]],
    wait: Callable[[float], Awaitable[None]],
    lost: asyncio.Event,
) -> Accepted:
    """Send a create when its turn has come, and again where nothing was charged. **Spends credits.**

    Args:
        leave: Called when a turn is there, each time before the request leaves: what it returns is what is sent, and
            what it raises keeps it here, and gives the turn back.
        wait: Told the seconds, before they pass, after which a create that was turned away is sent again.
        lost: Nobody wants it sent any more; looked at only while it waits. Raises Overtaken then.

    Whoever is cancelled before `leave` has sent nothing and takes nothing away from the others.
    """
    from ..api import retries

    patient = retries.Patience(repeatable=False)
    while True:
        try:
            async with AsyncExitStack() as stack:
                async with unless(lost):
                    turn = await stack.enter_async_context(connection.limiter.turn("create"))
                request = await leave()
                return await connection.client.create(request, turn)
        except (ConnectionFailed, RateLimited) as error:
            if (wait_s := patient.wait_s(error)) is None:
                raise
        await wait(wait_s)
        async with unless(lost):
            await retries.pause(wait_s)
