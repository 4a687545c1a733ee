"""What a page asks for in the order in which it asked: of a star given and taken back, the last word counts."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable

from .redraws import in_background


class InOrder:
    """Work that is done off the thread that takes messages, one after the other."""

    def __init__(self) -> None:
        self._work: deque[Callable[[], object]] = deque()
        self._gate = threading.Lock()

    def add(self, work: Callable[[], object]) -> None:
        """Do something after all that was added before. Returns at once."""
        self._work.append(work)
        in_background(self._next)

    def _next(self) -> None:
        with self._gate:
            self._work.popleft()()
