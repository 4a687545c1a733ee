"""Being stopped by a signal, at whatever instant and in whatever thread it comes."""

from __future__ import annotations

import signal
import socket
import threading


class Stopping:
    """Sets `stop` when one of the signals comes. Made in the main thread.

    Not in a handler of Python's: that runs in the main thread, which may hold the lock of `stop` in the middle of
    `stop.wait`, and does not run at all while that thread sleeps and the system gave the signal to another one. What
    the interpreter writes into a socket by `signal.set_wakeup_fd` comes through in both cases.
    """

    def __init__(self, *numbers: int) -> None:
        self.stop = threading.Event()
        self.has_come = False
        """Whether there was a signal: others may set `stop`, too."""
        self._numbers = bytes(numbers)
        self._hears, self._told = socket.socketpair()
        self._told.setblocking(False)
        threading.Thread(target=self._follow, name="seedance-signals", daemon=True).start()
        signal.set_wakeup_fd(self._told.fileno(), warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, _pass_over)

    def _follow(self) -> None:
        while number := self._hears.recv(1):
            if number in self._numbers:
                self.has_come = True
                self.stop.set()


def _pass_over(number: int, frame: object) -> None:
    """There must be a handler, or the signal ends the process."""
