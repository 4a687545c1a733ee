"""The live card: one anywidget model a job on screen. Out goes `view`, in come clicks; nothing else.

`view` has one writer, the worker's thread. Handlers of clicks may run in a subshell's thread while a cell runs, where
nothing they print or raise is seen: they only post to the worker and say on the card what went wrong.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any

from ...errors import SeedanceError
from ...jobs.job import Job
from ...languages import spoken
from ...notebook import environment
from ...threads.interrupts import Answer
from ..shared.messages import Clicks, clip_piece, free_the_clicks
from ..shared.narration import SILENT_S
from ..shared.redraws import in_background
from ..shared.speaking import speak
from .first import can_draw_first, open_model
from .output import CardOutput, is_sent
from .presence import Presence
from .saved import plain_text
from .view import WAITS, CardView, card_view

if TYPE_CHECKING:
    from .model import CardWidget

NO_WIDGETS_S = 6.0
"""A page that has not shown the card by then has no widgets: the plain fallback is all that a person sees there."""

REUSED = "Reused: this cell has sent the same request before; again=True sends it once more"


class Card:
    """One job on screen: its widget, the outputs it is displayed in, and what the page asked for."""

    def __init__(self, job: Job, *, in_layout: bool = False) -> None:
        self._in_layout = in_layout
        self.job = job
        self.dirty = False
        self.finished = False
        """Whether its job has ended, and its outputs were updated: whether that has arrived is another matter."""
        self.presence = Presence()
        self.sent_at = 0.0
        self._told_last = ""
        self._first_at: float | None = None
        self._rev = 0
        self._outputs: list[CardOutput] = []
        self._is_captured = False
        self._in_console = False
        self._clicks = Clicks()
        self._cancel_note: str | None = WAITS
        self._cancel_problem: str | None = None
        self._loading = threading.RLock()
        self._loaded: CardWidget | None = None
        self._first_view = self._view()
        self._comm: Any = None
        if not in_layout and can_draw_first():
            self._comm = open_model(self._first_view, spoken.words_for("card"))
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

    @property
    def widget(self) -> CardWidget:
        """The widget."""
        return self._widget

    @property
    def is_closed(self) -> bool:
        """Whether its widget is closed: by a person, or by marimo, which closes what a cell made when it runs again."""
        comm = self._widget.comm
        return comm is None or getattr(comm, "_closed", False)

    def display(self) -> None:
        """Show the card in the current cell, with a text and a plain fallback for pages without widgets."""
        self._is_captured = self._is_captured or environment.is_captured()
        self._in_console = environment.is_console()
        output = CardOutput(self.job)
        output.show(self._model_id, in_console=self._in_console)
        self._outputs.append(output)  # only now: an update that comes before its output is lost

    def send(self, now: float) -> None:
        """Bring the page up to date. Called in the worker's thread only."""
        self.dirty = False
        self.sent_at = now
        if self.finished and not self.job.ending:  # adopted, or downloaded anew
            self.finished = False
            for output in self._outputs:
                output.is_replaced = False
        self._rev += 1
        speak(self._widget, "card")
        self._widget.view = self._view()
        free_the_clicks(self._widget)
        self._first_at = now if self._first_at is None else self._first_at
        if self._in_console and self.is_unanswered(now):
            self._narrate()
        has_no_widgets = self.is_unanswered(now, NO_WIDGETS_S)
        if not self.finished and (self.presence.can_hide_fallback or has_no_widgets):
            for output in self._outputs:
                output.keep()

    def is_unanswered(self, now: float, after_s: float = SILENT_S) -> bool:
        """Tell whether nobody has shown the card for so long that nobody will."""
        return not self.presence.was_shown and self._first_at is not None and now - self._first_at > after_s

    @property
    def must_speak(self) -> bool:
        """Whether a person at a terminal has not been told yet what is so."""
        return self._in_console and self._told_last != self._words()

    def _words(self) -> str:
        return plain_text(self.job) if self.finished else self.job.status_text

    def _narrate(self) -> None:
        """Tell a terminal what is new, under the output's own display id: a page that comes later takes it away."""
        words = self._words()
        if words != self._told_last and self._outputs:
            self._told_last = words
            self._outputs[-1].narrate(words)

    def finish(self, now: float) -> None:
        """Replace the card by its durable output, and let the card itself show the end.

        Only some pages take the update of an output: `is_replaced` tells whether one has.
        """
        self.finished = True
        waiting = [output for output in self._outputs if not output.is_replaced]
        for output in waiting:
            output.replace(in_console=self._in_console)
        if waiting:
            self.presence.end()
        self.send(now)

    def look(self) -> None:
        """Ask the pages whether the durable output is there."""
        self._widget.send(self.presence.question([output.mark for output in self._outputs]))
        free_the_clicks(self._widget)

    @property
    def is_replaced(self) -> bool:
        """Tell whether nobody needs the card any more. What a cell has captured may be shown once more at any time."""
        return self.finished and not self._is_captured and self.presence.is_replaced

    def close(self) -> None:
        """Take the widget away from every page."""
        self._widget.close()

    def _view(self) -> CardView:
        view = card_view(self.job, self._rev, cancel_note=self._cancel_note, cancel_problem=self._cancel_problem)
        if self.finished and environment.in_kernel() and not environment.in_voila():
            prefix = f"{view['notice']} · " if view["notice"] else ""
            does = "shows it again" if is_sent(self.job) else "keeps it in the notebook"
            view["notice"] = f"{prefix}%seedance_show {self.job.id} {does}"
        if self.job.reused:
            view["notice"] = " · ".join(filter(None, (REUSED, view["notice"])))
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
            "shown": self._on_shown,
            "gone": self.presence.gone,
            "looked": self.presence.looked,
        }.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _on_hello(self, content: dict[str, Any]) -> None:
        spoken.hear(content.get("language"))
        self._cancel_note = None if environment.clicks_interrupt(str(content.get("page", ""))) else WAITS
        self.dirty = True

    def _on_shown(self, content: dict[str, Any]) -> None:
        if self._in_console or self._in_layout:  # of a page that tells the ids of cells it is known
            environment.hear_page()
        self.presence.shown(content)
        self._in_console = False
        if self._told_last:
            self._told_last = ""
            for output in self._outputs:
                output.be_silent()
        self.dirty = True

    def _on_cancel(self, _content: dict[str, Any]) -> None:
        self._cancel_problem = None
        self._after(self.job.engine.cancel(self.job.id))

    def _on_download(self, _content: dict[str, Any]) -> None:
        self._after(self.job.engine.save_again(self.job.id))

    def _after(self, answer: Answer[Any]) -> None:
        def say(done: Future[Any]) -> None:
            error = done.exception()
            self._cancel_problem = error.what if isinstance(error, SeedanceError) else None
            self.dirty = True

        self.dirty = True
        answer.add_done_callback(say)

    def _on_clip(self, content: dict[str, Any]) -> None:
        """A piece of the clip, for a card that outlived its output; off this thread where it is fetched first."""

        def send() -> None:
            self._widget.send(*clip_piece(self.job, content))

        clip = self.job.saved_clip
        if clip is None or clip.is_here:
            send()
        else:
            in_background(send)
