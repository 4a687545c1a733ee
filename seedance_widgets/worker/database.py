"""The store, for the loop: one call at a time, each in a thread of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ..threads.background import in_thread
from .needs import Needs

if TYPE_CHECKING:
    from ..store import Store

T = TypeVar("T")


class Database:
    """The way to the store, once it is open."""

    def __init__(self, needs: Needs) -> None:
        self._needs = needs
        self._turn = asyncio.Lock()

    def open(self) -> None:
        """Open the store."""
        self.store = self._needs.store()

    async def run(self, work: Callable[[Store], T]) -> T:
        """Do something with the store when its turn has come, and return what it returns."""
        async with self._turn:
            return await in_thread(lambda: work(self.store))

    def close(self) -> None:
        """Close the store."""
        self.store.close()
