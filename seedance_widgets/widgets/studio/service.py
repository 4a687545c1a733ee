"""The service as a Studio sees it: whether it answers, and with it the live models."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...errors import SeedanceError
from ...session.session import Session
from ..shared.redraws import in_background

RETRY_S = 20.0
"""Between tries to reach a service that did not answer."""


class Service:
    """Asks the service for its models, off the calling thread, and again while it does not answer.

    Args:
        redraw: Called when there is an answer, or none.
    """

    def __init__(self, session: Session, redraw: Callable[[], None]) -> None:
        self._session = session
        self._redraw = redraw
        self._begun_at = 0.0
        self.is_loaded = False
        """The live models are here."""
        self.problem: str | None = None
        """Why it did not answer, in a sentence."""

    def ask(self) -> None:
        """Ask it now. Returns at once."""
        self._begun_at = time.monotonic()
        in_background(self._ask)

    def on_tick(self) -> None:
        """Ask again in a while, where it did not answer."""
        if self.problem is not None and time.monotonic() - self._begun_at >= RETRY_S:
            self.ask()

    def _ask(self) -> None:
        try:
            self._session.models(refresh=True)
            self.problem, self.is_loaded = None, True
        except SeedanceError as error:
            self.problem = error.what
        self._redraw()
