"""The base of the grid and Compare: one model with one trait, `view`, of several jobs and their clips."""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Iterable
from typing import Any

import anywidget
import traitlets

from ...errors import JobNotFound
from ...jobs.job import Home, Job
from .live import Live, LiveWidget
from .messages import STATIC, free_the_clicks
from .speaking import Speaking, first_words, speak

FALLBACK_S = 10.0
"""Between redraws of the fallback while jobs run: with its pictures it is large."""
CELLS_PER_S = 500
"""Jobs that are drawn in a second at most: a large grid is redrawn more rarely."""

PARTS = ("card", "clips", "grid")
"""Of a catalogue, that its page shows."""


class ClipsWidget(Live, Speaking, anywidget.AnyWidget):
    """A widget of several jobs and their clips. A subclass says what it shows: `_view`, `_bundle` and its jobs."""

    # As text: of a path anywidget keeps every instance for ever, closed or not, to tell it when the file changes.
    _esm = (STATIC / "views.js").read_text("utf-8") + "\n"
    _css = (STATIC / "views.css").read_text("utf-8") + "\n"

    view: Any = traitlets.Dict().tag(sync=True)
    """All that the page shows, replaced at once; written by the kernel only."""

    def __init__(self, session: Home) -> None:
        Live.__init__(self, session)
        anywidget.AnyWidget.__init__(self, view=self._view(0), **first_words(*PARTS))
        self._redraws.drawn_at = time.monotonic()
        self._open()

    @abstractmethod
    def _jobs(self) -> Iterable[Job]:
        """The jobs that are on show."""

    @abstractmethod
    def _view(self, rev: int) -> Any:
        """All that the page shows, as plain data."""

    def _ipython_display_(self) -> None:
        self._show()

    def close(self) -> None:
        """Take the widget away from every page, and stop telling it news. Jobs go on."""
        self._end()
        super().close()

    def _widget(self) -> LiveWidget:
        return self

    def _all_ended(self) -> bool:
        return all(job.ending for job in self._jobs())

    def _refresh_s(self) -> float:
        return max(super()._refresh_s(), float(self.view.get("jobs", 0)) / CELLS_PER_S)

    def _is_over(self) -> bool:
        return bool(self.view.get("final"))

    def _draw(self, rev: int) -> None:
        speak(self, *PARTS)
        self.view = self._view(rev)
        free_the_clicks(self)
        if self.view["final"] or time.monotonic() - self._fallbacks.drawn_at > FALLBACK_S:
            self._fallbacks.draw()

    def _job_of(self, content: dict[str, Any]) -> Job:
        job = next((job for job in self._jobs() if job.id == content.get("job_id")), None)
        if job is None:
            raise JobNotFound("There is no such job here.")
        return job
