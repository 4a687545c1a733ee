"""How long jobs run: a first guess for each kind, and what the history has taught since."""

from __future__ import annotations

from .. import schedule
from ..types import GenerationRequest
from .doors import Doors
from .storing import Storing


class Priors:
    """What is known of each kind of job, without asking the store."""

    def __init__(self, doors: Doors, storing: Storing) -> None:
        self._doors = doors
        self._storing = storing
        self._learned: dict[tuple[object, ...], schedule.Prior] = {}

    def of(self, request: GenerationRequest) -> schedule.Prior:
        """How long such a job runs, as far as we know. From any thread."""
        return self._learned.get(_kind(request), self._guess(request))

    async def learn(self, request: GenerationRequest) -> None:
        """Read how long such jobs have run."""
        durations = await self._storing.run(lambda store: store.like_durations_s(request, self._doors.service))
        self._learned[_kind(request)] = schedule.learn(durations, self._guess(request))

    def _guess(self, request: GenerationRequest) -> schedule.Prior:
        return schedule.shipped_prior(request).scaled(self._doors.time_scale)


def _kind(request: GenerationRequest) -> tuple[object, ...]:
    return request.model, request.resolution, request.duration, bool(request.media_urls)
