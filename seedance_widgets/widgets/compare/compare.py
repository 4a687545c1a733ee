"""Compare: two to four clips with one transport, what is different about them, and which one wins."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterable
from typing import Any

from ...errors import JobNotFound, SeedanceError
from ...jobs.job import Job, checked_job
from ..shared.again import send_again
from ..shared.clips import ClipsWidget
from ..shared.live import Handler
from ..shared.marks import Marks
from ..shared.messages import STATIC
from ..shared.redraws import in_background
from ..shared.words import badge_of
from .saved import compare_html, compare_text
from .view import CompareView, differences, sides_view

FEWEST, MOST = 2, 4
"""Clips that are compared at once."""


class Compare(ClipsWidget):
    """Two to four clips side by side, played in sync by one transport.

    Args:
        jobs: Two to four different jobs that have their clips.

    Raises:
        SeedanceError: too few or too many jobs, one of them twice, or one without a clip.
    """

    _esm = (STATIC / "compare.js").read_text("utf-8") + "\n"

    def __init__(self, *jobs: Job) -> None:
        _check(jobs)
        self._sides = jobs
        self._winner = ""
        self._picked = ""  # starred by a click here, so another pick may take that star back
        self._problem: str | None = None
        self._note = ""
        self._marks = Marks(self._do)
        self._picking = threading.Lock()
        super().__init__(jobs[0].session)

    def __repr__(self) -> str:
        return f"<Compare {' '.join(job.id for job in self._sides)}>"

    @property
    def jobs(self) -> tuple[Job, ...]:
        """The jobs, from left to right."""
        return self._sides

    @property
    def winner(self) -> Job | None:
        """The one that was picked here; a star from before picks none. Its own star keeps it in the history."""
        return next((job for job in self._sides if job.id == self._winner), None)

    def pick(self, job: Job | None) -> None:
        """Pick the winner: it gets a star, and one that was picked here before loses its own. `None` picks none."""
        if job is not None and job.id not in {each.id for each in self._sides}:
            raise SeedanceError(f"Job {job.id} is not among those that are compared.", charged="")
        with self._picking:
            before = next((each for each in self._sides if each.id == self._picked and each is not job), None)
            if job is not None and not job.row.starred:
                job.mark(starred=True)
                self._picked = job.id
            elif before is not None:
                self._picked = ""
            if before is not None:
                before.mark(starred=False)
            self._winner = job.id if job is not None else ""
        self._redraws.ask()

    # --- what the page shows --------------------------------------------------------------------------------------
    def _jobs(self) -> Iterable[Job]:
        return self._sides

    def _concerns(self, job: Job) -> bool:
        return any(each.id == job.id for each in self._sides)

    def _view(self, rev: int) -> CompareView:
        differing, same = differences(self._sides)
        return CompareView(
            kind="compare",
            rev=rev,
            label=badge_of(self._session),
            jobs=len(self._sides),
            final=True,
            sides=sides_view(self._sides, rev),
            differences=differing,
            same=same,
            winner=self._winner,
            problem=self._problem,
            note=self._note,
        )

    def _text(self) -> str:
        return compare_text(self.jobs, self.winner)

    def _instead(self) -> str:
        return "compare.pick(job) picks the winner; job.clip.path is the file to play."

    def _bundle(self) -> dict[str, str]:
        return {"text/html": compare_html(self.jobs, self.winner), "text/plain": compare_text(self.jobs, self.winner)}

    # --- the page's messages --------------------------------------------------------------------------------------
    def _handlers(self, _buffers: Any) -> dict[str, Handler]:
        return {
            "pick": self._on_pick,
            "star": self._marks.star,
            "rate": self._marks.rate,
            "tag": self._marks.tag,
            "note": self._marks.note,
            "again": lambda content: in_background(lambda: self._do(content, lambda job: self._again(content, job))),
        }

    def _again(self, content: dict[str, Any], job: Job) -> None:
        sent = send_again(self._session, job, content)
        self._note = f"Sent once more as job {sent.id}; it is in the history."

    def _do(self, content: dict[str, Any], do: Callable[[Job], object]) -> None:
        """Do something with the job that a message names; what goes wrong stands below the transport."""
        try:
            do(self._job_of(content))
            self._problem = None
        except SeedanceError as error:
            self._problem = f"{error.what} {error.charged}".strip()
        self._redraws.ask()

    def _on_pick(self, content: dict[str, Any]) -> None:
        with contextlib.suppress(JobNotFound):
            job = self._job_of(content)
            in_background(lambda: self._pick(job if content.get("value") else None))

    def _pick(self, job: Job | None) -> None:
        try:
            self.pick(job)
            self._problem = None
        except SeedanceError as error:
            self._problem = error.what
        self._redraws.ask()


def _check(jobs: tuple[Job, ...]) -> None:
    if not FEWEST <= len(jobs) <= MOST:
        raise SeedanceError(f"Compare takes two to four jobs, not {len(jobs)}.", charged="", next_step=_LIST)
    for job in jobs:
        checked_job(job)
    ids = [job.id for job in jobs]
    if twice := next((each for each in ids if ids.count(each) > 1), None):
        raise SeedanceError(f"Job {twice} is named twice.", charged="", next_step="Compare takes different jobs.")
    for job in jobs:
        clip = job.saved_clip
        if clip is None:
            raise SeedanceError(
                f"Job {job.id} has no clip to compare: {job.status_text.lower()}.",
                charged="",
                next_step="job.wait() waits for it." if not job.settled else _LIST,
            )
        if clip.url is None and not clip.path.exists():
            raise SeedanceError(
                f"The clip {clip.path.name} of job {job.id} is no longer there.",
                charged="",
                next_step="job.download() fetches it again and costs nothing.",
            )


_LIST = "%seedance_jobs --status succeeded lists those that have a clip."
