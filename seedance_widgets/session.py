"""Settings, store, worker and jobs, wired together: everything that can be done, as plain calls.

`connecting` makes a session with the API or with the simulator, `default` has the one of this process.
"""

from __future__ import annotations

import threading
import time
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Unpack
from weakref import WeakValueDictionary

from . import catalog, clip_folder, given, hooks, life, lineage, notebook, templates, twins
from .caps import Caps, Spent
from .errors import (
    ClipsWarning,
    HistoryWarning,
    JobNotFound,
    RequestInvalid,
    SessionClosed,
    SettingsInvalid,
    StoreError,
)
from .given import flag, number, unfit, whole
from .job import Job, checked_job, checked_jobs, checked_name, new_job_id
from .keys import Environment
from .lineage import Diff, Family
from .listing import JobFilter, Jobs, check_statuses, not_one, wanted_of
from .plan import Estimate, Plan, began_at_of, estimate_of
from .roster import Roster, Viewer
from .secret import Secret
from .settings import Settings
from .shelter import Answer, sheltered
from .templates import Template, Templates
from .types import GenerationRequest, Model, RequestOptions, WebhookEvent
from .when import When, instant, midnight
from .wiring import doors_of, open_store
from .worker import Terms, Worker

if TYPE_CHECKING:
    from .costs import Costs
    from .deletion import Deleted
    from .doctor import Report
    from .export import Bundle
    from .room import Tidied
    from .simulator import Simulator
    from .store import Store
    from .sweep import Sweep, SweepPlan

CLOSING_S = 5.0
"""The longest that closing takes: only where creates are under way whose answers do not come."""
SIMULATOR_LABEL = "Simulator: no key used, nothing charged"


class Session:
    """All that belongs together in one kernel: where to send, the history, the thread that looks after the jobs.

    Made by `connect`, `simulate` or `default_session`. Making one starts the thread, which goes on with the open jobs
    of kernels that have died (not where it was made without `takes_over`, as for `seedance doctor`); nothing is ever
    submitted by itself.
    """

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
        self.given_clips = clips
        """The folder of clips that it was made with, if any; see `clips_folder`."""
        self._said_of_clips: str | None = None
        self.id = new_job_id()
        self._caps = caps or Caps()
        self.began_at = time.time()
        """When it was made. What was spent in it is told by its id, since others work on the same history."""
        self.service = "simulator" if settings is None else settings.origin
        self._simulator = simulator
        self._sweeps: WeakValueDictionary[str, Sweep] = WeakValueDictionary()
        self._store: Store | None = None
        self._warned: str | None = None
        self._lock = threading.RLock()
        self._roster = Roster(self)
        self._worker = Worker(replace(doors_of(self, simulator), takes_over=takes_over), self._roster)
        self._worker.start()

    @property
    def label(self) -> str:
        """Where jobs go, in one line. Every surface shows it."""
        where = SIMULATOR_LABEL if self.settings is None else f"API at {self.settings.origin}"
        return f"{where}; history in memory only" if self._store and self._store.is_in_memory else where

    @property
    def problem(self) -> str | None:
        """What went wrong last in looking after the jobs or in showing them, while it lasts. Nothing ends by it."""
        return self._worker.problem or self._roster.problem

    @property
    def is_simulated(self) -> bool:
        """Whether nothing here can cost money."""
        return self.settings is None

    @property
    def store(self) -> Store:
        """The history."""
        with self._lock:
            if self._store is None:
                self._store = open_store(self)
            return self._store

    def __repr__(self) -> str:
        return f"<Session {self.label}; history in {self.home}>"

    # --- asking ---------------------------------------------------------------------------------------------------
    def models(self, refresh: bool = False) -> tuple[Model, ...]:
        """What there is to choose from: the live list, at most an hour old unless `refresh`ed.

        The bundled list when the server cannot be reached. Raises what the server answered only when refreshing.
        """
        return self._worker.ask(self._worker.models, flag(refresh, "refresh"))

    def models_now(self) -> tuple[Model, ...]:
        """The live list of this very moment; what is known already where the server does not answer."""
        return self._worker.ask(self._worker.models, False, True)

    def known_models(self) -> tuple[Model, ...]:
        """The models as far as they are known now, without asking the network."""
        return self._worker.known_models()

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
        prompt: str | Plan,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        fresh: bool = True,
        unrecorded: bool = False,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Start a generation and return at once, before the server has answered. **Spends credits.**

        For a card that is on screen first: `Job.wait_accepted` then tells what the server said.

        Args:
            prompt: What the video shows, or a plan of `plan`, which is sent for its price or less and not for more.
            out_name: The clip's file name without an ending, instead of one made from the prompt.
            parent_id: The job whose request this one was made from.
            fresh: Send also when the same request is `unconfirmed`, or running for less than ten seconds. Otherwise
                waiting for it raises `SentBefore`, or the job becomes the one that runs (`Job.merged`).
            unrecorded: Send also when neither the history nor the paper trail can be written, so that this kernel
                alone knows of the job. Otherwise waiting for it raises `HistoryUnwritable`; the simulator sends always.
            options: See `RequestOptions`; what is left out has the defaults of `OPTIONS`.

        Raises:
            RequestInvalid: nothing was sent. A cap that does not allow it, and a price that rose since it was shown,
                are told by the job: `wait_accepted` raises CapExceeded and PriceChanged.
        """
        fresh, unrecorded = flag(fresh, "fresh"), flag(unrecorded, "unrecorded")
        parent_id = None if parent_id is None else given.text(parent_id, "parent_id", of="the id of a job")
        plan, shown_usd = self._planned(prompt, options)
        row = life.Row(
            id=new_job_id(),
            service=self.service,
            request=plan.request,
            created_at=time.time(),
            cost_usd=plan.cost_usd,
            folder=str(self.clips_folder()),
            notebook=notebook.path(),
            out_name=None if out_name is None else given.text(out_name, "out_name"),
            parent_id=parent_id,
            session_id=self.id,
        )
        merge_s = 0.0 if fresh else twins.TWIN_S
        terms = Terms(fresh=fresh, merge_within_s=merge_s, shown_usd=shown_usd, unrecorded=unrecorded)
        return sheltered(lambda: self._send(row, terms))

    def _planned(self, prompt: str | Plan, options: RequestOptions) -> tuple[Plan, float | None]:
        """What is to be sent, and the price that was shown for it, if there was one."""
        if not isinstance(prompt, Plan):
            return self.plan(prompt, **options), None
        if options:
            raise RequestInvalid(
                f"A plan has its options; {', '.join(options)} cannot be added.", field=next(iter(options))
            )
        return prompt, prompt.cost_usd

    def clips_folder(self) -> Path:
        """Where the clip of the next job goes: a folder that can be written, which is tried. Another one is said once.

        What `connect(clips=)` was given, `%config SeedanceMagics.clips`, SEEDANCE_CLIPS, or `seedance_clips` beside the
        notebook; `clips` in the data folder where that cannot be written.
        """
        found = clip_folder.find(self.given_clips, self.home)
        if found.notice is not None and found.notice != self._said_of_clips:
            self._said_of_clips = found.notice
            warnings.warn(found.notice, ClipsWarning, stacklevel=3)
        return found.path

    def _send(self, row: life.Row, terms: Terms) -> Job:
        """The row without what signs its links; the worker is handed the request that has it."""
        if row.kept is not row:
            row, terms = row.kept, replace(terms, wire_request=row.request)
        submission = self._worker.call(self._worker.submit, row, terms)
        job = self._roster.keep(Job(self, row, submission))
        submission.add_done_callback(lambda _: self._roster.on_answer(job, submission))
        return job

    def submit(
        self,
        prompt: str | Plan,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        unrecorded: bool = False,
        **options: Unpack[RequestOptions],
    ) -> Job:
        """Start a generation. **Spends credits.**

        Returns as soon as the server has accepted. Does not wait for the clip: show the job to watch it, or call
        `Job.wait` in a script. `parent_id` names the job that it was made from; `unrecorded` is explained at `start`.

            plan = session.plan("A paper boat", duration=10)
            session.submit(plan)                              # for plan.cost_usd or less, and not for more

        Raises:
            RequestInvalid: an option that the model does not take; nothing was sent.
            CapExceeded: it would cost more than a cap allows; nothing was sent.
            PriceChanged: a plan was given, and it costs more by now; nothing was sent.
            HistoryUnwritable: the job could be kept in memory only; nothing was sent.
            InsufficientCredits, Unauthorized, RateLimited, …: refused by the server; nothing was charged.
            ConnectionFailed: never sent; nothing was charged.
            SubmissionUncertain: the line broke after sending. The job is kept as `unconfirmed`; look at the account
                before submitting again.
        """
        job = self.start(prompt, out_name=out_name, parent_id=parent_id, unrecorded=unrecorded, **options)
        return job.wait_accepted()

    def running_twin(self, prompt: str, **options: Unpack[RequestOptions]) -> Job | None:
        """The running job of exactly this request that was made in the last ten seconds: a cell that was run twice.

        Made by this kernel or by another on the same history. Reads the history only where that changed lately.
        """
        return twins.running_twin(self, catalog.make_request(prompt, options))

    def twin(self, request: GenerationRequest, within_s: float) -> Job | None:
        """A job with exactly this request, made within the last seconds and not failed, or unconfirmed at any time."""
        if not isinstance(request, GenerationRequest):
            raise unfit("twin()", "a request", request, next_step="job.request is that of a job.")
        if (age_s := number(within_s)) is None:
            raise unfit("within_s", "a number of seconds", within_s)
        return twins.twin(self, request, age_s)

    # --- sweeps ---------------------------------------------------------------------------------------------------
    def plan_sweep(
        self,
        prompts: str | Path | Iterable[Any],
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

        zip, skip_invalid = flag(zip, "zip"), flag(skip_invalid, "skip_invalid")
        if axes is not None and not isinstance(axes, Mapping):
            raise unfit("axes", "a dictionary of values by name", axes)
        return make_plan(
            self, prompts, {**(axes or {}), **more}, mode="zip" if zip else "product", skip_invalid=skip_invalid
        )

    def sweep(
        self,
        prompts: str | Path | Iterable[Any] | SweepPlan,
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
            prompts: A template whose braces the keywords fill, a list or column of them, or a plan of `plan_sweep`. Or
                a table whose rows are requests: a DataFrame, a list of records, or the path of a file of JSON Lines or
                CSV, with columns named like the options, `prompt` and `out_name`.
            name: What to call it.
            zip: Pair the values one by one, instead of each with each.
            at_once: How many of its jobs run at the same time.
            skip_invalid: Leave out combinations that a model does not take, instead of refusing all.
            axes: Variables of the template and options of a request: one value each, or a list of them.

        Raises:
            RequestInvalid: nothing was sent.
            PriceChanged: a plan was given, and it costs more by now; nothing was sent.
        """
        from .sweep import start

        zip, skip_invalid = flag(zip, "zip"), flag(skip_invalid, "skip_invalid")
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

    # --- the history ----------------------------------------------------------------------------------------------
    def job(self, name: str) -> Job:
        """The job of an id, the beginning of an id, or a request id. Raises JobNotFound."""
        name = checked_name(name)
        if (known := self._roster.get(name)) is not None and not known.row.is_removed:
            return self._reread(known)
        rows = self.store.find(name, service=self.service)
        self._warn()
        if len(rows) != 1:
            raise not_one(name, rows, self.service, elsewhere=[] if rows else self.store.find(name))
        return self._roster.job_of(rows[0])

    def _reread(self, job: Job) -> Job:
        """A job that is known here, with what another kernel changed. Raises JobNotFound when it was deleted there."""
        try:
            row = self.store.get(job.id)
        except StoreError:  # what is known here is still true
            return job
        if row is not None and row.is_removed:
            self._roster.forget(row)
            raise JobNotFound(f"Job {row.id} was deleted.")
        if row is not None and row.rev > job.row.rev:
            self._roster.on_row(row)
        return job

    def jobs(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[JobFilter]) -> Jobs:
        """The newest jobs of this service, newest first: a sequence that shows as a table.

        Args:
            limit: At most so many, after `offset` newer ones.
            wanted: `text` (every word of it in prompt, note, tag or id), `status` and `model` (one or several),
                `starred` (`False`: without a star), `tag`, `rating` (this or better), `sweep`, `since` and `until`
                ("today", "7d", "2026-11-01", a date, an instant, a timedelta).

        Raises SeedanceError for what cannot be meant, such as a status that is neither known nor in the history.
        """
        found = self._wanted(wanted)
        bounds: Any = {"limit": whole(limit, "limit"), "offset": whole(offset, "offset") or 0}
        rows = self.store.rows(service=self.service, **bounds, **found)
        self._warn()
        empty = "No such jobs." if found else "No jobs yet: %seedance makes the first."
        return Jobs(map(self._roster.job_of, rows), empty=empty)

    def open_jobs(self) -> list[Job]:
        """The jobs of this kernel that are not settled yet. Asks nobody; for completion."""
        return self._roster.open_jobs()

    def count(self, **wanted: Unpack[JobFilter]) -> int:
        """How many jobs of this service fit; the same filters as `jobs`."""
        return self.store.count(service=self.service, **self._wanted(wanted))

    def _wanted(self, asked: JobFilter) -> dict[str, Any]:
        wanted = wanted_of(asked)
        check_statuses(wanted, lambda: self.store.statuses(self.service))
        return wanted

    def news(self) -> tuple[int, int]:
        """Two numbers that change when any job of this history does, also by another kernel."""
        return self.store.news(self.service)

    def estimate(self, job: Job) -> Estimate | None:
        """How far along a job is, probably; `None` while it waits for its turn or when it has ended."""
        began_at = began_at_of(checked_job(job).row)
        return None if began_at is None else self._estimate(job.request, max(0.0, time.time() - began_at))

    def delete(self, jobs: Job | Iterable[Job], *, clip: bool = True, force: bool = False) -> Deleted:
        """Delete jobs, all or none, with their clips. What they cost stays counted; the server is told nothing.

        Args:
            clip: Also delete the clip, its poster and its sidecar, where they are ours.
            force: Also those that are `unconfirmed`.

        Raises SeedanceError for a job that goes on; nothing is deleted then.
        """
        from .deletion import delete

        return delete(self, checked_jobs(jobs), clip=flag(clip, "clip"), force=flag(force, "force"))

    # --- where a job comes from, and what goes on from it ---------------------------------------------------------
    def parent(self, job: Job) -> Job | None:
        """The job that a job was made from; `None` where there was none, or the history does not have it."""
        return lineage.parent_of(self, checked_job(job))

    def children(self, job: Job) -> list[Job]:
        """The jobs that were made from a job, oldest first."""
        return lineage.children_of(self, checked_job(job))

    def parent_sweep(self, job: Job) -> Sweep | None:
        """The sweep that made a job; `None` where none did, or the history does not have it."""
        return lineage.sweep_of(self, checked_job(job))

    def tree(self, job: Job | str) -> Family:
        """The family of a job, from its eldest known ancestor or its sweep down; shows itself as a tree.

        Raises JobNotFound.
        """
        return lineage.family_of(self, self.job(job) if isinstance(job, str) else checked_job(job))

    def diff(self, before: Job, after: Job) -> Diff:
        """What was changed from one job to another."""
        return Diff(checked_job(before, "before").request, checked_job(after, "after").request)

    def export(self, path: str | Path, jobs: Iterable[Job] | None = None, **wanted: Unpack[JobFilter]) -> Bundle:
        """Write clips, sidecars, posters and one page that shows them, into a new folder or `.zip`. Sends nothing.

        Args:
            path: What to make, named by its ending; what is there already is never overwritten.
            jobs: Which jobs, in this order; by default every job that is `wanted`, newest first.
            wanted: As in `jobs`.

        Raises ExportFailed; nothing is left of the export then.
        """
        from .export import checked_path, every, export

        if jobs is not None and wanted:
            raise TypeError("export() takes jobs or filters, not both")
        return export(self, checked_path(path), every(self, **wanted) if jobs is None else jobs)

    # --- money ----------------------------------------------------------------------------------------------------
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

    def check_caps(self, plan: Plan) -> None:
        """Raise CapExceeded where this would pass a cap now. The store checks again where it writes the job."""
        if not isinstance(plan, Plan):
            raise unfit("check_caps()", "a plan of session.plan()", plan)
        if self._caps.any:
            spent = self.store.spent(self.service, self.id, midnight(time.time()))
            self._caps.check(plan.request, plan.cost_usd, spent)

    def spent_usd(self, *since: float) -> list[tuple[float, int]]:
        """The estimated cost of what was accepted since each instant, and how many jobs of it had no known price."""
        instants = [instant(each, name="since") for each in since]
        return self.store.spent_usd(self.service, *instants)

    def charged_usd(self) -> Spent:
        """The estimated cost of what was accepted in this session and today, and how much of today has no price."""
        return self.store.charged(self.service, self.id, midnight(time.time()))

    def costs(self, by: str = "day", *, since: When | None = None, until: When | None = None) -> Costs:
        """What jobs cost, added up by `day`, `model`, `sweep` or `notebook`: a table, a chart and a frame."""
        from .costs import costs

        return costs(self, by, since=since, until=until)

    # --- prompts --------------------------------------------------------------------------------------------------
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

    # --- in the notebook ------------------------------------------------------------------------------------------
    def studio(self, **values: Any) -> Any:
        """The Studio, an interactive widget on this session; `values` are what its form begins with."""
        return hooks.open_studio(self, **values)

    def compare(self, *names: str) -> Any:
        """Compare the clips of two to four jobs, each named as for `job`. Raises SeedanceError."""
        return hooks.open_compare(*(self.job(name) for name in names))

    def tidy(self, *, dry_run: bool = False) -> Tidied:
        """Remove the parts of downloads that nobody is at, and the simulator's films; never a clip.

        With `dry_run` nothing is removed: it tells what would be.
        """
        from .room import tidy

        return tidy(self, dry_run=flag(dry_run, "dry_run"))

    def doctor(self, network: bool = False) -> Report:
        """What works here and what does not. Asks the server only with `network`; names no secret."""
        from .doctor import examine

        return examine(self, network=flag(network, "network"))

    def subscribe(self, viewer: Viewer) -> None:
        """Tell a viewer all news of every job of this session."""
        self._roster.subscribe(viewer)

    def unsubscribe(self, viewer: Viewer) -> None:
        """Tell it no more."""
        self._roster.unsubscribe(viewer)

    # --- the thread -----------------------------------------------------------------------------------------------
    def handle_webhook(self, body: bytes, signature: str, secret: str | None = None) -> WebhookEvent:
        """Verify a delivered webhook and look at its job now. What it claims is not believed, only looked up.

        `secret` defaults to SEEDANCE_WEBHOOK_SECRET. Raises WebhookInvalid, JobNotFound.
        """
        from .wire import verify_webhook

        if secret is None or (isinstance(secret, str) and not secret):
            secret = Environment().get("SEEDANCE_WEBHOOK_SECRET") or ""
        event = verify_webhook(body, signature, secret)
        self._worker.call(self._worker.look_now, self.job(event.request_id).id)
        return event

    def change_key(self, key: Secret, source: str) -> None:
        """Go on with another key at the same address. Jobs that waited for one are looked at; nothing is submitted."""
        if self.settings is None:
            raise SettingsInvalid("The simulator takes no key.", next_step="connect() speaks to the API.")
        self.settings = replace(self.settings, api_key=key, key_source=source)
        self._worker.ask(self._worker.change_key)

    def close(self) -> None:
        """End the thread. Jobs go on at the server, and the next session looks after them; sweeps send no more."""
        for sweep in list(self._sweeps.values()):
            sweep.hold()
        self._worker.stop(CLOSING_S)
        if self._simulator is not None:
            self._simulator.stop()

    # --- for jobs -------------------------------------------------------------------------------------------------
    def cancel_soon(self, job_id: str) -> Answer[life.Row]:
        """Ask the server to cancel, without waiting for its answer: for a click."""
        return self._worker.call(self._worker.cancel, job_id)

    def save_soon(self, job_id: str) -> Answer[life.Row]:
        """Fetch a clip again, without waiting for it: for a click."""
        return self._worker.call(self._worker.save_again, job_id)

    def adopt_soon(self, job_id: str, request_id: str) -> Answer[life.Row]:
        """Give an unconfirmed job its request id, without waiting: for a click."""
        return self._worker.call(self._worker.adopt, job_id, request_id)

    def discard_soon(self, job_id: str) -> Answer[life.Row]:
        """Close an unconfirmed job, without waiting: for a click."""
        return self._worker.call(self._worker.discard, job_id)

    def _on_worker_thread(self) -> bool:
        return self._worker.is_current_thread

    def _hurry(self) -> None:
        self._worker.hurry()

    @property
    def is_closed(self) -> bool:
        """Whether nobody looks after its jobs here: it was closed, or could not be opened. Using it opens it again."""
        return not self._worker.is_running

    def _check_open(self, waited_for: str) -> None:
        """Raise SessionClosed, or why it could not be opened, where whoever waits would wait for ever."""
        if self._worker.was_forked:
            self._worker.start()  # to wait is to use it, and a forked child has a thread of its own then
        elif self.is_closed:
            raise self._worker.failure or SessionClosed(f"The session was closed while {waited_for} was waited for.")

    def _present(self, job: Job) -> None:
        hooks.present(job)

    def _take(self, row: life.Row) -> None:
        self._roster.on_row(row)

    def _warn(self) -> None:
        """Say once what a person should know about the history."""
        notice = self._store.notice if self._store else None
        if notice and notice != self._warned:
            self._warned = notice
            warnings.warn(notice, HistoryWarning, stacklevel=3)

    def _estimate(self, request: GenerationRequest, elapsed_s: float) -> Estimate:
        return estimate_of(self._worker.prior(request), elapsed_s)
