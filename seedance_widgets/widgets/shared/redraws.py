"""Redraws of a live widget: in a thread of their own, never two at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

SPACING_S = 0.05
"""From the end of a redraw to the begin of the next: what many clicks ask for is one redraw."""


def in_background(work: Callable[[], object]) -> None:
    """Do something that takes its time in a thread of its own; where messages are handled it would hold up all."""
    threading.Thread(target=work, name="seedance-live", daemon=True).start()


class Redraws:
    """The redraws of one widget.

    Args:
        draw: Draws it, with the number of the redraw. What it raises ends that redraw only.
    """

    def __init__(self, draw: Callable[[int], None]) -> None:
        self._draw = draw
        self._gate = threading.Lock()
        self._is_asked_again = self._is_drawing = self._has_ended = False
        self._number = 0
        self.is_stale = False
        """Something has changed since the last redraw began."""
        self.drawn_at = 0.0
        """The end of the last redraw, on the monotonic clock."""

    def ask(self) -> None:
        """Ask for a redraw off this thread; one that is under way is followed by another."""
        with self._gate:
            self._is_asked_again = self._is_drawing
            if self._is_drawing or self._has_ended:
                return
            self._is_drawing = True
        in_background(self._run)

    def end(self) -> None:
        """Begin no more of them."""
        self._has_ended = True

    def _run(self) -> None:
        time.sleep(max(0.0, self.drawn_at + SPACING_S - time.monotonic()))
        with self._gate:
            self._is_asked_again = self.is_stale = False
        self._number += 1
        try:
            if not self._has_ended:
                self._draw(self._number)
        finally:
            self.drawn_at = time.monotonic()
            with self._gate:
                self._is_drawing, again = False, self._is_asked_again
            if again:
                self.ask()
