"""Settings, store, worker and jobs, wired together: everything that can be done, as plain calls.

`connect` speaks to the API, `simulate` to the simulator inside this process, `default_session` to whichever fits. One
kernel usually has one session; the magics and the widgets use the default one.
"""

from __future__ import annotations

import logging
import threading
import time
import warnings
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol, TypeVar, Unpack
from weakref import WeakValueDictionary

from . import catalog, hooks, keys, life, lineage, notebook, templates
from .caps import Caps
from .caps import read as read_cap
from .catalog import (
    BUNDLED_MODELS,
    OPTION,
    OPTIONS,
    Option,
    known_values,
    media_kind,
    media_roles,
    nearest,
    parse_value,
)
from .deletion import check as check_deletable
from .errors import HistoryWarning, JobNotFound, RequestInvalid, SettingsInvalid
from .job import Job, new_job_id
from .keys import Environment, find_key
from .lineage import Diff, Family, is_made_from
from .listing import JobFilter, Jobs, age, wanted_of
from .secret import Secret, checked_key
from .settings import MAX_CLIP_BYTES, Settings, find_home, read_settings
from .snippets import as_magic, as_python
from .templates import Template, Templates, checked_name
from .types import GenerationRequest, Json, Model, RequestOptions, WebhookEvent
from .when import When, instant, midnight
from .worker import Doors, Worker

if TYPE_CHECKING:
    from .client import AsyncClient, Files
    from .costs import Costs
    from .deletion import Deleted
    from .doctor import Report
    from .export import Bundle
    from .simulator import Simulator
    from .store import Store
    from .sweep import Sweep, SweepPlan

T = TypeVar("T")

TWIN_S = 10.0
"""The same request within this time is taken for the same intent, until a person says otherwise."""

_log = logging.getLogger(__name__)

SIMULATOR_LABEL = "Simulator: no key used, nothing charged"
CAP_VARIABLE = "SEEDANCE_CAP_PER_DAY_USD"
SIMULATOR_FLOOR_S = 0.2
"""The simulator is this process's own: looking at it often costs nobody anything."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """How far along a job probably is, from earlier jobs like it. The API itself reports no percentage."""

    elapsed_s: float
    median_s: float
    p90_s: float
    """Nine in ten such jobs end by then."""
    source: str
    """Where it comes from, in words: it is shown beside every estimate."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be sent, and what it would cost. Nothing was sent."""

    request: GenerationRequest
    cost_usd: float | None
    """Estimate in US dollars; `None` where the server names no price."""
    estimate: Estimate

    @property
    def body(self) -> dict[str, Json]:
        """The JSON body as it would go over the wire."""
        from .wire import request_body

        return request_body(self.request)


class Viewer(Protocol):
    """Something that shows jobs. Called in the worker's thread, before those who wait are told."""

    def on_job(self, job: Job) -> None:
        """There is news of a job."""

    def on_tick(self) -> None:
        """A fifth of a second passed."""


class Session:
    """All that belongs together in one kernel: where to send, the history, the thread that looks after the jobs.

    Made by `connect`, `simulate` or `default_session`. Making one starts the thread, which goes on with the open jobs
    of kernels that have died; nothing is ever submitted by itself.
    """

    def __init__(
        self, settings: Settings | None, *, home: Path, simulator: Simulator | None = None, caps: Caps | None = None
    ) -> None:
        self.settings = settings
        self.home = home
        self.id = new_job_id()
        self._caps = caps or Caps()
        self.began_at = time.time()
        """When it was made: what was spent since then was spent in this session."""
        self.service = "simulator" if settings is None else settings.origin
        self._simulator = simulator
        self._jobs: WeakValueDictionary[str, Job] = WeakValueDictionary()
        self._open: dict[str, Job] = {}
        self._sweeps: WeakValueDictionary[str, Sweep] = WeakValueDictionary()
        self._viewers: list[Viewer] = []
        self._store: Store | None = None
        self._warned: str | None = None
        self._lock = threading.RLock()
        self._worker = Worker(self._doors(), self)
        self._worker.start()

    @property
    def label(self) -> str:
        """Where jobs go, in one line. Every surface shows it."""
        where = SIMULATOR_LABEL if self.settings is None else f"API at {self.settings.origin}"
        return f"{where}; history in memory only" if self._store and self._store.is_in_memory else where

    @property
    def problem(self) -> str | None:
        """What went wrong last while looking after the jobs, while it lasts. Nothing ends by it."""
        return self._worker.problem

    @property
    def is_simulated(self) -> bool:
        """Whether nothing here can cost money."""
        return self.settings is None

    @property
    def store(self) -> Store:
        """The history."""
        with self._lock:
            if self._store is None:
                from .store import Store

                place = self.home / "history.db" if self.settings is None else self.settings.history
                self._store = Store(place, trail=self.home / "submissions.jsonl")
            return self._store

    @property
    def caps(self) -> Caps:
        """What may be spent. Set it anew to change it: `session.caps = session.caps.with_(per_day_usd=5)`."""
        return self._caps

    @caps.setter
    def caps(self, caps: Caps) -> None:
        if not isinstance(caps, Caps):
            raise SettingsInvalid(
                f"caps takes seedance_widgets.Caps(...), not {type(caps).__name__}.",
                next_step="session.caps = sw.Caps(per_day_usd=5)",
            )
        self._caps = caps

    def cap_left_usd(self) -> float | None:
        """What may still be spent before a cap of the session or the day is reached; `None` where there is none."""
        caps = self._caps
        if not caps.any:
            return None
        return caps.left_usd(self.store.spent(self.service, self.id, midnight(time.time())))

    # --- asking ---------------------------------------------------------------------------------------------------
    def plan(self, prompt: str, **options: Unpack[RequestOptions]) -> Plan:
        """Check a request against its model and price it. Sends nothing, costs nothing.

        Raises RequestInvalid with the option, what it takes and the nearest that fits.
        """
        request = catalog.make_request(prompt, options)
        try:
            catalog.check(request, self.known_models())
        except RequestInvalid:
            catalog.check(request, self.models())  # the live list is the authority
        cost_usd = catalog.price_usd(request, self.known_models())
        return Plan(request, cost_usd, self._estimate(request, 0.0))

    def problems(self, prompt: str, **options: Unpack[RequestOptions]) -> list[RequestInvalid]:
        """Everything that is wrong with a request as far as is known now; asks nobody, sends nothing."""
        return catalog.problems(prompt, options, self.known_models())

    def start(
        self,
        prompt: str,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        fresh: bool = True,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Start a generation and return at once, before the server has answered. **Spends credits.**

        For a card that is on screen first: `Job.wait_accepted` then tells what the server said.

        Args:
            prompt: What the video shows.
            out_name: The clip's file name without an ending, instead of one made from the prompt.
            parent_id: The job whose request this one was made from.
            fresh: Send also when the same request is `unconfirmed`. Otherwise waiting for it raises `SentBefore`.
            options: See `RequestOptions`; what is left out has the defaults of `OPTIONS`.

        Raises:
            RequestInvalid: nothing was sent. A cap that does not allow it is told by the job: `wait_accepted` raises
                CapExceeded.
        """
        plan = self.plan(prompt, **options)
        row = life.Row(
            id=new_job_id(),
            service=self.service,
            request=plan.request,
            created_at=time.time(),
            cost_usd=plan.cost_usd,
            folder=str(notebook.clips_folder()),
            notebook=notebook.path(),
            out_name=out_name,
            parent_id=parent_id,
            session_id=self.id,
        )
        submission = self._worker.call(self._worker.submit, row, fresh)
        job = self._keep(Job(self, row, submission))
        submission.add_done_callback(lambda _: self._show_news(job))
        return job

    def submit(
        self,
        prompt: str,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Start a generation. **Spends credits.**

        Returns as soon as the server has accepted. Does not wait for the clip: show the job to watch it, or call
        `Job.wait` in a script. `parent_id` names the job that it was made from.

        Raises:
            RequestInvalid: an option that the model does not take; nothing was sent.
            CapExceeded: it would cost more than a cap allows; nothing was sent.
            InsufficientCredits, Unauthorized, RateLimited, …: refused by the server; nothing was charged.
            ConnectionFailed: never sent; nothing was charged.
            SubmissionUncertain: the line broke after sending. The job is kept as `unconfirmed`; look at the account
                before submitting again.
        """
        return self.start(prompt, out_name=out_name, parent_id=parent_id, **options).wait_accepted()

    # --- sweeps ---------------------------------------------------------------------------------------------------
    def plan_sweep(
        self,
        prompts: str | Iterable[str],
        /,
        *,
        zip: bool = False,
        skip_invalid: bool = False,
        axes: Mapping[str, Any] | None = None,
        **more: Any,
    ) -> SweepPlan:
        """What `sweep` would send, as a table with its price. Sends nothing, costs nothing; the same arguments.

        Args:
            axes: Like further keywords, for names that come from elsewhere.
        """
        from .sweep import make_plan

        given = {**(axes or {}), **more}
        return make_plan(self, prompts, given, mode="zip" if zip else "product", skip_invalid=skip_invalid)

    def sweep(
        self,
        prompts: str | Iterable[str] | SweepPlan,
        /,
        *,
        name: str | None = None,
        zip: bool = False,
        at_once: int = 4,
        skip_invalid: bool = False,
        **axes: Any,
    ) -> Sweep:
        """Make many videos from one template. **Spends credits.** Returns at once.

            session.sweep("a {animal} in {weather}", animal=["fox", "owl"], weather=["rain", "snow"], duration=[5, 10])

        The same call again, or the same `name`, goes on with the same sweep, also after a restart: what was sent is
        never paid twice, and another name makes it anew. Nothing is sent by itself.

        Args:
            prompts: A template whose braces the keywords fill, a list or column of them, or a plan of `plan_sweep`.
            name: What to call it.
            zip: Pair the values one by one, instead of each with each.
            at_once: How many of its jobs run at the same time.
            skip_invalid: Leave out combinations that a model does not take, instead of refusing all.
            axes: Variables of the template and options of a request: one value each, or a list of them.

        Raises:
            RequestInvalid: nothing was sent.
        """
        from .sweep import start

        mode: Literal["zip", "product"] = "zip" if zip else "product"
        return start(self, prompts, axes, name=name, mode=mode, at_once=at_once, skip_invalid=skip_invalid)

    def sweep_of(self, name: str) -> Sweep:
        """The sweep of a name, an id or the beginning of an id; `resume` goes on with it. Raises JobNotFound."""
        from .sweep import find

        return find(self, name)

    def sweeps(self, limit: int = 20) -> list[Sweep]:
        """The newest sweeps of this service, newest first."""
        from .sweep import listed

        return listed(self, limit)

    def models(self, refresh: bool = False) -> tuple[Model, ...]:
        """What there is to choose from: the live list, at most an hour old unless `refresh`ed.

        The bundled list when the server cannot be reached. Raises what the server answered only when refreshing.
        """
        return self._result(self._worker.call(self._worker.models, refresh))

    def known_models(self) -> tuple[Model, ...]:
        """The models as far as they are known now, without asking the network."""
        return self._worker.known_models()

    # --- history --------------------------------------------------------------------------------------------------
    def jobs(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[JobFilter]) -> Jobs:
        """The newest jobs of this service, newest first: a sequence that shows as a table.

        Args:
            limit: At most so many, after `offset` newer ones.
            wanted: `text` (every word of it in prompt, note, tag or id), `status`, `model`, `starred`, `tag`, `rating`
                (this or better), `sweep`, `since` and `until` ("today", "7d", "2026-11-01", a date, an instant).
        """
        rows = self.store.rows(service=self.service, limit=limit, offset=offset, **wanted_of(wanted))
        self._warn()
        empty = "No such jobs." if any(wanted.values()) else "No jobs yet: %seedance makes the first."
        return Jobs(map(self._job_of, rows), empty=empty)

    def count(self, **wanted: Unpack[JobFilter]) -> int:
        """How many jobs of this service fit; the same filters as `jobs`."""
        return self.store.count(service=self.service, **wanted_of(wanted))

    def delete(self, jobs: Job | Iterable[Job], *, clip: bool = True, force: bool = False) -> Deleted:
        """Delete jobs, all or none, with their clips. What they cost stays counted; the server is told nothing.

        Args:
            clip: Also delete the clip, its poster and its sidecar, where they are ours.
            force: Also those that are `unconfirmed`.

        Raises SeedanceError for a job that goes on; nothing is deleted then.
        """
        from .deletion import delete

        return delete(self, [jobs] if isinstance(jobs, Job) else jobs, clip=clip, force=force)

    def running_twin(self, prompt: str, **options: Unpack[RequestOptions]) -> Job | None:
        """The running job of exactly this request that was made in the last ten seconds: a cell that was run twice.

        Made by this kernel or by another on the same history. Reads the history only where that changed lately.
        """
        request, since = catalog.make_request(prompt, options), time.time() - TWIN_S
        mine = self.open_jobs()
        theirs: Sequence[Job] = self.jobs(since=since, limit=50) if self._changed_since(since) else []
        for job in (*reversed(mine), *theirs):
            if job.request == request and job.created_at >= since and not job.ending:
                return job
        return None

    def _changed_since(self, since: float) -> bool:
        if self.settings is not None and self.settings.database_url:
            return True
        try:
            return (self.home / "history.db").stat().st_mtime >= since - 1.0  # some disks count whole seconds
        except OSError:
            return False

    def twin(self, request: GenerationRequest, within_s: float) -> Job | None:
        """A job with exactly this request, made within the last seconds and not failed, or unconfirmed at any time."""
        lately = self.jobs(since=time.time() - within_s, limit=50)
        found: list[Job] = [*lately, *self.jobs(status="unconfirmed", model=request.model, limit=100)]
        for job in found:
            if job.request == request and job.status not in ("failed", "cancelled"):
                return job
        return None

    def news(self) -> tuple[int, int]:
        """Two numbers that change when any job of this history does, also by another kernel."""
        return self.store.news(self.service)

    def spent_usd(self, since: float) -> tuple[float, int]:
        """The estimated cost of what was accepted since an instant, and how many jobs of it had no known price."""
        return self.store.spent_usd(self.service, since)

    def costs(self, by: str = "day", *, since: When | None = None, until: When | None = None) -> Costs:
        """What jobs cost, added up by `day`, `model`, `sweep` or `notebook`: a table, a chart and a frame."""
        from .costs import costs

        return costs(self, by, since=since, until=until)

    @property
    def templates(self) -> Templates:
        """The prompts that are saved beside the notebook, by name. See `save_template`."""
        return templates.here(self.home)

    def save_template(
        self, name: str, prompt: str, *, replace: bool = False, **options: Unpack[RequestOptions]
    ) -> Template:
        """Save a prompt with its options under a name, in `seedance_prompts.toml` beside the notebook. Sends nothing.

        Raises TemplateInvalid, also for a name that is taken unless told to `replace` it.
        """
        return self.templates.save(name, prompt, options, replace=replace)

    def job(self, name: str) -> Job:
        """The job of an id, the beginning of an id, or a request id. Raises JobNotFound."""
        if not name:
            raise JobNotFound("No job id was given.")
        if (known := self._jobs.get(name)) is not None and not known.row.is_removed:
            return known
        rows = self.store.find(name, service=self.service)
        self._warn()
        if not rows:
            elsewhere = {row.service for row in self.store.find(name)}
            where = f" of {self.service}; it belongs to {', '.join(sorted(elsewhere))}" if elsewhere else ""
            raise JobNotFound(f"There is no job {name[:80]!r} in the history{where}.")
        if len(rows) > 1:
            raise JobNotFound(f"{name!r} is the beginning of several ids: {', '.join(row.id for row in rows)}.")
        return self._job_of(rows[0])

    def parent(self, job: Job) -> Job | None:
        """The job that a job was made from; `None` where there was none, or the history does not have it."""
        return lineage.parent_of(self, job)

    def children(self, job: Job) -> list[Job]:
        """The jobs that were made from a job, oldest first."""
        return lineage.children_of(self, job)

    def tree(self, job: Job | str) -> Family:
        """The family of a job, from its eldest known ancestor down; shows itself as a tree. Raises JobNotFound."""
        return lineage.family_of(self, self.job(job) if isinstance(job, str) else job)

    def diff(self, before: Job, after: Job) -> Diff:
        """What was changed from one job to another."""
        return Diff(before.request, after.request)

    def export(self, path: str | Path, jobs: Iterable[Job] | None = None, **wanted: Unpack[JobFilter]) -> Bundle:
        """Write clips, sidecars, posters and one page that shows them, into a new folder or `.zip`. Sends nothing.

        Args:
            path: What to make, named by its ending; what is there already is never overwritten.
            jobs: Which jobs, in this order; by default every job that is `wanted`, newest first.
            wanted: As in `jobs`.

        Raises ExportFailed; nothing is left of the export then.
        """
        from .export import every, export

        if jobs is not None and wanted:
            raise TypeError("export() takes jobs or filters, not both")
        return export(self, Path(path), every(self, **wanted) if jobs is None else jobs)

    def open_jobs(self) -> list[Job]:
        """The jobs of this kernel that are not settled yet. Asks nobody; for completion."""
        return list(self._open.values())

    def estimate(self, job: Job) -> Estimate | None:
        """How far along a job is, probably; `None` while it waits for its turn or when it has ended."""
        row = job.row
        if row.final or row.processing_at is None:
            return None
        began_at = row.queued_seen_at or row.accepted_at or row.processing_at
        return self._estimate(row.request, max(0.0, time.time() - began_at))

    def studio(self, **values: Any) -> Any:
        """The Studio, an interactive widget on this session; `values` are what its form begins with."""
        return hooks.open_studio(self, **values)

    def compare(self, *names: str) -> Any:
        """Compare the clips of two to four jobs, each named as for `job`. Raises SeedanceError."""
        return hooks.open_compare(*(self.job(name) for name in names))

    def handle_webhook(self, body: bytes, signature: str, secret: str | None = None) -> WebhookEvent:
        """Verify a delivered webhook and look at its job now. What it claims is not believed, only looked up.

        `secret` defaults to SEEDANCE_WEBHOOK_SECRET. Raises WebhookInvalid, JobNotFound.
        """
        from .wire import verify_webhook

        event = verify_webhook(body, signature, secret or _variable("SEEDANCE_WEBHOOK_SECRET"))
        self._worker.call(self._worker.look_now, self.job(event.request_id).id)
        return event

    def doctor(self, network: bool = False) -> Report:
        """What works here and what does not. Asks the server only with `network`; names no secret."""
        from .doctor import examine

        return examine(self, network=network)

    def change_key(self, key: Secret, source: str) -> None:
        """Go on with another key at the same address. Jobs that waited for one are looked at; nothing is submitted."""
        if self.settings is None:
            raise SettingsInvalid("The simulator takes no key.", next_step="connect() speaks to the API.")
        self.settings = replace(self.settings, api_key=key, key_source=source)
        self._result(self._worker.call(self._worker.change_key))

    def close(self) -> None:
        """End the thread. Jobs go on at the server, and the next session looks after them; sweeps send no more."""
        for sweep in list(self._sweeps.values()):
            sweep.hold()
        self._worker.stop()
        if self._simulator is not None:
            self._simulator.stop()

    def subscribe(self, viewer: Viewer) -> None:
        """Tell a viewer all news of every job of this session."""
        if viewer not in self._viewers:
            self._viewers.append(viewer)

    def unsubscribe(self, viewer: Viewer) -> None:
        """Tell it no more."""
        if viewer in self._viewers:
            self._viewers.remove(viewer)

    def __repr__(self) -> str:
        return f"<Session {self.label}; history in {self.home}>"

    # --- for jobs -------------------------------------------------------------------------------------------------
    def cancel_soon(self, job_id: str) -> Future[life.Row]:
        """Ask the server to cancel, without waiting for its answer: for a click."""
        return self._worker.call(self._worker.cancel, job_id)

    def save_soon(self, job_id: str) -> Future[life.Row]:
        """Fetch a clip again, without waiting for it: for a click."""
        return self._worker.call(self._worker.save_again, job_id)

    def adopt_soon(self, job_id: str, request_id: str) -> Future[life.Row]:
        """Give an unconfirmed job its request id, without waiting: for a click."""
        return self._worker.call(self._worker.adopt, job_id, request_id)

    def discard_soon(self, job_id: str) -> Future[life.Row]:
        """Close an unconfirmed job, without waiting: for a click."""
        return self._worker.call(self._worker.discard, job_id)

    def _on_worker_thread(self) -> bool:
        return self._worker.is_current_thread

    def _hurry(self) -> None:
        self._worker.hurry()

    def _present(self, job: Job) -> None:
        hooks.present(job)

    def _take(self, row: life.Row) -> None:
        self.on_row(row)

    def forget(self, row: life.Row) -> None:
        """A job was deleted: whoever holds its object sees that, and nobody finds it any more."""
        self._take(row)
        with self._lock:
            self._jobs.pop(row.id, None)
            self._open.pop(row.id, None)

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_row(self, row: life.Row) -> None:
        """A row changed."""
        job = self._jobs.get(row.id)
        if job is not None:
            job._take(row)
            self._show_news(job)

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """A download moved on."""
        job = self._jobs.get(job_id)
        if job is not None:
            job.received = (received_bytes, total_bytes)

    def on_key_refused(self, said: str) -> None:
        """The server refuses the key."""
        _log.warning(
            "%s Nothing is lost and nothing is charged by this: the jobs wait. %%seedance_key asks for another key, "
            "and they go on.",
            said if said.endswith(".") else said + ".",
        )

    def on_tick(self) -> None:
        """A fifth of a second passed."""
        for viewer in list(self._viewers):
            viewer.on_tick()

    def waits_for(self) -> Iterable[str]:
        """The open jobs that somebody here has an object of."""
        return [job.id for job in list(self._jobs.values()) if not job.settled]

    def _show_news(self, job: Job) -> None:
        for viewer in list(self._viewers):
            viewer.on_job(job)
        job._announce()
        if job.settled:
            self._open.pop(job.id, None)

    def _keep(self, job: Job) -> Job:
        """One object a job in a kernel; an open one is kept alive, so that its card goes on."""
        with self._lock:
            known = self._jobs.setdefault(job.id, job)
            if not known.settled:
                self._open[known.id] = known
            return known

    def _job_of(self, row: life.Row) -> Job:
        job = self._keep(Job(self, row))
        job._take(row)
        return job

    # --- wiring ---------------------------------------------------------------------------------------------------
    def _warn(self) -> None:
        """Say once what a person should know about the history."""
        notice = self._store.notice if self._store else None
        if notice and notice != self._warned:
            self._warned = notice
            warnings.warn(notice, HistoryWarning, stacklevel=3)

    def _doors(self) -> Doors:
        settings, simulator = self.settings, self._simulator
        if settings is None:
            assert simulator is not None, "a session has settings or a simulator"
            speed = simulator.settings.speed
            return Doors(
                store=lambda: self.store,
                client=lambda: self._client(Secret(simulator.settings.api_key), simulator.start().base_url),
                files=lambda: self._files(simulator.base_url),
                service=self.service,
                requests_per_minute=60_000.0,
                floor_s=SIMULATOR_FLOOR_S if speed < 1e6 else 0.01,
                time_scale=1 / min(speed, 1e6),
                caps=lambda: self._caps,
            )

        def client() -> AsyncClient:
            now = self.settings or settings  # the key may have changed
            return self._client(now.api_key, now.base_url)

        return Doors(
            store=lambda: self.store,
            client=client,
            files=lambda: self._files(settings.base_url),
            service=self.service,
            requests_per_minute=settings.requests_per_minute,
            caps=lambda: self._caps,
        )

    def _client(self, api_key: Secret, base_url: str) -> AsyncClient:
        from .client import AsyncClient

        times = {} if self.settings is None else _times(self.settings)
        return AsyncClient(api_key, base_url, **times)

    def _files(self, base_url: str) -> Files:
        from .client import Files

        settings = self.settings
        if settings is None:
            return Files(base_url)
        return Files(base_url, read_timeout_s=settings.read_timeout_s, max_bytes=settings.max_clip_bytes)

    def _estimate(self, request: GenerationRequest, elapsed_s: float) -> Estimate:
        prior = self._worker.prior(request)
        jobs = "job" if prior.samples == 1 else "jobs"
        source = f"from {prior.samples} earlier {jobs} like this" if prior.samples else "a first guess, no earlier jobs"
        return Estimate(elapsed_s, prior.median_s, prior.quantile(0.9), source)

    def _result(self, future: Future[T]) -> T:
        """Wait in short steps: one long wait would be deaf to the interrupt button."""
        if self._worker.is_current_thread:
            raise RuntimeError("this would make the worker wait for itself")
        self._hurry()
        while True:
            try:
                return future.result(timeout=0.1)
            except TimeoutError:
                if future.done():
                    raise


# --- front doors ----------------------------------------------------------------------------------------------------
def connect(
    api_key: str | Secret | None = None,
    base_url: str | None = None,
    home: str | Path | None = None,
    *,
    create_timeout_s: float = 120.0,
    read_timeout_s: float = 30.0,
    requests_per_minute: float = 60.0,
    max_clip_bytes: int = MAX_CLIP_BYTES,
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with the API.

    Args:
        api_key: Instead of one typed into %seedance_key, SEEDANCE_API_KEY, Colab's secrets or the keyring. Better
            not in a cell: cells are saved.
        base_url: Instead of SEEDANCE_BASE_URL or the vendor's address. https, or http on loopback.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place.
        create_timeout_s: How long a create may take to answer, in seconds.
        read_timeout_s: The same for everything else.
        requests_per_minute: Our own bound over all calls of this session.
        max_clip_bytes: No larger video is fetched.
        cap_per_job_usd: No job that is estimated to cost more is sent, in US dollars.
        cap_per_session_usd: The same for all that this session submits.
        cap_per_day_usd: The same for a day, over all sessions on this history; SEEDANCE_CAP_PER_DAY_USD unless given.

    Raises:
        SettingsMissing: there is no key.
        SettingsInvalid: a setting that cannot work.
    """
    if isinstance(api_key, str):
        api_key = Secret(api_key)  # a traceback may show what is in a frame
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    settings = read_settings(
        api_key,
        base_url,
        home,
        create_timeout_s=create_timeout_s,
        read_timeout_s=read_timeout_s,
        requests_per_minute=requests_per_minute,
        max_clip_bytes=max_clip_bytes,
    )
    return Session(settings, home=settings.home, caps=caps)


def simulate(
    speed: float = 30.0,
    credits: int = 1_000_000,
    home: str | Path | None = None,
    *,
    faults: Iterable[str] = (),
    cap_per_job_usd: float | None = None,
    cap_per_session_usd: float | None = None,
    cap_per_day_usd: float | None = None,
) -> Session:
    """A session with a simulator inside this process: real mp4 clips, no key, nothing charged, no network.

    Args:
        speed: How much faster than life: at 30 a job of 90 s takes 3 s; `math.inf` ends it at the first look.
        credits: What the pretended account holds, over all that was ever simulated in `home`; a job beyond it is
            refused as the API would.
        home: The data folder, instead of SEEDANCE_HOME or the platform's own place. Running jobs go on there after a
            restart of the kernel.
        faults: What goes wrong and when, such as `create:lost` or `get:503@3x20`; docs/simulator.md lists them.
        cap_per_job_usd, cap_per_session_usd, cap_per_day_usd: As for `connect`, in pretended dollars.
    """
    from .simulator import Simulator, SimulatorSettings

    if not speed > 0:
        raise SettingsInvalid(f"speed is a number above 0, not {speed!r}.")
    folder = find_home(home, Environment())
    caps = _caps(cap_per_job_usd, cap_per_session_usd, cap_per_day_usd)
    try:
        rules = SimulatorSettings(speed=speed, credits=credits, home=folder / "simulator", faults=tuple(faults))
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None
    return Session(None, home=folder, simulator=Simulator(rules), caps=caps)


def _caps(per_job_usd: float | None, per_session_usd: float | None, per_day_usd: float | None) -> Caps:
    if per_day_usd is None:
        per_day_usd = read_cap(_variable(CAP_VARIABLE), CAP_VARIABLE)
    return Caps(per_job_usd=per_job_usd, per_session_usd=per_session_usd, per_day_usd=per_day_usd)


_default: Session | None = globals().get("_default")  # a reload of the module keeps the session and its thread
_default_lock = threading.Lock()


def default_session() -> Session:
    """The session that magics and widgets use: with the API when there is a key, else with the simulator."""
    global _default
    with _default_lock:
        if _default is None:
            _default = connect() if find_key() else simulate()
            _default.caps = _default.caps.with_(**_configured)
        return _default


_configured: dict[str, float | None] = globals().get("_configured", {})


def configure_caps(**changes: float | None) -> None:
    """Set caps of the default session: of the one that there is, and of those that come. For `%config`."""
    checked = Caps().with_(**changes)
    _configured.update({name: getattr(checked, name) for name in changes})
    if (session := current_session()) is not None:
        session.caps = session.caps.with_(**changes)


def current_session() -> Session | None:
    """The default session if there is one already. Starts nothing; for completion."""
    return _default


def use_session(session: Session | None) -> None:
    """Make a session the default one; `None` forgets it, so that the next use makes a new one."""
    global _default
    with _default_lock:
        _default = session


def use_key(text: str | Secret, *, save: bool = False) -> str:
    """Take a key that was typed, for as long as this process lives; with `save` also into the keyring.

    The default session goes on with it. Returns what happens next, in words. Raises SettingsInvalid for what cannot
    be a key, and where there is no keyring; never shows it.
    """
    text = Secret(text) if isinstance(text, str) else text  # a traceback may show what is in a frame
    key = checked_key(text, keys.TYPED)
    if save:
        keys.save(key)
    keys.remember(key)
    session = current_session()
    if session is None:
        return "The key is taken. The next call uses the API, where jobs cost credits."
    if session.is_simulated:
        use_session(None)
        return (
            "The key is taken. Until now this was the simulator; the next call uses the API, where jobs cost credits."
        )
    session.change_key(key, keys.TYPED)
    return f"The key is taken. {session.label} goes on with it; jobs that waited for a key are looked at now."


def forget_key() -> bool:
    """Take the key out of the keyring, and say whether there was one. The session that runs keeps the one it has."""
    return keys.forget()


def _variable(name: str) -> str:
    return Environment().get(name) or ""


def wait_all(timeout: float | None = None, sessions: Iterable[Session] = ()) -> None:
    """Wait until every open job and sweep of the default session is settled. For the last cell of a batch run."""
    for session in sessions or filter(None, [_default]):
        for sweep in list(session._sweeps.values()):
            sweep.settle(timeout)
        for job in session.open_jobs():
            job._until(lambda job=job: job.settled, timeout)  # type: ignore[misc]


def _times(settings: Settings) -> Mapping[str, float]:
    return {"create_timeout_s": settings.create_timeout_s, "read_timeout_s": settings.read_timeout_s}


__all__ = [
    "BUNDLED_MODELS",
    "OPTION",
    "OPTIONS",
    "Caps",
    "Estimate",
    "Job",
    "Jobs",
    "Option",
    "Plan",
    "Secret",
    "Session",
    "Settings",
    "Template",
    "Templates",
    "Viewer",
    "age",
    "as_magic",
    "as_python",
    "check_deletable",
    "checked_name",
    "configure_caps",
    "connect",
    "current_session",
    "default_session",
    "forget_key",
    "instant",
    "is_made_from",
    "known_values",
    "media_kind",
    "media_roles",
    "nearest",
    "notebook",
    "parse_value",
    "simulate",
    "templates",
    "use_key",
    "use_session",
    "wait_all",
]
