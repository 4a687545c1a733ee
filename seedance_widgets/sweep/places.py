"""The places of a sweep: what its plan asks for, one place a combination, and the job that stands in each."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from ..jobs.job import Job
from ..jobs.registry import Registry
from ..request import braces
from ..threads.background import in_thread
from ..types import SweepRow
from .plan import Place, SweepPlan, plan_of

NOT_SENT, REFUSED = "not sent", "refused"


class Places:
    """The plan of a sweep with the jobs that were made for it. From any thread."""

    def __init__(self, registry: Registry, row: SweepRow) -> None:
        self.registry = registry
        self.row = row
        self.plan = plan_of(row.plan)
        self._numbers = _numbers(self.plan.places)
        self._jobs: dict[int, Job] = {}
        self.read()

    def __len__(self) -> int:
        return len(self.plan)

    @property
    def id(self) -> str:
        """Our own name for the sweep."""
        return self.row.id

    @property
    def name(self) -> str:
        """The person's name for the sweep, or its id."""
        return self.row.name or self.row.id

    @property
    def jobs(self) -> list[Job]:
        """The jobs that there are, in the order of the plan."""
        return [job for _, job in sorted(self._jobs.items())]

    @property
    def unsent(self) -> list[Place]:
        """The places that no job takes."""
        return [self.plan.places[number] for number in self.unsent_numbers()]

    def unsent_numbers(self) -> list[int]:
        """The numbers of the places that no job takes, from 0."""
        return [n for n in range(len(self.plan)) if (job := self._jobs.get(n)) is None or not job.takes_place]

    def number_of(self, values: Mapping[str, Any]) -> int | None:
        """The number of the place with these values, from 0; `None` where there is none."""
        return self._numbers.get(_exact(values), self._numbers.get(braces.key_of(values)))

    def status_of(self, number: int) -> str:
        """How the job of a place stands, in one word; `not sent` and `refused` where it takes no place."""
        job = self._jobs.get(number)
        if job is None:
            return NOT_SENT
        if job.takes_place or job.row.is_discarded:
            return job.status
        return NOT_SENT if job.row.problem is None or job.row.problem.code == "not_sent" else REFUSED

    def job_at(self, number: int) -> Job | None:
        """The job of a place, from 0."""
        return self._jobs.get(number)

    def put(self, number: int, job: Job) -> None:
        """A job takes a place."""
        self._jobs[number] = job

    def read(self) -> None:
        """Read from the history what other kernels did of it."""
        for row in self.registry.engine.store.sweeps.rows(self.id):
            number = self.number_of(row.sweep_values or {})
            if number is None and row.is_removed:  # a digest is left of its values, which the plan has
                number = next((n for n, each in enumerate(self.plan.places) if row.stands_in(each.values)), None)
                row = row if number is None else replace(row, sweep_values=dict(self.plan.places[number].values))
            if number is not None:
                known = self._jobs.get(number)
                if known is None or row.takes_place or not known.row.takes_place:
                    self._jobs[number] = self.registry.job_of(row)

    async def reread(self, number: int) -> None:
        """Another kernel was faster with a place: its job is ours, too."""
        self._jobs.pop(number, None)
        await in_thread(self.read)

    def take_plan(self, plan: SweepPlan) -> None:
        """Go on with what was given again for the same places: fresh links, and the prices of today."""
        today = {place.key: place for place in plan.places}
        pairs = ((place, today.get(place.key)) for place in self.plan.places)
        places = tuple(place if now is None else replace(now, values=place.values) for place, now in pairs)
        self.plan = replace(self.plan, places=places)


def _numbers(places: Sequence[Place]) -> dict[str, int]:
    """The number of each place by its values: as they are written, and however they are written.

    Version 0.1.0 took 5 and 5.0 for two places, each of which may be paid for: what is written counts first.
    """
    numbers = {_exact(place.values): number for number, place in enumerate(places)}
    for number, place in enumerate(places):
        numbers.setdefault(place.key, number)
    return numbers


def _exact(values: Mapping[str, Any]) -> str:
    return "=" + json.dumps(values, ensure_ascii=False)
