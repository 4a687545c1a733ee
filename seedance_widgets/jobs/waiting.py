"""The waiting loop of jobs and sweeps: short steps, so that an interrupt and a closed session end it at once.

It never ends what is waited for.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import WaitTimeout

if TYPE_CHECKING:
    from .engine import Engine

TICK_S = 0.1
"""Waiting is a loop of short waits: one long wait is deaf to the interrupt button."""


class Waiting:
    """One wait for a job or a sweep. Made for each, so that nothing that is waited for holds itself alive.

    Args:
        engine: What looks after it.
        name: Its name in a sentence, such as "job abcd2345".
        settled: Whether nothing more happens to it by itself.
        late: The error for a wait that took too long.
        nap: Sleeps for some seconds, or less where there is news.
    """

    def __init__(
        self,
        engine: Engine,
        name: str,
        settled: Callable[[], bool],
        late: Callable[[], WaitTimeout],
        nap: Callable[[float], object] = time.sleep,
    ) -> None:
        self._engine = engine
        self._name = name
        self._settled = settled
        self._late = late
        self._nap = nap

    def until(self, reached: Callable[[], bool], timeout: float | None) -> None:
        """Wait until something is so, or raise WaitTimeout after `timeout` seconds; `None`: for ever."""
        deadline = deadline_of(timeout)
        while not reached():
            self.pause(deadline)

    async def until_async(self, reached: Callable[[], bool], timeout: float | None) -> None:
        """The same for a coroutine, in whichever loop."""
        deadline = deadline_of(timeout)
        self._engine.hurry()
        while not reached():
            await self.pause_async(deadline)

    def pause(self, deadline: float | None) -> None:
        """One step. Raises WaitTimeout, SessionClosed, and RuntimeError where the worker would wait for itself."""
        self._engine.refuse_own_thread()
        self._check(deadline)
        self._engine.hurry()
        self._nap(TICK_S)

    async def pause_async(self, deadline: float | None) -> None:
        """One step of a coroutine. Raises WaitTimeout, SessionClosed."""
        self._check(deadline)
        await asyncio.sleep(TICK_S)

    def _check(self, deadline: float | None) -> None:
        if deadline is not None and time.monotonic() > deadline:
            raise self._late()
        if not self._settled():
            self._engine.check_open(self._name)


def deadline_of(timeout: float | None) -> float | None:
    """The instant of the monotonic clock at which a wait of so many seconds ends; `None`: never."""
    return None if timeout is None else time.monotonic() + timeout
