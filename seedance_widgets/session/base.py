"""The base of a session, as its jobs, sweeps and views need it: the engine, the registry, where it sends.

`session.Session` adds the calls that people make.
"""

from __future__ import annotations

import warnings
from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

from .. import life
from ..clips import folder
from ..errors import ClipsWarning, HistoryWarning, MediaWarning, RequestInvalid, SettingsInvalid
from ..jobs.engine import Engine
from ..jobs.job import Job, Viewer, checked_job, checked_jobs
from ..jobs.media import going_on, resolved
from ..jobs.reactive import Cells
from ..jobs.registry import Registry
from ..life.estimate import Estimate
from ..notebook import presenters
from ..request.caps import Caps
from ..secret import Secret
from ..settings.settings import Settings
from ..threads.interrupts import Answer
from ..values.plain import flag
from . import batch
from .wiring import needs_of

if TYPE_CHECKING:
    from ..jobs.deletion import Deleted
    from ..simulator import Simulator
    from ..store import Store
    from ..sweep import Sweep
    from ..types import GenerationRequest, MediaFacts, Model, SubmitOptions
    from .saved_prompts import Templates

SIMULATOR_LABEL = "Simulator: no key used, nothing charged"


class BaseSession:
    """The engine, the registry and the settings of a session, and what a `jobs.job.Home` is asked for."""

    def __init__(
        self,
        settings: Settings | None,
        *,
        home: Path,
        simulator: Simulator | None = None,
        caps: Caps | None = None,
        clips: str | Path | None = None,
        takes_over: bool = True,
    ) -> None:
        self.settings = settings
        self.home = home
        self._simulator = simulator
        self._clips_notice: str | None = None
        self._history_notice: str | None = None
        self.registry = Registry(self)
        """The jobs and sweeps that somebody here has an object of."""
        self.cells = Cells()
        """What the cells of a notebook have sent that run again by themselves."""
        needs = replace(needs_of(lambda: self.settings, home, simulator), takes_over=takes_over)
        self.engine = Engine(needs, home=home, subscriber=self.registry, caps=caps, clips=clips)
        """The history, the worker, caps and prices, without anything of a notebook."""
        self.id, self.service, self.began_at = self.engine.id, self.engine.service, self.engine.began_at
        self.engine.start()
        batch.attend(self)

    @property
    def label(self) -> str:
        """Where jobs go, in one line. Every surface shows it."""
        where = SIMULATOR_LABEL if self.settings is None else f"API at {self.settings.origin}"
        return f"{where}; history in memory only" if self.engine.is_in_memory else where

    @property
    def problem(self) -> str | None:
        """What went wrong last in looking after the jobs or in showing them, while it lasts. Nothing ends by it."""
        return self.engine.problem or self.registry.problem

    @property
    def is_simulated(self) -> bool:
        """Whether nothing here can cost money."""
        return self.settings is None

    @property
    def store(self) -> Store:
        """The history."""
        return self.engine.store

    def __repr__(self) -> str:
        return f"<Session {self.label}; history in {self.home}>"

    def clips_place(self) -> str:
        """Where the clip of the next job goes: the bucket that is named, or else the folder that can be written.

        Raises SettingsInvalid for a bucket that is none, PackageMissing without obstore.
        """
        bucket = folder.find(self.engine.given_clips, self.home).bucket
        if bucket is None:
            return str(self.clips_folder())
        from ..storage.bucket import checked_url

        return checked_url(bucket, folder.VARIABLE)

    def clips_folder(self) -> Path:
        """Where clips lie here: a folder that can be written, which is tried. Another one is said once.

        What `connect(clips=)` was given, `%config SeedanceMagics.clips`, SEEDANCE_CLIPS, or `seedance_clips` beside the
        notebook; `clips` in the data folder where that cannot be written. Copies, where clips are put into a bucket.
        """
        chosen = folder.find(self.engine.given_clips, self.home)
        if chosen.notice is not None and chosen.notice != self._clips_notice:
            self._clips_notice = chosen.notice
            warnings.warn(chosen.notice, ClipsWarning, stacklevel=3)
        return chosen.path

    def warn(self) -> None:
        """Say once what a person should know about the history."""
        notice = self.engine.notice
        if notice and notice != self._history_notice:
            self._history_notice = notice
            warnings.warn(notice, HistoryWarning, stacklevel=3)

    @property
    def templates(self) -> Templates:
        """The prompts that are saved beside the notebook, by name. See `save_template`."""
        from .saved_prompts import here

        return here(self.home)

    def warn_of_media(self, request: GenerationRequest) -> None:
        """Say once what goes where. Raises MediaPlaceMissing where it can go nowhere; nothing is sent then."""
        self.engine.media.check(request)
        if (notice := self.engine.media.notice(request)) is not None:
            warnings.warn(notice, MediaWarning, stacklevel=3)

    # --- for jobs -------------------------------------------------------------------------------------------------
    def parent(self, job: Job) -> Job | None:
        """The job that a job was made from; `None` where there was none, or the history does not have it."""
        from ..jobs.family import parent_of

        return parent_of(self.registry, checked_job(job))

    def children(self, job: Job) -> list[Job]:
        """The jobs that were made from a job, oldest first."""
        from ..jobs.family import children_of

        return children_of(self.registry, checked_job(job))

    def parent_sweep(self, job: Job) -> Sweep | None:
        """The sweep that made a job; `None` where none did, or the history does not have it."""
        if (row := checked_job(job).row).sweep_id is None:
            return None  # without loading what a sweep is
        from ..sweep import of_job

        return of_job(self.registry, row)

    def delete(self, jobs: Job | Iterable[Job], *, clip: bool = True, force: bool = False) -> Deleted:
        """Delete jobs, all or none, with their clips. What they cost stays counted; the server is told nothing.

        Args:
            clip: Also delete the clip, its poster and its sidecar, where they are ours.
            force: Also those that are `unconfirmed`.

        Raises DeleteRefused for a job that goes on; nothing is deleted then.
        """
        from ..jobs.deletion import delete

        rows = [job.row for job in checked_jobs(jobs)]
        return delete(self.engine, rows, clip=flag(clip, "clip"), force=flag(force, "force"), gone=self.registry.forget)

    def continue_job(self, job: Job, prompt: str, options: SubmitOptions) -> Job:
        """Go on from the last picture of a job. **Spends credits.** See `Job.continue_with`."""
        return self.submit(prompt, parent_id=job.id, **going_on(job, options))

    def send_again(self, job: Job) -> Job:
        """Send the request of a job once more. **Spends credits.** See `Job.send_again`."""
        return self.start_again(job).wait_accepted()

    @abstractmethod
    def start_again(self, job: Job, shown_usd: float | None = None) -> Job:
        """The same without waiting for the server, for a price that was shown or less. **Spends credits.**"""

    @abstractmethod
    def submit(self, prompt: str, *, parent_id: str | None = None, **options: Unpack[SubmitOptions]) -> Job:
        """Start a generation. **Spends credits.**"""

    def know_media(self, facts: Iterable[MediaFacts]) -> None:
        """Know of media that a clip tells of, so that a request that names them finds them. Fetches nothing."""
        for each in facts:
            self.engine.media.shelf.learn(each)

    def estimate(self, job: Job) -> Estimate | None:
        """How far along a job is, probably; `None` while it waits for its turn or when it has ended."""
        return self.engine.estimate_of_row(checked_job(job).row)

    def present(self, job: Job) -> None:
        """Show a job here: a live card, or the video."""
        presenters.present(job)

    def take(self, row: life.Row) -> None:
        """Take in a row as it is now, and tell whoever shows or waits for its job."""
        self.registry.on_row(row)

    # --- for views ------------------------------------------------------------------------------------------------
    def open_jobs(self) -> list[Job]:
        """The jobs of this kernel that are not settled yet. Asks nobody; for completion."""
        return self.registry.open_jobs()

    def models_now(self) -> tuple[Model, ...]:
        """The live list of this very moment; what is known already where the server does not answer."""
        return self.engine.models_now()

    def known_models(self) -> tuple[Model, ...]:
        """The models as far as they are known now, without asking the network."""
        return self.engine.known_models()

    def problems(self, prompt: str, **options: Unpack[SubmitOptions]) -> list[RequestInvalid]:
        """Everything that is wrong with a request as far as is known now; asks nobody, sends nothing."""
        return self.engine.problems(prompt, resolved(self.engine.media, options))

    def news(self) -> tuple[int, int]:
        """Two numbers that change when any job of this history does, also by another kernel."""
        return self.store.news(self.service)

    def subscribe(self, viewer: Viewer) -> None:
        """Tell a viewer all news of every job of this session."""
        self.registry.subscribe(viewer)

    def unsubscribe(self, viewer: Viewer) -> None:
        """Tell it no more."""
        self.registry.unsubscribe(viewer)

    def cancel_soon(self, job_id: str) -> Answer[life.Row]:
        """Ask the server to cancel, without waiting for its answer: for a click."""
        return self.engine.cancel(job_id)

    def save_soon(self, job_id: str) -> Answer[life.Row]:
        """Fetch a clip again, without waiting for it: for a click."""
        return self.engine.save_again(job_id)

    def adopt_soon(self, job_id: str, request_id: str) -> Answer[life.Row]:
        """Give an unconfirmed job its request id, without waiting: for a click."""
        return self.engine.adopt(job_id, request_id)

    def discard_soon(self, job_id: str) -> Answer[life.Row]:
        """Close an unconfirmed job, without waiting: for a click."""
        return self.engine.discard(job_id)

    # --- the thread -----------------------------------------------------------------------------------------------
    @property
    def is_closed(self) -> bool:
        """Whether nobody looks after its jobs here: it was closed, or could not be opened. Using it opens it again."""
        return self.engine.is_closed

    def change_key(self, key: Secret, source: str) -> None:
        """Go on with another key at the same address. Jobs that waited for one are looked at; nothing is submitted."""
        if self.settings is None:
            raise SettingsInvalid("The simulator takes no key.", next_step="connect() speaks to the API.")
        self.settings = replace(self.settings, api_key=key, key_source=source)
        self.engine.change_key()

    def close(self) -> None:
        """End the thread. Jobs go on at the server, and the next session looks after them; sweeps send no more."""
        for sweep in self.registry.sweeps():
            sweep.hold()
        self.engine.close()
        if self._simulator is not None:
            self._simulator.stop()
