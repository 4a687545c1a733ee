"""A sweep: many jobs from one template, as one object to watch, wait for, cancel and go on with.

A handle, as a job is: the truth is the plan and the rows in the history. Nothing of it is ever sent by itself: after a
restart `Sweep.resume`, or running the same cell again, sends what was not sent, and what was is never paid again.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Generator, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import CancelRefused, JobNotFound, RequestInvalid, SeedanceError, WaitTimeout
from ..jobs.job import Job
from ..jobs.waiting import Waiting
from ..notebook import batch_outputs, environment, presenters
from ..request import braces
from ..text.printable import for_stdout, visible
from ..threads.interrupts import Answer
from ..types import SweepRow
from ..values import plain
from .by_axis import ByAxis, by_axis
from .places import NOT_SENT as NOT_SENT
from .places import REFUSED as REFUSED
from .places import Places
from .plan import Place, SweepPlan, priced
from .question import Asking
from .runner import AT_ONCE, Runner, check_at_once, with_rest
from .summary import WAIT, counts_text, lines_of, progress_text, title_of

if TYPE_CHECKING:
    from ..jobs.registry import Registry

CANCELS_AT_ONCE = 8


class Sweep:
    """Many jobs from one template. A `Session` makes it: `sweep`, `sweep_of` and `sweeps`."""

    def __init__(self, registry: Registry, row: SweepRow) -> None:
        self.places = Places(registry, row)
        """What it asks for, one place a combination, with the jobs that there are."""
        self.session = registry.home
        self.engine = registry.engine
        self._runner: Runner | None = None
        self._run: Answer[None] | None = None
        self._shown_in: object = None
        self.gate = threading.RLock()
        """Of two that send it at the same time, in this kernel, the second finds it running."""
        self.asking = Asking(self.places, self.gate, self.send)

    # --- facts ----------------------------------------------------------------------------------------------------
    @property
    def row(self) -> SweepRow:
        """The row in the history."""
        return self.places.row

    @property
    def id(self) -> str:
        """Our own name for it, the same in every kernel."""
        return self.places.id

    @property
    def name(self) -> str:
        """What the person calls it, or its id."""
        return self.places.name

    @property
    def created_at(self) -> float:
        """When it was first started: seconds since 1970, UTC."""
        return self.places.row.created_at

    @property
    def plan(self) -> SweepPlan:
        """What it asks for: each place is one combination."""
        return self.places.plan

    @property
    def templates(self) -> Sequence[str]:
        """What its prompts are made from."""
        return self.plan.templates

    @property
    def axes(self) -> Mapping[str, list[Any]]:
        """The variables and options that differ, with their values in order."""
        return self.plan.axes

    @property
    def jobs(self) -> list[Job]:
        """The jobs that there are, in the order of the plan; what is not sent has none."""
        return self.places.jobs

    @property
    def unsent(self) -> list[Place]:
        """What was not sent, or was refused, so that nothing was charged for it: `resume` sends it."""
        return self.places.unsent

    @property
    def status(self) -> dict[str, int]:
        """How many stand how: each status of a job, `not sent` and `refused`."""
        counts: dict[str, int] = {}
        for number in range(len(self.plan)):
            word = self.status_of(number)
            counts[word] = counts.get(word, 0) + 1
        return dict(sorted(counts.items(), key=lambda item: -item[1]))

    @property
    def is_running(self) -> bool:
        """Whether this kernel is still sending it, or waits for room to send more."""
        return self._run is not None and not self._run.done()

    @property
    def is_sending(self) -> bool:
        """Whether this kernel sends what is left as soon as there is room; not after `hold`, nor once all is sent."""
        return self.is_running and self._runner is not None and not self._runner.is_stopped

    @property
    def settled(self) -> bool:
        """Whether nothing more happens by itself: nothing is being sent, and every job has ended."""
        return not self.is_running and all(job.settled for job in self.jobs)

    @property
    def problem(self) -> SeedanceError | None:
        """Why the rest was not sent: no credits left, say. `None` while all is well, and after `cancel`."""
        if self.is_running or self._run is None:
            return None
        error = self._run.exception() or (self._runner.problem if self._runner else None)
        if isinstance(error, SeedanceError):
            return with_rest(error, len(self.unsent_places()), len(self.plan))
        return SeedanceError(f"The sweep stopped ({type(error).__name__}: {error}).") if error else None

    @property
    def cost(self) -> float:
        """The estimate for all that was sent, in US dollars; see `unpriced`."""
        return round(sum(job.cost or 0.0 for job in self._sent()), 4)

    @property
    def unpriced(self) -> int:
        """How many of the jobs that were sent have no known price, so that `cost` leaves them out."""
        return sum(job.cost is None for job in self._sent())

    def __len__(self) -> int:
        return len(self.plan)

    def __getitem__(self, key: Any) -> Job:
        """The job at a place: one value an axis, in the order of the axes."""
        values = key if isinstance(key, tuple) else (key,)
        if len(values) > len(self.axes):
            raise JobNotFound(f"The sweep has {len(self.axes)} axes ({', '.join(self.axes)}), not {len(values)}.")
        return self.job(**dict(zip(self.axes, values, strict=False)))

    def job(self, **values: Any) -> Job:
        """The job at a place, by the values of its axes; as many of them as make it clear.

        Raises JobNotFound where there is no such place, several fit, or it was not sent.
        """
        for name, value in values.items():
            self._check_value(name, value)
        numbers = [
            n
            for n, place in enumerate(self.plan.places)
            if all(_same(place.values.get(k), v) for k, v in values.items())
        ]
        words = braces.described(values)
        if len(numbers) != 1:
            raise JobNotFound(f"{len(numbers)} combinations have {words}.", next_step="Name the value of every axis.")
        job = self.job_at(numbers[0])
        if job is None:
            raise JobNotFound(f"{words} was not sent.", next_step="sweep.resume() sends what was not sent.")
        return job

    # --- doing ----------------------------------------------------------------------------------------------------
    def resume(self, at_once: int | None = None) -> Sweep:
        """Send what was not sent, also after a restart. **Spends credits.**

        What is finished, running or unconfirmed is not sent again, and neither is what the server cancelled or failed.
        Goes on after `hold`, and after what stopped it, also while the last jobs of before are being sent. Returns at
        once. `at_once` is how many of its jobs run at the same time, from now on.

        Raises RequestInvalid where a link was signed: signatures are not kept, so the cell must give it again.
        """
        return self.send({}, at_once)

    def send(self, shown: Mapping[int, float | None], at_once: int | None = None) -> Sweep:
        """What `resume` does, with the prices that a person was shown, by place. **Spends credits.**

        A job that costs more by then than was shown is not sent, and neither is the rest: PriceChanged.
        """
        if at_once is not None:
            check_at_once(at_once)
        with self.gate:
            runner = self._runner
            if runner is None or self._run is None or self._run.done() or not runner.go_on(shown, at_once):
                self.refresh()
                if unsent := self.unsent_places():
                    self._check_links(unsent)
                    self._runner = self._new_runner(at_once or (runner.at_once if runner else AT_ONCE), shown)
                    self._run = self.engine.run(self._runner.run)
            self.asking.withdraw()
        return self

    def _new_runner(self, at_once: int, shown: Mapping[int, float | None]) -> Runner:
        return Runner(self.places, at_once, shown, self.asking.ask_anew)

    def _check_links(self, numbers: Iterable[int]) -> None:
        for number in numbers:
            place = self.plan.places[number]
            self.places.registry.home.warn_of_media(place.request)
            if place.lacks_signature:
                raise RequestInvalid(
                    f"A link of {braces.described(place.values)} was signed, and signatures are not kept.",
                    field=place.request.lost_link or "media_urls",
                    next_step="Run its cell again, or session.sweep with the same values and fresh links: it goes on.",
                )

    def take_plan(self, plan: SweepPlan) -> Sweep:
        """Go on with what was given again for the same places: fresh links, and the prices of today."""
        self.places.take_plan(plan)
        return self

    @property
    def at_once(self) -> int:
        """How many of its jobs run at the same time. Can be set while it runs."""
        return self._runner.at_once if self._runner is not None else AT_ONCE

    @at_once.setter
    def at_once(self, at_once: int) -> None:
        check_at_once(at_once)
        if self._runner is None:
            self._runner = self._new_runner(at_once, {})
        self._runner.change(at_once)

    def wait(self, timeout: float | None = None, *, quiet: bool = False) -> Sweep:
        """Wait until nothing more happens by itself. Ctrl-C stops the waiting, not the sweep.

        A job that fails ends nothing: look at `status`. What stopped the sending is raised, once all that was sent has
        ended. On a terminal one line on standard error shows how far it is.

        Args:
            timeout: Seconds; `None` waits for ever.
            quiet: Show nothing on a terminal either.

        Raises:
            InsufficientCredits, Unauthorized, RateLimited, ConnectionFailed: the rest was not sent.
            SeedanceError: nobody has answered yet whether it is to be sent.
            WaitTimeout: the time passed; the sweep goes on.
        """
        timeout, quiet = plain.seconds(timeout), plain.flag(quiet, "quiet")
        try:
            if quiet or self.settled or not environment.is_terminal():
                self.settle(timeout)
            else:
                self._settle_in_sight(timeout)
        except KeyboardInterrupt as stop:
            stop.add_note(f"Sweep {self.name} goes on while this Python runs, and sweep.wait() waits again.")
            raise
        return self._result()

    def _settle_in_sight(self, timeout: float | None) -> None:
        from ..jobs.live_line import LiveLine, Standing

        def look() -> Standing:
            ended = sum(job.settled for job in self.jobs)
            return Standing(f"Sweep {self.name}", progress_text(self), ended / len(self))

        def reached() -> bool:
            line.draw()
            return self.settled

        with LiveLine(look) as line:
            self._waiting.until(reached, timeout)
        line.leave(title_of(self))

    def settle(self, timeout: float | None = None) -> None:
        """Wait like `wait`, without raising what stopped the sending."""
        self._waiting.until(lambda: self.settled, plain.seconds(timeout))

    def __await__(self) -> Generator[Any, None, Sweep]:
        return self._wait_async().__await__()

    async def _wait_async(self) -> Sweep:
        await self._waiting.until_async(lambda: self.settled, None)
        return self._result()

    def __iter__(self) -> Iterator[Job]:
        """The jobs as they end; those that have ended come first. Raises at the end what stopped the sending."""
        yielded: set[str] = set()
        over = False
        while not over:
            over = self.settled  # before the look, so that the last ones are not missed
            yield from self._ended_since(yielded)
            if not over:
                self._waiting.pause(None)
        self._result()

    async def __aiter__(self) -> AsyncIterator[Job]:
        yielded: set[str] = set()
        over = False
        self.engine.hurry()
        while not over:
            over = self.settled
            for job in self._ended_since(yielded):
                yield job
            if not over:
                await self._waiting.pause_async(None)
        self._result()

    def hold(self) -> Sweep:
        """Send nothing more; what was sent goes on. `resume` sends the rest."""
        self.asking.drop()
        if self._runner is not None:
            self._runner.stop()
        return self

    def ask(self) -> Sweep:
        """Ask in its grid whether what was not sent is to be sent, at the prices of now. Sends nothing."""
        self.refresh()
        if rest := self.unsent:
            self.asking.ask(priced(rest, self.engine.known_models()), self.at_once)
        return self

    def cancel(self) -> Sweep:
        """Send nothing more, and ask the server to cancel what runs. Returns when the server has answered.

        Raises CancelRefused, after all were asked, where the server did not cancel and the job goes on.
        """
        self.hold()
        refused = self.engine.worker.ask(self._cancel_all)
        if refused:
            raise CancelRefused(f"{len(refused)} jobs were not cancelled: {refused[0].what}", job=self)
        return self

    async def _cancel_all(self) -> list[SeedanceError]:
        turn = asyncio.Semaphore(CANCELS_AT_ONCE)

        async def cancel(job: Job) -> SeedanceError | None:
            async with turn:
                try:
                    self.session.take(await self.engine.worker.cancel(job.id))
                except SeedanceError as error:
                    return None if job.final else error
            return None

        async def cancel_open() -> list[SeedanceError]:
            opened = [job for job in self.jobs if not (job.final or job.ending)]
            opened.sort(key=lambda job: job.row.sent_at is not None)  # first what would else be sent while we cancel
            return [error for error in await asyncio.gather(*map(cancel, opened)) if error is not None]

        refused = await cancel_open()
        if self._run is not None and not self._run.done():
            await asyncio.wait([asyncio.wrap_future(self._run)])  # what was just being sent is accepted by now
            refused = await cancel_open()
        return refused

    def to_frame(self) -> Any:
        """Everything about every combination as a table of pandas, a row each. Raises SeedanceError without pandas."""
        from .dataframe import frame_of

        return frame_of(self.places)

    def by_axis(self) -> ByAxis:
        """What your marks say of each value of each axis: mean rating, stars and rejects. Shows itself as a table."""
        return by_axis([(place.values, self.job_at(n)) for n, place in enumerate(self.plan.places)], self.axes)

    def choose(self) -> Any:
        """Look through its clips one at a time, full width, and rate, star or reject each by a key."""
        return presenters.open_choose(self)

    # --- the places -----------------------------------------------------------------------------------------------
    def refresh(self) -> Sweep:
        """Read from the history what other kernels did of it."""
        self.places.read()
        return self

    def unsent_places(self) -> list[int]:
        """The numbers of the places that no job takes, from 0."""
        return self.places.unsent_numbers()

    def status_of(self, number: int) -> str:
        """How the job of a place stands, in one word; `not sent` and `refused` where it takes no place."""
        return self.places.status_of(number)

    def number_of(self, values: Mapping[str, Any]) -> int | None:
        """The number of the place with these values, from 0; `None` where there is none."""
        return self.places.number_of(values)

    def put(self, number: int, job: Job) -> None:
        """A job takes a place."""
        self.places.put(number, job)

    async def reread(self, number: int) -> None:
        """Another kernel was faster with a place: its job is ours, too."""
        await self.places.reread(number)

    def job_at(self, number: int) -> Job | None:
        """The job of a place, from 0."""
        return self.places.job_at(number)

    # --- showing --------------------------------------------------------------------------------------------------
    def mark_shown(self) -> None:
        """Take it for shown in this cell: it does not show itself again at the cell's end."""
        self._shown_in = _here()

    def _ipython_display_(self) -> None:
        if self._shown_in is None or self._shown_in != _here():
            self.show()

    def show(self) -> None:
        """Show it here: the grid where a page shows it, else a table of how it stands."""
        self.mark_shown()
        if presenters.present_sweep is not None and environment.is_watched():
            presenters.present_sweep(self)
            return
        if not environment.in_kernel():
            print("\n".join([str(self), *([] if self.settled else [WAIT])]))
            return
        if environment.is_batch() and not self.settled:
            batch_outputs.show(self._bundle, lambda: self.settled)
            return
        from IPython.display import display

        display(self._bundle(), raw=True)

    def _display_(self) -> Any:
        """The grid, where marimo shows an object."""
        return presenters.grid_of(self)

    def _bundle(self) -> dict[str, str]:
        table = lines_of(self)
        return {"text/plain": repr(table), "text/html": table._repr_html_()}

    def _repr_html_(self) -> str:
        return lines_of(self)._repr_html_()

    def __str__(self) -> str:
        return repr(lines_of(self))

    def __repr__(self) -> str:
        return for_stdout(visible(f"<Sweep {self.name}: {len(self)} jobs, {counts_text(self.status)}>"))

    # --- waiting --------------------------------------------------------------------------------------------------
    @property
    def _waiting(self) -> Waiting:
        return Waiting(self.engine, f"sweep {self.name}", lambda: self.settled, self._late)

    def _late(self) -> WaitTimeout:
        return WaitTimeout(
            f"Sweep {self.name} has not ended in time ({counts_text(self.status)}). It goes on.",
            job=self,
            next_step="sweep.wait() waits again.",
        )

    def _ended_since(self, yielded: set[str]) -> list[Job]:
        ended = [job for job in self.jobs if job.settled and job.id not in yielded]
        yielded.update(job.id for job in ended)
        return ended

    def _result(self) -> Sweep:
        if (problem := self.asking.problem or self.problem) is not None:
            raise problem
        return self

    def _sent(self) -> list[Job]:
        return [job for job in self.jobs if job.request_id is not None or job.status == "unconfirmed"]

    def _check_value(self, name: str, value: Any) -> None:
        if name not in self.axes:
            raise JobNotFound(f"The sweep has no axis {name!r}; it has {', '.join(self.axes)}.", next_step="")
        if not any(_same(each, value) for each in self.axes[name]):
            there = ", ".join(braces.as_text(each) for each in self.axes[name][:20])
            raise JobNotFound(f"No {name} is {plain.shown(value)}; there is {there}.", next_step="")


def _same(one: Any, other: Any) -> bool:
    try:
        return bool(braces.identity(one) == braces.identity(plain.plain(other)))
    except RequestInvalid:  # what cannot be a value is none of them
        return False


def _here() -> object:
    from ..notebook.environment import shell

    return getattr(shell(), "execution_count", None)
