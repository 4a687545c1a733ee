"""Tries as many as in life, without the waits between them, and what those would have been."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from seedance_widgets.api import retries
from seedance_widgets.errors import SeedanceError


@dataclass(frozen=True)
class Retry:
    """A request that was sent again: why, and after how many seconds."""

    error: SeedanceError
    wait_s: float


@contextmanager
def no_waiting() -> Iterator[list[Retry]]:
    """Nobody waits in here before they send something again."""
    seen: list[Retry] = []
    decide = retries.Patience.wait_s

    def noted(self: retries.Patience, error: SeedanceError) -> float | None:
        wait_s = decide(self, error)
        if wait_s is not None:
            seen.append(Retry(error, wait_s))
        return wait_s

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(retries.Patience, "wait_s", noted)
        patch.setattr(retries, "pause", at_once)
        yield seen
