"""The one child process that looks after open jobs while no kernel does: `seedance worker --until-idle`.

A process of its own, since a decoder that crashes must not take the server down. It holds the other end of a pipe, so
that it ends with the server however that ends; a lock file in the data folder keeps it the only one of a home.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import logging

    from filelock import FileLock

COMMAND = (sys.executable, "-P", "-m", "seedance_widgets.cli.main", "worker", "--until-idle", "--with-parent")
"""`-P`: no file of a person's is imported for a module's."""
FIRST_S, LONGEST_S = 1.0, 300.0
"""The wait before a worker that ended is started again: it doubles, up to five minutes."""
LIVED_S = 60.0
"""A worker that lived for so long was well: the next one starts soon."""
OTHERS_S = 5.0
"""Between tries to get the lock that another server has."""
NEEDS_KEY = 3
"""The exit code of a worker that could do nothing without another key."""
ENDING_S = 3.0
"""How long a child may take to end after its pipe was closed."""


class Child(Protocol):
    """A process, as far as it is watched."""

    def poll(self) -> int | None:
        """Its exit code, or `None` while it runs."""


class Supervisor:
    """Starts the worker when there is something to do, and again when it ended too early. Call `attend` often.

    Args:
        home: The data folder, where the lock and the worker's log lie.
        log: Of the server; it gets no prompt, no path and no key.
        start: Makes the child.
    """

    def __init__(
        self,
        home: Path,
        log: logging.Logger,
        *,
        start: Callable[[Path], subprocess.Popen[bytes]] | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._home = home
        self._log = log
        self._start = start or start_worker
        self._clock = clock
        self._turn = threading.Lock()
        self._lock: FileLock | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._began_at = 0.0
        self._not_before = -1.0
        self._failures = 0
        self._wanted: frozenset[str] = frozenset()
        self._is_stopped = False

    @property
    def has_child(self) -> bool:
        """Whether a child was started whose end has not been seen."""
        return self._child is not None

    @property
    def pid(self) -> int | None:
        """The child's process id, while there is one."""
        child = self._child
        return None if child is None or child.poll() is not None else child.pid

    def attend(self, wanted: frozenset[str]) -> None:
        """See to it that a worker runs while jobs are `wanted`. Quick, but for the start itself."""
        with self._turn:
            if self._is_stopped:
                return
            if self._child is not None and (code := self._child.poll()) is not None:
                self._note_end(code)
            if wanted - self._wanted and self._child is None:
                self._not_before, self._failures = min(self._not_before, self._clock() + FIRST_S), 0
            self._wanted = wanted
            if wanted and self._child is None and self._clock() >= self._not_before:
                self._begin()

    def _begin(self) -> None:
        if not self._take_lock():
            self._not_before = self._clock() + OTHERS_S
            return
        try:
            self._child = self._start(self._home)
        except OSError as error:
            self._log.warning("The worker of seedance_widgets could not be started (%s).", type(error).__name__)
            self._give_up_lock()
            self._wait_longer()
            return
        self._began_at = self._clock()
        self._log.info("A worker of seedance_widgets looks after %d open jobs.", len(self._wanted))

    def _note_end(self, code: int) -> None:
        self._close_pipe()
        self._child = None
        self._give_up_lock()
        if self._clock() - self._began_at > LIVED_S:
            self._failures = 0
        if code not in (0, NEEDS_KEY):
            self._log.warning("The worker of seedance_widgets ended with code %d; it is started again.", code)
        if code == NEEDS_KEY:
            self._not_before = self._clock() + LONGEST_S
        else:
            self._wait_longer()

    def _wait_longer(self) -> None:
        self._not_before = self._clock() + min(LONGEST_S, FIRST_S * 2.0**self._failures)
        self._failures = min(self._failures + 1, 20)

    def stop(self) -> None:
        """End the worker. Its jobs go on at the server, and whoever comes next looks after them."""
        with self._turn:
            self._is_stopped = True
            child = self._child
            self._close_pipe()
            if child is not None:
                try:
                    child.wait(ENDING_S)
                except subprocess.TimeoutExpired:
                    child.kill()
                    child.wait()
            self._child = None
            self._give_up_lock()

    def _close_pipe(self) -> None:
        if self._child is not None and self._child.stdin is not None:
            with contextlib.suppress(OSError):
                self._child.stdin.close()

    def _take_lock(self) -> bool:
        from filelock import FileLock, Timeout

        lock = FileLock(self._home / "worker.lock", timeout=0, thread_local=False)
        try:
            lock.acquire()
        except (Timeout, OSError):  # another server has it, or the folder takes none
            return False
        self._lock = lock
        return True

    def _give_up_lock(self) -> None:
        if self._lock is not None:
            self._lock.release()
            self._lock = None


def start_worker(home: Path, command: Sequence[str] = COMMAND) -> subprocess.Popen[bytes]:
    """Start the worker on a home. What it says last is in `worker.log` there, for this person only. Raises OSError."""
    path, flags = home / "worker.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0)
    log = os.open(path, flags, 0o600)
    try:
        return subprocess.Popen(
            [*command, "--home", str(home)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=home,
            start_new_session=True,
        )
    finally:
        os.close(log)
