"""What the grid and Compare share: one model, one trait, and files that the page pulls.

Out goes `view`, written by one thread at a time; in come clicks, each with an id of its own. Beside the widget lies a
plain twin, which is what a saved notebook shows without a kernel.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakValueDictionary

import anywidget
import traitlets
from IPython.display import display

from ...jobs.job import Home, Job
from ...notebook import environment
from .messages import STATIC, Clicks, clip_piece, free_the_clicks, poster_piece
from .saved import Twins

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
REFRESH_S = 0.25
"""At most four redraws a second, fewer of a large grid."""
BEAT_S = 4.0
"""The page takes 15 s of silence for a dead kernel."""
TWIN_S = 10.0
"""Between redraws of the twin while jobs run: with its pictures it is large."""

Handler = Callable[[dict[str, Any]], None]

_in_cell: WeakValueDictionary[str, ClipsWidget] = WeakValueDictionary()
"""The widget that each cell displayed last."""


class ClipsWidget(anywidget.AnyWidget):
    """A widget of several jobs and their clips. A subclass says what it shows: `_view`, `_bundle` and its jobs."""

    # As text: of a path anywidget keeps every instance for ever, closed or not, to tell it when the file changes.
    _esm = (STATIC / "views.js").read_text("utf-8") + "\n"
    _css = (STATIC / "views.css").read_text("utf-8") + "\n"

    view: Any = traitlets.Dict().tag(sync=True)
    """All that the page shows, replaced at once; written by the kernel only."""

    _is_open = False
    _shown_at: tuple[str, int] | None = None

    def __init__(self, session: Home) -> None:
        self._session = session
        self._clicks = Clicks()
        self._gate = threading.Lock()
        self._is_drawing = self._draw_again = self._has_news = False
        self._drawn_at = time.monotonic()
        self._rev = 0
        self._twins = Twins(self._bundle)
        super().__init__(view=self._view(0))
        self._is_open = True
        free_the_clicks(self)
        self.on_msg(self._on_message)
        session.subscribe(self)

    # --- what a subclass says -------------------------------------------------------------------------------------
    def _jobs(self) -> Iterable[Job]:
        """The jobs that are on show."""
        raise NotImplementedError

    def _concerns(self, job: Job) -> bool:
        """Whether news of a job may change what is on show."""
        raise NotImplementedError

    def _view(self, rev: int) -> Any:
        """What the page shows, as plain data."""
        raise NotImplementedError

    def _bundle(self) -> dict[str, str]:
        """What stays without a kernel: `text/html` and `text/plain`."""
        raise NotImplementedError

    def _handlers(self) -> dict[str, Handler]:
        """Who takes the messages that only this widget knows, by their type."""
        raise NotImplementedError

    # --- showing --------------------------------------------------------------------------------------------------
    def _ipython_display_(self) -> None:
        if not environment.in_kernel():
            print(self._bundle()["text/plain"])
            return
        self._take_place()
        widget = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        # Without any text: an untrusted page, which draws no widget, would show it beside the twin.
        display({WIDGET_MIME: widget, "text/html": ""}, raw=True)
        self._twins.show()
        self._redraw()

    def _take_place(self) -> None:
        """A cell that is run again makes a new widget, and the page forgets the one before: let that one rest."""
        here = environment.cell()
        if here is None:
            return
        before = _in_cell.get(here[0])
        if before is not None and before is not self and before._shown_at != here:
            before._session.unsubscribe(before)
        _in_cell[here[0]] = self
        self._shown_at = here
        self._session.subscribe(self)

    def close(self) -> None:
        """Take the widget away from every page, and stop telling it news. Jobs go on."""
        if self._is_open:
            self._is_open = False
            self._session.unsubscribe(self)
        super().close()

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job of the session."""
        if not self._concerns(job):
            return
        self._has_news = True
        if job.ending:
            self._twins.on_end(all(each.ending for each in self._jobs()))

    def on_tick(self) -> None:
        """Redraw when something changed, and now and then while jobs run, to show that the kernel lives."""
        jobs = self.view.get("jobs", 0)
        age_s = time.monotonic() - self._drawn_at
        if age_s >= (max(REFRESH_S, jobs / 500) if self._has_news else BEAT_S) and not self._is_over():
            self._redraw()

    def _is_over(self) -> bool:
        """Whether nothing on the page can change by itself."""
        return bool(self.view.get("final")) and not self._has_news

    def _redraw(self) -> None:
        """Ask for a redraw off this thread; one that is under way is followed by another."""
        with self._gate:
            self._draw_again = True
            if self._is_drawing:
                return
            self._is_drawing = True
        threading.Thread(target=self._draw, name="seedance-views", daemon=True).start()

    def _draw(self) -> None:
        try:
            while self._draw_again and self._is_open:
                self._draw_again = self._has_news = False
                self._rev += 1
                self.view = self._view(self._rev)
                free_the_clicks(self)
                self._drawn_at = time.monotonic()
                if self.view["final"] or self._drawn_at - self._twins.drawn_at > TWIN_S:
                    self._twins.draw()
        finally:
            with self._gate:
                self._is_drawing = False

    # --- the page's messages --------------------------------------------------------------------------------------
    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Runs in whichever thread the kernel chose, perhaps beside a running cell: takes note and returns."""
        if not self._clicks.is_new(content):
            return
        handlers: dict[str, Handler] = {
            "hello": lambda _: self._redraw(),
            "clip": lambda c: self._send_file(c, lambda job: clip_piece(job, c)),
            "poster": lambda c: self._send_file(c, poster_piece),
            **self._handlers(),
        }
        handler = handlers.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _send_file(self, content: dict[str, Any], read: Callable[[Job], tuple[dict[str, Any], list[bytes]]]) -> None:
        """Answer with bytes of a job on show, or say why there are none."""
        job = self._job_of(content)
        if job is None:
            asked = {name: content.get(name) for name in ("type", "job_id", "offset")}
            self.send(asked | {"problem": "There is no such job here."}, [])
            return
        answer, buffers = read(job)
        self.send(answer | {"job_id": job.id}, buffers)

    def _job_of(self, content: dict[str, Any]) -> Job | None:
        return next((job for job in self._jobs() if job.id == content.get("job_id")), None)
