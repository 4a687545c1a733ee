"""What stands on a Studio's stage instead of a clip: a Compare, or the grid of several takes. Widgets of their own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from ...jobs.job import Job
from ..compare.compare import Compare
from ..grid.grid import Grid
from .page import Page

if TYPE_CHECKING:
    from ...sweep import Sweep


class Comparing:
    """Opens and closes what stands there, of which there is one at most; of several wishes the newest counts.

    Args:
        page: The Studio.
        job_of: The job of a whole id. Raises JobNotFound.
        sweep_of: The sweep of an id. Raises JobNotFound.
    """

    def __init__(self, page: Page, job_of: Callable[[str], Job], sweep_of: Callable[[str], Sweep]) -> None:
        self._page = page
        self._job_of = job_of
        self._sweep_of = sweep_of
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

    def show_takes(self, sweep_id: str) -> None:
        """Show the jobs of a sweep side by side. Reads the store; raises JobNotFound."""
        with self._gate:
            self._replace(Grid(self._sweep_of(sweep_id)))

    def end(self) -> None:
        """Close what is open. Waits for no store, so that it can be called from anywhere."""
        for before in self._page.put_on_stage(None):
            before.close()

    def _replace(self, widget: Compare | Grid | None) -> None:
        for before in self._page.put_on_stage(widget):
            before.close()
        if self._page.comm is None:  # closed meanwhile
            self.end()
