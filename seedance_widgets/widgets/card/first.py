"""Draw first: a card's model is put on the page by the widget protocol alone, before ipywidgets is loaded.

Loading ipywidgets and anywidget takes a kernel ten times longer than all that a first card needs. The worker loads
them while the person reads, and `model.CardWidget` takes the open line over: to the page it is one model throughout.
"""

from __future__ import annotations

import sys
from functools import cache
from typing import TYPE_CHECKING, Any

from ..shared.messages import STATIC

if TYPE_CHECKING:
    from pathlib import Path

ESM = STATIC / "card.js"
CSS = STATIC / "card.css"

_PROTOCOL = "2.1.0"
_ANY_VERSION = "*"  # of the page's anywidget: the installed one's number would cost as much as the card


def can_draw_first() -> bool:
    """Not in Colab, where a widget of anywidget must prepare the page first."""
    return "google.colab" not in sys.modules


def open_model(view: Any, words: Any) -> Any:
    """Open a card's model on the page; returns its comm."""
    from comm import create_comm

    state = {
        "_model_module": "anywidget",
        "_model_module_version": _ANY_VERSION,
        "_model_name": "AnyModel",
        "_view_module": "anywidget",
        "_view_module_version": _ANY_VERSION,
        "_view_name": "AnyView",
        "_view_count": None,
        "_anywidget_id": "seedance_widgets.widgets.card.model.CardWidget",
        "_dom_classes": [],
        "_esm": text_of(ESM),
        "_css": text_of(CSS),
        "view": view,
        "words": words,
    }
    data = {"state": state, "buffer_paths": []}
    return create_comm(target_name="jupyter.widget", data=data, metadata={"version": _PROTOCOL})


@cache
def text_of(path: Path) -> str:
    """A file of the page's code, read once."""
    return path.read_text("utf-8")
