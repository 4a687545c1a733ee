"""One rate limit for all processes that ask with one key, agreed in the history they share.

The processes run side by side on one virtual clock, each with a limiter of its own; what they agree in is a real
database in memory. They are slow, stand still, die, and come back.
"""

from __future__ import annotations

import asyncio
import math
import random
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from virtual import VirtualLoop, run

from seedance_widgets.api.limiter import Limiter
from seedance_widgets.errors import ConnectionFailed, StoreError
from seedance_widgets.secret import Secret
from seedance_widgets.store import Given, Wish, rates
from seedance_widgets.store.engine import memory_engine
from seedance_widgets.store.schema import migrate
from seedance_widgets.worker import sharing
from seedance_widgets.worker.sharing import Sharing

KEY = Secret("sd2_live_do_not_show_me_4711")


class SharedMemory:
    """What the processes share. A real one, in memory, whose answers take a while or do not come."""

    where = "memory"

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._engine = memory_engine()
        with self._engine.begin() as connection:
            migrate(connection, "memory")
        self.asked = 0
        self.is_broken = False

    def share_rate(self, wish: Wish, *, leaves: bool = False) -> Given:
        self.asked += 1
        if self.is_broken:
            raise StoreError("The history is locked.")
        with self._engine.begin() as connection:
            return rates.share(connection, wish, self._loop.time, leaves=leaves)


class Database:
    """The way to it, of one process."""

    def __init__(self, store: SharedMemory, alive: Callable[[], Any], slow_s: float) -> None:
        self.store = store
        self._alive, self._slow_s = alive, slow_s

    async def run(self, work: Callable[[Any], Any]) -> Any:
        await asyncio.sleep(self._slow_s)
        await self._alive()
        return work(self.store)


class Needs:
    service = "https://api.example"

    def key(self) -> Secret:
        return KEY


class Process:
    """A kernel or a worker: a limiter, its share, and the requests it makes."""

    def __init__(
        self, loop: VirtualLoop, server: Server, database: SharedMemory, limit: float, slow_s: float = 0.0
    ) -> None:
        self.loop, self.server = loop, server
        self.limiter = Limiter(limit, at_once=1_000, clock=loop.time)
        self.sharing = Sharing(Needs(), Database(database, self.alive, slow_s))  # type: ignore[arg-type]
        self.sharing.use(self.limiter)
        self.round = asyncio.create_task(self._follow())
        self._runs = asyncio.Event()
        self._runs.set()
        self.sent: list[float] = []
        self._has_ended = False

    async def _follow(self) -> None:
        while True:
            try:
                await self.sharing.follow()
            except StoreError:
                await asyncio.sleep(1.0)

    async def alive(self) -> None:
        """Go on when the process is not stopped."""
        await self._runs.wait()

    @property
    def is_running(self) -> bool:
        return self._runs.is_set()

    async def stand_still(self, seconds: float) -> None:
        """SIGSTOP, and SIGCONT later."""
        self._runs.clear()
        await asyncio.sleep(seconds)
        self._runs.set()

    def die(self) -> None:
        """SIGKILL."""
        self._runs.clear()

    async def end(self) -> None:
        """It asks no more, and gives back what it has."""
        self.round.cancel()
        self._has_ended = True
        await self.sharing.close()

    async def ask(self, slow_s: float = 0.0) -> None:
        while True:
            try:
                async with self.limiter.turn("look") as turn:
                    await self.alive()
                    if self._has_ended:
                        return
                    turn.spend()
                    await asyncio.sleep(self.server.dice.random() * slow_s)
                    self.sent.append(self.loop.time())
                    self.server.arrived.append(self.loop.time())
                    await asyncio.sleep(self.server.dice.random() * slow_s)
                    await self.alive()
                    turn.answered()
                return
            except ConnectionFailed:
                continue

    async def ask_on(self) -> None:
        """One request after another, as fast as it may."""
        while True:
            await self.ask()


class Server:
    """When each request arrived."""

    def __init__(self, dice: random.Random) -> None:
        self.dice = dice
        self.arrived: list[float] = []


def most_in_a_minute(instants: Sequence[float]) -> int:
    ordered = sorted(instants)
    return max((bisect_right(ordered, at + 60.0) - n for n, at in enumerate(ordered)), default=0)


def within(instants: Sequence[float], begin: float, end: float) -> int:
    return sum(begin <= each < end for each in instants)


def test_the_worker_holds_a_share_no_longer_than_the_history_says() -> None:
    assert sharing.VALID_S == rates.VALID_S


# --- never above ------------------------------------------------------------------------------------------------------
async def storm(loop: VirtualLoop, dice: random.Random, limit: int) -> list[float]:
    """Processes that begin, burst, are slow, stand still, die and end, beside each other."""
    server, database = Server(dice), SharedMemory(loop)
    slow_s = dice.choice([0.0, 0.2, 5.0])
    processes: list[Process] = []
    asking: list[asyncio.Task[None]] = []
    for _ in range(dice.randint(3, 14)):
        if len(processes) < 6 and dice.random() < 0.5:
            processes.append(Process(loop, server, database, limit, slow_s=dice.choice([0.0, 0.05, 2.0])))
        for process in processes:
            for _ in range(dice.choice([0, 1, 5, limit])):
                asking.append(asyncio.create_task(process.ask(slow_s)))
        if processes and dice.random() < 0.5:
            chosen = dice.choice(processes)
            match dice.choice(["still", "die", "end"]):
                case "still":
                    asking.append(asyncio.create_task(chosen.stand_still(dice.choice([1.0, 15.0, 25.0, 100.0, 400.0]))))
                case "die":
                    processes.remove(chosen)
                    chosen.die()
                case "end" if not any(
                    process._runs is chosen._runs and not chosen._runs.is_set() for process in processes
                ):
                    processes.remove(chosen)
                    await chosen.end()
        await asyncio.sleep(dice.choice([0.0, 1.0, 7.0, 30.0, 61.0, 120.0]))
    await asyncio.sleep(200.0)
    return server.arrived


@settings(max_examples=30)
@given(st.integers(0, 2**32), st.sampled_from([1, 4, 10, 60]))
def test_no_minute_anywhere_holds_more_requests_than_the_limit(seed: int, limit: int) -> None:
    arrived = run(lambda loop: storm(loop, random.Random(seed), limit))
    assert most_in_a_minute(arrived) <= limit


@given(st.lists(st.integers(0, 100), min_size=1, max_size=8), st.integers(1, 100))
def test_what_is_fair_is_never_more_than_there_is_and_never_leaves_what_somebody_wants(
    wanted: list[int], limit: int
) -> None:
    level = rates.fair(wanted, limit)
    taken = sum(min(each, level) for each in wanted)
    assert taken <= max(limit, len(wanted))  # everybody has one at least, in turn
    assert taken == sum(wanted) or taken > limit - len(wanted)


def test_a_process_that_stood_still_asks_anew_before_anything_leaves() -> None:
    """It wakes with a turn in its hand that others have used meanwhile."""

    async def play(loop: VirtualLoop) -> list[float]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        sleeper, other = (Process(loop, server, database, 10) for _ in range(2))
        await sleeper.ask()
        stopped = asyncio.create_task(sleeper.stand_still(300.0))
        await asyncio.sleep(0)
        mine = [asyncio.create_task(sleeper.ask()) for _ in range(5)]  # they have their turns, and nothing leaves
        await asyncio.sleep(150.0)
        theirs = asyncio.create_task(other.ask_on())
        await stopped
        await asyncio.sleep(120.0)
        assert all(task.done() for task in mine)
        theirs.cancel()
        return server.arrived

    arrived = run(play)
    assert most_in_a_minute(arrived) == 10


# --- everybody gets their part ----------------------------------------------------------------------------------------
def test_five_that_want_all_share_the_limit_evenly_and_use_all_of_it() -> None:
    async def play(loop: VirtualLoop) -> tuple[list[float], list[int]]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        processes = [Process(loop, server, database, 60) for _ in range(5)]
        asking = [asyncio.create_task(process.ask_on()) for process in processes]
        await asyncio.sleep(720.0)
        for task in asking:
            task.cancel()
        return server.arrived, [within(each.sent, 1_120.0, 1_720.0) for each in processes]

    arrived, each = run(play)
    assert most_in_a_minute(arrived) <= 60
    assert within(arrived, 1_120.0, 1_720.0) >= 0.9 * 600
    assert min(each) >= 0.85 * 120


def test_one_that_comes_late_gets_its_part_from_one_that_had_all() -> None:
    async def play(loop: VirtualLoop) -> tuple[list[float], int, int]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        first = Process(loop, server, database, 60)
        asking = [asyncio.create_task(first.ask_on())]
        await asyncio.sleep(300.0)
        late = Process(loop, server, database, 60)
        asking.append(asyncio.create_task(late.ask_on()))
        await asyncio.sleep(180.0)
        for task in asking:
            task.cancel()
        return server.arrived, within(late.sent, 1_300.0, 1_315.0), within(late.sent, 1_360.0, 1_480.0)

    arrived, at_first, later = run(play)
    assert most_in_a_minute(arrived) <= 60
    assert at_first >= 1
    assert later >= 0.9 * 60


def test_what_one_that_ends_does_not_use_is_there_at_once_and_of_one_that_dies_after_a_minute_and_a_half() -> None:
    async def play(loop: VirtualLoop, how: str) -> list[float]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        first = Process(loop, server, database, 60)
        for _ in range(60):
            await first.ask()
        ended_at = loop.time()
        if how == "ends":
            await first.end()
        else:
            first.die()
        second = Process(loop, server, database, 60)
        task = asyncio.create_task(second.ask_on())
        await asyncio.sleep(200.0)
        task.cancel()
        assert most_in_a_minute(server.arrived) <= 60
        return [at - ended_at for at in second.sent]

    ended, died = (run(lambda loop, how=how: play(loop, how)) for how in ("ends", "dies"))
    assert 55.0 < ended[0] <= 63.0
    assert 55.0 < died[0] <= rates.VOID_S + 3.0


# --- one alone --------------------------------------------------------------------------------------------------------
def test_one_alone_is_as_fast_as_without_a_share() -> None:
    async def play(loop: VirtualLoop, shares: bool) -> list[float]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        process = Process(loop, server, database, 60)
        if not shares:
            process.limiter.agree(database.where, None)
        burst = [asyncio.create_task(process.ask()) for _ in range(40)]
        await asyncio.gather(*burst)
        task = asyncio.create_task(process.ask_on())
        await asyncio.sleep(600.0)
        task.cancel()
        return process.sent

    alone, shared = (run(lambda loop, shares=shares: play(loop, shares)) for shares in (False, True))
    assert len(shared) >= 0.99 * len(alone)
    assert max(abs(one - other) for one, other in zip(alone[:40], shared[:40], strict=True)) < 0.1


def test_one_alone_asks_the_history_a_few_times_a_minute_and_not_at_all_when_nothing_leaves() -> None:
    async def play(loop: VirtualLoop) -> Counter[str]:
        database = SharedMemory(loop)
        process = Process(loop, Server(random.Random(1)), database, 60)
        asked: Counter[str] = Counter()
        await asyncio.sleep(600.0)
        asked["before"] = database.asked
        task = asyncio.create_task(process.ask_on())
        await asyncio.sleep(600.0)
        task.cancel()
        asked["busy"] = database.asked
        await asyncio.sleep(100.0)
        at = database.asked
        await asyncio.sleep(600.0)
        asked["after"] = database.asked - at
        return asked

    asked = run(play)
    assert (asked["before"], asked["after"]) == (0, 0)
    assert asked["busy"] <= 10 * 15


def test_a_history_that_cannot_be_asked_stops_nobody_for_good() -> None:
    async def play(loop: VirtualLoop) -> list[float]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        process = Process(loop, server, database, 60)
        database.is_broken = True
        task = asyncio.create_task(process.ask_on())
        await asyncio.sleep(300.0)
        task.cancel()
        return server.arrived

    arrived = run(play)
    assert len(arrived) >= 15
    assert most_in_a_minute(arrived) <= 5 + math.ceil(60 * sharing.AHEAD_SHARE)


@pytest.mark.parametrize("limits", [(60, 10), (10, 60)])
def test_of_different_limits_for_one_key_the_least_holds_for_all(limits: tuple[int, int]) -> None:
    async def play(loop: VirtualLoop) -> list[float]:
        server, database = Server(random.Random(1)), SharedMemory(loop)
        processes = [Process(loop, server, database, limit) for limit in limits]
        await asyncio.gather(*(process.ask() for process in processes))
        asking = [asyncio.create_task(process.ask_on()) for process in processes]
        await asyncio.sleep(400.0)
        for task in asking:
            task.cancel()
        return [at for at in server.arrived if at > 1_130.0]

    assert most_in_a_minute(run(play)) <= 10


def test_the_history_holds_no_key() -> None:
    async def play(loop: VirtualLoop) -> list[str]:
        database = SharedMemory(loop)
        await Process(loop, Server(random.Random(1)), database, 60).ask()
        with database._engine.connect() as connection:
            return [str(row) for row in connection.exec_driver_sql("SELECT * FROM seedance_rates")]

    (row,) = run(play)
    assert KEY.reveal() not in row
