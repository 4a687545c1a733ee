"""The language of a widget: a trait of its own, so that also a page that is loaded anew while a cell runs has it."""

from __future__ import annotations

from typing import Any

import traitlets

from ...languages import spoken


class Speaking(traitlets.HasTraits):
    """The part of a widget that speaks other languages than English."""

    words: Any = traitlets.Dict().tag(sync=True)
    """Parts of a catalogue, see `languages.catalogue.Words`; empty for English. Written by the kernel only."""


def speak(widget: Speaking, *parts: str) -> None:
    """Let a widget show what comes next in the language of the page; nothing is sent for the one that is spoken."""
    words = spoken.words_for(*parts)
    if words != widget.words:
        widget.words = words


def first_words(*parts: str) -> dict[str, Any]:
    """What such a widget is made with: its traits as soon as a page of the kernel has told its language."""
    words = spoken.words_for(*parts)
    return {"words": words} if words else {}
