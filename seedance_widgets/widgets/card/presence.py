"""Where a card is on pages, and whether its replacement has arrived: told by the pages themselves, never assumed.

An update of an output reaches a normal cell of JupyterLab. It never reaches an `Output` widget, a cell of Voila, or a
page that was reloaded, and nobody says so. A page tells of each view when it comes (`shown`) and when it goes (`gone`).
After the update it is asked to look (`look`), and answers whether what replaces the card is there (`looked`).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any


class Presence:
    """The answers of the pages about one card. Heard in any thread, asked in the worker's."""

    def __init__(self) -> None:
        self.can_hide_fallback = False
        """Whether a page shows the card in an output beside which a fallback can be hidden."""
        self.was_shown = False
        """Whether any page has ever said that it shows the card; one without widgets says nothing."""
        self._views: set[str] = set()
        self._ended = False
        self._must_look = False
        self._look = 0
        self._confirmed_look = 0

    def shown(self, content: dict[str, Any]) -> None:
        """A view is on a page."""
        self.was_shown = True
        self._views.add(str(content.get("view")))
        self.can_hide_fallback = self.can_hide_fallback or content.get("beside") is True

    def gone(self, content: dict[str, Any]) -> None:
        """A view has left its page. A page that is closed or loaded anew says nothing: then the card stays."""
        self._views.discard(str(content.get("view")))
        if self._ended and not self._views:
            self._must_look = True

    def looked(self, content: dict[str, Any]) -> None:
        """A page has looked for the replacement."""
        if content.get("there") is True and isinstance(look := content.get("look"), int):
            self._confirmed_look = max(self._confirmed_look, look)

    def end(self) -> None:
        """The outputs were updated just now."""
        self._look += 1  # earlier answers were about earlier outputs
        self._ended = self._must_look = True

    @property
    def must_look(self) -> bool:
        """Tell whether the pages are to be asked."""
        return self._must_look

    def question(self, marks: Sequence[str]) -> dict[str, Any]:
        """The question to the pages: is each mark there?"""
        self._must_look = False
        self._look += 1
        return {"type": "look", "look": self._look, "marks": list(marks)}

    @property
    def is_replaced(self) -> bool:
        """Tell whether a page has what replaces the card, and no page has a view of it any more."""
        return self._ended and not self._views and 0 < self._look == self._confirmed_look
