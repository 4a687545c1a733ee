"""Telling: whoever is told news may fail, and the work goes on. What a view does wrong must not cost a paid job."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from ..life import Row
from .needs import Subscriber

T = TypeVar("T")

_log = logging.getLogger(__name__)


class Telling:
    """A subscriber that never raises: what another one raises is kept in `problem` instead."""

    def __init__(self, subscriber: Subscriber, first: Callable[[Row], None] = lambda row: None) -> None:
        """`first` is told of a row before the subscriber is."""
        self._subscriber = subscriber
        self._first = first
        self.problem: str | None = None
        """What went wrong last while telling. Nothing ends by it."""

    def on_row(self, row: Row) -> None:
        """A row changed."""
        self._tell(lambda: self._first(row), None)
        self._tell(lambda: self._subscriber.on_row(row), None)

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """A download moved on."""
        self._tell(lambda: self._subscriber.on_progress(job_id, received_bytes, total_bytes), None)

    def on_tick(self) -> None:
        """A fifth of a second passed."""
        self._tell(self._subscriber.on_tick, None)

    def on_key_refused(self, reason: str) -> None:
        """The server refuses the key."""
        self._tell(lambda: self._subscriber.on_key_refused(reason), None)

    def waits_for(self) -> Iterable[str]:
        """The ids of open jobs that somebody here looks at."""
        return self._tell(lambda: list(self._subscriber.waits_for()), [])

    def _tell(self, say: Callable[[], T], instead: T) -> T:
        try:
            return say()
        except BaseException as error:  # noqa: BLE001  SystemExit of a view, too, would end the thread that looks after jobs
            self.problem = f"News could not be told ({type(error).__name__}: {error})."
            _log.debug("News could not be told.", exc_info=True)
            return instead
