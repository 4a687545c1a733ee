"""The engine: the history, the worker, caps, prices and the clock of one service, wired together.

It knows rows, and no kernel, notebook or widget: a plain process can run one. `Session` is the facade that people use.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar, Unpack

from .. import life
from ..errors import RequestInvalid, SessionClosed, SettingsInvalid
from ..life import new_job_id
from ..life.estimate import Estimate, began_at_of, estimate_of
from ..life.plan import Plan
from ..media.room import Room
from ..request import check
from ..request.caps import Caps, Spent
from ..threads.interrupts import Answer
from ..types import GenerationRequest, Model
from ..when import midnight
from ..worker import Needs, Subscriber, Terms, Worker

if TYPE_CHECKING:
    from ..storage.clips import ClipStorage
    from ..store import Store

T = TypeVar("T")

CLOSING_S = 5.0
"""The longest that closing takes: only where creates are under way whose answers do not come."""


class RowFacts(TypedDict, total=False):
    """More facts of a new row: where its clip goes and where the job comes from. See `life.Row`."""

    folder: str
    notebook: str | None
    out_name: str | None
    parent_id: str | None
    relation: str
    sweep_id: str
    sweep_values: dict[str, Any]


class Engine:
    """Sends requests, looks after jobs and keeps their history, for one service. Nothing runs until `start`.

    Args:
        needs: How to open the history, the API and the files. Its `caps` are those of the engine.
        home: The data folder.
        subscriber: Who is told of rows that change.
        caps: What may be spent.
        clips: The folder of clips that a person named, if any.
    """

    def __init__(
        self,
        needs: Needs,
        *,
        home: Path,
        subscriber: Subscriber,
        caps: Caps | None = None,
        clips: str | Path | None = None,
    ) -> None:
        self.id = new_job_id()
        """Its own name: what was spent through it is told by it, since others work on the same history."""
        self.began_at = time.time()
        self.service = needs.service
        self.home = home
        self.given_clips = clips
        self.history = needs.history
        """The file of the history, where it is one."""
        self._open_store = needs.store
        self._store: Store | None = None
        self._lock = threading.RLock()
        self._caps = caps or Caps()
        self._open_clips = needs.clips
        self._clips: ClipStorage | None = None
        self.media = needs.media or Room(home)
        """The copies of what is sent, and the place where the vendor fetches it."""
        self.media.belongs_to(
            folder=lambda: self.store.media_folder(),
            needed=lambda: self.store.needed_media(),
            slowest_s=lambda: self.store.slowest_s(self.service),
        )
        needs = replace(
            needs, store=lambda: self.store, caps=lambda: self._caps, media=self.media, clips=lambda: self.clips
        )
        self.worker = Worker(needs, subscriber)

    def start(self) -> None:
        """Start the thread, which goes on with open jobs of dead processes. Nothing is ever sent by itself."""
        self.worker.start()

    @property
    def store(self) -> Store:
        """The history; opened when it is first asked for."""
        with self._lock:
            if self._store is None:
                self._store = self._open_store()
            return self._store

    @property
    def clips(self) -> ClipStorage:
        """The clips that lie in buckets, and their copies here; loaded when one is first met."""
        with self._lock:
            if self._clips is None:
                from ..storage.clips import ClipStorage

                self._clips = self._open_clips() if self._open_clips is not None else ClipStorage(self.home)
            return self._clips

    @property
    def is_in_memory(self) -> bool:
        """Tell whether the history could not be opened and is lost with this process."""
        return self._store is not None and self._store.is_in_memory

    @property
    def notice(self) -> str | None:
        """A sentence about the history that a person should know, once it is open."""
        return self._store.notice if self._store is not None else None

    @property
    def problem(self) -> str | None:
        """The last trouble in looking after the jobs, while it lasts. Nothing ends by it."""
        return self.worker.problem

    # --- requests -------------------------------------------------------------------------------------------------
    def models(self, refresh: bool = False) -> tuple[Model, ...]:
        """The live list, at most an hour old unless `refresh`ed; the bundled one when the server cannot be reached."""
        return self.worker.ask(self.worker.models, refresh)

    def models_now(self) -> tuple[Model, ...]:
        """The live list of this very moment; what is known already where the server does not answer."""
        return self.worker.ask(self.worker.models, False, True)

    def known_models(self) -> tuple[Model, ...]:
        """The models as far as they are known now, without asking the network."""
        return self.worker.known_models()

    def plan(self, prompt: str, options: Mapping[str, Any]) -> Plan:
        """Check a request against its model and price it. Sends nothing. Raises RequestInvalid."""
        request = check.make_request(prompt, options)
        try:
            cost_usd = check.checked_usd(request, self.known_models())
        except RequestInvalid:
            cost_usd = check.checked_usd(request, self.models())  # the live list is the authority
        return Plan(request, cost_usd, self.estimate(request, 0.0))

    def new_row(
        self,
        request: GenerationRequest,
        cost_usd: float | None,
        *,
        keeps_media: bool = False,
        **more: Unpack[RowFacts],
    ) -> life.Row:
        """The row of a request that was checked and priced, before it is written. `submit` checks and prices it again.

        The price counts against caps, so it is what `check.checked_usd` or a plan says.
        """
        return life.Row(
            id=new_job_id(),
            service=self.service,
            request=request,
            created_at=time.time(),
            cost_usd=cost_usd,
            session_id=self.id,
            media=self.media.facts_of(request.media_urls, keeps=keeps_media),
            **more,
        )

    def problems(self, prompt: str, options: Mapping[str, Any]) -> list[RequestInvalid]:
        """Everything that is wrong with a request as far as is known now; asks nobody, sends nothing."""
        return check.problems(prompt, options, self.known_models())

    def estimate(self, request: GenerationRequest, elapsed_s: float) -> Estimate:
        """The time that such a job takes, when it has run for so many seconds."""
        return estimate_of(self.worker.prior(request), elapsed_s)

    def estimate_of_row(self, row: life.Row) -> Estimate | None:
        """How far along a job is, probably; `None` while it waits for its turn or when it has ended."""
        began_at = began_at_of(row)
        return None if began_at is None else self.estimate(row.request, max(0.0, time.time() - began_at))

    # --- what the worker is asked, without waiting for its answer -------------------------------------------------
    def submit(self, row: life.Row, terms: Terms) -> Answer[life.Row]:
        """Write the row, send the create once, write what came of it. **Spends credits.** See `Worker.submit`."""
        return self.worker.call(self.worker.submit, row, terms)

    def cancel(self, job_id: str) -> Answer[life.Row]:
        """Ask the server to cancel."""
        return self.worker.call(self.worker.cancel, job_id)

    def save_again(self, job_id: str) -> Answer[life.Row]:
        """Fetch a clip again."""
        return self.worker.call(self.worker.save_again, job_id)

    def adopt(self, job_id: str, request_id: str) -> Answer[life.Row]:
        """Give an unconfirmed job its request id."""
        return self.worker.call(self.worker.adopt, job_id, request_id)

    def discard(self, job_id: str) -> Answer[life.Row]:
        """Close an unconfirmed job."""
        return self.worker.call(self.worker.discard, job_id)

    def look_now(self, job_id: str) -> Answer[life.Row]:
        """Look at a job out of turn."""
        return self.worker.call(self.worker.look_now, job_id)

    def run(self, work: Callable[[], Coroutine[Any, Any, T]]) -> Answer[T]:
        """Run a coroutine function in the worker's loop."""
        return self.worker.call(work)

    # --- money ----------------------------------------------------------------------------------------------------
    @property
    def caps(self) -> Caps:
        """What may be spent."""
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
        return self._caps.left_usd(self._spent()) if self._caps.any else None

    def check_caps(self, plan: Plan, times: int = 1) -> None:
        """Raise CapExceeded where this, so many times, would pass a cap now. The store checks again at each job."""
        if self._caps.any:
            spent = self._spent()
            self._caps.check(plan.request, plan.cost_usd, spent)
            all_usd = None if plan.cost_usd is None else plan.cost_usd * times
            self._caps.with_(per_job_usd=None).check(plan.request, all_usd, spent)

    def charged_usd(self) -> Spent:
        """The estimated cost of what was accepted through this engine and today."""
        return self.store.charged(self.service, self.id, midnight(time.time()))

    def _spent(self) -> Spent:
        return self.store.spent(self.service, self.id, midnight(time.time()))

    # --- the thread -----------------------------------------------------------------------------------------------
    @property
    def is_closed(self) -> bool:
        """Whether nobody looks after its jobs here: it was closed, or could not be opened. Using it opens it again."""
        return not self.worker.is_running

    def check_open(self, waited_for: str) -> None:
        """Raise SessionClosed, or why it could not be opened, where whoever waits would wait for ever."""
        if self.worker.was_forked:
            self.worker.start()  # to wait is to use it, and a forked child has a thread of its own then
        elif self.is_closed:
            raise self.worker.failure or SessionClosed(f"The session was closed while {waited_for} was waited for.")

    def refuse_own_thread(self) -> None:
        """Raise RuntimeError where the worker would wait for itself."""
        if self.worker.is_current_thread:
            raise RuntimeError("wait() was called from the worker's own thread, which would wait for itself for ever")

    def hurry(self) -> None:
        """Somebody waits: see `Background.hurry`."""
        self.worker.hurry()

    def change_key(self) -> None:
        """Go on with the key that `needs` gives now."""
        self.worker.ask(self.worker.change_key)

    def close(self) -> None:
        """End the thread. Jobs go on at the server."""
        self.worker.stop(CLOSING_S)
        self.media.close()


class Quiet:
    """A subscriber that wants to know nothing: for a process that only looks after jobs."""

    def on_row(self, row: life.Row) -> None:
        """Nothing."""

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """Nothing."""

    def on_tick(self) -> None:
        """Nothing."""

    def on_key_refused(self, reason: str) -> None:
        """Nothing."""

    def waits_for(self) -> tuple[str, ...]:
        """Nobody waits."""
        return ()
