"""The money rule with three workers on one history, whose steps interleave and pause anywhere.

`interleaving.World` says what a step is. What was charged and heard of is in the history under its request id; what is
said not to be charged was not; no submit leaves twice: however long a worker pauses, whoever dies, whatever clock is
set.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from interleaving import LONG_S, World, walk
from stepping import FACTS, HERE, Kernel, steps
from vendor import CREATES

from seedance_widgets import life
from seedance_widgets.worker import download

WALKS = int(os.environ.get("SEEDANCE_WALKS", "12"))
"""More of them take longer and find more: `python tests/interleaving.py` goes on for as long as is asked."""

WHO = st.integers(0, 2)
JOB = st.integers(0, 30)


@pytest.fixture(autouse=True)
def stepping() -> Iterator[None]:
    with steps():
        yield


class Interleaving(RuleBasedStateMachine):
    """Every step by choice, so that what goes wrong is told by the fewest steps that lead to it."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()

    @rule(who=WHO, fault=st.sampled_from(CREATES))
    def submit(self, who: int, fault: str) -> None:
        self.world.submit(who, fault)

    @rule(who=WHO, place=st.integers(0, 3))
    def step(self, who: int, place: int) -> None:
        self.world.step(who, place)

    @rule(who=WHO, most=st.sampled_from([5, 1000]))
    def run(self, who: int, most: int) -> None:
        self.world.run(who, most)

    @rule(who=WHO, many=st.integers(2, 6))
    def submit_many(self, who: int, many: int) -> None:
        for _ in range(many):
            self.world.submit(who)

    @rule(who=WHO)
    def a_kernel_sleeps(self, who: int) -> None:
        self.world.sleep(who)

    @rule(seconds=st.sampled_from([0.5, 11.0, LONG_S]))
    def time_passes(self, seconds: float) -> None:
        self.world.pass_s(seconds)

    @rule(who=WHO, job=JOB)
    def cancel(self, who: int, job: int) -> None:
        self.world.cancel(who, job)

    @rule(who=WHO, job=JOB)
    def adopt(self, who: int, job: int) -> None:
        self.world.adopt(who, job)

    @rule(who=WHO, job=JOB)
    def adopt_another(self, who: int, job: int) -> None:
        self.world.adopt_another(who, job)

    @rule(who=WHO, job=JOB)
    def discard(self, who: int, job: int) -> None:
        self.world.discard(who, job)

    @rule(job=JOB)
    def delete(self, job: int) -> None:
        self.world.delete(job)

    @rule(job=JOB, status=st.sampled_from(["processing", "succeeded", "failed"]))
    def the_server_gets_on(self, job: int, status: str) -> None:
        self.world.get_on(job, status)

    @rule(who=WHO, seconds=st.sampled_from([-86_400.0, -60.0, 31.0, 3_600.0]))
    def a_clock_is_set(self, who: int, seconds: float) -> None:
        self.world.jump(who, seconds)

    @rule(who=WHO)
    def a_kernel_is_killed(self, who: int) -> None:
        self.world.kill(who)

    @rule(who=WHO)
    def a_session_is_closed(self, who: int) -> None:
        self.world.close(who)

    @invariant()
    def nothing_is_sent_twice(self) -> None:
        self.world.check()

    def teardown(self) -> None:
        try:
            self.world.rest()
        finally:
            self.world.end()


def test_three_workers_in_any_order_lose_nothing_and_send_nothing_twice() -> None:
    run_state_machine_as_test(
        Interleaving,
        settings=settings(max_examples=WALKS, stateful_step_count=50, phases=[Phase.generate], deadline=None),
    )


@pytest.mark.parametrize("seed", range(WALKS))
def test_three_workers_on_a_walk_lose_nothing_and_send_nothing_twice(seed: int) -> None:
    world, dice = World(), random.Random(seed)
    try:
        for _ in range(120):
            walk(world, dice)
            world.check()
        world.rest()
    finally:
        world.end()


def paused(before: str) -> World:
    """Three workers, of which the first has paused at a request's way to the server."""
    world = World()
    world.submit(0)
    for _ in range(200):
        if any(where == before for where, _ in world.kernels[0].paused):
            return world
        world.step(0)
    raise AssertionError(f"it never came to {before}")


@pytest.mark.parametrize("before", ["models", "store", "transaction", "create", "created"])
def test_a_kernel_that_is_paused_on_the_way_to_the_server_loses_nothing(before: str) -> None:
    """Longer than a lease lasts, while another one takes over: its job was sent and forgotten, or said unsent."""
    world = paused(before)
    try:
        world.sleep(0)
        world.rest()
    finally:
        world.end()


def test_a_kernel_that_sleeps_while_requests_wait_for_their_turn_loses_nothing() -> None:
    """Another one closed them as never sent; then it woke, sent them, and threw the acceptances away."""
    world = World()
    try:
        for _ in range(2):
            for _ in range(6):
                world.submit(0)
            world.run(0)
        world.sleep(0)
        world.rest()
    finally:
        world.end()


def test_a_kernel_that_wakes_leaves_a_clip_to_the_one_that_took_it_over() -> None:
    """It knew that a download was due, and fetched a second file of a job that another had saved meanwhile."""
    world = World(2)
    saves: list[Kernel] = []

    def save(row: life.Row, *_: object, **__: object) -> life.Event:
        """Fails so often that the next try is due when the kernel has slept for a while."""
        saves.append(HERE.get())
        if len(saves) <= 5:
            return life.SaveFailed(world.now, "The line broke.")
        return life.Saved(world.now, f"/clips/{len(saves)}.mp4", None, FACTS)

    first, second = world.kernels
    with pytest.MonkeyPatch.context() as patch:  # undone here, before `steps` undoes its own
        patch.setattr(download, "save", save)
        try:
            world.submit(0)
            world.run(0)
            world.get_on(0, "succeeded")
            while len(saves) < 5:
                world.pass_s(1.0)
                world.run(0)
            world.sleep(0, step_s=10.0)
            world.run(0)
            assert saves == [*[first] * 5, second]
        finally:
            world.end()


def test_what_waits_for_its_turn_when_its_kernel_is_killed_was_not_sent() -> None:
    world = World()
    try:
        for _ in range(12):
            world.submit(0)
        world.run(0)
        sent = sum(world.vendor.creates.values())
        world.kill(0)
        world.rest()
        unsure = [row for row in world.rows() if row.status == "unconfirmed"]
        assert sent < 12, "some were waiting"
        assert not unsure
    finally:
        world.end()
