"""The worth of one look while turns are short: the price at which the looks that are wanted fit into the turns.

At a price of c expected seconds a look, a job of hazard h is looked at every sqrt(2c / h) seconds. So what it asks for
while it runs from one age to another is the integral of sqrt(h / 2) over the ages that it lives to see, its *want*,
divided by sqrt(c): half the looks cost four times the price. What all jobs want within any time that lies ahead must
fit into the turns that there will be until then, and the tightest of those times decides. So nothing is spent on ages
at which no job can have ended when every turn is needed soon. Pure, like `schedule`.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

from .schedule import WORTH_S, Prior

AHEAD_S = (2.0, 5.0, 10.0, 20.0, 30.0, 45.0, 60.0, 90.0, 120.0)
"""The times ahead within which wants and turns are compared."""
DEAREST_SHARE = 0.05
"""Of a job's median: the dearest a look gets. Beyond, the order alone decides: a job that is looked at twice can save
little more, and would only be known later."""
LAST_LOOK = 0.5
"""Looks that a job takes beyond its want: one that ends within a gap takes the look at the gap's end."""
LEAST_SHARE = 0.25
"""Of the turns: what is left for wants where the last looks alone would take nearly all of them."""
STEP = 1.1
"""Prices are rounded up to powers of this, so that what follows from one is not computed anew for each small change."""

_OVER = 1e-6
"""Below this chance of still running nothing is known of a job, and nothing wanted."""
_AGES = 96
_YOUNGEST, _OLDEST = 0.02, 20.0
"""The ages between which wants are tabled, in medians."""

_Table = tuple[tuple[float, ...], tuple[float, ...], tuple[float, ...]]


def want(prior: Prior, age_s: float, ahead_s: float) -> tuple[float, float]:
    """Looks at a price of one second that a job of an age asks for within the next seconds, and its chance to end."""
    return _wants(prior, age_s, (ahead_s,))[0]


def price_s(running: Sequence[tuple[Prior, float]], turns: Sequence[float]) -> float:
    """The expected waste at which a look is worth its turn, in seconds: at least `WORTH_S`.

    Args:
        running: What is known of each job that is waited for, and its age in seconds.
        turns: How many looks there may be within each of `AHEAD_S`.
    """
    if not running or all(math.isinf(each) for each in turns):
        return WORTH_S
    wanted, ending = [0.0] * len(AHEAD_S), [0.0] * len(AHEAD_S)
    for prior, age_s in running:
        for n, (wants, ends) in enumerate(_wants(prior, age_s, AHEAD_S)):
            wanted[n] += wants
            ending[n] += ends
    dearest = max(
        (wants / max(free - LAST_LOOK * ends, LEAST_SHARE * free, 1e-3)) ** 2
        for wants, ends, free in zip(wanted, ending, turns, strict=True)
    )
    return _rounded(max(dearest, WORTH_S))


def _wants(prior: Prior, age_s: float, ahead_s: Sequence[float]) -> list[tuple[float, float]]:
    table = _table(prior)
    wants, done = _at(table, age_s)
    if 1 - done < _OVER:
        return [(0.0, 0.0)] * len(ahead_s)
    later = [_at(table, age_s + seconds) for seconds in ahead_s]
    return [((more - wants) / (1 - done), (by_then - done) / (1 - done)) for more, by_then in later]


@lru_cache(maxsize=64)
def _table(prior: Prior) -> _Table:
    """Ages; what is wanted from the beginning to each; and the chance to have ended by then."""
    step = (_OLDEST / _YOUNGEST) ** (1 / _AGES)
    ages = [0.0, *(prior.median_s * _YOUNGEST * step**n for n in range(_AGES + 1))]
    wants, dones = [0.0], [0.0]
    for younger, older in pairwise(ages):
        done, alive = prior.cdf(older), 1 - prior.cdf((younger + older) / 2)
        wants.append(wants[-1] + math.sqrt(max(0.0, done - dones[-1]) * alive * (older - younger) / 2))
        dones.append(done)
    return tuple(ages), tuple(wants), tuple(dones)


def _at(table: _Table, age_s: float) -> tuple[float, float]:
    ages, wants, dones = table
    n = bisect_right(ages, age_s)
    if n >= len(ages):
        return wants[-1], dones[-1]
    part = (age_s - ages[n - 1]) / (ages[n] - ages[n - 1])
    return wants[n - 1] + (wants[n] - wants[n - 1]) * part, dones[n - 1] + (dones[n] - dones[n - 1]) * part


def _rounded(price: float) -> float:
    return WORTH_S * STEP ** math.ceil(math.log(price / WORTH_S) / math.log(STEP) - 1e-9)
