"""Several workers over one history, in one thread, whose steps interleave in whatever order a test chooses.

A worker pauses before and after each call of the server, before and after each use of the store, and between the
transactions of one. It goes on when it is told to, so that time may pass, other workers may act and a process may be
killed at each of those points. Time is virtual: it passes when it is told to, and nothing ever waits for real.

    python tests/interleaving.py --submits 10000 --seed 1      # as the long run of CONTRIBUTING.md

`Vendor` keeps the ledger: what was charged, and for which submit.
"""

from __future__ import annotations

import argparse
import inspect
import math
import os
import random
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import fields
from pathlib import Path
from typing import Any

from stepping import HERE, Kernel, Killed, Loop, steps
from vendor import CREATES, SERVICE, Client, Vendor

from seedance_widgets import life
from seedance_widgets.jobs.job import new_job_id
from seedance_widgets.store import Store
from seedance_widgets.types import FINAL_STATUSES, GenerationRequest
from seedance_widgets.worker import Needs, Worker

NOW = 1_800_000_000.0
PER_MINUTE = 12.0
"""Few enough that requests wait for their turn."""
LONG_S = 31.0
"""Longer than any lease lasts."""

_BUG = re.compile(r"[A-Za-z.]+(Error|Exception)\b")
"""How the worker tells of what it did not foresee: by the name of the error."""


class Files:
    """What a worker takes for its files."""

    def close(self) -> None:
        """Nothing is open."""


class Nobody:
    """Nobody is told anything."""

    def on_row(self, row: life.Row) -> None: ...

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None: ...

    def on_tick(self) -> None: ...

    def on_key_refused(self, reason: str) -> None: ...

    def waits_for(self) -> Iterable[str]:
        return ()


class World:
    """Workers, a person at each of them, the vendor and the time. Every choice is an argument."""

    def __init__(self, workers: int = 3) -> None:
        shared_memory = Path("/dev/shm")
        self.home = Path(tempfile.mkdtemp(dir=shared_memory if shared_memory.is_dir() else None))
        self.loop = Loop()
        self.vendor = Vendor()
        self.meant: dict[str, str] = {}
        """The job of each submit, by its tag."""
        self.adopted: set[str] = set()
        self.deleted: set[str] = set()
        self.began = 0
        self.store = Store(self.home / "history.db", clock=lambda: NOW + self.loop.now)
        """For those who only look."""
        self.kernels = [self.boot() for _ in range(workers)]
        self.loop.settle()

    def boot(self) -> Kernel:
        """A process with a worker over the history."""
        self.began += 1
        kernel = Kernel(f"kernel {self.began}", self.loop)
        awake = lambda: self.loop.now  # noqa: E731
        more: dict[str, Any] = {}
        known = {each.name for each in fields(Needs)}
        if "awake" in known:
            more["awake"] = awake
        if "owners" in known:
            more["owners"] = self.home / "owners"
        kernel.store = self._store(kernel, awake)
        kernel.store.rows(limit=1)  # what it does at first it does under a lock: nobody may pause there
        doors = Needs(
            store=lambda: kernel.store,
            client=lambda: Client(self.vendor),  # type: ignore[arg-type,return-value]
            files=Files,  # type: ignore[arg-type]
            service=SERVICE,
            requests_per_minute=PER_MINUTE,
            clock=lambda: NOW + self.loop.now + kernel.ahead_s,
            **more,
        )
        HERE.set(kernel)
        kernel.worker = Worker(doors, Nobody())

        async def live() -> None:
            await kernel.worker.open(kernel.closing_up)
            await kernel.worker.serve()

        kernel.begin(live())
        return kernel

    def _store(self, kernel: Kernel, awake: Callable[[], float]) -> Store:
        more = {"awake": awake} if "awake" in inspect.signature(Store).parameters else {}
        return Store(self.home / "history.db", clock=lambda: NOW + self.loop.now + kernel.ahead_s, **more)

    @property
    def now(self) -> float:
        """The instant, by the clocks that nobody has set."""
        return NOW + self.loop.now

    # --- what a person does ------------------------------------------------------------------------------------------
    def submit(self, which: int, fault: str = "fine") -> None:
        tag = f"job {len(self.meant)}"
        kernel = self._kernel(which)
        request = GenerationRequest(
            prompt=tag,
            model="seedance-2.0",
            duration=5,
            aspect_ratio="16:9",
            resolution="720p",
            metadata={"tag": tag, "fault": fault},
        )
        row = life.Row(
            id=new_job_id(),
            service=SERVICE,
            request=request,
            created_at=NOW + self.loop.now + kernel.ahead_s,
            folder=str(self.home),
        )
        self.meant[tag] = row.id
        self.vendor.fault = fault
        kernel.begin(kernel.worker.submit(row))
        self.loop.settle()

    def cancel(self, which: int, job: int) -> None:
        if self.meant:
            self._ask(which, lambda worker: worker.cancel(self._job_id(job)))

    def adopt(self, which: int, job: int) -> None:
        """A person finds an unconfirmed job in the vendor's dashboard."""
        lost = [row for row in self.rows() if row.status == "unconfirmed" and self._request_ids(row.id)]
        if lost:
            row = lost[job % len(lost)]
            (request_id, *_) = self._request_ids(row.id)
            self._ask(which, lambda worker: worker.adopt(row.id, request_id))

    def adopt_another(self, which: int, job: int) -> None:
        """A person takes a generation that was made in the dashboard for theirs."""
        lost = [row for row in self.rows() if row.status == "unconfirmed"]
        if lost:
            row = lost[job % len(lost)]
            request_id = f"req_dashboard_{len(self.adopted)}"
            self.vendor.status[request_id] = "processing"
            self.vendor.prompts[request_id] = row.request.prompt
            self.adopted.add(request_id)
            self._ask(which, lambda worker: worker.adopt(row.id, request_id))

    def discard(self, which: int, job: int) -> None:
        lost = [row for row in self.rows() if row.status == "unconfirmed"]
        if lost:
            row = lost[job % len(lost)]
            self._ask(which, lambda worker: worker.discard(row.id))

    def delete(self, job: int) -> None:
        """Delete a job that has ended, or an unconfirmed one by force."""
        over = [row for row in self.rows() if row.final or row.status == "unconfirmed"]
        if over:
            row = over[job % len(over)]
            self.deleted.add(row.id)
            self.store.apply(row.id, life.Removed(NOW + self.loop.now, forced=True))
            self.loop.settle()

    def _ask(self, which: int, ask: Callable[[Worker], Coroutine[Any, Any, Any]]) -> None:
        kernel = self._kernel(which)
        kernel.begin(ask(kernel.worker))
        self.loop.settle()

    # --- what time, the machine and the server do --------------------------------------------------------------------
    def step(self, which: int, place: int = 0) -> None:
        """Let one thing that a worker does go on to its next pause."""
        kernel = self._kernel(which)
        if kernel.paused:
            _, go_on = kernel.paused[place % len(kernel.paused)]
            if not go_on.done():
                go_on.set_result(None)
            self.loop.settle()

    def run(self, which: int, most: int = 1000) -> None:
        """Let a worker go on until all that it does waits for time."""
        kernel = self._kernel(which)
        for _ in range(most):
            if not kernel.paused:
                return
            self.step(which)
        assert most < 1000 or not kernel.paused, f"{kernel.name} never rests: {kernel.paused}"

    def pass_s(self, seconds: float) -> None:
        self.loop.now += seconds
        self.loop.settle()

    def sleep(self, which: int, seconds: float = 4 * LONG_S, *, step_s: float = LONG_S) -> None:
        """A worker stands still, as in a machine that sleeps, while time passes and the others go on.

        A worker that looks too seldom takes itself for one that slept, and takes nobody for dead: with a `step_s` of
        more than 20 s it is all machines that sleep, with one of less the others take over.
        """
        steps = math.ceil(seconds / step_s)
        for _ in range(steps):
            self.pass_s(seconds / steps)
            for other in range(len(self.kernels)):
                if self._kernel(other) is not self._kernel(which):
                    self.run(other)

    def jump(self, which: int, seconds: float) -> None:
        """Somebody sets the clock of one machine."""
        self._kernel(which).ahead_s += seconds

    def get_on(self, which: int, status: str) -> None:
        """The server gets on with a generation."""
        going = [name for name, now in self.vendor.status.items() if now not in FINAL_STATUSES]
        if going:
            self.vendor.status[going[which % len(going)]] = status

    def kill(self, which: int) -> None:
        """SIGKILL: whatever a process does ends here, and another one begins."""
        place = which % len(self.kernels)
        self._end(self.kernels[place])
        self.kernels[place] = self.boot()
        self.loop.settle()

    def close(self, which: int) -> None:
        """A session is closed in good order, and another one begins."""
        place = which % len(self.kernels)
        kernel = self.kernels[place]
        kernel.closing = True
        closed = kernel.begin(self._closed(kernel))
        self.loop.settle()
        self.run(place)
        assert closed.done(), f"{kernel.name} does not close: {kernel.paused}"
        for task in list(kernel.tasks):
            task.cancel()
        self.loop.settle()
        self.run(place)
        self._end(kernel)
        self.kernels[place] = self.boot()
        self.loop.settle()

    async def _closed(self, kernel: Kernel) -> None:
        await kernel.worker.close()
        await kernel.closing_up.aclose()

    def _end(self, kernel: Kernel) -> None:
        kernel.alive = False
        for _, go_on in list(kernel.paused):
            if not go_on.done():
                go_on.set_exception(Killed())
        self.loop.settle()
        for task in list(kernel.tasks):
            task.cancel()
        self.loop.settle()
        assert not kernel.tasks, kernel.tasks
        if (drop := getattr(kernel.worker._leasing, "drop", None)) is not None:
            drop()  # as the system does with the locks of a process that has ended
        kernel.store._engine.dispose()

    def _kernel(self, which: int) -> Kernel:
        return self.kernels[which % len(self.kernels)]

    def _job_id(self, job: int) -> str:
        return list(self.meant.values())[job % len(self.meant)]

    def _request_ids(self, job_id: str) -> list[str]:
        return [request_id for request_id, tag in self.vendor.charged.items() if self.meant[tag] == job_id]

    def rows(self) -> list[life.Row]:
        return self.store.rows(limit=1_000_000)

    # --- what must hold ----------------------------------------------------------------------------------------------
    def check(self) -> None:
        """At any instant: no submit leaves twice, and nothing breaks."""
        twice = {tag: times for tag, times in self.vendor.creates.items() if times > 1}
        assert not twice, f"sent more than once: {twice}"
        for kernel in self.kernels:
            assert not kernel.unforeseen, kernel.unforeseen
            assert not _BUG.match(kernel.worker.problem or ""), kernel.worker.problem

    def check_history(self) -> None:
        """When all is at rest: what was charged is in the history, and what is said not to be charged was not."""
        rows = {job_id: row for job_id in self.meant.values() if (row := self.store.get(job_id))}
        every = {row.id: row for row in self.rows()} | rows
        known: Counter[str] = Counter(row.request_id for row in every.values() if row.request_id)
        assert not [each for each, times in known.items() if times > 1], f"a request id of two jobs: {known}"
        assert set(known) <= set(self.vendor.charged) | self.adopted
        for request_id, tag in self.vendor.charged.items():
            row = rows.get(self.meant[tag])
            assert row is not None, f"{request_id} was charged, and {tag} is not in the history"
            if request_id in known:
                continue
            lost = request_id not in self.vendor.heard or not self.vendor.heard[request_id].alive
            closed_by_person = row.is_discarded or row.is_removed or row.request_id in self.adopted
            assert lost, f"{request_id} was charged and heard of, and {tag} is {row.status} ({row.problem}) without it"
            assert row.status == "unconfirmed" or closed_by_person, f"{request_id} was charged, and {tag} is {row}"
        for row in every.values():
            if row.status == "failed" and row.request_id is None and not row.is_discarded and not row.is_removed:
                charged = self._request_ids(row.id)
                assert not charged, f"{row.id} is said not to be charged ({row.problem}), and was: {charged}"

    def rest(self) -> None:
        """Let everybody go on, for as long as it takes to take over whatever was left and to hear of every end."""
        for rounds in range(60):
            for which in range(len(self.kernels)):
                self.run(which)
            if rounds > 2:  # the server has ended all
                going = [name for name, now in self.vendor.status.items() if now not in FINAL_STATUSES]
                self.vendor.status |= dict.fromkeys(going, "succeeded")
            open_ones = [row for row in self.rows() if not row.settled or row.status == "submitting"]
            if rounds > 5 and not open_ones:
                break
            self.pass_s(LONG_S / 2)  # of the requests that wait, few go at a time
        self.check()
        assert not open_ones, f"nobody looks after {open_ones}"
        for row in self.rows():
            assert row.request_id is None or row.status == self.vendor.status[row.request_id]
        self.check_history()

    def end(self) -> None:
        """Free everything."""
        for kernel in self.kernels:
            self._end(kernel)
        self.store.close()
        self.loop.close()
        shutil.rmtree(self.home)


def walk(world: World, dice: random.Random) -> None:
    """One step of a walk at random, mostly small ones."""
    which, job = dice.randrange(3), dice.randrange(1000)
    roll = dice.random()
    if roll < 0.50:
        world.step(which, dice.randrange(4))
    elif roll < 0.60:
        world.run(which, dice.choice([3, 10, 40]))
    elif roll < 0.62:
        world.sleep(which, step_s=dice.choice([10.0, LONG_S]))
    elif roll < 0.76:
        world.submit(which, dice.choice(CREATES))
    elif roll < 0.84:
        world.pass_s(dice.choice([0.5, 3.0, 11.0, LONG_S]))
    elif roll < 0.87:
        world.cancel(which, job)
    elif roll < 0.89:
        world.adopt(which, job)
    elif roll < 0.90:
        world.adopt_another(which, job)
    elif roll < 0.91:
        world.discard(which, job)
    elif roll < 0.92:
        world.delete(job)
    elif roll < 0.96:
        world.get_on(job, dice.choice(["processing", "succeeded", "failed"]))
    elif roll < 0.97:
        world.jump(which, dice.choice([-86_400.0, -60.0, 31.0, 3_600.0]))
    elif roll < 0.99:
        world.kill(which)
    else:
        world.close(which)


def main() -> None:
    """Walk at random until so many submits were made; tell what was lost or charged twice."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("--submits", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--walk", type=int, default=120, help="steps of one walk, after which all comes to rest")
    asked = parser.parse_args()
    meant = charged = walks = wrong = 0
    with steps():
        while meant < asked.submits:
            seed = asked.seed + walks
            dice, world = random.Random(seed), World()
            try:
                for _ in range(asked.walk):
                    walk(world, dice)
                    world.check()
                world.rest()
            except AssertionError as error:
                wrong += 1
                print(f"seed {seed}: {str(error)[:300]}", flush=True)
            meant, charged, walks = meant + len(world.meant), charged + len(world.vendor.charged), walks + 1
            world.end()
    print(f"{meant} submits in {walks} walks, {charged} charged; {wrong} walks with something lost or sent twice")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    os.environ.pop("SEEDANCE_API_KEY", None)
    main()
