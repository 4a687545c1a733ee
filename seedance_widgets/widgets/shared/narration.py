"""What a console is told of a widget: it has a kernel, and no page that would show how things go on."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from uuid import uuid4
from weakref import WeakValueDictionary

from IPython.display import DisplayHandle, display

from ...notebook import environment
from ...text.printable import visible

NO_PAGE = "It is live on a page, such as JupyterLab's; here it is text."
SILENT_S = 3.0
"""Who has not shown a widget by then is no page. Pages may have longer: Voila draws only when all cells have run."""
PARTS = 10
"""Pieces of news of one thing, at most: of five hundred jobs a line each would be a flood."""

_telling: WeakValueDictionary[str, Narration] = WeakValueDictionary()


class Narration:
    """How a widget's jobs go on, in an output of its own for each piece of news.

    A console shows no update of what it has printed. All have one display id, so that a page that comes later can take
    them away.

    Args:
        progress: How far it is, from 0 to 1, and the same in words.
        now: A clock, in seconds.
    """

    def __init__(self, progress: Callable[[], tuple[float, str]], now: Callable[[], float] = time.monotonic) -> None:
        self._progress = progress
        self._now = now
        self._gate = threading.Lock()
        self._output = DisplayHandle(f"seedance-told-{uuid4().hex[:8]}")
        self._is_on = self._has_told = False
        self._since: float | None = None
        self._part, self._words = 0, ""
        self.is_waiting = False
        """Whether it was too early to tell what is new: it is to be asked again."""

    def begin(self, subject: str) -> None:
        """Tell what is new from now on, in the place of an earlier view of the same subject."""
        if (before := _telling.get(subject)) is not None:
            before.stop()
        _telling[subject] = self
        with self._gate:
            self._is_on, self._since = True, self._now()
            self._part, self._words = self._read()

    def tell(self) -> None:
        """Say how far it is, where that is a good part further than before."""
        with self._gate:
            if self._since is None or not self._is_on:
                return
            self.is_waiting = self._now() - self._since <= SILENT_S
            if self.is_waiting:
                return
            part, words = self._read()
            if part == self._part or words == self._words:
                return
            self._part, self._words, self._has_told = part, words, True
            display({"text/plain": visible(words)}, raw=True, display_id=self._output.display_id)

    def stop(self) -> None:
        """Tell nothing more."""
        with self._gate:
            self._is_on = self.is_waiting = False

    def hear_page(self) -> None:
        """A page shows the widget. Where that might have been a console it was none, for all that was told there."""
        if self._since is not None:
            environment.hear_page()
            for each in [self, *(told() for told in _telling.valuerefs())]:
                if each is not None:
                    each.take_back()

    def take_back(self) -> None:
        """Tell nothing more, and take away what was told."""
        self.stop()
        with self._gate:
            if self._has_told:
                self._has_told = False
                self._output.update({"text/html": "", "text/plain": ""}, raw=True)

    def _read(self) -> tuple[int, str]:
        share, words = self._progress()
        return int(share * PARTS), words
