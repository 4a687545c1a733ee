"""The question whether a sweep is to be sent, for a page that can show it: one question, one answer, one sending."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from ..errors import SeedanceError
from ..job import new_job_id
from .plan import Place
from .runner import AT_ONCE, check_at_once
from .table import sum_text

if TYPE_CHECKING:
    from .handle import Sweep


@dataclass(frozen=True, slots=True)
class Question:
    """What a person is asked before anything is sent."""

    id: str
    """An answer names it, so that it counts once and for nothing else."""
    count: int
    """How many jobs a yes may send, at most."""
    text: str
    """How many they are and what they cost: "24 jobs, about $4.80 (estimate)"."""
    at_once: int


class Asking:
    """The open question of a sweep, if there is one. From any thread; everything under the gate of the sweep."""

    def __init__(self, sweep: Sweep) -> None:
        self._sweep = sweep
        self._question: Question | None = None
        self.is_declined = False
        """Whether the last answer was no."""

    @property
    def question(self) -> Question | None:
        """What is asked now; `None` when it was answered, or when nothing is left to send."""
        return self._question if self._sweep.unsent_places() else None

    def ask(self, rest: Sequence[Place], at_once: int = AT_ONCE) -> None:
        """Ask about the rest of a sweep, in the place of what was asked before. Sends nothing."""
        check_at_once(at_once)
        with self._sweep.gate:
            self._question = Question(new_job_id(), len(rest), rest_text(rest), at_once)
            self.is_declined = False

    def send(self, question_id: str) -> None:
        """Answer yes. **Spends credits.** Sends nothing when this question was answered before.

        Where more is unsent by now than the question said, it is asked anew. An error leaves it open: nothing was sent.
        """
        with self._sweep.gate:
            question = self.question
            if question is None or question.id != question_id:
                return
            try:
                rest = self._sweep.refresh().unsent
                if len(rest) > question.count:
                    self.ask(rest, question.at_once)
                else:
                    self._sweep.resume(question.at_once)
            except SeedanceError:
                self._question = replace(question, id=new_job_id())
                raise

    def decline(self, question_id: str) -> None:
        """Answer no. Sends nothing; the plan stays in the history."""
        with self._sweep.gate:
            if self._question is not None and self._question.id == question_id:
                self.drop()

    def drop(self) -> None:
        """Take the question back unanswered, which is a no."""
        with self._sweep.gate:
            if self._question is not None:
                self._question, self.is_declined = None, True

    def withdraw(self) -> None:
        """Ask no more: it is being sent."""
        self._question, self.is_declined = None, False

    @property
    def problem(self) -> SeedanceError | None:
        """Why waiting is in vain: nobody has answered yet."""
        if (question := self.question) is None:
            return None
        begun = "" if question.count == len(self._sweep) else " of the rest"
        return SeedanceError(
            f"Sweep {self._sweep.name} waits for a yes: {question.text}.",
            charged=f"Nothing{begun} was sent.",
            next_step="Send in its grid sends it, and so does sweep.resume().",
        )


def count_text(count: int) -> str:
    """A number of jobs in words."""
    return "1 job" if count == 1 else f"{count:,} jobs"


def rest_text(rest: Sequence[Place]) -> str:
    """How many jobs there are to send, and what they cost: "24 jobs, about $4.80 (estimate)"."""
    return f"{count_text(len(rest))}, {sum_text([place.cost_usd for place in rest])}"
