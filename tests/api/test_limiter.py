"""One budget for every request: what leaves in a minute, who goes first, and what is given back."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import threading
from bisect import bisect_right
from collections.abc import Coroutine, Sequence
from typing import Any

import pytest
from virtual import VirtualLoop, run

from seedance_widgets.api import limiter as limiting
from seedance_widgets.api.limiter import Kind, Limiter


def most_in_a_minute(instants: Sequence[float]) -> int:
    """The largest number of requests in any 60 seconds, both ends included."""
    ordered = sorted(instants)
    return max((bisect_right(ordered, at + 60.0) - n for n, at in enumerate(ordered)), default=0)


class Server:
    """What a server sees: when each request arrives, some time after it was let go."""

    def __init__(self, loop: VirtualLoop, limiter: Limiter, dice: random.Random | None = None) -> None:
        self.loop = loop
        self.limiter = limiter
        self.dice = dice or random.Random(1)
        self.arrived: list[tuple[float, Kind]] = []

    async def ask(self, kind: Kind, slow_s: float = 0.0) -> None:
        async with self.limiter.turn(kind) as turn:
            turn.spend()
            await asyncio.sleep(self.dice.random() * slow_s)
            self.arrived.append((self.loop.time(), kind))
            await asyncio.sleep(self.dice.random() * slow_s)
            if self.dice.random() < 0.8:  # else no answer came
                turn.answered()

    def ask_for(self, kind: Kind, times: int) -> list[asyncio.Task[None]]:
        return [asyncio.create_task(self.ask(kind)) for _ in range(times)]


# --- the promise ------------------------------------------------------------------------------------------------------
async def storm(loop: VirtualLoop, dice: random.Random, most: float) -> list[float]:
    """Bursts of every kind, slow lines, answers that never come, people who change their minds."""
    server = Server(loop, Limiter(most, clock=loop.time), dice)
    slow_s = dice.choice([0.0, 0.2, 5.0])
    asking: list[asyncio.Task[None]] = []
    for _ in range(dice.randint(1, 5)):
        for _ in range(dice.randint(1, int(most) + 8)):
            asking.append(asyncio.create_task(server.ask(dice.choice(limiting.KINDS), slow_s)))
        await asyncio.sleep(dice.choice([0.0, 1.0, 7.0, 30.0, 61.0]))
        if dice.random() < 0.3:
            dice.choice(asking).cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    return [at for at, _ in server.arrived]


@pytest.mark.parametrize("block", range(10))
def test_in_no_minute_of_a_thousand_storms_do_more_requests_arrive_than_were_set(block: int) -> None:
    for seed in range(block * 100, block * 100 + 100):
        dice = random.Random(seed)
        most = dice.choice([1, 2, 3, 5, 7.5, 12, 40, 60])
        arrived = run(lambda loop, dice=dice, most=most: storm(loop, dice, most))  # type: ignore[misc]
        assert most_in_a_minute(arrived) <= most, seed


def test_a_minute_that_is_asked_for_in_full_is_used_in_full() -> None:
    async def work(loop: VirtualLoop) -> list[float]:
        server = Server(loop, Limiter(60, clock=loop.time))
        await asyncio.gather(*server.ask_for("look", 600))
        return [at - 1_000.0 for at, _ in server.arrived]

    arrived = run(work)
    assert most_in_a_minute(arrived) == 60
    assert max(arrived) < 605.0
    assert max(b - a for a, b in itertools.pairwise(arrived)) < 2.0  # and spread over it


def test_a_quarter_of_the_minute_may_leave_at_once() -> None:
    async def work(loop: VirtualLoop) -> list[float]:
        server = Server(loop, Limiter(60, at_once=100, clock=loop.time))
        await asyncio.gather(*server.ask_for("create", 20))
        return [at - 1_000.0 for at, _ in server.arrived]

    arrived = run(work)
    assert [at for at in arrived if at < 1.0] == [0.0] * 15


# --- who goes first ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("flood", ["create", "other"])
def test_while_a_look_is_due_every_third_request_is_a_look(flood: Kind) -> None:
    """The bug: first come, first served; sixty creates put the first look off by 47.7 seconds."""

    async def work(loop: VirtualLoop) -> list[Kind]:
        server = Server(loop, Limiter(60, clock=loop.time))
        flooding = server.ask_for(flood, 80) + server.ask_for("other" if flood == "create" else "create", 80)
        await asyncio.sleep(10.0)
        first = len(server.arrived)
        await asyncio.gather(*server.ask_for("look", 20))
        for task in flooding:
            task.cancel()
        return [kind for _, kind in server.arrived[first:]]

    kinds = run(work)
    looks = [n for n, kind in enumerate(kinds) if kind == "look"]
    assert looks[0] <= 2
    assert max(b - a for a, b in itertools.pairwise(looks)) <= 3


def test_looks_that_are_always_due_starve_no_create() -> None:
    async def work(loop: VirtualLoop) -> float:
        server = Server(loop, Limiter(60, clock=loop.time))
        looking = server.ask_for("look", 300)
        await asyncio.sleep(30.0)
        asked_at = loop.time()
        await server.ask("create")
        waited_s = loop.time() - asked_at
        for task in looking:
            task.cancel()
        return waited_s

    assert run(work) < 3.0


def test_looks_that_are_due_go_before_creates_three_in_a_row() -> None:
    async def work(loop: VirtualLoop) -> str:
        server = Server(loop, Limiter(60, clock=loop.time))
        await asyncio.gather(*server.ask_for("other", 15))  # the burst
        waiting = server.ask_for("create", 20) + server.ask_for("look", 20)
        await asyncio.sleep(20.0)
        for task in waiting:
            task.cancel()
        return "".join(kind[0] for _, kind in server.arrived[15:])

    order = run(work)
    assert len(order) >= 12
    assert order[1:].startswith("lllclllc") or order.startswith("lllclllc")


def test_what_lies_ahead_for_looks_is_about_what_then_leaves() -> None:
    async def work(loop: VirtualLoop, creates: int, seconds: float) -> tuple[float, int]:
        server = Server(loop, Limiter(60, clock=loop.time))
        waiting = server.ask_for("create", 20 + creates)
        await asyncio.sleep(3.0)
        first = len(server.arrived)
        (said,) = server.limiter.looks_ahead([seconds])
        waiting += server.ask_for("look", 200)
        await asyncio.sleep(seconds)
        for task in waiting:
            task.cancel()
        return said, sum(kind == "look" for _, kind in server.arrived[first:])

    for creates, seconds in itertools.product((0, 100), (10.0, 30.0, 55.0)):
        said, left = run(lambda loop, c=creates, s=seconds: work(loop, c, s))  # type: ignore[misc]
        assert said == pytest.approx(left, rel=0.4, abs=3), (creates, seconds)


def test_without_a_bound_there_is_no_end_of_looks_ahead() -> None:
    assert Limiter(math.inf).looks_ahead([1.0, 60.0]) == [math.inf, math.inf]


def test_of_each_kind_only_so_many_are_on_their_way() -> None:
    async def work(loop: VirtualLoop) -> None:
        limiter, inside, most = Limiter(math.inf, at_once=3, clock=loop.time), 0, 0

        async def slow() -> None:
            nonlocal inside, most
            async with limiter.turn("create"):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(1.0)
                inside -= 1

        creating = [asyncio.create_task(slow()) for _ in range(10)]
        async with asyncio.timeout(0.5), limiter.turn("look"):
            pass  # another kind does not wait for them
        await asyncio.gather(*creating)
        assert most == 3

    run(work)


# --- what is given back -----------------------------------------------------------------------------------------------
def test_whoever_is_cancelled_while_they_wait_gives_nothing_away() -> None:
    async def work(loop: VirtualLoop) -> list[float]:
        server = Server(loop, Limiter(4, clock=loop.time))
        await server.ask("create")
        waiting = server.ask_for("create", 50)
        await asyncio.sleep(0)
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)
        await asyncio.gather(*server.ask_for("create", 3))
        return [at - 1_000.0 for at, _ in server.arrived]

    arrived = run(work)
    assert len(arrived) == 4
    assert max(arrived) < 61.0


def test_whoever_is_cancelled_at_the_instant_of_their_turn_gives_it_back() -> None:
    async def work(loop: VirtualLoop) -> None:
        server = Server(loop, Limiter(math.inf, at_once=1, clock=loop.time))
        async with server.limiter.turn("create"):
            (waiting,) = server.ask_for("create", 1)
            await asyncio.sleep(0)
        waiting.cancel()  # it was told that it may go on, and has not yet
        async with asyncio.timeout(1):
            await server.ask("create")
        assert [kind for _, kind in server.arrived] == ["create"]

    run(work)


def test_a_turn_that_was_not_used_costs_nothing() -> None:
    async def work(loop: VirtualLoop) -> float:
        server = Server(loop, Limiter(1, clock=loop.time))
        for _ in range(30):
            async with server.limiter.turn("create"):
                pass  # the job was taken back meanwhile
        await server.ask("create")
        return loop.time() - 1_000.0

    assert run(work) < 1.0


def test_a_turn_is_for_one_request() -> None:
    async def work(loop: VirtualLoop) -> None:
        async with Limiter(60, clock=loop.time).turn("create") as turn:
            turn.spend()
            with pytest.raises(RuntimeError, match="one request"):
                turn.spend()

    run(work)


# --- many loops -------------------------------------------------------------------------------------------------------
def test_loops_in_many_threads_share_one_budget() -> None:
    limiter, sent, lock = Limiter(12), [0], threading.Lock()

    async def ask() -> None:
        async with limiter.turn("look") as turn:
            turn.spend()
            with lock:
                sent[0] += 1

    async def many() -> None:
        asking = [asyncio.create_task(ask()) for _ in range(5)]
        await asyncio.wait(asking, timeout=0.5)
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)

    threads = [threading.Thread(target=lambda: asyncio.run(many())) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sent[0] == 3  # a quarter of twelve


def test_a_turn_that_one_loop_gives_back_is_taken_by_another() -> None:
    limiter, given, over = Limiter(math.inf, at_once=1), threading.Event(), threading.Event()

    async def hold() -> None:
        async with limiter.turn("create"):
            given.set()
            await asyncio.sleep(0.1)

    async def follow() -> None:
        async with asyncio.timeout(5), limiter.turn("create"):
            over.set()

    first = threading.Thread(target=lambda: asyncio.run(hold()))
    first.start()
    assert given.wait(5)
    asyncio.run(follow())
    first.join()
    assert over.is_set()


def test_who_waited_on_a_loop_that_has_ended_holds_nobody_up() -> None:
    limiter = Limiter(math.inf, at_once=1)

    async def wait() -> None:
        async with limiter.turn("look"):
            pass

    async def work() -> None:
        other = asyncio.new_event_loop()
        async with limiter.turn("look"):
            await asyncio.to_thread(lambda: _leave_waiting(other, wait()))
        async with asyncio.timeout(5):
            await wait()

    asyncio.run(work())


def _leave_waiting(loop: asyncio.AbstractEventLoop, work: Coroutine[Any, Any, None]) -> None:
    """Begin something on a loop, and end the loop without a word to it."""
    task = loop.create_task(work)
    task._log_destroy_pending = False  # type: ignore[attr-defined]
    loop.call_later(0.05, loop.stop)
    loop.run_forever()
    loop.close()


@pytest.mark.parametrize("nonsense", [0, 0.5, -1, math.nan, -math.inf])
def test_less_than_one_request_a_minute_is_no_limiter(nonsense: float) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        Limiter(nonsense)
