"""The live card: one anywidget model a job on screen. Out goes `view`, in come clicks; nothing else.

`view` has one writer, the worker's thread. Handlers of clicks may run in a subshell's thread while a cell runs, where
nothing they print or raise is seen: they only post to the worker and say on the card what went wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from IPython.display import DisplayHandle, display

from .. import notebook
from ..errors import SeedanceError
from ..job import Job
from ..shelter import Answer
from .durable import durable_bundle
from .first import can_draw_first, open_model
from .messages import Clicks, clip_piece, free_the_clicks
from .view import CardView, card_view

if TYPE_CHECKING:
    from .model import CardWidget

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"


class Card:
    """One job on screen: its widget, the outputs it is displayed in, and what the page asked for."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.dirty = False
        self.finished = False
        """Whether its outputs were replaced; a card that goes on after that is on a page that was reloaded."""
        self.sent_at = 0.0
        self._rev = 0
        self._hellos = 0
        self._handles: list[DisplayHandle] = []
        self._clicks = Clicks()
        self._cancel_note = _cancel_note()
        self._cancel_problem: str | None = None
        self._loading = threading.RLock()
        self._loaded: CardWidget | None = None
        self._first_view = self._view()
        self._comm: Any = None
        if can_draw_first():
            self._comm = open_model(self._first_view)
            self._comm.on_msg(lambda message: self._widget._handle_msg(message))
        self._model_id: str = self._comm.comm_id if self._comm else self._widget.model_id

    @property
    def _widget(self) -> CardWidget:
        """The widget, loaded on first use: by the worker's first redraw, or by what the page says before."""
        with self._loading:
            if self._loaded is None:
                from .model import CardWidget

                self._loaded = CardWidget(self._first_view, self._on_message, self._comm)
                free_the_clicks(self._loaded)
            return self._loaded

    def display(self) -> None:
        """Show the card in the current cell, with a text and an HTML twin for pages without widgets."""
        handle = DisplayHandle(f"seedance-{self.job.id}-{uuid4().hex[:8]}")
        model = {"version_major": 2, "version_minor": 1, "model_id": self._model_id}
        self._handles.append(handle)
        display({WIDGET_MIME: model, **durable_bundle(self.job)}, raw=True, display_id=handle.display_id)

    def send(self, now: float) -> None:
        """Bring the page up to date. Called in the worker's thread only."""
        self.dirty = False
        self.sent_at = now
        self._rev += 1
        self._widget.view = self._view()
        free_the_clicks(self._widget)

    def finish(self, now: float) -> bool:
        """Replace the card by its durable output. Returns whether the card can be forgotten.

        After a reload of the page an update of an output is lost, and only the widget still reaches it: it stays,
        shows the end, and says that `%seedance_show` makes the plain output again.
        """
        if not self.finished:
            bundle = durable_bundle(self.job)
            for handle in self._handles:
                handle.update(bundle, raw=True)
        self.finished = True
        self.send(now)
        if self._hellos > 1:
            return False
        self._widget.close()
        return True

    def _view(self) -> CardView:
        view = card_view(self.job, self._rev, cancel_note=self._cancel_note, cancel_problem=self._cancel_problem)
        if self.finished:
            said = f"{view['notice']} · " if view["notice"] else ""
            view["notice"] = f"{said}%seedance_show {self.job.id} keeps it in the notebook"
        return view

    # --- the page's messages --------------------------------------------------------------------------------------
    def _on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        if not self._clicks.is_new(content):
            return
        handler: Callable[[dict[str, Any]], None] | None = {
            "hello": self._on_hello,
            "cancel": self._on_cancel,
            "download": self._on_download,
            "clip": self._on_clip,
        }.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _on_hello(self, content: dict[str, Any]) -> None:
        self._hellos += 1
        self._cancel_note = _cancel_note(str(content.get("page", "")))
        self.dirty = True

    def _on_cancel(self, _content: dict[str, Any]) -> None:
        self._cancel_problem = None
        self._after(self.job.session.cancel_soon(self.job.id))

    def _on_download(self, _content: dict[str, Any]) -> None:
        self._after(self.job.session.save_soon(self.job.id))

    def _after(self, asked: Answer[Any]) -> None:
        def say(done: Future[Any]) -> None:
            error = done.exception()
            self._cancel_problem = error.what if isinstance(error, SeedanceError) else None
            self.dirty = True

        self.dirty = True
        asked.add_done_callback(say)

    def _on_clip(self, content: dict[str, Any]) -> None:
        """A piece of the clip, for a card that outlived its output."""
        self._widget.send(*clip_piece(self.job, content))


def _cancel_note(page: str = "") -> str | None:
    return None if notebook.clicks_interrupt(page) else "Takes effect when the running cell ends"
