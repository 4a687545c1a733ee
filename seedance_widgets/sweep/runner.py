"""Sends the jobs of a sweep, some at once, in the worker's loop. Ends with it: nothing is sent after a restart."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import Callable, Mapping

from ..errors import (
    CapExceeded,
    ConnectionFailed,
    InsufficientCredits,
    MediaNotPut,
    MediaPlaceMissing,
    PriceChanged,
    RateLimited,
    RequestInvalid,
    SeedanceError,
    SentBefore,
    SessionClosed,
    StoreError,
    SubmissionUncertain,
    Unauthorized,
)
from ..jobs.job import Job
from ..life import TAKE, VARIATION
from ..notebook import environment
from ..request import braces
from ..threads.interrupts import Answer
from ..values.plain import index, shown
from ..worker import Terms
from .places import Places
from .plan import Place, SweepPlan

AT_ONCE, MAX_AT_ONCE = 4, 100
"""Jobs of one sweep that run at the same time: unless a person says otherwise, and at most."""
STOPS = (
    CapExceeded,
    PriceChanged,
    InsufficientCredits,
    Unauthorized,
    RateLimited,
    ConnectionFailed,
    SessionClosed,
    StoreError,
    MediaNotPut,
    MediaPlaceMissing,
)
"""What the next job would meet, too: the rest is not sent."""
LOST_IN_A_ROW = 3
"""Answers lost one after the other until the rest is not sent: each may have been charged."""
LOOK_S = 1.0
"""Between looks at jobs that another kernel is sending."""


def check_at_once(at_once: object) -> None:
    """Raise RequestInvalid unless it is a number of jobs."""
    number = index(at_once)
    if number is None or not 1 <= number <= MAX_AT_ONCE:
        raise RequestInvalid(
            f"at_once is a whole number from 1 to {MAX_AT_ONCE}, not {shown(at_once)}.", field="at_once"
        )


class Runner:
    """One run over what was not sent. Each place is tried once; a person's next call tries again.

    Args:
        places: What is sent.
        at_once: How many of its jobs run at the same time.
        shown: The prices that a person was shown and agreed to, by the number of the place.
        on_risen: What a job that costs more by now means for the rest, as an error.
    """

    def __init__(
        self,
        places: Places,
        at_once: int,
        shown: Mapping[int, float | None],
        on_risen: Callable[[PriceChanged], SeedanceError],
    ) -> None:
        self._places = places
        self._registry, self._engine = places.registry, places.registry.engine
        self._on_risen = on_risen
        self.at_once = at_once
        self.problem: SeedanceError | None = None
        """Why the rest was not sent."""
        self._shown = dict(shown)
        self._stopped = self._over = False
        self._gate = threading.Lock()
        self._sending: set[int] = set()
        self._lost = 0
        self._tried: set[int] = set()
        self._folder = places.registry.home.clips_place()
        self._notebook = environment.path()

    async def run(self) -> None:
        """Send until all is sent or something stops it. **Spends credits.**"""
        self._loop, self._news = asyncio.get_running_loop(), asyncio.Event()
        self._waiting = deque(self._places.unsent_numbers())
        self._busy = [job for job in self._places.jobs if not _left_the_server(job)]
        self._registry.subscribe(self)
        try:
            async with asyncio.TaskGroup() as sending:
                while (place := await self._next()) is not None:
                    self._tried.add(place)
                    job = self._job(self._places.plan.places[place])
                    self._places.put(place, job)
                    self._busy.append(job)
                    self._sending.add(place)
                    sending.create_task(self._send(place, job))
        finally:
            self._registry.unsubscribe(self)

    @property
    def is_stopped(self) -> bool:
        """Whether it sends nothing more, unless it is told to go on."""
        return self._stopped

    def stop(self, problem: SeedanceError | None = None) -> None:
        """Send nothing more; what is being sent goes on. From any thread."""
        with self._gate:
            self._stopped = True
            self.problem = self.problem or problem
        self._tell()

    def go_on(self, shown: Mapping[int, float | None], at_once: int | None) -> bool:
        """Send on, also what was tried before it stopped; `False` when the run is over. From any thread."""
        with self._gate:
            if self._over:
                return False
            self.at_once = at_once or self.at_once
            if self._stopped:
                self._stopped, self.problem, self._lost = False, None, 0
                self._tried = set(self._sending)
                self._shown.clear()
            self._shown |= shown
        self._tell()
        return True

    def change(self, at_once: int) -> None:
        """Let so many of its jobs run at the same time from now on. From any thread."""
        self.at_once = at_once
        self._tell()

    async def _next(self) -> int | None:
        """The next place to send, once there is room for it; `None` when there is nothing more to send.

        While it is stopped, and something is still being sent, a person may yet say to go on.
        """
        while True:
            self._news.clear()
            self._busy = [job for job in self._busy if not _left_the_server(job)]
            with self._gate:
                if not self._stopped:
                    if not self._waiting:
                        self._waiting.extend(p for p in self._places.unsent_numbers() if p not in self._tried)
                    if self._waiting and len(self._busy) < self.at_once:
                        return self._waiting.popleft()
                if self._ends():
                    self._over = True
                    return None
            try:
                async with asyncio.timeout(LOOK_S):
                    await self._news.wait()
            except TimeoutError:
                pass

    def _ends(self) -> bool:
        if self._stopped:
            return not self._sending
        return not self._waiting and all(job.status != "submitting" for job in self._busy)

    def _job(self, place: Place) -> Job:
        row = self._engine.new_row(
            place.request,
            place.cost_usd,
            folder=self._folder,
            notebook=self._notebook,
            out_name=place.out_name,
            relation=_relation(self._places.plan),
            sweep_id=self._places.id,
            sweep_values=place.values,
        )
        return self._registry.keep(Job(self._registry.home, row, Answer()))

    async def _send(self, place: int, job: Job) -> None:
        """Send one, and judge by its answer whether the others are sent."""
        submission = job.submission
        assert submission is not None, "it was just made with one"
        submission.add_done_callback(lambda _: self._registry.show_news(job))
        try:
            terms = Terms(shown_usd=self._shown.get(place), wire_request=self._places.plan.places[place].wire_request)
            row = await self._engine.worker.submit(job.row, terms)
        except SentBefore as error:
            submission.set_exception(error)
            await self._places.reread(place)
        except Exception as error:  # noqa: BLE001  whatever it is belongs to this job, and the others go on
            submission.set_exception(error)
            self._judge(error)
        except BaseException:  # the session is closed
            submission.fail(SessionClosed("The session was closed."))
            raise
        else:
            submission.set_result(row)
            self._lost = 0
        finally:
            self._sending.discard(place)
            self._news.set()

    def _judge(self, error: Exception) -> None:
        self._lost = self._lost + 1 if isinstance(error, SubmissionUncertain) else 0
        if isinstance(error, STOPS) or self._lost >= LOST_IN_A_ROW:
            assert isinstance(error, SeedanceError)
            self.stop(self._on_risen(error) if isinstance(error, PriceChanged) else error)

    # --- as a viewer ----------------------------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job: perhaps there is room for the next."""
        if job.row.sweep_id == self._places.id:
            self._tell()

    def on_tick(self) -> None:
        """Time passed, which says nothing."""

    def _tell(self) -> None:
        if hasattr(self, "_loop") and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._news.set)


def _relation(plan: SweepPlan) -> str:
    """What the jobs of a plan are of each other: takes, where it asks for the same more than once."""
    return TAKE if len(plan.axes.get(braces.TAKE, ())) > 1 else VARIATION


def _left_the_server(job: Job) -> bool:
    """Tell whether it makes room for another: the server has ended it, or never had it."""
    return job.final or job.status == "unconfirmed" or job.ending


def with_rest(error: SeedanceError, unsent: int, many: int) -> SeedanceError:
    """The error that one job met, as the sweep's own: it says what became of the rest. Its class stays."""
    if not unsent:
        return error
    fuller = type(error).__new__(type(error))
    vars(fuller).update(vars(error))
    fuller.next_step = (
        f"{error.next_step} Then sweep.resume(), or running the cell again, sends the {unsent} of {many} combinations "
        "that were not sent; the others are not paid again."
    ).strip()
    fuller.args = (" ".join(part for part in (fuller.what, fuller.charged, fuller.next_step) if part),)
    return fuller
