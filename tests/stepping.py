"""Processes with a worker each, in one thread: they stop at every step until they are told to go on.

A worker pauses before and after each use of the store, and between the transactions of one. Time is virtual.
"""

from __future__ import annotations

import asyncio
import heapq
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, contextmanager
from contextvars import ContextVar, copy_context
from dataclasses import dataclass, field
from typing import Any, TypeVar

import sqlalchemy as sa

from seedance_widgets import life
from seedance_widgets.errors import (
    SeedanceError,
)
from seedance_widgets.store import Store
from seedance_widgets.types import ClipFacts
from seedance_widgets.worker import Worker, download

T = TypeVar("T")

FACTS = ClipFacts(size_bytes=9, width=160, height=96, duration_s=2.0, fps=12.0, has_audio=True)


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
