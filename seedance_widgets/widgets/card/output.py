"""One display of a card: the output that holds its widget, and beside it a plain fallback for when the kernel is gone.

At the end the widget's output becomes the durable one and the fallback becomes empty, where updates of outputs arrive.
"""

from __future__ import annotations

from uuid import uuid4

from IPython.display import DisplayHandle, display

from ...clips import embedding
from ...jobs.job import Job
from ...text.printable import visible
from ..shared.saved import NOTHING, NOTHING_IN_CONSOLE
from ..shared.saved_style import hiding
from .saved import durable_bundle, plain_text, state_html

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
FALLBACK = "sdw-card-fallback"


class CardOutput:
    """A card's place in a cell, an `Output` widget or what a cell captured."""

    def __init__(self, job: Job) -> None:
        name = uuid4().hex[:8]
        self.mark = f"sdw-at-{name}"
        """A class that only the replacement has: the page looks for it to say whether it is there."""
        self._job = job
        self._card = DisplayHandle(f"seedance-{job.id}-{name}")
        self._fallback = DisplayHandle(f"seedance-{job.id}-{name}-fallback")
        self._kept = NOTHING
        self._widget: dict[str, object] = {}
        self.is_replaced = False
        """Whether the update that ends it was sent."""

    def show(self, model_id: str, *, in_console: bool) -> None:
        """Display the widget, and an empty fallback: filled before the page can hide it, it would flash."""
        self._widget = {WIDGET_MIME: {"version_major": 2, "version_minor": 1, "model_id": model_id}}
        # With an empty HTML: an untrusted page, which draws no widget, would show the text beside the fallback.
        bundle = {**self._widget, "text/html": "", "text/plain": plain_text(self._job)}
        display(bundle, raw=True, display_id=self._card.display_id)
        display(NOTHING_IN_CONSOLE if in_console else NOTHING, raw=True, display_id=self._fallback.display_id)

    def keep(self) -> None:
        """Bring the fallback up to date; what has not changed is not sent again."""
        kept = {"text/html": fallback_html(self._job), "text/plain": ""}
        if kept != self._kept and not self.is_replaced:
            self._kept = kept
            self._fallback.update(kept, raw=True)

    def narrate(self, words: str) -> None:
        """Say something new in a terminal: it shows no update of what it has printed, so this is one more output."""
        display({"text/plain": visible(words)}, raw=True, display_id=self._fallback.display_id)

    def be_silent(self) -> None:
        """Take what was said away, since a page shows the card."""
        self._kept = NOTHING
        self._fallback.update(NOTHING, raw=True)

    def replace(self, *, in_console: bool) -> None:
        """Put the durable output in the place of both. Whether that arrives is not known here.

        Where only the kernel can give the page its clip the card stays, and the rest is for when the kernel is gone.
        """
        self.is_replaced = True
        if self._kept != NOTHING:  # before the card goes, or both would be seen for a moment
            self._kept = NOTHING
            self._fallback.update(NOTHING, raw=True)
        durable: dict[str, object] = {**durable_bundle(self._job, self.mark, in_console=in_console)}
        if is_sent(self._job):
            durable = {**self._widget, **{kind: durable[kind] for kind in NOTHING}}
        self._card.update(durable, raw=True)


def is_sent(job: Job) -> bool:
    """Whether a page gets the clip only from the kernel, by its card: in Colab and Voila, and without a copy here."""
    clip = job.saved_clip
    return clip is not None and (not clip.is_here or embedding.must_be_sent(clip.size_bytes))


def fallback_html(job: Job) -> str:
    """The saved card without its kernel: the prompt, the names, and how to get the job."""
    return f'<div class="{FALLBACK}">{hiding("sdw-card-root", FALLBACK)}{state_html(job, "sdw-saved-card")}</div>'
