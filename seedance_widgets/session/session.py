"""Everything that can be done, as plain calls: thin lines into the engine and the subjects.

`base` has what it is made of. `connect` makes a session with the API or with the simulator, `default` has the one of
this process.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Unpack

from ..jobs import model_table, reuse, starting, webhook
from ..jobs.job import Job, checked_job
from ..jobs.listing import ExportFilter, JobFilter, Jobs
from ..life import TAKE
from ..life.plan import Plan
from ..notebook import presenters
from ..request.caps import Caps, Spent
from ..types import GenerationRequest, RequestOptions, SubmitOptions, WebhookEvent
from ..values import offered
from ..values.plain import flag, unfit
from ..when import When, instant
from .base import SIMULATOR_LABEL as SIMULATOR_LABEL
from .base import BaseSession

if TYPE_CHECKING:
    from ..jobs.costs import Costs
    from ..jobs.family import Family
    from ..jobs.tidy import Tidied
    from ..request.diff import Diff
    from ..sharing.bundle import Bundle
    from ..sweep import Sweep, SweepPlan
    from .doctor import Report
    from .saved_prompts import Template


@offered.by_editors
class Session(BaseSession):
    """All that belongs together in one kernel: where to send, the history, the thread that looks after the jobs.

    Made by `connect`, `simulate` or `default_session`. Making one starts the thread, which goes on with the open jobs
    of kernels that have died (not where it was made without `takes_over`, as for `seedance doctor`); nothing is ever
    submitted by itself.
    """

    # --- asking ---------------------------------------------------------------------------------------------------
    def models(self, refresh: bool = False) -> model_table.Models:
        """What there is to choose from: the live list, at most an hour old unless `refresh` is true.

        The bundled list when the server cannot be reached. Raises what the server answered only when refreshing.
        """
        return model_table.Models(self.engine.models(flag(refresh, "refresh")))

    def plan(self, prompt: str, **options: Unpack[SubmitOptions]) -> Plan:
        """Check a request against its model and price it. Sends nothing, costs nothing.

        Raises RequestInvalid with the option, what it takes and the nearest that fits.
        """
        return starting.planned(self.engine, prompt, options)[0]

    def start(
        self,
        prompt: str | Plan,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        fresh: bool = True,
        unrecorded: bool = False,
        again: bool = False,
        **options: Unpack[SubmitOptions],
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
            again: Send what a cell of marimo, which runs again by itself, has sent before.
            options: See `SubmitOptions`; what is left out has the defaults of `OPTIONS`. `media` takes links, paths,
                bytes, pictures, arrays, figures, frames, clips and jobs.

        Raises:
            RequestInvalid, MediaPlaceMissing: nothing was sent. A cap that does not allow it, and a price that rose
                since it was shown, are told by the job: `wait_accepted` raises CapExceeded and PriceChanged.
        """
        fresh, unrecorded = flag(fresh, "fresh"), flag(unrecorded, "unrecorded")
        plan, shown_usd = starting.planned(self.engine, prompt, options)
        terms = starting.terms_of(fresh, unrecorded, shown_usd)
        send = partial(starting.start, self.registry, plan, terms, options, folder=self.clips_place)
        send = partial(send, out_name=out_name, parent_id=parent_id)
        return self.cells.once(self.registry, plan.request, flag(again, "again"), send)

    def submit(
        self,
        prompt: str | Plan,
        *,
        out_name: str | None = None,
        parent_id: str | None = None,
        unrecorded: bool = False,
        again: bool = False,
        **options: Unpack[SubmitOptions],
    ) -> Job:
        """Start a generation. **Spends credits.**

        Returns as soon as the server has accepted. Does not wait for the clip: show the job to watch it, or call
        `Job.wait` in a script. `parent_id` names the job it was made from; `start` explains `unrecorded` and `again`.

            plan = session.plan("A paper boat", duration=10)
            session.submit(plan)                              # for plan.cost_usd or less, and not for more
            session.submit("She turns around", first_frame="girl.png")

        Raises:
            RequestInvalid: an option that the model does not take, or what can be no medium; nothing was sent.
            MediaPlaceMissing, MediaNotPut: the vendor could not fetch a medium from anywhere; nothing was sent.
            CapExceeded: it would cost more than a cap allows; nothing was sent.
            PriceChanged: a plan was given, and it costs more by now; nothing was sent.
            HistoryUnwritable: the job could be kept in memory only; nothing was sent.
            InsufficientCredits, Unauthorized, RateLimited, …: refused by the server; nothing was charged.
            ConnectionFailed: never sent; nothing was charged.
            SubmissionUncertain: the line broke after sending. The job is kept as `unconfirmed`; look at the account
                before submitting again.
        """
        job = self.start(prompt, out_name=out_name, parent_id=parent_id, unrecorded=unrecorded, again=again, **options)
        return job.wait_accepted()

    def start_again(self, job: Job, shown_usd: float | None = None) -> Job:
        """Send the request of a job once more, and return before the server has answered. **Spends credits.**

        Args:
            shown_usd: The price that a person has agreed to: it is not sent for more. By default that of now.
        """
        plan = self.plan(job.request.prompt, **starting.options_of(job.request))
        plan = plan if shown_usd is None else replace(plan, cost_usd=shown_usd)
        kept = any(each.get("kept") for each in job.media)
        return self.start(plan, parent_id=job.id, again=True, keep_media=kept, relation=TAKE)

    def running_twin(self, prompt: str, **options: Unpack[SubmitOptions]) -> Job | None:
        """The running job of exactly this request that was made in the last ten seconds: a cell that was run twice.

        Made by this kernel or by another on the same history. Reads the history only where that changed lately.
        """
        return reuse.running_twin(self.registry, prompt, options)

    def twin(self, request: GenerationRequest, within_s: float) -> Job | None:
        """A job with exactly this request, made within the last seconds and not failed, or unconfirmed at any time."""
        return reuse.twin(self.registry, request, within_s)

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
        from ..sweep import make_plan, mode_of

        mode, skip_invalid = mode_of(zip), flag(skip_invalid, "skip_invalid")
        if axes is not None and not isinstance(axes, Mapping):
            raise unfit("axes", "a dictionary of values by name", axes)
        return make_plan(self, prompts, {**(axes or {}), **more}, mode=mode, skip_invalid=skip_invalid)

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
            axes: Variables of the template and options of a request: one value each, or a list of them. `take=4` asks
                for the same thing four times.

        Raises:
            RequestInvalid: nothing was sent.
            PriceChanged: a plan was given, and it costs more by now; nothing was sent.
        """
        from ..sweep import mode_of, start

        mode, skip_invalid = mode_of(zip), flag(skip_invalid, "skip_invalid")
        return start(self.registry, prompts, axes, name=name, mode=mode, at_once=at_once, skip_invalid=skip_invalid)

    def sweep_of(self, name: str) -> Sweep:
        """The sweep of a name, an id or the beginning of an id; `resume` goes on with it. Raises JobNotFound."""
        from ..sweep import find

        return find(self.registry, name)

    def sweeps(self, limit: int = 20) -> list[Sweep]:
        """The newest sweeps of this service, newest first."""
        from ..sweep import listed

        return listed(self.registry, limit)

    # --- the history ----------------------------------------------------------------------------------------------
    def job(self, name: str) -> Job:
        """The job of an id, the beginning of an id, or a request id. Raises JobNotFound."""
        return self.registry.find(name)

    def jobs(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[JobFilter]) -> Jobs:
        """The newest jobs of this service, newest first: a sequence that shows as a table.

        Args:
            limit: At most so many, after `offset` newer ones.
            wanted: `text` (every word of it in prompt, note, tag or id), `status` and `model` (one or several),
                `starred` (`False`: without a star), `tag`, `rating` (this or better), `sweep`, `since` and `until`
                ("today", "7d", "2026-11-01", a date, an instant, a timedelta).

        Raises SeedanceError for an unusable value, such as a status that is neither known nor in the history.
        """
        return self.registry.listed(limit, offset, wanted)

    def count(self, **wanted: Unpack[JobFilter]) -> int:
        """How many jobs of this service fit; the same filters as `jobs`."""
        return self.registry.count(wanted)

    # --- where a job comes from, and what goes on from it ---------------------------------------------------------
    def tree(self, job: Job | str) -> Family:
        """The family of a job, from its eldest known ancestor or its sweep down; shows itself as a tree.

        Raises JobNotFound.
        """
        from ..jobs.family import family_of

        return family_of(self.registry, self.job(job) if isinstance(job, str) else checked_job(job))

    def diff(self, before: Job, after: Job) -> Diff:
        """What was changed from one job to another."""
        return checked_job(before, "before").diff(checked_job(after, "after"))

    def export(self, path: str | Path, jobs: Iterable[Job] | None = None, **wanted: Unpack[ExportFilter]) -> Bundle:
        """Write clips, sidecars, posters and one page that shows them, into a new folder or `.zip`. Sends nothing.

        Args:
            path: What to make, named by its ending; what is there already is never overwritten.
            jobs: Which jobs, in this order; by default every job that is `wanted`, newest first.
            wanted: As in `jobs`. With `plain=True` it is for others: without ids and what it cost, also in the files.

        Raises ExportFailed; nothing is left of the export then.
        """
        from ..sharing.bundle import export_wanted

        return export_wanted(self.registry, self.label, path, jobs, wanted)

    # --- money ----------------------------------------------------------------------------------------------------
    @property
    def caps(self) -> Caps:
        """What may be spent. Set it anew to change it: `session.caps = session.caps.with_(per_day_usd=5)`."""
        return self.engine.caps

    @caps.setter
    def caps(self, caps: Caps) -> None:
        self.engine.caps = caps

    def cap_left_usd(self) -> float | None:
        """What may still be spent before a cap of the session or the day is reached; `None` where there is none."""
        return self.engine.cap_left_usd()

    def check_caps(self, plan: Plan, times: int = 1) -> None:
        """Raise CapExceeded where this, so many times, would pass a cap now. The store checks again at each job."""
        if not isinstance(plan, Plan):
            raise unfit("check_caps()", "a plan of session.plan()", plan)
        self.engine.check_caps(plan, times)

    def spent_usd(self, *since: float) -> list[tuple[float, int]]:
        """The estimated cost of what was accepted since each instant, and how many jobs of it had no known price."""
        instants = [instant(each, name="since") for each in since]
        return self.store.spent_usd(self.service, *instants)

    def charged_usd(self) -> Spent:
        """The estimated cost of what was accepted in this session and today, and how much of today has no price."""
        return self.engine.charged_usd()

    def costs(self, by: str = "day", *, since: When | None = None, until: When | None = None) -> Costs:
        """What jobs cost, added up by `day`, `model`, `sweep` or `notebook`: a table, a chart and a frame."""
        from ..jobs.costs import costs

        table = costs(self.engine, by, since=since, until=until)
        self.warn()
        return table

    # --- prompts --------------------------------------------------------------------------------------------------
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
        return presenters.open_studio(self, **values)

    def compare(self, *names: str) -> Any:
        """Compare the clips of two to four jobs, each named as for `job`. Raises SeedanceError."""
        return presenters.open_compare(*(self.job(name) for name in names))

    def tidy(self, *, dry_run: bool = False) -> Tidied:
        """Remove the parts of downloads that nobody is at, and the simulator's films; never a clip.

        With `dry_run` nothing is removed: it tells what would be.
        """
        from ..jobs.tidy import tidy

        return tidy(self.engine, dry_run=flag(dry_run, "dry_run"))

    def doctor(self, network: bool = False) -> Report:
        """What works here and what does not. Asks the server only with `network`; names no secret."""
        from .doctor import examine

        return examine(self.engine, self.settings, self.label, self.problem, network=flag(network, "network"))

    # --- the thread -----------------------------------------------------------------------------------------------
    def handle_webhook(self, body: bytes, signature: str, secret: str | None = None) -> WebhookEvent:
        """Verify a delivered webhook and look at its job now. What it claims is not believed, only looked up.

        `secret` defaults to SEEDANCE_WEBHOOK_SECRET. Raises WebhookInvalid, JobNotFound.
        """
        return webhook.handle(self.registry, body, signature, secret)
