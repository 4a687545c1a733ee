"""A guard for what an interrupt must not cut in two, nor leave locked.

Python raises KeyboardInterrupt in the main thread, at a call or where a function begins. A transaction that is cut
there stays open for as long as something keeps the traceback, as notebooks do, and locks everybody else out of the
file. An Event, a Condition or a Future whose lock is given back by a Python function may stay locked for ever, and
whoever tells it news then waits for ever. So whole pieces of work are done in a helper's thread, where an interrupt
ends the waiting and never the work; and the main thread waits on things that are locked in C only.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from contextvars import copy_context
from queue import Empty, SimpleQueue
from typing import TypeVar

T = TypeVar("T")

STEP_S = 0.1
"""One long wait would be deaf to the interrupt on some systems."""


def sheltered(work: Callable[[], T]) -> T:
    """Do it, out of an interrupt's reach, and return what it returns. Interrupted, the work goes on unseen.

    In the caller's context: output stays with the cell that called.
    """
    if threading.current_thread() is not threading.main_thread():
        return work()
    done: SimpleQueue[tuple[Callable[[], T], BaseException | None]] = SimpleQueue()
    leave: SimpleQueue[None] = SimpleQueue()
    leave.put(None)  # to do the work: whoever takes it does it, so that it is never done twice

    def run() -> None:
        try:
            leave.get_nowait()
        except Empty:
            return
        try:
            value = work()
            done.put((lambda: value, None))
        except BaseException as error:  # noqa: BLE001  whatever it is belongs to the one who waits
            done.put((work, error))

    try:
        threading.Thread(target=copy_context().run, args=(run,), name="seedance-helper", daemon=True).start()
    except RuntimeError as refused:
        if isinstance(refused.__context__, KeyboardInterrupt):  # which cut `start` short, that gave a lock back twice
            raise refused.__context__ from None
        with suppress(Empty):  # the interpreter ends, and starts no thread any more
            leave.get_nowait()
            return work()
    while True:
        with suppress(Empty):
            value_of, error = done.get(timeout=STEP_S)
            break
    try:
        if error is not None:
            raise error
        return value_of()
    finally:
        del error  # its traceback holds this frame


class Bell:
    """Wakes the one who waits: an Event that an interrupt cannot leave locked."""

    def __init__(self) -> None:
        self._rung: SimpleQueue[None] = SimpleQueue()

    def ring(self) -> None:
        """Let the one go on who waits, or who waits next."""
        if self._rung.empty():
            self._rung.put(None)

    def wait(self, timeout_s: float) -> None:
        """Wait until it is rung, or for so long."""
        with suppress(Empty):
            self._rung.get(timeout=timeout_s)


class Answer(Future[T]):
    """A Future that takes no lock for those who look whether it is done, and at what came of it then."""

    _over = False
    _value: T
    _error: BaseException | None = None

    def set_result(self, result: T) -> None:
        """Give the answer."""
        self._value, self._over = result, True
        super().set_result(result)

    def cancel(self) -> bool:
        """It comes, whoever waits for it."""
        return False

    def set_exception(self, exception: BaseException | None) -> None:
        """Why there is none."""
        self._error, self._over = exception, True
        super().set_exception(exception)

    def fail(self, exception: BaseException) -> None:
        """Why there is none, unless it is known by now what came of it."""
        with suppress(InvalidStateError):
            if not self._over:
                self.set_exception(exception)

    def done(self) -> bool:
        """Tell whether it has come, or will never."""
        return self._over

    def result(self, timeout: float | None = None) -> T:
        """Wait for the answer, and return it."""
        if not self._over:
            return super().result(timeout)
        if self._error is not None:
            raise self._error
        return self._value

    def exception(self, timeout: float | None = None) -> BaseException | None:
        """Why there is none; waits for it."""
        return self._error if self._over else super().exception(timeout)
