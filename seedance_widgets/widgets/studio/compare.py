"""Compare on a Studio's stage: a widget of its own, which the page shows in the place of the clip."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from ...jobs.job import Job
from ..compare.compare import Compare
from .page import Page


class Comparing:
    """Opens and closes the Compare of a Studio, of which there is one at most; of several wishes the newest counts."""

    def __init__(self, page: Page, job_of: Callable[[str], Job]) -> None:
        self._page = page
        self._job_of = job_of
        self._wish: Sequence[str] | None = None
        self._gate = threading.Lock()

    def wish(self, ids: Sequence[str]) -> None:
        """Take note of the jobs to compare, none for the clip on the stage. Returns at once."""
        self._wish = ids

    def answer(self) -> None:
        """Do what was wished for last. Reads the store; raises SeedanceError, and then nothing has changed."""
        with self._gate:
            ids, self._wish = self._wish, None
            if ids is not None:
                self._replace(Compare(*map(self._job_of, ids)) if ids else None)
                if self._page.comm is None:  # closed meanwhile
                    self._replace(None)

    def end(self) -> None:
        """Close what is open. Waits for no store, so that it can be called from anywhere."""
        self._replace(None)

    def _replace(self, compare: Compare | None) -> None:
        before = self._page.show_compare(compare)
        if before is not None:
            before.close()
