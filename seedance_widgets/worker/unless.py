"""Waiting for something, unless something else happens first."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Overtaken(Exception):
    """What the waiting was to be given up for has happened."""


@asynccontextmanager
async def unless(event: asyncio.Event) -> AsyncIterator[None]:
    """Gives up what is waited for in here when the event happens. Raises Overtaken, also when it had happened before.

    What is waited for is cancelled, so it must give back what it has.
    """
    loop = asyncio.get_running_loop()
    try:
        async with asyncio.timeout(None) as limit:

            async def watch() -> None:
                await event.wait()
                limit.reschedule(loop.time())

            watching = asyncio.create_task(watch())
            try:
                yield
            finally:
                watching.cancel()
    except TimeoutError:
        if not limit.expired():
            raise
    if event.is_set():
        raise Overtaken
