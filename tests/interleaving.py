"""Several workers over one history, in one thread, whose steps interleave in whatever order a test chooses.

A worker pauses before and after each call of the server, before and after each use of the store, and between the
transactions of one. It goes on when it is told to, so that time may pass, other workers may act and a process may be
killed at each of those points. Time is virtual: it passes when it is told to, and nothing ever waits for real.

    python tests/interleaving.py --submits 10000 --seed 1      # as the long run of CONTRIBUTING.md

`Vendor` keeps the ledger: what was charged, and for which submit.
"""

from __future__ import annotations

import argparse
import asyncio
import heapq
import inspect
import math
import os
import random
import re
import shutil
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa

from seedance_widgets import life
from seedance_widgets.api.limiter import Turn
from seedance_widgets.errors import (
    AnswerLost,
    ConnectionFailed,
    InsufficientCredits,
    NotFound,
    RequestRefused,
    SeedanceError,
)
from seedance_widgets.jobs.job import new_job_id
from seedance_widgets.request.models import BUNDLED_MODELS
from seedance_widgets.store import Store
from seedance_widgets.types import FINAL_STATUSES, Accepted, ClipFacts, Generation, GenerationRequest
from seedance_widgets.worker import Needs, Worker, download

T = TypeVar("T")

SERVICE = "https://vendor.example"
NOW = 1_800_000_000.0
FACTS = ClipFacts(size_bytes=9, width=160, height=96, duration_s=2.0, fps=12.0, has_audio=True)
PER_MINUTE = 12.0
"""Few enough that requests wait for their turn."""
LONG_S = 31.0
"""Longer than any lease lasts."""

_BUG = re.compile(r"[A-Za-z.]+(Error|Exception)\b")
"""How the worker tells of what it did not foresee: by the name of the error."""

CREATES = ("fine", "fine", "fine", "lost", "cut", "refused", "no credits", "unreachable")


class Killed(BaseException):
    """SIGKILL: nothing more is done."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes when it is told to."""

    now = 0.0

    def __init__(self) -> None:
        super().__init__()
        self.set_exception_handler(self._tell)

    def time(self) -> float:
        return self.now

    def _tell(self, _: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        if not isinstance(context.get("exception"), Killed):
            self.default_exception_handler(context)

    def settle(self) -> None:
        """Run until everything waits: for time, or to be told to go on."""
        for _ in range(1_000_000):
            self.call_soon(self.stop)
            self.run_forever()
            if not self._ready and not self._is_due():  # type: ignore[attr-defined]
                return
        raise AssertionError("it never comes to rest")

    def _is_due(self) -> bool:
        timers: list[Any] = self._scheduled  # type: ignore[attr-defined]
        while timers and timers[0].cancelled():
            heapq.heappop(timers)._scheduled = False
            self._timer_cancelled_count = max(0, self._timer_cancelled_count - 1)
        return bool(timers) and timers[0].when() <= self.now


@dataclass(eq=False)
class Kernel:
    """A process with a worker: what it does just now, and where it pauses."""

    name: str
    loop: Loop
    ahead_s: float = 0.0
    """How far its clock is ahead of the others'."""
    alive: bool = True
    closing: bool = False
    paused: list[tuple[str, asyncio.Future[None]]] = field(default_factory=list)
    tasks: set[asyncio.Task[Any]] = field(default_factory=set)
    unforeseen: list[BaseException] = field(default_factory=list)
    worker: Worker = field(init=False)
    store: Store = field(init=False)
    closing_up: AsyncExitStack = field(default_factory=AsyncExitStack)
    """What closing it in good order closes, which a kill leaves."""

    async def pause(self, where: str) -> None:
        """Wait here until told to go on."""
        if not self.alive:
            raise Killed
        go_on: asyncio.Future[None] = self.loop.create_future()
        place = (where, go_on)
        self.paused.append(place)
        try:
            await go_on
        finally:
            if place in self.paused:
                self.paused.remove(place)
        if not self.alive:
            raise Killed

    def begin(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do something in this process, beside what it does already."""
        context = copy_context()
        context.run(HERE.set, self)
        task = self.loop.create_task(work, context=context)
        self.tasks.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self.tasks.discard(task)
        error = None if task.cancelled() else task.exception()
        if error is not None and self.alive and not self.closing and not isinstance(error, SeedanceError):
            self.unforeseen.append(error)


HERE: ContextVar[Kernel] = ContextVar("HERE")


class StoreThread:
    """A piece of work with the store, in a thread of its own that stops before each transaction.

    One of the two threads runs at any time, so that what happens depends on nobody's speed.
    """

    current: ContextVar[StoreThread | None] = ContextVar("current", default=None)

    def __init__(self, work: Callable[[], Any]) -> None:
        self._work = work
        self._go, self._stopped = threading.Semaphore(0), threading.Semaphore(0)
        self._killed = False
        self.over = False
        self.value: Any = None
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=copy_context().run, args=(self._run,), daemon=True)
        self._thread.start()

    def _run(self) -> None:
        self.current.set(self)
        self._go.acquire()
        try:
            if not self._killed:
                self.value = self._work()
        except BaseException as error:  # noqa: BLE001  it belongs to the one who asked for it
            self.error = error
        self.over = True
        self._stopped.release()

    def go_on(self, *, killed: bool = False) -> None:
        """Run to the next transaction or to the end."""
        self._killed = killed
        self._go.release()
        self._stopped.acquire()

    def stop(self) -> None:
        """In the thread: a transaction is about to begin."""
        self._stopped.release()
        self._go.acquire()
        if self._killed:
            raise Killed


def in_thread(work: Callable[[], T]) -> Awaitable[T]:
    """Stands in for `background.in_thread`: the same, with pauses."""

    async def do() -> T:
        kernel = HERE.get()
        await kernel.pause("store")
        thread = StoreThread(work)
        try:
            thread.go_on()  # to its first transaction
            thread.over or thread.go_on()
            while not thread.over:
                await kernel.pause("transaction")
                thread.go_on()
        finally:
            if not thread.over:
                thread.go_on(killed=True)
        await kernel.pause("stored")
        if thread.error is not None:
            raise thread.error
        value: T = thread.value
        return value

    return do()


@contextmanager
def steps() -> Iterator[None]:
    """While this lasts, workers pause where they use the store, and downloads take no time."""

    def before_transaction(_: sa.Connection) -> None:
        if (thread := StoreThread.current.get()) is not None:
            thread.stop()

    def save(
        row: life.Row, files: object, *, now: Callable[[], float], progress: object, spare: object = None
    ) -> life.Event:
        return life.Saved(now(), f"/clips/{row.id}.mp4", None, FACTS)

    changed = []
    for name, module in list(sys.modules.items()):
        if name.startswith("seedance_widgets.worker.") and hasattr(module, "in_thread"):
            changed.append((module, "in_thread", module.in_thread))
            module.in_thread = in_thread  # type: ignore[attr-defined]
    changed.append((download, "save", download.save))
    download.save = save  # type: ignore[assignment]
    sa.event.listen(sa.Engine, "engine_connect", before_transaction)
    try:
        yield
    finally:
        sa.event.remove(sa.Engine, "engine_connect", before_transaction)
        for module, name, value in changed:
            setattr(module, name, value)


@dataclass
class Vendor:
    """The API with its ledger."""

    charged: dict[str, str] = field(default_factory=dict)
    """The tag of the submit that each request id was charged for."""
    status: dict[str, str] = field(default_factory=dict)
    prompts: dict[str, str] = field(default_factory=dict)
    creates: Counter[str] = field(default_factory=Counter)
    """How many creates came for each submit, charged or refused."""
    heard: dict[str, Kernel] = field(default_factory=dict)
    """Which process heard of each acceptance."""
    fault: str = "fine"

    def create(self, request: GenerationRequest) -> str:
        tag = str((request.metadata or {})["tag"])
        request_id = f"req_{len(self.charged):06}"
        self.charged[request_id] = tag
        self.status[request_id] = "queued"
        self.prompts[request_id] = request.prompt
        return request_id


class Client:
    """What a worker takes for its client."""

    def __init__(self, vendor: Vendor) -> None:
        self._vendor = vendor

    async def models(self, *_: object, **__: object) -> tuple[Any, ...]:
        await HERE.get().pause("models")
        return BUNDLED_MODELS

    async def create(self, request: GenerationRequest, turn: Turn | None = None) -> Accepted:
        kernel = HERE.get()
        fault, vendor = self._vendor.fault, self._vendor
        await kernel.pause("create")
        if fault == "unreachable":
            raise ConnectionFailed("The server was not reached.")
        if turn is not None:
            turn.spend()  # or it would cost nothing, and nobody would ever wait
        vendor.creates[str((request.metadata or {})["tag"])] += 1
        if fault in ("refused", "no credits"):
            await kernel.pause("refused")
            kind = RequestRefused if fault == "refused" else InsufficientCredits
            raise kind("no", status_code=400 if fault == "refused" else 402, code="no")
        request_id = vendor.create(request)
        await kernel.pause("created")
        if fault in ("lost", "cut"):
            raise AnswerLost("The line broke.")
        vendor.heard[request_id] = kernel
        return Accepted(request_id=request_id, status="queued", credits_charged=40)

    async def get(self, request_id: str, turn: Turn | None = None) -> Generation:
        await HERE.get().pause("look")
        if turn is not None:
            turn.spend()
        return self._generation(request_id)

    async def cancel(self, request_id: str, *_: object, **__: object) -> Generation:
        await HERE.get().pause("cancel")
        if self._vendor.status.get(request_id) not in (None, *FINAL_STATUSES):
            self._vendor.status[request_id] = "cancelled"
        await HERE.get().pause("cancelled")
        return self._generation(request_id)

    def _generation(self, request_id: str) -> Generation:
        status = self._vendor.status.get(request_id)
        if status is None:
            raise NotFound("no", status_code=404, code="not_found")
        url = f"{SERVICE}/{request_id}.mp4" if status == "succeeded" else None
        prompt = self._vendor.prompts.get(request_id)
        return Generation(request_id=request_id, status=status, output_url=url, prompt=prompt)

    async def aclose(self) -> None:
        """Nothing is open."""


class Files:
    """What a worker takes for its files."""

    def close(self) -> None:
        """Nothing is open."""


class Nobody:
    """Nobody is told anything."""

    def on_row(self, row: life.Row) -> None: ...

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None: ...

    def on_tick(self) -> None: ...

    def on_key_refused(self, said: str) -> None: ...

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
        if (drop := getattr(kernel.worker._leases, "drop", None)) is not None:
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
