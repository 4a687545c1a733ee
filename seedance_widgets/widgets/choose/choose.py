"""Choose: many clips one at a time, full width, rated, starred or rejected by single keys."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Any

from ...errors import SeedanceError
from ...jobs.job import Home, Job, checked_jobs
from ...session.default import default_session
from ...sweep import Sweep
from ..grid.arrange import Axes, axes_of
from ..grid.view import order
from ..shared.clips import ClipsWidget
from ..shared.live import Handler
from ..shared.marks import Marks
from ..shared.messages import STATIC
from ..shared.words import badge_of
from .saved import choose_html
from .view import ChooseView, choice_view

REST_S = 3.0
"""After the last mark what is saved with the notebook is brought up to date: it is large, and marks come fast."""


class Choose(ClipsWidget):
    """The clips of jobs one at a time, full width, to rate, star or reject each by a key.

    Every mark is in the history at once; a kernel that ends loses none, and the next time it begins at the first clip
    without a mark. A reject is the tag `rejected`: nothing is deleted.

    Args:
        jobs: A sweep, jobs, or a function that returns them and is asked again at every redraw. Clips that come later
            are the last ones.
        axes: The axes whose values name the clips; read from the jobs when left out.
        session: Whose jobs they are; that of the jobs when left out.
    """

    _esm = (STATIC / "choose.js").read_text("utf-8") + "\n"

    def __init__(
        self,
        jobs: Sweep | Iterable[Job] | Callable[[], Iterable[Job]],
        axes: Axes | None = None,
        session: Home | None = None,
    ) -> None:
        self._sweep = sweep = jobs if isinstance(jobs, Sweep) else None
        if isinstance(jobs, Sweep):
            axes, session, jobs = axes or jobs.axes, jobs.session, lambda: sweep.jobs if sweep else ()
        listed: list[Job] = [] if callable(jobs) and not isinstance(jobs, type) else checked_jobs(jobs)
        self._source = jobs if callable(jobs) else None
        self._listed = listed
        self._axes = axes
        self._problem: str | None = None
        self._marked_at = 0.0
        self._marks = Marks(self._mark)
        super().__init__(session or (listed[0].session if listed else default_session()))

    def __repr__(self) -> str:
        return f"<Choose, {self._words()}>"

    @property
    def jobs(self) -> list[Job]:
        """The jobs, in the order in which they are gone through."""
        jobs = list(self._source()) if self._source else self._listed
        return [job for job, _ in self._captioned(jobs)]

    @property
    def starred(self) -> list[Job]:
        """Those with a star."""
        return [job for job in self.jobs if job.starred]

    @property
    def rejected(self) -> list[Job]:
        """Those that were rejected."""
        return [job for job in self.jobs if job.rejected]

    def _captioned(self, jobs: list[Job]) -> list[tuple[Job, str]]:
        axes = axes_of(jobs) if self._axes is None else self._axes
        return order(jobs, axes)

    def _words(self) -> str:
        jobs = [job for job in self._jobs() if job.saved_clip is not None]
        marked = sum(bool(job.starred or job.rejected or job.rating) for job in jobs)
        return f"{len(jobs)} {'clip' if len(jobs) == 1 else 'clips'}, {marked} marked"

    def _concerns(self, job: Job) -> bool:
        return self._source is not None or any(each.id == job.id for each in self._listed)

    # --- what the page shows --------------------------------------------------------------------------------------
    def _jobs(self) -> Iterable[Job]:
        return self.jobs

    def _view(self, rev: int) -> ChooseView:
        jobs = list(self._source()) if self._source else self._listed
        return ChooseView(
            kind="choose",
            rev=rev,
            label=badge_of(self._session),
            jobs=len(jobs),
            final=all(job.settled for job in jobs) and (self._sweep is None or not self._sweep.is_running),
            clips=[choice_view(job, caption) for job, caption in self._captioned(jobs) if job.saved_clip is not None],
            problem=self._problem,
        )

    def _clips(self) -> list[tuple[Job, str, str]]:
        """Those that have a clip, with their captions and their marks in words."""
        jobs = list(self._source()) if self._source else self._listed
        captioned = [(job, caption) for job, caption in self._captioned(jobs) if job.saved_clip is not None]
        return [(job, caption, marks_text(job)) for job, caption in captioned]

    def _text(self) -> str:
        lines = [f"{caption}: {marks or 'no mark'} ({job.id})" for job, caption, marks in self._clips()]
        return "\n  ".join([self._words(), *lines])

    def _instead(self) -> str:
        return "job.rate(4), job.mark(starred=True) and job.reject() mark a clip; job.clip.path is the file to play."

    def _bundle(self) -> dict[str, str]:
        return {"text/html": choose_html(self._clips(), self._words()), "text/plain": self._text()}

    # --- the page's messages --------------------------------------------------------------------------------------
    def _handlers(self, _buffers: Any) -> dict[str, Handler]:
        return {
            "star": self._marks.star,
            "rate": self._marks.rate,
            "reject": self._marks.reject,
        }

    def _mark(self, content: dict[str, Any], mark: Callable[[Job], object]) -> None:
        try:
            mark(self._job_of(content))
            self._problem = None
        except SeedanceError as error:
            self._problem = error.what
        self._marked_at = time.monotonic()
        self._redraws.ask()

    def on_tick(self) -> None:
        """Redraw as others do, and what is saved once a person rests."""
        super().on_tick()
        if self._marked_at and time.monotonic() - self._marked_at >= REST_S:
            self._marked_at = 0.0
            self._fallbacks.expire()
            self._redraws.ask()


def marks_text(job: Job) -> str:
    """The marks of a job in words: "★ 4 of 5, rejected"."""
    rated = f"{job.rating} of 5" if job.rating else ""
    return ", ".join(filter(None, ["★" if job.starred else "", rated, "rejected" if job.rejected else ""]))
