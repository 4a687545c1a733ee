"""The history as a Studio shows it: the list of jobs, the job on the stage, and what was spent."""

from __future__ import annotations

import time
from collections.abc import Callable

from ...errors import JobNotFound, SeedanceError
from ...jobs.job import Job
from ...session.session import Session
from ..shared.redraws import in_background
from .view import (
    FILM,
    MOST_TAGS,
    FilmView,
    JobsView,
    JobView,
    MissingView,
    MoneyView,
    film_view,
    job_view,
    jobs_view,
    money_view,
)

FILM_S = 1.0
"""Between looks at the newest clips."""
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
        self.tags: list[str] = []
        """Every tag of the history, in the order of the alphabet."""
        self.film: list[FilmView] = []
        """The newest clips. The same object while they are the same."""
        self._film_of: tuple[int, int] | None = None
        self._film_key: list[object] = []
        self._film_at = 0.0

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
            self._read_film()
            jobs_page = jobs_view(session, self.search, rev, self.tags)
        except SeedanceError as error:
            self.problem = error.what
            return None
        self.problem = None
        return jobs_page

    def expire_film(self) -> None:
        """Look at the newest clips at the next redraw."""
        self._film_at = 0.0

    def _read_film(self) -> None:
        """Read the newest clips and the tags, where there is news, now and then: they are many, and seldom others."""
        now = time.monotonic()
        if self._film_of is not None and now - self._film_at < FILM_S:
            return
        news = self._session.news()
        self._film_at = now
        if news == self._film_of:
            return
        self.tags = self._session.store.tags(self._session.service)[:MOST_TAGS]
        jobs = self._session.jobs(status="succeeded", limit=FILM)
        key: list[object] = [(job.id, job.row.clip_there, job.row.poster_path, job.starred) for job in jobs]
        if key != self._film_key:
            self.film = film_view(jobs)
        self._film_of, self._film_key = news, key


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
