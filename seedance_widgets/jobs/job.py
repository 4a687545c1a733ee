"""A job: our durable record of one request, as an object to show, wait for, await and cancel.

A handle, never the truth: that is the row in the store. The worker hands each news in; reading an attribute never
asks anything over the network.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar, Unpack

from .. import life
from ..clips.clip import Clip, size_text
from ..errors import (
    DownloadFailed,
    JobError,
    SeedanceError,
    WaitTimeout,
)
from ..life import new_job_id as new_job_id
from ..life.marks import REJECTED, check_room, checked_note, checked_rating, checked_tags
from ..notebook import environment, presenters
from ..request.urls import is_bucket
from ..text.printable import cut, for_stdout, one_line
from ..threads.interrupts import Answer, Bell
from ..types import GenerationRequest, MediaFacts, SubmitOptions
from ..values.plain import flag, seconds, unfit
from .names import checked_request_id
from .outcome import deleted, error_of, refusal_of, unforeseen
from .saved_clip import fetch, saved_clip_of
from .waiting import Waiting, deadline_of
from .words import status_text

if TYPE_CHECKING:
    from ..life.estimate import Estimate
    from ..request.diff import Diff
    from .deletion import Deleted
    from .engine import Engine

T = TypeVar("T")

WAIT_S = 1_800.0
"""`wait` and `await` give up after half an hour unless told otherwise; the job itself never ends by that."""


class SweepLike(Protocol):
    """The sweep that made a job, as far as the job knows it."""

    @property
    def id(self) -> str:
        """Our own name for it."""

    @property
    def name(self) -> str:
        """What the person calls it, or its id."""

    @property
    def templates(self) -> Sequence[str]:
        """What its prompts are made from."""

    @property
    def jobs(self) -> list[Job]:
        """The jobs that there are, in the order of the plan."""


class Viewer(Protocol):
    """Something that shows jobs. Called in the worker's thread, before those who wait are told."""

    def on_job(self, job: Job) -> None:
        """There is news of a job."""

    def on_tick(self) -> None:
        """A fifth of a second passed."""


class Home(Protocol):
    """The holder of a job: the session, as far as a job knows it."""

    @property
    def engine(self) -> Engine:
        """The engine that sends it, looks after it and keeps it."""

    @property
    def label(self) -> str:
        """Where jobs go, in one line."""

    @property
    def is_simulated(self) -> bool:
        """Whether nothing here can cost money."""

    def parent(self, job: Job, /) -> Job | None:
        """The job that a job was made from."""

    def children(self, job: Job, /) -> list[Job]:
        """The jobs that were made from a job."""

    def parent_sweep(self, job: Job, /) -> SweepLike | None:
        """The sweep that made a job."""

    def delete(self, jobs: Iterable[Job], /, *, clip: bool, force: bool) -> Deleted:
        """Delete jobs."""

    def warn_of_media(self, request: GenerationRequest, /) -> None:
        """Say once what goes where; raise where it can go nowhere."""

    def continue_job(self, job: Job, prompt: str, options: SubmitOptions, /) -> Job:
        """Go on from the last picture of a job."""

    def send_again(self, job: Job, /) -> Job:
        """Send the request of a job once more."""

    def start_again(self, job: Job, shown_usd: float | None = None, /) -> Job:
        """The same without waiting for the server, for a price that was shown or less."""

    def estimate(self, job: Job, /) -> Estimate | None:
        """The progress of a job, estimated."""

    def clips_folder(self) -> Path:
        """Where clips lie here."""

    def clips_place(self) -> str:
        """Where the clip of the next job goes: a folder or a bucket."""

    def subscribe(self, viewer: Viewer, /) -> None:
        """Tell a viewer all news of every job."""

    def unsubscribe(self, viewer: Viewer, /) -> None:
        """Tell it no more."""

    def take(self, row: life.Row, /) -> None:
        """Take in a row as it is now."""

    def warn(self) -> None:
        """Say once what a person should know about the history."""

    def present(self, job: Job, /) -> None:
        """Show a job here."""


class Job:
    """One request and what became of it. A `Session` makes them: `submit`, `start`, `job` and `jobs`."""

    def __init__(self, session: Home, row: life.Row, submission: Answer[life.Row] | None = None) -> None:
        self.session = session
        self.engine = session.engine
        self._row = row
        self._submission = submission
        self._news = Bell()
        self._settled = submission is None and _ended(row)
        self._shown_in: object = None
        self.merged = False
        """Whether it was not sent, since the same request was running already: it is that job now."""
        self.reused = False
        """Whether a cell that ran again by itself was given it, instead of sending its request again."""
        self.received: tuple[int, int | None] | None = None
        """Bytes of the clip that are here and that there will be, while it is downloaded."""

    # --- facts ----------------------------------------------------------------------------------------------------
    @property
    def row(self) -> life.Row:
        """The row as this kernel last saw it."""
        return self._row

    @property
    def id(self) -> str:
        """Our own name for it; short, made here, known before anything is sent."""
        return self._row.id

    @property
    def request_id(self) -> str | None:
        """The server's name for it; `None` until it has accepted."""
        return self._row.request_id

    @property
    def status(self) -> str:
        """The server's word, or `submitting` or `unconfirmed`."""
        return self._row.status

    @property
    def status_text(self) -> str:
        """The status in words, with what we are doing about it."""
        return status_text(self._row, time.time())

    @property
    def request(self) -> GenerationRequest:
        """What was asked for."""
        return self._row.request

    @property
    def created_at(self) -> float:
        """When it was submitted: seconds since 1970, UTC."""
        return self._row.created_at

    @property
    def final(self) -> bool:
        """Whether the server will never change it."""
        return self._row.final

    @property
    def settled(self) -> bool:
        """Whether nothing more happens by itself: final, and the clip saved or given up on."""
        return self._settled

    @property
    def ending(self) -> bool:
        """Whether it has settled or is about to be announced so: what is shown at the end is shown now."""
        return _ended(self._row) or self._rejected

    @property
    def cost(self) -> float | None:
        """Estimated when it was submitted, in US dollars; `None` where the server names no price."""
        return self._row.cost_usd

    @property
    def credits_charged(self) -> int | None:
        """What the server said it charged, in credits."""
        return self._row.credits_charged

    @property
    def starred(self) -> bool:
        """Whether it has a star."""
        return self._row.starred

    @property
    def rating(self) -> int | None:
        """Your opinion, 1 to 5."""
        return self._row.rating

    @property
    def tags(self) -> tuple[str, ...]:
        """Your words to find it by."""
        return self._row.tags

    @property
    def rejected(self) -> bool:
        """Whether you rejected it: it has the tag `rejected`."""
        return REJECTED in self._row.tags

    @property
    def note(self) -> str:
        """Your own words about it."""
        return self._row.note

    @property
    def clip(self) -> Clip | None:
        """The saved video, once it is there. While it is fetched again, the one that was there before.

        From a bucket it is fetched first, where it is not here. Raises ClipNotFetched.
        """
        path = fetch(self._row, self.engine.clips) if is_bucket(self._row.clip_there) else None
        clip = self.saved_clip
        return clip if clip is None or path is None else replace(clip, path=path, is_here=True)

    @property
    def saved_clip(self) -> Clip | None:
        """The same without fetching anything: of a clip in a bucket the file may not be here yet."""
        return saved_clip_of(self._row, self.engine)

    @property
    def parent(self) -> Job | None:
        """The job that this one was made from, where the history has it."""
        return self.session.parent(self)

    @property
    def relation(self) -> str:
        """What it is of its parent: a `variation`, what `continues` it, or another `take`."""
        return self._row.relation

    @property
    def media(self) -> tuple[MediaFacts, ...]:
        """What is kept of those of its media that were given as files or pictures, with a thumbnail of each picture."""
        return self._row.media

    @property
    def children(self) -> list[Job]:
        """The jobs that were made from this one, oldest first."""
        return self.session.children(self)

    @property
    def sweep(self) -> SweepLike | None:
        """The sweep that made it, where the history has it."""
        return self.session.parent_sweep(self)

    def diff(self, other: Job) -> Diff:
        """What was changed from this job to another one: options, and words of the prompt."""
        from ..request.diff import Diff

        job = checked_job(other, "other")
        return Diff(self.request, job.request, job.relation if job.row.parent_id == self.id else "")

    @property
    def error(self) -> SeedanceError | None:
        """Why there is no clip and will be none by itself; the error that `wait` raises. `None` while all is well."""
        if self._submission is not None and self._submission.done():
            refused = self._submission.exception()
            if isinstance(refused, JobError) and refused.job.id == self.id:
                refused.job = self
            if isinstance(refused, SeedanceError):
                return refused
            if refused is not None:
                return unforeseen(refused)
        return error_of(self._row, self)

    # --- doing ----------------------------------------------------------------------------------------------------
    def wait_accepted(self, timeout: float | None = None) -> Job:
        """Wait until the server has accepted, whoever sends it. Ctrl-C stops the waiting, not the job.

        Raises:
            RequestInvalid, ApiError, ConnectionFailed: nothing was charged.
            GenerationFailed: the same, where another kernel did not send it.
            SubmissionUncertain: it may have been charged; the job is kept as `unconfirmed`.
            WaitTimeout: `timeout` seconds passed.
        """
        self.wait_until(lambda: self.is_answered, seconds(timeout))
        self.session.warn()
        if self._row.request_id is None and (error := self._refusal_elsewhere() or self.error):
            raise error
        return self

    def wait(self, timeout: float | None = WAIT_S, *, quiet: bool = False) -> Clip:
        """Wait for the clip. Ctrl-C stops the waiting, not the job.

        On a terminal one line on standard error shows how far it is, and at the end the path.

        Args:
            timeout: Seconds; `None` waits for ever.
            quiet: Show nothing on a terminal either.

        Raises:
            GenerationFailed, GenerationCancelled, SubmissionUncertain, DownloadFailed: it ended without a clip.
            WaitTimeout: the time passed; the job goes on.
        """
        timeout, quiet = seconds(timeout), flag(quiet, "quiet")
        try:
            if quiet or self.settled or not environment.is_terminal():
                self.wait_until(lambda: self.settled, timeout)
            else:
                self._wait_in_sight(timeout)
        except KeyboardInterrupt as stop:
            stop.add_note(self._goes_on())
            raise
        return self._result()

    def _wait_in_sight(self, timeout: float | None) -> None:
        from .live_line import LiveLine, standing_of

        def reached() -> bool:
            line.draw()
            return self.settled

        with LiveLine(lambda: standing_of(self._row, self.session.estimate(self), self.received)) as line:
            self.wait_until(reached, timeout)
        if self.clip is not None and self.error is None:
            line.leave(f"Saved: {self.clip.path} ({size_text(self.clip.size_bytes)})")

    def _goes_on(self) -> str:
        """What is true of it after an interrupt."""
        if self.settled:
            return f"Job {self.id} has ended: session.job({self.id!r}) has it."
        if self._row.request_id is None:
            return f"Job {self.id} is not accepted yet; session.job({self.id!r}) tells what becomes of it."
        return f"Job {self.id} goes on. session.job({self.id!r}).wait() waits again, also after a restart."

    def updates(self, timeout: float | None = WAIT_S) -> Iterator[str]:
        """The status in words at each change, until the job is settled. Does not raise for a failed job."""
        last = None
        timeout = seconds(timeout)
        deadline, waiting = deadline_of(timeout), self._waiting
        while True:
            settled, text = self.settled, self.status_text
            if text != last and not self._rejected:
                last = text
                yield text
            if settled:
                return
            waiting.pause(deadline)

    def cancel(self) -> Job:
        """Ask the server to cancel, and tell what is then true: look at `status`.

        Raises CancelRefused where the server says no while the job goes on; a job that has ended stays as it is.
        """
        return self._command(self.engine.cancel(self.id))

    def download(self) -> Clip:
        """Fetch the clip again, from a fresh URL. Costs nothing. Waits for it; raises DownloadFailed.

        A clip that is there stays until the new one is whole, which then takes its place.
        """
        if self._row.is_removed:
            raise deleted(self._row)
        if self._row.status != "succeeded":
            raise DownloadFailed(f"Job {self.id} has no video: {self.status_text.lower()}.", job=self, charged="")
        self._command(self.engine.save_again(self.id))
        clip = self.wait()
        if self._row.save_problem is not None:
            raise DownloadFailed(
                f"The clip of job {self.id} could not be fetched again: {self._row.save_problem}",
                job=self,
                next_step=f"The clip that you have stays: {clip.path}",
            )
        return clip

    def adopt(self, request_id: str) -> Job:
        """Give an `unconfirmed` job the request id that you found in the vendor's dashboard. Costs nothing."""
        if self._row.status != "unconfirmed" and not self._row.is_discarded:
            raise SeedanceError(f"Job {self.id} is {self.status}; only an unconfirmed job can be adopted.", charged="")
        request_id = checked_request_id(request_id)
        self._submission = None
        return self._command(self.engine.adopt(self.id, request_id))

    def discard(self) -> Job:
        """Close an `unconfirmed` job that is not in the vendor's dashboard. Sends nothing; `adopt` still works."""
        if self._row.status != "unconfirmed":
            raise SeedanceError(f"Job {self.id} is {self.status}; only an unconfirmed job is discarded.", charged="")
        self._submission = None
        return self._command(self.engine.discard(self.id))

    def continue_with(self, prompt: str, **options: Unpack[SubmitOptions]) -> Job:
        """Go on from its last picture, with its model, ratio and resolution unless told otherwise. **Spends credits.**

        One picture as `last_frame` or `media` is what it ends with. The new job knows this one as its parent, and
        `relation` says that it continues it. The API does not go on with the sound. Raises what
        `Session.submit` raises, and MediaInvalid while there is no clip.
        """
        return self.session.continue_job(self, prompt, options)

    def send_again(self) -> Job:
        """Send the same request once more, as a new job with new links to its media. **Spends credits.**

        The new job knows this one as its parent. Raises what `Session.submit` raises, and RequestInvalid for a link
        that was signed and given as one, since its signature was not kept.
        """
        return self.session.send_again(self)

    def mark(
        self,
        *,
        starred: bool | None = None,
        note: str | None = None,
        rating: int | None = None,
        tags: Iterable[str] | None = None,
    ) -> Job:
        """Star it, write a note on it, rate it or give it these tags and no others; what is `None` stays as it is.

        A star takes a reject back: nothing is both.

        Raises SeedanceError for a note or tags that are too long or too many; nothing is changed then.
        """
        starred = None if starred is None else flag(starred, "starred")
        words = None if tags is None else checked_tags(tags)
        note = None if note is None else checked_note(note)
        check_room(words or ())
        number = None if rating is None else checked_rating(rating)
        kept = (REJECTED,) if starred and words is None else ()
        return self._marked(life.Marked(starred, note, number, words, untagged=kept))

    def rate(self, rating: int | None) -> Job:
        """Say how good it is, 1 to 5; `None` takes the rating away."""
        return self._marked(life.Marked(rating=0 if rating is None else checked_rating(rating)))

    def tag(self, *tags: str) -> Job:
        """Give it more words to find it by."""
        words = checked_tags(tags)
        check_room((*self.tags, *words))
        return self._marked(life.Marked(tagged=words))

    def untag(self, *tags: str) -> Job:
        """Take tags away; without any, all of them."""
        return self._marked(life.Marked(untagged=checked_tags(tags)) if tags else life.Marked(tags=()))

    def reject(self, rejected: bool = True) -> Job:
        """Reject it, which takes its star away, or with `False` take that back. Deletes nothing."""
        if not flag(rejected, "rejected"):
            return self._marked(life.Marked(untagged=(REJECTED,)))
        check_room((*self.tags, REJECTED))
        return self._marked(life.Marked(starred=False, tagged=(REJECTED,)))

    def delete(self, *, clip: bool = True, force: bool = False) -> Deleted:
        """Delete it, with its clip unless told otherwise. What it cost stays counted. See `Session.delete`."""
        return self.session.delete([self], clip=clip, force=force)

    def _marked(self, event: life.Marked) -> Job:
        row = self.engine.store.apply(self.id, event)
        if row.is_removed:
            raise deleted(row)
        self.session.take(row)
        return self

    def show(self) -> None:
        """Show it here: a live card, or the video."""
        self.mark_shown()
        self.session.present(self)

    # --- waiting --------------------------------------------------------------------------------------------------
    def __await__(self) -> Generator[Any, None, Clip]:
        return self._wait_async().__await__()

    async def _wait_async(self, timeout: float = WAIT_S) -> Clip:
        await self._waiting.until_async(lambda: self.settled, timeout)
        return self._result()

    def wait_until(self, reached: Callable[[], bool], timeout: float | None) -> None:
        """Wait in short steps until something is so, or raise WaitTimeout after `timeout` seconds; `None`: for ever."""
        self.engine.refuse_own_thread()
        self._waiting.until(reached, timeout)

    @property
    def _waiting(self) -> Waiting:
        return self._waiting_for(lambda: self.settled)

    def _waiting_for(self, settled: Callable[[], bool]) -> Waiting:
        return Waiting(self.engine, f"job {self.id}", settled, self._late, self._news.wait)

    def _late(self) -> WaitTimeout:
        return WaitTimeout(
            f"Job {self.id} has not ended in time ({self.status_text.lower()}). It goes on at the server.",
            job=self,
            next_step=f"session.job({self.id!r}).wait() goes on waiting, also after a restart; "
            f"%seedance_show {self.id} shows it.",
        )

    def _command(self, future: Answer[life.Row]) -> Job:
        """Wait for what the worker was asked to do, also when the job has settled: a closed session answers nothing."""
        self._waiting_for(lambda: False).until(future.done, None)
        try:
            self.session.take(future.result())
        except JobError as error:
            error.job = self
            raise
        return self

    # --- news -----------------------------------------------------------------------------------------------------
    def take(self, row: life.Row) -> None:
        """The worker's news; older news than what we have is dropped."""
        if row.rev >= self._row.rev or (row.final and not self._row.final):
            self._row = row
            self._settled = self._settled and _ended(row)
        if row.clip_path is not None:
            self.received = None

    def become(self, row: life.Row, submission: Answer[life.Row] | None) -> None:
        """Be the job that this request runs as. `submission`: what it is sent by, where that is this kernel."""
        self._row, self.merged, self._submission = row, True, submission

    @property
    def is_answered(self) -> bool:
        """Whether it is known what came of sending it, here or in another kernel."""
        return self._row.status != "submitting" if self._submission is None else self._submission.done()

    def _refusal_elsewhere(self) -> SeedanceError | None:
        return refusal_of(self._row, self) if self._submission is None else None

    def announce(self) -> None:
        """Let the waiters go on. Comes after the news was displayed: the output must precede the end of the cell."""
        self._settled = self.ending
        self._news.ring()

    @property
    def submission(self) -> Answer[life.Row] | None:
        """What became of sending it, where this kernel sends it."""
        return self._submission

    @property
    def takes_place(self) -> bool:
        """Whether it stands in its place of a sweep for good; one that our own checks refused has no row."""
        return self._row.takes_place and not (self._row.status == "submitting" and self._rejected)

    @property
    def _rejected(self) -> bool:
        """Refused by our own checks: there is no row and there will be none."""
        done = self._submission is not None and self._submission.done()
        return done and self._submission.exception() is not None  # type: ignore[union-attr]

    def _result(self) -> Clip:
        error = self.error
        if error is not None:
            raise error
        clip = self.clip
        assert clip is not None, "a settled job without an error has its clip"
        return clip

    # --- showing --------------------------------------------------------------------------------------------------
    def mark_shown(self) -> None:
        """Take it for shown in this cell: it does not show itself again at the cell's end."""
        self._shown_in = self._here()

    def _ipython_display_(self) -> None:
        """Once a cell: `%seedance x` displays and returns the job, and one card is what a person expects."""
        if self._shown_in is None or self._shown_in != self._here():
            self.show()

    @property
    def widget(self) -> Any:
        """The live card as a widget, for layouts: `HBox([job.widget, other.widget])`. The same until it is closed.

        It shows the clip at the end, for as long as this kernel lives; what is saved with the notebook is the job's
        own output.
        """
        return presenters.widget_of(self)

    def _display_(self) -> Any:
        """The card, where marimo shows an object."""
        return self.widget

    def _here(self) -> object:
        from ..notebook.environment import shell

        return getattr(shell(), "execution_count", None)

    def __repr__(self) -> str:
        return for_stdout(f"<Job {self.id} {one_line(self.status)} {cut(self.request.prompt, 40)!r}>")


def checked_job(job: object, name: str = "job") -> Job:
    """A job, where one is asked for. Raises SeedanceError."""
    if isinstance(job, Job):
        return job
    raise unfit(name, "a job", job, next_step="session.job(id) gives the job of an id.")


def checked_jobs(jobs: object) -> list[Job]:
    """One job, or each of several. Raises SeedanceError."""
    if isinstance(jobs, Job):
        return [jobs]
    if isinstance(jobs, str | bytes | Mapping) or not isinstance(jobs, Iterable):
        raise unfit("jobs", "a job or a list of jobs", jobs, next_step="session.job(id) gives the job of an id.")
    return [checked_job(each) for each in jobs]


def _ended(row: life.Row) -> bool:
    return row.settled and row.status != "submitting"
