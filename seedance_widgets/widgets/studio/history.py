"""The history as a Studio shows it: the list of jobs, the job on the stage, and what was spent."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...errors import JobNotFound, SeedanceError
from ...jobs.job import Job
from ...session.session import Session
from ..shared.redraws import in_background
from .view import JobsView, JobView, MissingView, MoneyView, job_view, jobs_view, money_view

NEWS_S = 2.0
"""Between looks at what other kernels wrote."""


class History:
    """All that comes from the store; what was read last stays when the store cannot be used.

    Args:
        job_of: The job of a whole id. Raises JobNotFound.
    """

    def __init__(self, session: Session, job_of: Callable[[str], Job]) -> None:
        self._session = session
        self._job_of = job_of
        self.search: dict[str, object] = {}
        """The words, filters and page that the list is asked for."""
        self.problem: str | None = None
        """Why the store cannot be used, in a sentence."""
        self.money = MoneyView(today_usd=0.0, session_usd=0.0, unknown=0, cap_left_usd=None)
        self.stage: JobView | None = None
        self.missing: MissingView | None = None

    def read(self, selected: str, rev: int) -> JobsView | None:
        """Read all anew. The list of jobs; `None` where the store cannot be used."""
        session = self._session
        try:
            self.money = money_view(session)
            self.stage = self.missing = None
            try:
                self.stage = job_view(self._job_of(selected), rev) if selected else None
            except JobNotFound:  # refused before it was written, deleted, or of another history
                newest = next((job.id for job in session.jobs(limit=1)), None)
                self.missing = MissingView(job_id=selected, newest=newest)
            jobs_page = jobs_view(session, self.search, rev)
        except SeedanceError as error:
            self.problem = error.what
            return None
        self.problem = None
        return jobs_page


class News:
    """Looks now and then at what other kernels and notebooks wrote into the same history.

    Args:
        tell: Called when there is something new, or the store cannot be used.
    """

    def __init__(self, session: Session, tell: Callable[[], None]) -> None:
        self._session = session
        self._tell = tell
        self._known: tuple[int, int] | None = None
        self._looked_at = time.monotonic()
        self._is_looking = False

    def on_tick(self) -> None:
        """Look, where it is time to. Returns at once."""
        now = time.monotonic()
        if now - self._looked_at >= NEWS_S and not self._is_looking:
            self._looked_at, self._is_looking = now, True
            in_background(self._look)

    def _look(self) -> None:
        try:
            newest = self._session.news()
            if newest != self._known:
                self._tell()
            self._known = newest
        except SeedanceError:
            self._tell()  # the redraw meets the same trouble, and shows it
        finally:
            self._is_looking = False
