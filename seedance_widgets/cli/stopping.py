"""Being stopped by a signal, at whatever instant it comes."""

from __future__ import annotations

import queue
import signal
import threading


class Stopping:
    """Sets `stop` when one of the signals comes. Made in the main thread.

    Not in the handler: that runs in the main thread, also in the middle of `stop.wait`, which holds the event's lock
    for a moment, and `stop.set` would wait for that lock for ever.
    """

    def __init__(self, *numbers: int) -> None:
        self.stop = threading.Event()
        self.has_come = False
        """Whether there was a signal: others may set `stop`, too."""
        self._came: queue.SimpleQueue[int] = queue.SimpleQueue()  # a handler may put into it, whatever it interrupts
        threading.Thread(target=self._follow, name="seedance-signals", daemon=True).start()
        for number in numbers:
            signal.signal(number, self._on_signal)

    def _on_signal(self, number: int, _: object) -> None:
        self.has_come = True
        self._came.put(number)

    def _follow(self) -> None:
        self._came.get()
        self.stop.set()
