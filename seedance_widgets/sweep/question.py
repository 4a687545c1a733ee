"""The question whether a sweep is to be sent, for a page that can show it: one question, one answer, one sending."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from ..errors import PriceChanged, SeedanceError
from ..jobs.job import new_job_id
from ..life.plan import has_risen, price_rise
from .places import Places
from .plan import Place, priced
from .runner import AT_ONCE, check_at_once
from .table import sum_text


@dataclass(frozen=True, slots=True)
class Question:
    """A question to a person before anything is sent."""

    id: str
    """An answer names it, so that it counts once and for nothing else."""
    count: int
    """How many jobs a yes may send, at most."""
    text: str
    """How many they are and what they cost: "24 jobs, about $4.80 (estimate)"."""
    at_once: int
    shown: Mapping[int, float | None] = field(default_factory=dict)
    """The price of each job as it was shown, by the number of its place: a yes is a yes to these."""


class Asking:
    """The open question of a sweep, if there is one. From any thread.

    Args:
        places: What is asked about.
        gate: The lock of the sweep: of two answers one counts.
        send: Sends what a yes is about, at the prices that were shown, so many at once.
    """

    def __init__(
        self, places: Places, gate: threading.RLock, send: Callable[[Mapping[int, float | None], int], object]
    ) -> None:
        self._places = places
        self._gate = gate
        self._send = send
        self._question: Question | None = None
        self._last_question: Question | None = None
        self.is_declined = False
        """Whether the last answer was no."""

    @property
    def question(self) -> Question | None:
        """The open question; `None` when it was answered, or when nothing is left to send."""
        return self._question if self._places.unsent_numbers() else None

    def ask(self, rest: Sequence[Place], at_once: int = AT_ONCE) -> None:
        """Ask about the rest of a sweep, in the place of what was asked before. Sends nothing."""
        check_at_once(at_once)
        with self._gate:
            shown = agreed(self._places, rest)
            self._question = self._last_question = Question(new_job_id(), len(rest), rest_text(rest), at_once, shown)
            self.is_declined = False

    def send(self, question_id: str) -> None:
        """Answer yes. **Spends credits.** Sends nothing when this question was answered before.

        Where more is unsent by now than the question said, it is asked anew. An error leaves it open: nothing was sent.
        Raises PriceChanged where the price rose since, and has asked anew at that of now.
        """
        if (question := self.question) is None or question.id != question_id:
            return
        models = self._places.registry.engine.models_now()  # before the gate: the worker may want that, too
        with self._gate:
            question = self.question
            if question is None or question.id != question_id:
                return
            try:
                self._places.read()
                rest = self._places.unsent
                now = priced(rest, models)
                if len(rest) > question.count:
                    self.ask(now, question.at_once)
                    return
                check_shown(self._places, now, question.shown)
                self._send(question.shown, question.at_once)
            except PriceChanged:
                self.ask(now, question.at_once)
                raise
            except SeedanceError:
                self._question = replace(question, id=new_job_id())
                raise

    def decline(self, question_id: str) -> None:
        """Answer no. Sends nothing; the plan stays in the history."""
        with self._gate:
            if self._question is not None and self._question.id == question_id:
                self.drop()

    def drop(self) -> None:
        """Take the question back unanswered, which is a no."""
        with self._gate:
            if self._question is not None:
                self._question, self.is_declined = None, True

    def withdraw(self) -> None:
        """Ask no more: it is being sent."""
        self._question, self.is_declined = None, False

    def ask_anew(self, error: PriceChanged) -> PriceChanged:
        """A price rose while it was being sent: the error for the rest, which is asked about anew if it was before."""
        places = self._places
        now = priced(places.unsent, places.registry.engine.known_models())
        if self._last_question is not None:  # in the worker's thread: it never waits for the gate
            at_once = self._last_question.at_once
            question = Question(new_job_id(), len(now), rest_text(now), at_once, agreed(places, now))
            self._question = self._last_question = question
        shown_usd, now_usd = error.shown_usd, error.now_usd
        return _changed(places, now, shown_usd, now_usd, "What was sent before cost no more than was shown.")

    @property
    def problem(self) -> SeedanceError | None:
        """Why waiting would not end: nobody has answered yet."""
        if (question := self.question) is None:
            return None
        begun = "" if question.count == len(self._places) else " of the rest"
        return SeedanceError(
            f"Sweep {self._places.name} waits for a yes: {question.text}.",
            charged=f"Nothing{begun} was sent.",
            next_step="Send in its grid sends it, and so does sweep.resume().",
        )


def agreed(places: Places, rest: Sequence[Place]) -> dict[int, float | None]:
    """The prices of places as a person sees them now, by the numbers of the places."""
    prices = ((places.number_of(place.values), place.cost_usd) for place in rest)
    return {number: cost for number, cost in prices if number is not None}


def check_shown(places: Places, now: Sequence[Place], shown: Mapping[int, float | None]) -> None:
    """Raise PriceChanged where a job of what is to be sent costs more now than was shown."""
    costs = [
        (shown.get(number), place.cost_usd) for place in now if (number := places.number_of(place.values)) is not None
    ]
    if any(has_risen(before, after) for before, after in costs):
        befores, afters = zip(*costs, strict=True)
        now_usd = None if None in afters else sum(afters)
        raise _changed(places, now, sum(before or 0.0 for before in befores), now_usd)


def _changed(
    places: Places, now: Sequence[Place], shown_usd: float, now_usd: float | None, charged: str | None = None
) -> PriceChanged:
    return PriceChanged(
        price_rise(shown_usd, now_usd),
        shown_usd=shown_usd,
        now_usd=now_usd,
        plan=replace(places.plan, places=tuple(now)),
        charged=charged,
        next_step="sweep.resume() sends it at the price of now, and so does running the cell again after its question.",
    )


def count_text(count: int) -> str:
    """A number of jobs in words."""
    return "1 job" if count == 1 else f"{count:,} jobs"


def rest_text(rest: Sequence[Place]) -> str:
    """The number of jobs to send, and their cost: "24 jobs, about $4.80 (estimate)"."""
    return f"{count_text(len(rest))}, {sum_text([place.cost_usd for place in rest])}"
