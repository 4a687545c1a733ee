"""The jobs that this kernel holds objects of, one object a job, and who is told when there is news of one.

The worker tells it of every row that changed (`worker.Subscriber`); it hands the news to the job's object, to whoever
shows jobs, and at last to those who wait.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, TypeVar
from weakref import WeakSet, WeakValueDictionary

from .. import life
from ..errors import JobNotFound, StoreError
from ..threads.interrupts import Answer
from ..values.plain import whole
from .job import Home, Job, Viewer
from .listing import JobFilter, Jobs, check_statuses, not_one, wanted_of
from .names import checked_name

if TYPE_CHECKING:
    from .engine import Engine

T = TypeVar("T")

MOST_REFUSED = 200
"""Jobs that were not sent whose objects are kept."""
_log = logging.getLogger(__name__)


class Registry:
    """Which jobs somebody here has an object of; those that are open are kept alive, so that their cards go on."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self._jobs: WeakValueDictionary[str, Job] = WeakValueDictionary()
        self._open: dict[str, Job] = {}
        self._sweeps: WeakValueDictionary[str, Any] = WeakValueDictionary()
        self._lock = threading.RLock()
        self._refused: deque[Job] = deque(maxlen=MOST_REFUSED)
        """Objects that know why their request was not sent; made anew from the row they would say it in other words."""
        self._merged: WeakSet[Job] = WeakSet()
        """Objects whose request turned out to run as a job that has an object already."""
        self.viewers: list[Viewer] = []
        self.problem: str | None = None
        """What a viewer did wrong last, and when. It stays, since what was to be seen then was not."""

    def subscribe(self, viewer: Viewer) -> None:
        """Tell a viewer all news of every job from now on."""
        if viewer not in self.viewers:
            self.viewers.append(viewer)

    def unsubscribe(self, viewer: Viewer) -> None:
        """Tell it no more."""
        if viewer in self.viewers:
            self.viewers.remove(viewer)

    @property
    def engine(self) -> Engine:
        """The engine that sends the jobs, looks after them and keeps them."""
        return self.home.engine

    # --- the objects ----------------------------------------------------------------------------------------------
    def get(self, job_id: str) -> Job | None:
        """The object of a job, where there is one already."""
        return self._jobs.get(job_id)

    def open_jobs(self) -> list[Job]:
        """The jobs that are not settled yet."""
        return list(self._open.values())

    def sweep_of(self, sweep_id: str, make: Callable[[], T]) -> T:
        """The one object of a sweep; made where there is none yet."""
        with self._lock:
            sweep: T | None = self._sweeps.get(sweep_id)
            if sweep is None:
                sweep = self._sweeps[sweep_id] = make()
            return sweep

    def sweeps(self) -> list[Any]:
        """The sweeps that somebody here has an object of."""
        return list(self._sweeps.values())

    def find(self, name: str) -> Job:
        """The job of an id, the beginning of an id, or a request id. Raises JobNotFound."""
        name = checked_name(name)
        if (known := self.get(name)) is not None and not known.row.is_removed:
            return self._reread(known)
        store, service = self.engine.store, self.engine.service
        rows = store.find(name, service=service)
        self.home.warn()
        if len(rows) != 1:
            raise not_one(name, rows, service, elsewhere=[] if rows else store.find(name))
        return self.job_of(rows[0])

    def _reread(self, job: Job) -> Job:
        """A job that is known here, with what another kernel changed. Raises JobNotFound when it was deleted there."""
        try:
            row = self.engine.store.get(job.id)
        except StoreError:  # what is known here is still true
            return job
        if row is not None and row.is_removed:
            self.forget(row)
            raise JobNotFound(f"Job {row.id} was deleted.")
        if row is not None and row.rev > job.row.rev:
            self.on_row(row)
        return job

    def listed(self, limit: int | None, offset: int | None, filters: JobFilter) -> Jobs:
        """The newest jobs of the service that fit, newest first. Raises SeedanceError for an unusable value."""
        wanted = self._wanted(filters)
        bounds: Any = {"limit": whole(limit, "limit"), "offset": whole(offset, "offset") or 0}
        rows = self.engine.store.rows(service=self.engine.service, **bounds, **wanted)
        self.home.warn()
        empty = "No such jobs." if wanted else "No jobs yet: %seedance makes the first."
        return Jobs(map(self.job_of, rows), empty=empty)

    def count(self, filters: JobFilter) -> int:
        """The number of jobs of the service that fit."""
        return self.engine.store.count(service=self.engine.service, **self._wanted(filters))

    def _wanted(self, filters: JobFilter) -> dict[str, Any]:
        wanted = wanted_of(filters)
        check_statuses(wanted, lambda: self.engine.store.statuses(self.engine.service))
        return wanted

    def keep(self, job: Job) -> Job:
        """The one object of a job: this one, unless there is another already."""
        with self._lock:
            known = self._jobs.setdefault(job.id, job)
            if not known.settled:
                self._open[known.id] = known
            return known

    def job_of(self, row: life.Row) -> Job:
        """The object of a row that was read from the history."""
        job = self.keep(Job(self.home, row))
        job.take(row)
        return job

    def forget(self, row: life.Row) -> None:
        """A job was deleted: whoever holds its object sees that, and nobody finds it any more."""
        self.on_row(row)
        with self._lock:
            self._jobs.pop(row.id, None)
            self._open.pop(row.id, None)
            self._refused = deque((job for job in self._refused if job.id != row.id), MOST_REFUSED)

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_row(self, row: life.Row) -> None:
        """A row changed."""
        known = self._jobs.get(row.id)
        for job in (*([known] if known is not None else []), *(job for job in list(self._merged) if job.id == row.id)):
            job.take(row)
            self.show_news(job)

    def on_answer(self, job: Job, submission: Answer[life.Row]) -> None:
        """Its submission is over. Where the same request runs already, its object becomes that job."""
        row = None if submission.exception() is not None else submission.result()
        if row is None:
            self._refused.append(job)
        if row is not None and row.id != job.id:
            with self._lock:
                self._jobs.pop(job.id, None)
                self._open.pop(job.id, None)
                first = self._jobs.get(row.id)
                job.become(row, None if first is None else first.submission)
                if self._jobs.setdefault(row.id, job) is not job:
                    self._merged.add(job)
                self._open.setdefault(row.id, job)
        self.show_news(job)

    def show_news(self, job: Job) -> None:
        """Tell the viewers, then those who wait: the output must precede the end of the cell."""
        for viewer in list(self.viewers):
            self._ask(viewer, lambda viewer=viewer: viewer.on_job(job), job)  # type: ignore[misc]
        job.announce()
        if job.settled:
            self._open.pop(job.id, None)

    def _ask(self, viewer: Viewer, work: Callable[[], None], job: Job | None = None) -> None:
        """Have a viewer do something; what it raises is kept, and stops neither the others nor those who wait."""
        try:
            work()
        except BaseException as error:  # noqa: BLE001  SystemExit, too, would end the thread that looks after the jobs
            which, show = (f"job {job.id}", f"%seedance_show {job.id}") if job else ("the jobs", "%seedance_jobs")
            self.problem = (
                f"At {time.strftime('%H:%M')} a view of {which} could not show the news "
                f"({type(viewer).__name__}: {type(error).__name__}: {error}). The job goes on; {show} shows it."
            )
            _log.debug("A viewer failed.", exc_info=True)

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """A download moved on."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.received = (received_bytes, total_bytes)

    def on_tick(self) -> None:
        """A fifth of a second passed."""
        for viewer in list(self.viewers):
            self._ask(viewer, viewer.on_tick)

    def on_key_refused(self, reason: str) -> None:
        """The server refuses the key."""
        _log.warning(
            "%s Nothing is lost and nothing is charged by this: the jobs wait. %%seedance_key asks for another key, "
            "and they go on.",
            reason if reason.endswith(".") else reason + ".",
        )

    def waits_for(self) -> Iterable[str]:
        """The open jobs that somebody here has an object of."""
        return [job.id for job in list(self._jobs.values()) if not job.settled]
