"""Which rows are looked at now: who is due at the price that a look has, and of those who wastes most waiting."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterable

from .. import life
from ..api.limiter import Limiter
from ..life import price, schedule
from ..types import GenerationRequest
from .rows import Care

PRICED_S = 0.5
"""How long a price holds: jobs begin and end meanwhile, and turns come and go."""


class Pace:
    """The price of a look, and what follows from it for the rows in our care.

    Args:
        prior: How long a job of a request runs, as far as we know.
        limiter: What gives out the turns.
        awake: Seconds of a clock that is never set.
        floor_s: The shortest time between two looks at one job.
    """

    def __init__(
        self,
        prior: Callable[[GenerationRequest], schedule.Prior],
        limiter: Callable[[], Limiter],
        awake: Callable[[], float],
        floor_s: float,
    ) -> None:
        self._prior = prior
        self._limiter = limiter
        self._awake = awake
        self._floor_s = floor_s
        self._priced_at = -math.inf
        self.worth_s = schedule.WORTH_S
        """What a look was worth when it was last asked for."""

    def due(self, cares: Collection[Care], now: float) -> tuple[list[Care], float]:
        """The idle rows for which something is to be done now, and the seconds until there are others.

        A look may be due sooner than that, when its price falls; so ask again after `PRICED_S` at the latest while some
        row is kept waiting for it.
        """
        idle = [care for care in cares if not care.busy and life.next_action(care.row) is not life.Action.NOTHING]
        ripe = [care for care in idle if care.is_due(now)]
        later_s = min((care.due_at - now for care in idle if not care.is_due(now)), default=math.inf)
        worth_s = self._price_s(cares, now)
        due = [care for care in ripe if self._is_worth_it(care, now, worth_s)]
        if len(due) < len(ripe):
            later_s = min(later_s, PRICED_S)
        return due, later_s

    def first(self, due: Iterable[Care], now: float) -> Care | None:
        """Of the rows that are due for a look the one that wastes most waiting; `None` where there is none."""
        looks = [care for care in due if life.next_action(care.row) is life.Action.POLL]
        return max(
            looks, key=lambda care: schedule.urgency_s(care.row, self._prior(care.row.request), now), default=None
        )

    def _price_s(self, cares: Iterable[Care], now: float) -> float:
        if not 0 <= self._awake() - self._priced_at < PRICED_S:
            self._priced_at = self._awake()
            running = [
                (self._prior(care.row.request), schedule.age_s(care.row, now))
                for care in cares
                if life.next_action(care.row) is life.Action.POLL and not care.row.final
            ]
            self.worth_s = price.price_s(running, self._limiter().looks_ahead(price.AHEAD_S))
        return self.worth_s

    def _is_worth_it(self, care: Care, now: float, worth_s: float) -> bool:
        """Whether what is due when turns are plenty is due at this price, too; a download takes no turn."""
        if worth_s <= schedule.WORTH_S or life.next_action(care.row) is life.Action.DOWNLOAD:
            return True
        if now < care.planned_at - schedule.SET_BACK_S or care.due_at == care.planned_at:
            return True  # planned by another clock, which says nothing of how long it was left alone
        prior = self._prior(care.row.request)
        worth_s = min(worth_s, max(schedule.WORTH_S, price.DEAREST_SHARE * prior.median_s))
        if care.worth_s != worth_s:
            care.worth_s = worth_s
            care.worth_at = schedule.next_look_at(care.row, prior, worth_s=worth_s, floor_s=self._floor_s)
        return care.worth_at <= now
