"""Tell whether a request that went wrong is sent again, and after how long.

A create is sent again only when the connection was never made, or after a 429: the API has no idempotency key, so a
lost answer stays lost. What a server asks for (`Retry-After`) is kept to; all that it asks for comes out of one minute.
"""

from __future__ import annotations

import asyncio
import random
import time

from ..errors import AnswerLost, ApiError, ConnectionFailed, RateLimited, SeedanceError, ServerFailed

TRIES = 3
FOREGROUND_WAIT_S = 60.0
"""The longest that a call waits for a 429 to pass; a longer `Retry-After` is raised with the time to try again."""
SHORTEST_WAIT_S = 0.5
"""Nothing that failed comes back sooner, whatever the server says."""
LONGEST_OWN_WAIT_S = 5.0


class Patience:
    """For one call: how many tries and how much waiting are left of it.

    Args:
        repeatable: Whether sending it twice does no harm.
        tries: How often it is sent at most.
    """

    def __init__(self, *, repeatable: bool, tries: int = TRIES) -> None:
        self._repeatable = repeatable
        self._tries = tries
        self._failed = 0
        self._left_s = FOREGROUND_WAIT_S
        self._began_at = time.monotonic()

    def wait_s(self, error: SeedanceError) -> float | None:
        """Seconds to wait before it is sent again; `None` where it is not."""
        self._failed += 1
        if self._failed >= self._tries or not self._may_help(error):
            return None
        asked_s = error.retry_after_s if isinstance(error, ApiError) else None
        if asked_s is None:
            late = time.monotonic() - self._began_at > FOREGROUND_WAIT_S
            return None if late else self._own_wait_s()
        if asked_s > self._left_s:
            return None
        self._left_s -= asked_s
        return max(SHORTEST_WAIT_S, asked_s)

    def _may_help(self, error: SeedanceError) -> bool:
        if isinstance(error, ConnectionFailed | RateLimited):
            return True
        return self._repeatable and isinstance(error, AnswerLost | ServerFailed)

    def _own_wait_s(self) -> float:
        """Half a second, doubling, and half of it more at random: calls that failed together do not come back so."""
        doubled_s = SHORTEST_WAIT_S * 2.0 ** (self._failed - 1)
        return min(LONGEST_OWN_WAIT_S, doubled_s) * (1 + random.random() / 2)


async def pause(seconds: float) -> None:
    """Wait."""
    await asyncio.sleep(seconds)
