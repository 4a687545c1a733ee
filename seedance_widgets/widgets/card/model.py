"""The model of a card as anywidget knows it. Importing this loads ipywidgets, which takes longer than drawing a card:
`first.open_model` draws, and this takes the drawn model over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import anywidget
import traitlets

from ...notebook import environment
from ..shared.speaking import Speaking, first_words
from .first import CSS, ESM, text_of


class CardWidget(Speaking, anywidget.AnyWidget):
    """The model behind the card's page half.

    Args:
        view: What the card shows.
        on_message: Is told what the page says; set before the first message can come.
        comm: The line to a model that is on the page already; by default a new one.
    """

    _esm = text_of(ESM)  # as text: anywidget keeps every widget for ever whose code is a path
    _css = text_of(CSS)

    view: Any = traitlets.Dict().tag(sync=True)
    """The whole card, see `view.CardView`; replaced at once, never changed in place."""

    shows_instead: Callable[[], None] | None = None
    """Displays what a page needs no kernel for, in a batch run."""

    def __init__(self, view: Any, on_message: Callable[[Any, Any, Any], None], comm: Any = None) -> None:
        self.on_msg(on_message)
        super().__init__(view=view, **first_words("card"), **({} if comm is None else {"comm": comm}))
        self.get_state()  # makes the layout, which a page that is reloaded asks for

    @property
    def _ipython_display_(self) -> Callable[[], None] | None:
        """How it is displayed in a batch run; `None` elsewhere: as any widget."""
        return self.shows_instead if environment.is_batch() else None
