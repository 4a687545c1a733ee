"""The clicks on Generate of a Studio: each is one create, and has an outcome that the page is shown."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from ...errors import CapExceeded, HistoryUnwritable, PriceChanged, RequestInvalid, SeedanceError, SentBefore
from ...jobs.job import Job
from ...life import CONTINUES, TAKE, VARIATION
from ...life.same_request import RECENT_S
from ...session.session import Session
from ..card.view import ProblemView, problem_view
from ..shared.redraws import in_background
from .origin import Origin, options_of, plan_of_next
from .service import Service
from .source import Source
from .takes import send_takes
from .view import OutcomeView, RequestView, ask_text, merged_text, options_of_view

RELATION = {"": VARIATION, "again": TAKE, "continue": CONTINUES}
"""What a job is of its parent, by what a person has pressed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What a click on Generate, or on Again, asks for."""

    request: RequestView
    shown_usd: float | None
    """The price that the page showed, of all takes together: it is not sent for more."""
    force: bool = False
    """A person said yes to the question before."""
    origin: Origin = field(default_factory=Origin)
    takes: int = 1


class Submits:
    """Sends what a person clicked to send. **Spends credits.**

    Args:
        source: Where the request in the form came from.
        service: Tells whether the live prices are known.
        job_of: The job of a whole id. Raises JobNotFound.
        redraw: Called at each change of an outcome.
    """

    def __init__(
        self,
        session: Session,
        source: Source,
        service: Service,
        job_of: Callable[[str], Job],
        redraw: Callable[[], None],
    ) -> None:
        self._session = session
        self._source = source
        self._service = service
        self._job_of = job_of
        self._redraw = redraw
        self._lock = threading.Lock()
        self._starting = threading.Lock()
        self._outcomes: dict[str, OutcomeView | None] = {}
        self._unrecordable: list[RequestView] = []
        """What a person was asked to send although nothing could remember it: sent again, that is their yes."""
        self.outcome: OutcomeView | None = None
        """The outcome that the page shows: of the click that came to something last."""

    @property
    def sending(self) -> list[str]:
        """The clicks that have no outcome yet."""
        return [click_id for click_id, outcome in list(self._outcomes.items()) if outcome is None]

    def is_sent_again(self, click_id: str) -> bool:
        """A submit is one create for as long as the Studio lives; to one that comes again, the answer is said again."""
        if click_id not in self._outcomes:
            return False
        self.outcome = self._outcomes[click_id] or self.outcome
        self._redraw()
        return True

    def take(self, click_id: str, wish: Wish) -> None:
        """Send a request off this thread."""
        with self._lock:  # also for one that two threads hand in at once
            if click_id in self._outcomes:
                return
            self._outcomes[click_id] = None
        self._redraw()
        in_background(lambda: self._submit(click_id, wish))

    def tell(self, click_id: str, problem: ProblemView) -> None:
        """Show what went wrong with a click that was none on Generate. The caller redraws."""
        self.outcome = _outcome(click_id) | {"problem": problem}

    def _submit(self, click_id: str, wish: Wish) -> None:
        outcome, request, force = _outcome(click_id), wish.request, wish.force
        try:
            before = self._job_of(wish.origin.job_id) if wish.origin.how else None
            relation = RELATION[wish.origin.how]
            if before is not None and relation == CONTINUES:
                plan = plan_of_next(self._session, before, request["prompt"], options_of_view(request))
            elif before is not None:
                plan = self._session.plan(before.request.prompt, **options_of(before.request))
            else:
                plan = self._session.plan(request["prompt"], **options_of_view(request))
            with self._starting:  # of two clicks for one request, however close, the second is asked about
                same = None if force else self._session.twin(plan.request, RECENT_S)
                if same is not None:
                    self._unrecordable = []  # a yes to this question is none to that one
                    self._say(outcome | {"ask": ask_text(same)})
                    return
                if self._service.is_loaded:  # with the live prices: what is refused never takes the stage
                    self._session.check_caps(plan, wish.takes)
                if wish.takes > 1:
                    sweep = send_takes(self._session, plan, wish.takes, wish.shown_usd, click_id)
                    self._say(outcome | {"sweep_id": sweep.id})
                    return
                parent_id = before.id if before is not None else self._source.parent_id(request["prompt"])
                shown = replace(plan, cost_usd=wish.shown_usd)
                unrecorded = force and request in self._unrecordable
                job = self._session.start(
                    shown, parent_id=parent_id, fresh=force, unrecorded=unrecorded, relation=relation
                )
            outcome["job_id"] = job.id
            self._say(outcome)
            self._follow(job, outcome)
        except SentBefore as error:  # by another kernel, since the look above
            self._unrecordable = []
            self._say(outcome | {"job_id": None, "ask": ask_text(self._job_of(error.job.id))})
        except RequestInvalid as error:  # also from the worker, which knows the live models: then there is no job
            self._say(outcome | {"job_id": None, "problem": problem_view(error), "field": error.field})
        except (CapExceeded, PriceChanged) as error:
            self._say(outcome | {"job_id": None, "problem": problem_view(error)})  # with the price of now beside it
        except HistoryUnwritable as error:
            self._unrecordable = [request]
            ask = f"{error.what} {error.charged} Send it all the same?"
            self._say(outcome | {"job_id": None, "ask": ask, "yes": "Send unrecorded"})
        except SeedanceError as error:
            self._say(outcome | {"problem": problem_view(error)})

    def _follow(self, job: Job, outcome: OutcomeView) -> None:
        """Wait until the server has accepted; of a click that was merged say which job runs, and show that one."""
        job.wait_until(lambda: job.merged or job.is_answered, None)
        if job.merged:
            self._unrecordable = []  # a yes to this question is none to that one
            self._say(outcome | {"job_id": job.id, "ask": merged_text(job), "yes": "Send another"})
        job.wait_accepted()

    def _say(self, outcome: OutcomeView) -> None:
        self._outcomes[outcome["click_id"]] = self.outcome = outcome.copy()
        self._redraw()


def _outcome(click_id: str) -> OutcomeView:
    return OutcomeView(click_id=click_id, job_id=None, problem=None, field=None, ask=None, yes=None, sweep_id=None)
