"""The plain fallback beside a widget: what a saved notebook shows without a kernel."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import uuid4

from IPython.display import DisplayHandle, display

from ...errors import SeedanceError
from ...notebook import environment
from .saved_style import hiding

FALLBACK_STYLE = hiding("sdw-views-root", "sdw-views-fallback")
"""The fallback hides while the widget before it is alive, and hides the widget's "model not found" when it is not."""


NOTHING = {"text/html": "", "text/plain": ""}
NOTHING_IN_CONSOLE = {"text/html": ""}
"""A console prints an empty text as an empty line."""


class Fallbacks:
    """The fallbacks of a widget, one for each time that it was displayed.

    Args:
        make: What they show, by MIME type. May raise SeedanceError: they stay as they are then.
    """

    def __init__(self, make: Callable[[], dict[str, str]]) -> None:
        self._make = make
        self._shown: dict[DisplayHandle, dict[str, str]] = {}
        self._dirty = False
        self._in_batch = False
        self.drawn_at = 0.0
        """When they were brought up to date, on the monotonic clock."""

    def show(self) -> None:
        """Display one more. It is empty until the next `draw`, which is not in the way of the cell."""
        fallback = DisplayHandle(f"seedance-fallback-{uuid4().hex[:8]}")
        bundle = dict(NOTHING_IN_CONSOLE if environment.is_console() else NOTHING)
        self._in_batch = not environment.is_watched()  # a batch run may end with this cell
        if self._in_batch:
            bundle = self._make()
        display(bundle, raw=True, display_id=fallback.display_id)
        self._shown[fallback] = bundle
        self._dirty = True

    def on_end(self, is_last: bool = True) -> None:
        """A job has ended: only then there is something new to keep. In a batch run the last one is kept at once."""
        self._dirty = True
        if self._in_batch and is_last:
            self.draw()  # before those who wait go on: the run may end with them

    def expire(self) -> None:
        """Take note that they are out of date: they are drawn with the widget's next redraw."""
        self._dirty, self.drawn_at = True, 0.0

    def draw(self) -> None:
        """Bring them up to date. What has not changed is not sent again: with its posters it may be 100 kB."""
        self.drawn_at = time.monotonic()
        if not self._shown or not self._dirty:
            return
        self._dirty = False
        try:
            bundle = self._make()
        except SeedanceError:
            self._dirty = True
            return
        for fallback, before in list(self._shown.items()):
            if bundle != before:
                self._shown[fallback] = bundle
                fallback.update(bundle, raw=True)
