"""One budget for every request that leaves for the API, whoever makes it.

    async with limiter.turn("create") as turn:   # waits until one more request may leave
        ...                                      # a last look at whether it still shall
        await client.create(request, turn)       # one turn is one request

In no 60 seconds, wherever they begin, do more requests reach the server than were set: a turn counts from the instant
at which it is given until 60 s after its answer began, and its request reaches the server somewhere in between. Within
that, a quarter of a minute's share may leave at once; what is left of the minute is then spread over it.

Looks, creates and everything else wait in a line each. Looks that are due go first, and after three in a row one of
those that wait in the other lines, by turns: no line starves another.

Where other processes ask with the same key, a `Share` says how much of the minute is this one's.
"""

from __future__ import annotations

import asyncio
import math
import threading
import time
from bisect import bisect_right
from collections import deque
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Literal

from ..errors import ConnectionFailed
from .share import Share, Shares, Standing

Kind = Literal["look", "create", "other"]
KINDS: tuple[Kind, ...] = ("look", "create", "other")

WINDOW_S = 60.0
HAIR_S = 0.05
"""Beyond the window: a window that is closed at both ends, and a server whose clock ticks a little faster."""
BURST_SHARE = 0.25
"""Of a minute's requests: how many may leave at once."""
LOOKS_IN_A_ROW = 3
"""Looks that go before a create or another request that waits: what is known late was paid for already."""
SOON_SHARE, SOON_OF_USED = 1 / 30, 1 / 10
"""Of a minute's requests, and of those that were used: when no more of a share is left, more is asked for in time."""
AT_ONCE = 8
"""Requests of one kind on their way at a time: beyond, httpx's pool costs more for each."""


class Turn:
    """The right to send one request. Ends with the `async with` that gave it; unused, it costs nothing."""

    __slots__ = ("_limiter", "_state", "kind")

    def __init__(self, limiter: Limiter, kind: Kind) -> None:
        self.kind = kind
        self._limiter = limiter
        self._state: Literal["given", "spent", "counted"] = "given"

    def spend(self) -> None:
        """The request leaves now. A second one needs another turn.

        Raises ConnectionFailed where this process stood still since it was given, for so long that others may have
        taken its share.
        """
        if self._state != "given":
            raise RuntimeError("a turn is for one request")
        if self._limiter.has_lapsed():
            raise ConnectionFailed("This process stood still while it was about to ask the server, and asks anew.")
        self._state = "spent"

    def answered(self) -> None:
        """The server has had the request: from now on the turn is over after 60 s."""
        if self._state == "spent":
            self._state = "counted"
            self._limiter._count()

    def _end(self) -> None:
        self.answered()
        self._limiter._leave(self.kind, unused=self._state == "given")


@dataclass(slots=True, eq=False)
class _Waiter:
    """Somebody in one of the lines, on a loop of their own."""

    kind: Kind
    loop: asyncio.AbstractEventLoop
    bell: asyncio.Future[None]
    served: bool = False

    def serve(self) -> bool:
        """Let them go on; False where their loop has ended."""
        try:
            self.loop.call_soon_threadsafe(_ring, self.bell)
        except RuntimeError:
            return False
        self.served = True
        return True


@dataclass(slots=True)
class _Timer:
    """The clock of a loop on which somebody waits."""

    waiting: int = 0
    is_set: bool = False
    number: int = 0
    """Of the alarm that is set; an earlier one does nothing any more."""

    def unset(self) -> None:
        """What it was set for may happen earlier."""
        self.is_set = False
        self.number += 1


@dataclass(slots=True)
class _Lines:
    """Who waits, by kind, and how many of each kind are on their way."""

    waiting: dict[Kind, deque[_Waiter]] = field(default_factory=lambda: {kind: deque() for kind in KINDS})
    under_way: dict[Kind, int] = field(default_factory=lambda: dict.fromkeys(KINDS, 0))
    order: list[Kind] = field(default_factory=lambda: list(KINDS))
    """Whose turn it is first: who was served last stands last."""
    looks: int = 0
    """Looks in a row, the last ones that were served."""

    def next(self, at_once: int) -> Kind | None:
        """The kind that is served next, or `None` where nobody waits who could be."""
        ready = [kind for kind in self.order if self.waiting[kind] and self.under_way[kind] < at_once]
        if "look" in ready:
            if self.looks < LOOKS_IN_A_ROW:
                return "look"
            ready.sort(key="look".__eq__)
        return ready[0] if ready else None

    def served(self, kind: Kind) -> None:
        """One of that kind is on its way."""
        self.under_way[kind] += 1
        self.looks = self.looks + 1 if kind == "look" else 0
        self.order.remove(kind)
        self.order.append(kind)


class Limiter:
    """At most `requests_per_minute` requests in any 60 seconds, and `at_once` of each kind on their way.

    Loops in different threads may share one: the state is behind a lock, and each loop keeps its own time. A forked
    child needs a new one.

    Args:
        requests_per_minute: At least 1; a fraction is rounded down. `math.inf` bounds only what is on its way.
        at_once: Requests of one kind at a time.
        clock: Seconds that never go back; a test passes its own.
    """

    def __init__(
        self, requests_per_minute: float, *, at_once: int = AT_ONCE, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._shares = Shares()
        self._set(requests_per_minute)
        self._at_once = at_once
        self._clock = clock
        self._lock = threading.Lock()
        self._lines = _Lines()
        self._timers: dict[asyncio.AbstractEventLoop, _Timer] = {}
        self._counted: deque[float] = deque()
        """When the answers of the last minute began."""
        self._uncounted = 0
        """Turns that were given and are not among those yet."""
        self._level, self._level_at = self._burst, clock()

    def change(self, requests_per_minute: float) -> None:
        """Another rate from now on, for all who share it; what was counted stays counted."""
        with self._lock:
            if requests_per_minute == self.requests_per_minute:
                return
            self._set(requests_per_minute)
            self._level = min(self._level, self._burst)
            self._serve()

    def _set(self, requests_per_minute: float) -> None:
        if not requests_per_minute >= 1:
            raise ValueError(f"requests_per_minute is at least 1, not {requests_per_minute!r}")
        self.requests_per_minute = requests_per_minute
        self._limit = requests_per_minute if math.isinf(requests_per_minute) else math.floor(requests_per_minute)
        self._most = min(self._limit, max(1, self._shares.pace()))
        self._burst = max(1.0, self._most * BURST_SHARE)

    # --- others who ask with the same key -------------------------------------------------------------------------
    @property
    def clock(self) -> Callable[[], float]:
        """The clock by which shares hold."""
        return self._clock

    def on_short(self, bell: Callable[[], None], *, still: bool = True) -> None:
        """Have `bell` called, quickly and from any thread, when a share is or will soon be used up; or not `still`."""
        with self._lock:
            (self._shares.on_short if still else self._shares.no_more)(bell)

    def keep(self, history: str, wanted: float) -> Standing:
        """How it stands; from here on no more than `wanted` of its share there is used, before others are told so."""
        with self._lock:
            now, share = self._clock(), self._shares.get(history)
            self._forget_old(now)
            counted, turns = len(self._counted) + self._uncounted, share.turns if now < share.until else 0
            kept = max(counted, min(turns, wanted))
            self._shares.set(history, Share(kept, share.until, share.pace))
            waiting = sum(map(len, self._lines.waiting.values()))
            return Standing(counted, waiting, self._limit, kept)

    def agree(self, history: str, share: Share | None) -> None:
        """From now on this share of what is agreed in a history; `None`: on its own again."""
        with self._lock:
            had, pace = self._shares.turns(self._clock()), self._shares.pace()
            self._shares.set(history, share)
            if self._shares.pace() != pace:
                self._wait_s()  # at the pace that it had
                self._set(self.requests_per_minute)
                self._level = min(self._level, self._burst)
            if self._shares.turns(self._clock()) > had:
                for timer in self._timers.values():
                    timer.unset()
                self._serve()

    def has_lapsed(self) -> bool:
        """Whether what was agreed does not hold any more: nothing was heard of this process for too long."""
        with self._lock:
            return self._clock() >= self._shares.hold_until()

    def looks_ahead(self, within_s: Sequence[float]) -> list[float]:
        """The number of looks that there will be turns for within each of these seconds, as it looks now.

        What waits in the other lines has its turns too; what will come to wait there is not known. A little more than
        will leave after a burst, which is repaid first.
        """
        with self._lock:
            if math.isinf(self._most):
                return [math.inf] * len(within_s)
            self._wait_s()  # brings what is counted up to now
            others = sum(len(line) for kind, line in self._lines.waiting.items() if kind != "look")
            turns = [self._turns_ahead(seconds) for seconds in within_s]
        return [each - min(others, each / (1 + LOOKS_IN_A_ROW)) for each in turns]

    def _turns_ahead(self, seconds: float) -> float:
        now, per_s = self._clock(), self._most / WINDOW_S
        free = self._most - len(self._counted) - self._uncounted + bisect_right(self._counted, now + seconds - WINDOW_S)
        if seconds > WINDOW_S:  # what is on its way, and what leaves meanwhile
            free += self._uncounted + (seconds - WINDOW_S) * per_s
        return max(0.0, min(self._level + seconds * per_s, free))

    @asynccontextmanager
    async def turn(self, kind: Kind) -> AsyncIterator[Turn]:
        """Wait for the turn of one request. Whoever is cancelled while they wait gives nothing away."""
        await self._acquire(kind)
        turn = Turn(self, kind)
        try:
            yield turn
        finally:
            turn._end()

    # --- the lines ------------------------------------------------------------------------------------------------
    async def _acquire(self, kind: Kind) -> None:
        loop = asyncio.get_running_loop()
        with self._lock:
            if not self._lines.waiting[kind] and self._lines.under_way[kind] < self._at_once and self._take():
                self._lines.served(kind)
                return
            waiter = _Waiter(kind, loop, loop.create_future())
            self._lines.waiting[kind].append(waiter)
            self._timers.setdefault(loop, _Timer()).waiting += 1
            self._serve()
        if waiter.served:
            return
        try:
            await waiter.bell
        except BaseException:
            self._withdraw(waiter)
            raise

    def _withdraw(self, waiter: _Waiter) -> None:
        with self._lock:
            if waiter.served:
                self._give_back(waiter.kind)
            elif waiter in self._lines.waiting[waiter.kind]:  # else its loop was given up before it
                self._lines.waiting[waiter.kind].remove(waiter)
                self._timers[waiter.loop].waiting -= 1
            self._serve()

    def _serve(self) -> None:
        """Give out what there is, by turns."""
        while (kind := self._lines.next(self._at_once)) is not None and self._take():
            waiter = self._lines.waiting[kind].popleft()
            self._lines.served(kind)
            self._timers[waiter.loop].waiting -= 1
            if not waiter.serve():
                self._give_back(kind)
        for loop, timer in list(self._timers.items()):
            if loop.is_closed():
                self._forget(loop)
            elif not timer.is_set:
                self._set_timer(loop, timer)

    def _count(self) -> None:
        with self._lock:
            self._uncounted -= 1
            if not math.isinf(self._most):
                self._counted.append(self._clock())

    def _leave(self, kind: Kind, *, unused: bool) -> None:
        with self._lock:
            if unused:
                self._give_back(kind)
            else:
                self._lines.under_way[kind] -= 1
            self._serve()

    def _give_back(self, kind: Kind) -> None:
        self._lines.under_way[kind] -= 1
        self._uncounted -= 1
        self._level = min(self._burst, self._level + 1)

    # --- the budget -----------------------------------------------------------------------------------------------
    def _take(self) -> bool:
        """One more request may leave, and is counted as leaving."""
        wait_s = self._wait_s()
        used = len(self._counted) + self._uncounted
        if self._left_of_share() <= min(self._limit * SOON_SHARE, 1 + used * SOON_OF_USED):
            self._shares.ring()
        if wait_s > 0:
            return False
        self._level -= 1
        self._uncounted += 1
        return True

    def _left_of_share(self) -> float:
        """How many turns the shares have left: all that there are where nothing is shared."""
        turns = self._shares.turns(self._clock())
        return turns if math.isinf(turns) else turns - len(self._counted) - self._uncounted

    def _wait_s(self) -> float:
        """Seconds until one more may leave; infinite where an answer must come first."""
        if math.isinf(self._most):
            return 0.0
        now = self._clock()
        self._forget_old(now)
        free = self._most - len(self._counted) - self._uncounted
        oldest_s = self._counted[0] + WINDOW_S + 2 * HAIR_S - now if self._counted else math.inf
        per_s = self._refill(now, free, min(oldest_s, WINDOW_S))
        if self._left_of_share() <= 0:
            return oldest_s if self._shares.turns(now) else math.inf
        if free <= 0:
            return oldest_s
        if self._level >= 1 - 1e-9:
            return 0.0
        return min((1 - self._level) / per_s, oldest_s)

    def _forget_old(self, now: float) -> None:
        """What was answered more than a minute ago counts no more."""
        while self._counted and self._counted[0] < now - WINDOW_S - HAIR_S:
            self._counted.popleft()

    def _refill(self, now: float, free: int | float, until_oldest_s: float) -> float:
        """Let the burst come back, as fast as the minute allows; returns how many a second."""
        per_s = min(self._most / WINDOW_S, max(0, free) / max(until_oldest_s, HAIR_S))
        self._level = min(self._burst, self._level + max(0.0, now - self._level_at) * per_s)
        self._level_at = now
        return per_s

    # --- time -----------------------------------------------------------------------------------------------------
    def _set_timer(self, loop: asyncio.AbstractEventLoop, timer: _Timer) -> None:
        """Wake the loop when the next one may leave, unless something else must happen first."""
        if not timer.waiting:
            del self._timers[loop]
        elif self._lines.next(self._at_once) is not None and not math.isinf(self._wait_s()):
            try:
                loop.call_soon_threadsafe(self._start_timer, loop, timer.number)
            except RuntimeError:  # it has ended just now, and whoever waited on it with it
                self._forget(loop)
            else:
                timer.is_set = True

    def _start_timer(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        with self._lock:
            wait_s = self._wait_s()
        loop.call_later(min(wait_s, WINDOW_S), self._time_has_come, loop, number)

    def _time_has_come(self, loop: asyncio.AbstractEventLoop, number: int) -> None:
        with self._lock:
            if (timer := self._timers.get(loop)) and timer.number == number:
                timer.is_set = False
            self._serve()

    def _forget(self, loop: asyncio.AbstractEventLoop) -> None:
        """Whoever waited on a loop that has ended."""
        self._timers.pop(loop, None)
        for kind, line in self._lines.waiting.items():
            self._lines.waiting[kind] = deque(waiter for waiter in line if waiter.loop is not loop)


def _ring(bell: asyncio.Future[None]) -> None:
    if not bell.done():
        bell.set_result(None)
