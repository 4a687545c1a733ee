"""How long jobs run: a first guess for each kind, and what the history has taught since."""

from __future__ import annotations

from ..life import schedule
from ..types import GenerationRequest
from .database import Database
from .needs import Needs


class Priors:
    """What is known of each kind of job, without asking the store."""

    def __init__(self, needs: Needs, database: Database) -> None:
        self._needs = needs
        self._database = database
        self._learned: dict[tuple[object, ...], schedule.Prior] = {}

    def of(self, request: GenerationRequest) -> schedule.Prior:
        """How long such a job runs, as far as we know. From any thread."""
        return self._learned.get(_kind(request), self._guess(request))

    async def learn(self, request: GenerationRequest) -> None:
        """Read how long such jobs have run."""
        durations = await self._database.run(lambda store: store.like_durations_s(request, self._needs.service))
        self._learned[_kind(request)] = schedule.learn(durations, self._guess(request))

    def _guess(self, request: GenerationRequest) -> schedule.Prior:
        return schedule.shipped_prior(request).scaled(self._needs.time_scale)


def _kind(request: GenerationRequest) -> tuple[object, ...]:
    return request.model, request.resolution, request.duration, bool(request.media_urls)
