"""A daemon thread with one asyncio loop of its own, and daemon threads for blocking work.

Daemon throughout: the pools of the standard library are waited for when the interpreter ends, and a kernel that
waits for a download on shutdown is killed half-way.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import os
import threading
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future, InvalidStateError
from contextlib import AsyncExitStack
from contextvars import copy_context
from typing import Any, TypeVar

from ..errors import SeedanceError, SessionClosed
from .interrupts import Answer, Bell, sheltered

T = TypeVar("T")

HEAD_START_S = 0.5
"""The thread's imports hold the interpreter: whoever started it goes on first, until it waits or for this long."""


class Background:
    """Runs `serve` and whatever `call` hands in on one loop in one daemon thread. Override the three coroutines.

    Starting is a matter of microseconds: anyio and everything heavier loads in the thread, and calls made before the
    loop runs wait for it in order. It leaves the one who started it a moment to draw the first card before it loads.
    A forked child inherits nothing and starts anew when it is used.
    """

    thread_name = "seedance-worker"

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._forget()

    def _forget(self) -> None:
        """Back to the state of an object that was never started."""
        self._pid = os.getpid()
        self._thread: threading.Thread | None = None
        self._hurry = Bell()
        self._stopped = False
        self._portal: Any = None
        self._early: deque[tuple[Callable[[], None], Answer[Any]]] | None = deque()
        self._failure: SeedanceError | None = None
        self._pending: set[Answer[Any]] = set()
        """What was asked and is not answered yet: at the end somebody may wait for it."""

    async def open(self, closing: AsyncExitStack) -> None:
        """Before the first call: open what the loop needs, and say how it is closed when nothing runs any more."""

    async def serve(self) -> None:
        """Runs as long as the thread; is cancelled at its end."""

    async def close(self) -> None:
        """After the last call: end what is on its way. Then whatever was called and still runs is cancelled."""

    def start(self) -> None:
        """Start the thread, unless it runs."""
        sheltered(self._start)

    def _start(self) -> None:
        with self._lock:
            if self._pid != os.getpid():
                self._forget()
            if self._thread is None:
                self._thread = threading.Thread(target=self._main, name=self.thread_name, daemon=True)
                self._thread.start()
                atexit.register(self.stop)

    def call(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> Answer[T]:
        """Run a coroutine function on the loop, in the caller's context: output stays with the cell that called."""
        return sheltered(lambda: self._call(function, args))

    def _call(self, function: Callable[..., Coroutine[Any, Any, T]], args: tuple[Any, ...]) -> Answer[T]:
        self._start()
        answer: Answer[T] = Answer()
        context = copy_context()

        def begin() -> None:
            inner = context.run(self._portal.start_task_soon, function, *args)
            inner.add_done_callback(lambda done: _hand_over(done, answer))

        with self._lock:
            if self._early is not None:
                self._early.append((begin, answer))
                self._pending.add(answer)
                answer.add_done_callback(self._pending.discard)
                return answer
        try:
            begin()
        except RuntimeError as error:  # the portal has just closed
            raise self._failure or SessionClosed("The session was closed.") from error
        self._pending.add(answer)
        answer.add_done_callback(self._pending.discard)
        return answer

    def ask(self, function: Callable[..., Coroutine[Any, Any, T]], *args: Any) -> T:
        """The same, and wait for what it returns. An interrupt ends the waiting."""
        if self.is_current_thread:
            raise RuntimeError("this would make the worker wait for itself")

        def asked() -> T:
            answer = self._call(function, args)
            self.hurry()
            return answer.result()

        return sheltered(asked)

    def hurry(self) -> None:
        """Somebody waits now: end the head start."""
        self._hurry.ring()

    @property
    def is_running(self) -> bool:
        """Tell whether the thread is there, in this process, or is just being started."""
        thread = self._thread
        return self._pid == os.getpid() and thread is not None and (thread.is_alive() or thread.ident is None)

    @property
    def has_opened(self) -> bool:
        """Tell whether what it needs was opened, so that calls are run."""
        return self._portal is not None and self._failure is None

    @property
    def was_forked(self) -> bool:
        """Tell whether this is a forked child, whose parent has the thread."""
        return self._pid != os.getpid()

    @property
    def failure(self) -> SeedanceError | None:
        """Why it could not be opened, so that there is no thread."""
        return self._failure

    @property
    def is_current_thread(self) -> bool:
        """Tell whether the caller is the loop itself, who must not wait for itself."""
        return threading.current_thread() is self._thread

    def stop(self, timeout_s: float = 1.0) -> None:
        """End the thread, giving it a moment to close what is open."""
        atexit.unregister(self.stop)
        self.hurry()
        with self._lock:
            thread = self._thread if self._pid == os.getpid() else None
            portal = self._portal
            self._stopped = True
        if thread is None:
            return
        if portal is not None:
            with contextlib.suppress(RuntimeError):  # it has ended by itself
                portal.start_task_soon(self._end)
        thread.join(timeout_s)
        with self._lock:
            pending = list(self._pending)
            self._forget()
        for answer in pending:
            answer.fail(SessionClosed("The session was closed."))

    def _main(self) -> None:
        self._hurry.wait(HEAD_START_S)
        import anyio

        anyio.run(self._run, backend="asyncio")

    async def _run(self) -> None:
        from anyio.from_thread import BlockingPortal

        self._ending = asyncio.Event()
        async with AsyncExitStack() as closing, BlockingPortal() as portal:
            failure = await self._opened(closing)
            early: deque[tuple[Callable[[], None], Answer[Any]]] = deque()
            with self._lock:
                if threading.current_thread() is not self._thread:  # what waits now waits for the next thread
                    failure = failure or SessionClosed("The session was closed.")
                else:
                    early = self._early or early
                    if self._stopped:
                        failure = failure or SessionClosed("The session was closed.")
                    self._failure, self._portal = failure, portal
                    self._early = early if failure is None else None
            if failure is None:
                await self._live(early)
            else:
                for _, answer in early:
                    answer.fail(failure)
            await portal.stop(cancel_remaining=True)

    async def _opened(self, closing: AsyncExitStack) -> SeedanceError | None:
        """Open what is needed; whatever goes wrong is said to everyone who calls, or they would wait for ever."""
        try:
            await self.open(closing)
        except SeedanceError as error:
            return error
        except Exception as error:  # noqa: BLE001  a bug of ours, or of a driver
            failure = SeedanceError(f"The session could not be opened ({type(error).__name__}: {error}).")
            failure.__cause__ = error
            return failure
        return None

    async def _live(self, early: deque[tuple[Callable[[], None], Answer[Any]]]) -> None:
        ending, serving = self._ending, asyncio.create_task(self.serve())
        await in_thread(lambda: self._begin_all(early))  # a portal takes calls from other threads only
        await ending.wait()
        serving.cancel()

    def _begin_all(self, early: deque[tuple[Callable[[], None], Answer[Any]]]) -> None:
        """Begin what was called before the loop ran, in order.

        What is called meanwhile lines up behind it: a cancel that overtakes its job finds none.
        """
        while True:
            with self._lock:
                if not early:
                    if self._early is early:
                        self._early = None
                    return
                begin, _ = early.popleft()
            begin()

    async def _end(self) -> None:
        ending = self._ending
        try:
            await self.close()
        finally:  # also where the history cannot be reached any more: nobody waits for a thread that never ends
            ending.set()


def in_thread(work: Callable[[], T]) -> Awaitable[T]:
    """Run blocking work in a daemon thread of its own, and await its result."""
    future: Future[T] = Future()

    def run() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(work())
        except BaseException as error:  # noqa: BLE001  whatever it is belongs to the one who awaits
            future.set_exception(error)

    threading.Thread(target=run, name="seedance-helper", daemon=True).start()
    return asyncio.wrap_future(future)


def _hand_over(done: Future[T], to: Answer[T]) -> None:
    if done.cancelled():
        to.fail(SessionClosed("The session was closed."))
    elif error := done.exception():
        to.fail(error)
    elif not to.done():
        with contextlib.suppress(InvalidStateError):  # whoever closed the session was faster
            to.set_result(done.result())
