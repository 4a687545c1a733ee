"""The kernel's half of a live widget with saved fallbacks: the Studio, the grid and Compare.

Out goes what is drawn, in one thread at a time; in come clicks, each with an id of its own, and files that the page
pulls. Beside the widget lies a plain fallback, which is what a saved notebook shows without a kernel. A terminal gets
text, and a console, which has a kernel and no page, is told in text how it goes on.
"""

from __future__ import annotations

import time
from abc import abstractmethod
from collections.abc import Callable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

from IPython.display import display

from ...errors import SeedanceError
from ...jobs.job import Home, Job
from ...languages import spoken
from ...notebook import environment
from ...text.printable import print_visible, visible
from .messages import STATIC, Clicks, clip_piece, free_the_clicks, poster_piece
from .narration import NO_PAGE, Narration
from .redraws import Redraws, in_background
from .saved import Fallbacks

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
REFRESH_S = 0.25
"""At most four redraws a second."""
BEAT_S = 4.0
"""The page takes 15 s of silence for a dead kernel."""

Handler = Callable[[dict[str, Any]], object]

_shown: WeakKeyDictionary[Live, tuple[str, int]] = WeakKeyDictionary()
"""The cell where each was displayed last, and the number of that cell's run."""


class LiveWidget(Protocol):
    """The widget of ipywidgets that is drawn on."""

    comm: Any
    """The line to the page; `None` when the widget was closed."""

    @property
    def model_id(self) -> Any:
        """Its name on the page."""

    def send(self, content: Any, buffers: Any = None) -> None:
        """Send the page a message."""

    def on_msg(self, callback: Any, /) -> None:
        """Hand a callback every message of the page."""


class Live:
    """The base of what is live on a page. Not an `ABC`, whose metaclass does not go together with that of a widget."""

    LATER = ""
    """The file of the code that the page's first view does not need, without its ending; empty for none."""

    _is_open = False

    def __init__(self, session: Home) -> None:
        self._session = session
        self._clicks = Clicks()
        self._fallbacks = Fallbacks(self._bundle)
        self._narration = Narration(self._progress)
        self._redraws = Redraws(self._redraw)

    # --- its subclass ---------------------------------------------------------------------------------------------
    @abstractmethod
    def _widget(self) -> LiveWidget:
        """The widget that is drawn on."""

    @abstractmethod
    def _draw(self, rev: int) -> None:
        """Draw all that the page shows, as number `rev`. Not in the kernel's main thread."""

    @abstractmethod
    def _bundle(self) -> dict[str, str]:
        """All that stays without a kernel: `text/html` and `text/plain`. May raise SeedanceError."""

    @abstractmethod
    def _text(self) -> str:
        """What it is, for where letters are all that a person sees."""

    @abstractmethod
    def _instead(self) -> str:
        """What can be done there instead, as a sentence."""

    @abstractmethod
    def _handlers(self, buffers: Any) -> dict[str, Handler]:
        """Who takes the messages that only this widget knows, by their type; `buffers` came with the message."""

    @abstractmethod
    def _job_of(self, content: dict[str, Any]) -> Job:
        """The job that a message names. Raises JobNotFound for one that it must not name."""

    def _concerns(self, _job: Job) -> bool:
        """Tell whether news of a job may change what is on show."""
        return True

    def _all_ended(self) -> bool:
        """Tell whether no job on show will change by itself."""
        return True

    def _progress(self) -> tuple[float, str]:
        """How far it is, from 0 to 1, and the same in words: a console is told when they change."""
        return 1.0, ""

    def _subject(self) -> str:
        """What it is a view of. Of two views of the same a console is told by the newer one."""
        return str(self._widget().model_id)

    def _refresh_s(self) -> float:
        """The least time between redraws for news, in seconds."""
        return REFRESH_S

    def _is_over(self) -> bool:
        """Tell whether nothing on the page can change by itself, so that it needs no sign of life."""
        return False

    # --- showing --------------------------------------------------------------------------------------------------
    def _open(self) -> None:
        """Take messages and news, once the widget is made."""
        self._is_open = True
        free_the_clicks(self._widget())
        self._widget().on_msg(self._on_message)
        self._session.subscribe(self)

    def _show(self) -> None:
        """Display the widget here, and beside it a plain fallback for when its kernel is gone.

        Where no kernel could tell a page anything it is printed as text, once.
        """
        if not environment.in_kernel():
            print_visible(self._words_here())
            return
        self._take_place()
        widget = {"version_major": 2, "version_minor": 1, "model_id": self._widget().model_id}
        # With an empty HTML: an untrusted page, which draws no widget, would show a text beside the fallback.
        bundle: dict[str, object] = {WIDGET_MIME: widget, "text/html": ""}
        if environment.is_console():
            self._narration.begin(self._subject())
            bundle["text/plain"] = self._words_here()
        display(bundle, raw=True)
        self._fallbacks.show()
        self._redraws.ask()

    def _words_here(self) -> str:
        return visible("\n  ".join([self._text(), NO_PAGE, self._instead()]))

    def _take_place(self) -> None:
        """A cell that is run again makes a new widget, and the page forgets those before: let them rest."""
        here = environment.cell()
        if here is None:
            return
        for other, there in list(_shown.items()):
            if other is not self and there[0] == here[0] and there != here:
                del _shown[other]
                other._rest()
        _shown[self] = here
        if self._is_open:
            self._session.subscribe(self)

    def _rest(self) -> None:
        """Hear no more news, since nobody sees it, for now or for good."""
        self._session.unsubscribe(self)

    def _end(self) -> None:
        """Hear no more news and draw no more."""
        if self._is_open:  # also asked of one that was refused while it was made
            self._is_open = False
            self._redraws.end()
            self._rest()

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job of the session."""
        if not self._concerns(job):
            return
        self._redraws.is_stale = True
        if job.ending:
            self._fallbacks.on_end(self._all_ended())

    def on_tick(self) -> None:
        """Redraw when something changed, and now and then while jobs run, to show that the kernel lives."""
        is_stale, age_s = self._redraws.is_stale, time.monotonic() - self._redraws.drawn_at
        is_wanted = is_stale or self._narration.is_waiting or not self._is_over()
        if is_wanted and age_s >= (self._refresh_s() if is_stale else BEAT_S):
            self._redraws.ask()

    def _redraw(self, rev: int) -> None:
        self._draw(rev)
        self._narration.tell()

    # --- the page's messages --------------------------------------------------------------------------------------
    def _on_message(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Runs in whichever thread the kernel chose, perhaps beside a running cell: takes note and returns."""
        if not self._clicks.is_new(content):
            return
        handlers: dict[str, Handler] = {
            "hello": self._on_hello,
            "clip": lambda c: self._send_file(c, lambda job: clip_piece(job, c)),
            "poster": lambda c: self._send_file(c, poster_piece),
            "later": lambda _: in_background(self._send_later),
            **self._handlers(buffers),
        }
        handler = handlers.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _on_hello(self, content: dict[str, Any]) -> None:
        before = spoken.language()
        spoken.hear(content.get("language"))
        if spoken.language() != before:
            self._fallbacks.expire()
        self._narration.hear_page()
        self._redraws.ask()

    def _send_later(self) -> None:
        """Answer with the code that the page's first view did not need."""
        if self.LATER:
            self._widget().send({"type": "later"}, [(STATIC / f"{self.LATER}.js").read_bytes()])

    def _send_file(self, content: dict[str, Any], read: Callable[[Job], tuple[dict[str, Any], list[bytes]]]) -> None:
        """Answer with bytes of a job, off this thread, or say why there are none."""

        def send() -> None:
            try:
                job = self._job_of(content)
                answer, buffers = read(job)
                answer |= {"job_id": job.id}
            except SeedanceError as error:
                request: dict[str, Any] = {name: content.get(name) for name in ("type", "job_id", "offset")}
                answer, buffers = request | {"problem": error.what}, []
            self._widget().send(answer, buffers)

        in_background(send)
