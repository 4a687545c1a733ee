"""How often this process may ask, beside all others that ask with the same key and share the history.

A share is taken before the first request and moved every few seconds while requests leave: one statement's worth of
work. Where nobody else asks, a share grows before it is used up, so nothing here waits. See `store.rates`.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from ..api.limiter import Limiter
from ..api.share import Share, Standing
from ..errors import SeedanceError
from ..secret import Secret
from .database import Database
from .lease_owner import new_owner
from .needs import Needs

if TYPE_CHECKING:
    from ..store import Given, Store, Wish

SYNC_S = 5.0
"""Between moves of a share while requests leave."""
LEAST_S = 0.05
"""Between two moves in any case."""
SOON_S = 1.0
"""The same while it has less than its part, or more."""
VALID_S = 20.0
"""`store.rates.VALID_S`, without loading the database for it; a test compares them."""
AHEAD_SHARE, AHEAD_OF_USED, AHEAD = 1 / 12, 1 / 4, 2
"""What is taken beyond the requests that are known to be wanted, so that nobody waits for the next: so much of a
minute's at most, else so many and a part of what was used. What a killed process has is nobody's for a while."""
LOOK_S = 5.0
"""The longest that the round sleeps: a machine that slept wakes with another clock."""


class Agreement:
    """What one limiter agrees in one history, for all sessions of this process that use both."""

    def __init__(self, limiter: Limiter, history: str, service: str, key: Secret) -> None:
        self._limiter = limiter
        self._history = history
        self._service = service
        self._key = key
        self._holder = new_owner()
        self._lock = threading.Lock()
        self._wakers: list[Callable[[], None]] = []
        """Of the sessions that use it: each moves the share when it is due."""
        self._was_asked = False
        self.is_cut_off = False
        """Whether the history could not be asked the last time."""
        self._rest()

    def _rest(self) -> None:
        """Nothing is wanted, and nothing is held."""
        self._fair = math.inf
        self._due_at, self._not_before = math.inf, -math.inf

    def join(self, waker: Callable[[], None]) -> None:
        """One more session uses it."""
        with self._lock:
            self._wakers.append(waker)
            if len(self._wakers) == 1:
                self._limiter.agree(self._history, Share())  # nothing leaves before the first one is agreed
                self._limiter.on_short(self._ring)

    def leave(self, waker: Callable[[], None], store: Store) -> None:
        """One less; the last one gives back what is not used, for others to have at once. Blocks; in a thread."""
        with self._lock:
            self._wakers.remove(waker)
            if self._wakers:
                return
            self._limiter.on_short(self._ring, still=False)
            standing = self._limiter.keep(self._history, 0)
            try:
                if self._was_asked:
                    store.share_rate(self._wish(standing, 0), leaves=True)
            finally:
                self._rest()
                self._was_asked = False
                self._limiter.agree(self._history, None)

    def _ring(self) -> None:
        """More turns are wanted: called by the limiter, in any thread."""
        if self._not_before < self._due_at:
            self._due_at = self._not_before
            for wake in list(self._wakers):
                wake()

    def due_in_s(self) -> float:
        """Seconds until the share is to be moved."""
        return max(0.0, self._due_at - self._limiter.clock())

    def move(self, store: Store) -> None:
        """Say how much of the share is still wanted, and take what there is of it. Blocks; in a thread."""
        with self._lock:
            if self.due_in_s() or not self._wakers:  # another session of this process has just done it
                return
            limiter, began_at = self._limiter, self._limiter.clock()
            wanted = self._wanted(limiter.keep(self._history, self._fair))
            standing = limiter.keep(self._history, min(wanted, self._fair))
            self._due_at, self._not_before, self._was_asked = began_at + SYNC_S, -math.inf, True
            try:
                given = store.share_rate(self._wish(standing, wanted))
            except SeedanceError:
                self.is_cut_off = True
                self._go_on(standing)
                raise
            self.is_cut_off = False
            pace = given.fair if wanted > given.fair else math.inf
            limiter.agree(self._history, Share(given.turns, began_at + VALID_S, pace))
            self._fair = given.fair
            self._plan(given, wanted)

    def _wanted(self, standing: Standing) -> int:
        if not (standing.counted or standing.waiting):
            return 0
        limit, known = standing.requests_per_minute, standing.counted + standing.waiting
        ahead = max(1.0, min(limit * AHEAD_SHARE, AHEAD + standing.counted * AHEAD_OF_USED))
        return math.floor(min(limit, known + ahead))

    def _wish(self, standing: Standing, wanted: int) -> Wish:
        from ..store import Wish

        limit = math.floor(standing.requests_per_minute)
        return Wish(self._key, self._service, self._holder, math.ceil(standing.kept), wanted, limit)

    def _plan(self, given: Given, wanted: int) -> None:
        """When the share is moved next: as soon as it runs short, unless there is no more to have just now."""
        soon_at, later_at = (self._limiter.clock() + seconds for seconds in (SOON_S, SYNC_S))
        if given.held > given.turns or given.turns < min(wanted, self._fair):
            self._due_at = self._not_before = soon_at
        elif wanted >= self._fair:
            self._due_at = self._not_before = later_at
        elif wanted:
            self._not_before = self._limiter.clock() + LEAST_S
            self._due_at = max(self._not_before, min(self._due_at, later_at))
        elif self._due_at > self._limiter.clock():  # and nobody has rung meanwhile
            self._rest()

    def _go_on(self, standing: Standing) -> None:
        """The history cannot be asked: what was agreed goes on to hold, or a twelfth of the limit where nothing was."""
        now = self._limiter.clock()
        turns = max(standing.kept, 1.0, standing.requests_per_minute * AHEAD_SHARE)
        self._limiter.agree(self._history, Share(turns, now + VALID_S))
        self._due_at = self._not_before = now + SYNC_S


_agreements: WeakKeyDictionary[Limiter, dict[str, Agreement]] = globals().get("_agreements", WeakKeyDictionary())
"""Kept when the module is reloaded, as the limiters are."""
_lock = threading.Lock()


def agreement_of(limiter: Limiter, history: str, service: str, key: Secret) -> Agreement:
    """The one agreement of a limiter in a history."""
    with _lock:
        known = _agreements.setdefault(limiter, {})
        return known.setdefault(history, Agreement(limiter, history, service, key))


class Sharing:
    """One session's end of it: which agreement it uses now, and the round that moves the share when it is due."""

    def __init__(self, needs: Needs, database: Database) -> None:
        self._needs = needs
        self._database = database
        self._agreement: Agreement | None = None
        self._left: list[Agreement] = []
        self._bell = asyncio.Event()

    def use(self, limiter: Limiter) -> None:
        """From now on this limiter, with the key of now. Without a key nobody else asks the same server."""
        self._loop = asyncio.get_running_loop()
        if self._agreement is not None:
            self._left.append(self._agreement)
        key, self._agreement = self._needs.key(), None
        if key is not None and not math.isinf(limiter.requests_per_minute):
            self._agreement = agreement_of(limiter, self._database.store.where, self._needs.service, key)
            self._agreement.join(self._wake)
        self._bell.set()

    @property
    def is_cut_off(self) -> bool:
        """Whether the history could not be asked the last time, so that there are few turns."""
        return self._agreement is not None and self._agreement.is_cut_off

    def _wake(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has just ended
            self._loop.call_soon_threadsafe(self._bell.set)

    async def follow(self) -> None:
        """Move the share whenever that is due."""
        while True:
            self._bell.clear()
            await self._leave()
            wait_s = LOOK_S
            if (agreement := self._agreement) is not None:
                if not agreement.due_in_s():
                    await self._database.run(agreement.move)
                wait_s = min(wait_s, agreement.due_in_s())
            try:
                async with asyncio.timeout(wait_s):
                    await self._bell.wait()
            except TimeoutError:
                pass

    async def close(self) -> None:
        """Give the share back. What cannot be written is free a little later."""
        if self._agreement is not None:
            self._left.append(self._agreement)
            self._agreement = None
        with contextlib.suppress(SeedanceError):
            await self._leave()

    async def _leave(self) -> None:
        while self._left:
            agreement = self._left.pop()
            await self._database.run(lambda store, left=agreement: left.leave(self._wake, store))  # type: ignore[misc]
