"""Many jobs on one budget: what our rule for looking and fixed loops make of the same requests a minute.

Simulated: the real schedule, price, pace and limiter on a clock that passes only where nothing else is to be done.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

from seedance_widgets.api.limiter import AT_ONCE, Kind, Limiter
from seedance_widgets.life import Row, schedule
from seedance_widgets.life.schedule import Prior
from seedance_widgets.types import GenerationRequest
from seedance_widgets.worker.pace import Pace
from seedance_widgets.worker.rows import Care
from tests.virtual import VirtualLoop, run

from .figures import Figure, figure

SIGMA, LAW = 0.25, 0.227
"""Of the logarithm of a duration; and the least delay x looks for it, in medians (Keller 1974)."""
HISTORY = 30
SEEDS = 3
ANSWER_S = 0.05
REQUEST = GenerationRequest(prompt="A fox in fresh snow", model="seedance-2.0")


@dataclass(frozen=True, slots=True)
class Load:
    """What is to be done: jobs of a median, some at a time (all of them known before the next ones begin)."""

    jobs: int
    at_once: int
    median_s: float
    guess: Prior
    requests_per_minute: float = 60.0


FIFTY = Load(50, 10, 30.0, guess=Prior(54.0, 0.5))
TWO_HUNDRED = Load(200, 200, 90.0, guess=Prior(90.0, 0.5))


@dataclass(slots=True, eq=False)
class Job:
    """One job at the service, and what became known of it."""

    duration_s: float
    ended_at: float = 0.0
    known_at: float = 0.0
    looks: int = 0
    is_known: asyncio.Event = field(default_factory=asyncio.Event)


@dataclass(frozen=True, slots=True)
class Outcome:
    """Means over the jobs of one run."""

    delay_s: float
    looks: float
    first_end_s: float
    first_known_s: float
    last_known_s: float
    sent_at: tuple[float, ...]
    """When each request left, creates included."""

    def in_laws(self, load: Load) -> float:
        """Delay x looks in the least that any policy can reach."""
        return self.delay_s * self.looks / (LAW * load.median_s)


class Client:
    """Somebody who creates jobs and asks after them; how, the kinds of clients tell."""

    def __init__(self, loop: VirtualLoop, load: Load, dice: random.Random) -> None:
        self.loop = loop
        self.load = load
        self.limiter = Limiter(load.requests_per_minute, clock=loop.time)
        self.dice = dice
        self.sent_at: list[float] = []

    @asynccontextmanager
    async def request(self, kind: Kind) -> AsyncIterator[None]:
        """One request in its turn, with the time that its answer takes."""
        async with self.limiter.turn(kind) as turn:
            turn.spend()
            self.sent_at.append(self.loop.time())
            await asyncio.sleep(ANSWER_S)
            yield

    def see(self, job: Job) -> bool:
        """What an answer says of a job."""
        job.looks += 1
        if job.ended_at > self.loop.time():
            return False
        job.known_at = self.loop.time()
        job.is_known.set()
        return True

    async def do(self, job: Job) -> None:
        """Create a job, and return when it is known to have ended."""
        raise NotImplementedError

    def rounds(self) -> list[Coroutine[Any, Any, None]]:
        """What runs beside the jobs."""
        return []


class FixedLoop(Client):
    """A loop a job that looks every few seconds, with some jitter."""

    gap_s, jitter_s = 5.0, 0.0
    create: Kind = "create"
    look: Kind = "look"

    async def do(self, job: Job) -> None:
        async with self.request(self.create):
            job.ended_at = self.loop.time() + job.duration_s
        while not job.is_known.is_set():
            await asyncio.sleep(self.gap_s + self.dice.uniform(-self.jitter_s, self.jitter_s))
            async with self.request(self.look):
                self.see(job)


class FixedLoop6(FixedLoop):
    """As a peer does it: 6 s, give or take 1.5 s."""

    gap_s, jitter_s = 6.0, 1.5


class OneLine(FixedLoop):
    """A fixed loop of 5 s whose requests, creates and looks, go first come, first served."""

    look: Kind = "create"


class Ours(Client):
    """The rounds of our worker, with its pace and its limiter."""

    earlier = 0

    def __init__(self, loop: VirtualLoop, load: Load, dice: random.Random) -> None:
        super().__init__(loop, load, dice)
        past = random.Random(dice.random())
        self.durations = [load.median_s * past.lognormvariate(0.0, SIGMA) for _ in range(self.earlier)]
        self.learn()
        self.care: dict[str, tuple[Care, Job]] = {}
        self.replanned = asyncio.Event()
        self.lookers = 0
        self.tasks: set[asyncio.Task[None]] = set()
        self.pace = self.paced()

    def paced(self) -> Pace:
        return Pace(lambda _: self.prior, lambda: self.limiter, self.loop.time, floor_s=1.0)

    def learn(self) -> None:
        self.prior = schedule.learn(self.durations[-40:], self.load.guess)

    async def do(self, job: Job) -> None:
        async with self.request("create"):
            now = self.loop.time()
            job.ended_at = now + job.duration_s
        row = Row(
            id=f"job{len(self.care) + len(self.durations):05}",
            service="simulated",
            request=REQUEST,
            created_at=now,
            status="processing",
            request_id="req",
            accepted_at=now,
        )
        care = Care(row)
        self.care[row.id] = care, job
        self.plan(care)
        await job.is_known.wait()

    def plan(self, care: Care) -> None:
        care.planned_at, care.worth_s = self.loop.time(), 0.0
        care.due_at = schedule.next_look_at(care.row, self.prior)
        self.replanned.set()

    def rounds(self) -> list[Coroutine[Any, Any, None]]:
        return [self.schedule()]

    async def schedule(self) -> None:
        while True:
            due, later_s = self.pace.due([care for care, _ in self.care.values()], self.loop.time())
            for _ in range(min(len(due), AT_ONCE) - self.lookers):
                self.lookers += 1
                task = asyncio.create_task(self.look())
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)
            self.replanned.clear()
            try:
                async with asyncio.timeout(max(0.001, min(later_s, 5.0))):
                    await self.replanned.wait()
            except TimeoutError:
                pass

    async def look(self) -> None:
        async with self.limiter.turn("look") as turn:
            self.lookers -= 1
            due, _ = self.pace.due([care for care, _ in self.care.values()], self.loop.time())
            if (care := self.pace.first(due, self.loop.time())) is None:
                return
            care.busy = True
            self.replanned.set()
            turn.spend()
            self.sent_at.append(self.loop.time())
            await asyncio.sleep(ANSWER_S)
            care.busy = False
            care.row = replace(care.row, looked_at=self.loop.time())
            job = self.care[care.row.id][1]
            if self.see(job):
                del self.care[care.row.id]
                self.durations.append(job.duration_s)
                self.learn()
            self.plan(care)


class OursWithHistory(Ours):
    """With what `HISTORY` earlier jobs have taught."""

    earlier = HISTORY


class _OnePrice(Pace):
    def _price_s(self, *_: object) -> float:
        return schedule.WORTH_S


class OldRule(OursWithHistory):
    """As before: a look is worth the same, however short turns are."""

    def paced(self) -> Pace:
        return _OnePrice(lambda _: self.prior, lambda: self.limiter, self.loop.time, floor_s=1.0)


class OldRuleWithoutHistory(OldRule):
    """As before, and from a guess."""

    earlier = 0


def outcome_of(client: type[Client], load: Load, seed: int = 0) -> Outcome:
    """Let a client do its jobs; the same durations for the same seed."""

    async def work(loop: VirtualLoop) -> Outcome:
        dice = random.Random(seed)
        jobs = [Job(load.median_s * dice.lognormvariate(0.0, SIGMA)) for _ in range(load.jobs)]
        one = client(loop, load, dice)
        began_at = loop.time()
        beside = [asyncio.create_task(each) for each in one.rounds()]
        for n in range(0, load.jobs, load.at_once):
            await asyncio.gather(*(one.do(job) for job in jobs[n : n + load.at_once]))
        for task in beside:
            task.cancel()
        return Outcome(
            fmean(job.known_at - job.ended_at for job in jobs),
            fmean(job.looks for job in jobs),
            min(job.ended_at for job in jobs) - began_at,
            min(job.known_at for job in jobs) - began_at,
            max(job.known_at for job in jobs) - began_at,
            tuple(one.sent_at),
        )

    return run(work)


CLIENTS: dict[str, type[Client]] = {
    "fixed loop of 5 s": FixedLoop,
    "fixed loop of 6 +- 1.5 s": FixedLoop6,
    "one price, with a history": OldRule,
    "one price, without": OldRuleWithoutHistory,
    "ours, with a history": OursWithHistory,
    "ours, without": Ours,
}


def measure() -> list[Figure]:
    """Delay, looks and their product in laws for fifty jobs; delay against one line for two hundred."""
    figures: list[Figure] = []
    for a_minute in (60.0, 600.0):
        load = replace(FIFTY, requests_per_minute=a_minute)
        for name, client in CLIENTS.items():
            figures += _fifty(f"{a_minute:.0f} a minute, {name}", client, load)
    return figures + _two_hundred()


def _fifty(name: str, client: type[Client], load: Load) -> list[Figure]:
    runs = [outcome_of(client, load, seed) for seed in range(SEEDS)]
    most = 1.5 if issubclass(client, Ours) and not issubclass(client, OldRule) else None
    return [
        figure(f"50 jobs, {name}: delay", [each.delay_s for each in runs], "s"),
        figure(f"50 jobs, {name}: looks a job", [each.looks for each in runs], digits=1),
        figure(f"50 jobs, {name}: delay x looks / law", [each.in_laws(load) for each in runs], "x", at_most=most),
    ]


def _two_hundred() -> list[Figure]:
    line = [outcome_of(OneLine, TWO_HUNDRED, seed) for seed in range(SEEDS)]
    figures = [figure("200 jobs, first come, first served: delay", [each.delay_s for each in line], "s", digits=0)]
    for name, client in (("one price", OldRule), ("ours, with a history", OursWithHistory), ("ours, without", Ours)):
        most = None if client is OldRule else 0.2
        runs = [outcome_of(client, TWO_HUNDRED, seed) for seed in range(SEEDS)]
        shares = [ours.delay_s / theirs.delay_s for ours, theirs in zip(runs, line, strict=True)]
        waits = [each.first_known_s - each.first_end_s for each in runs]
        figures += [
            figure(f"200 jobs, {name}: delay", [each.delay_s for each in runs], "s", digits=1),
            figure(f"200 jobs, {name}: looks a job", [each.looks for each in runs], digits=1),
            figure(f"200 jobs, {name}: from the first end to the first news", waits, "s", digits=0),
            figure(f"200 jobs, {name}: all known after", [each.last_known_s for each in runs], "s", digits=0),
            figure(f"200 jobs, {name}: delay against one line", shares, "x", at_most=most),
        ]
    return figures
