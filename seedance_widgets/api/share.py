"""This process's part of a budget that several processes use: how much of it is ours, and until when.

What may leave within a minute is counted where it leaves (`Limiter`); how much of that is ours is agreed elsewhere, in
the history. A share counts turns that may be on their way or younger than a minute at one time. So as long as all
shares together are at most the limit, no minute anywhere holds more requests than that: each request of the last 60 s
is counted in somebody's share now.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple


class Share(NamedTuple):
    """What was agreed last."""

    turns: float = 0.0
    """At most so many turns count at a time."""
    until: float = -math.inf
    """From then on nothing more leaves, by the limiter's clock: others may have taken us for dead."""
    pace: float = math.inf
    """Requests a minute over which what leaves is spread: fewer than the limit where others want their part."""


class Standing(NamedTuple):
    """How a limiter stands: what a share is agreed from."""

    counted: int
    """Turns that are on their way or younger than a minute."""
    waiting: int
    """Who waits for a turn."""
    requests_per_minute: float
    kept: float
    """The share that is used from here on until another one is agreed; at least what is counted."""


class Shares:
    """The shares of one limiter, by the history in which they are agreed; without any it is on its own."""

    def __init__(self) -> None:
        self._shares: dict[str, Share] = {}
        self._bells: list[Callable[[], None]] = []

    def turns(self, now: float) -> float:
        """How many turns may count at a time now: by the strictest of them."""
        return min((share.turns if now < share.until else 0.0 for share in self._shares.values()), default=math.inf)

    def hold_until(self) -> float:
        """Until when what was agreed holds."""
        return min((share.until for share in self._shares.values()), default=math.inf)

    def pace(self) -> float:
        """The slowest of them."""
        return min((share.pace for share in self._shares.values()), default=math.inf)

    def get(self, history: str) -> Share:
        """The one that was agreed there; before that one of nothing."""
        return self._shares.get(history, Share())

    def set(self, history: str, share: Share | None) -> None:
        """From now on this one; `None`: nothing is agreed there any more."""
        if share is None:
            self._shares.pop(history, None)
        else:
            self._shares[history] = share

    def on_short(self, bell: Callable[[], None]) -> None:
        """Have `bell` called whenever more turns are wanted than the shares have, or soon will be. From any thread."""
        self._bells.append(bell)

    def no_more(self, bell: Callable[[], None]) -> None:
        """Not any more."""
        self._bells.remove(bell)

    def ring(self) -> None:
        """More turns are wanted."""
        for bell in list(self._bells):
            bell()
