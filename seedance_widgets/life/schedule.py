"""When to look next: the look-ahead rule. Pure functions of a prior, an age and the last answer.

The rule: look again at the first instant at which the *expected wasted waiting* since the last answer, the integral of
P(done by u | not done at the last look) du, reaches `worth_s` seconds. `worth_s` is what one request is worth: small
means prompt, large means thrifty. It comes within a few per cent of the exact optimum for log-normal durations
(tests/life/test_schedule.py computes that optimum), where exponential back-off is the worst family there is: it asks
most while the job cannot be done and least when it will be. docs/decisions/002-when-to-look.md has the reasoning; what
a request is worth while they are short is computed in `price`.

A log-normal mixture has a closed form for the integral, so one decision costs microseconds. Everything is computed
from instants in the row, never from a loop's time, so sleep, restarts and clock drift need no special care.
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Callable, Sequence
from typing import NamedTuple

from ..types import GenerationRequest
from . import Row

_IMPOSSIBLE = 1e-7
"""Below this chance of still running, the rule has nothing to say: far out in the tail rounding decides."""
WORTH_S = 0.05
"""Expected waste at which we look: a mean delay of about one second for a job of 90 s, for about 20 requests."""
LIVENESS_S = 10.0
"""We look at least this often while a job is young, so that "queued" turns into "processing" before a person's eyes."""
YOUNG_S = 120.0
LONGEST_GAP_S = 60.0
"""Between looks at a job that is late but not lost."""
STUCK_AFTER_S = 1_800.0
"""After half an hour a job counts as stuck and is looked at ever more rarely."""
STUCK_GAP_S = 300.0
FAILED_FLOOR_S = 0.5
"""A failed look never comes back sooner, however fast the service is."""
SET_BACK_S = 1.0
"""A plan that was made so much later than now was made before the clock was set back."""
TOLD_GAP_S = 180.0
"""Between looks at a job of whose end a webhook tells: also those that get lost cost no more than that."""
STUCK_SHARE = 0.01
"""Of its age: how long a stuck job is left alone at least."""

BROAD_SHARE = 0.1
BROAD_SIGMA = 1.2
"""One job in ten may be of another kind (early failure, slow tail): without them a late job looks impossible."""


class Prior(NamedTuple):
    """A belief about how long a job runs: a log-normal with a tenth of a broad one mixed in."""

    median_s: float
    sigma: float
    """Of the logarithm: 0.25 means two jobs in three lie within 22 % less and 28 % more than the median."""
    samples: int = 0
    """Earlier jobs that it was learned from; 0 for the shipped guess."""

    def cdf(self, t_s: float) -> float:
        """P(done by t)."""
        return sum(share * _cdf(t_s, self.median_s, sigma) for share, sigma in self._parts())

    def integral_of_cdf(self, t_s: float) -> float:
        """The integral of `cdf` from 0 to t, in seconds; closed form t F(t) - E[X; X <= t]."""
        return sum(share * _integral(t_s, self.median_s, sigma) for share, sigma in self._parts())

    def quantile(self, p: float) -> float:
        """The age by which a share `p` of such jobs is done, in seconds."""
        low, high = 0.0, self.median_s * math.exp(BROAD_SIGMA * 6)
        return _first(lambda t: self.cdf(t) >= p, low, high)

    def scaled(self, factor: float) -> Prior:
        """The same shape on another time scale."""
        return Prior(self.median_s * factor, self.sigma, self.samples)

    def _parts(self) -> tuple[tuple[float, float], ...]:
        return ((1 - BROAD_SHARE, self.sigma), (BROAD_SHARE, max(self.sigma, BROAD_SIGMA)))


_MEDIAN_S = {"seedance-2.0": 90.0, "seedance-2.0-fast": 50.0, "seedance-1.5-pro": 60.0}
_RESOLUTION_FACTOR = {"480p": 0.7, "720p": 1.0, "1080p": 1.6}


def shipped_prior(request: GenerationRequest) -> Prior:
    """A first guess, before this person has a history. Stated as a guess wherever it is shown.

    The vendor documents no times. The medians are what people report of 5 s at 720p; longer clips take
    less than proportionally more.
    """
    median_s = _MEDIAN_S.get(request.model, 90.0)
    length = ((request.duration or 5) / 5) ** 0.7
    return Prior(median_s * length * _RESOLUTION_FACTOR.get(request.resolution or "720p", 1.0), sigma=0.5)


def learn(durations_s: Sequence[float], guess: Prior) -> Prior:
    """The prior after earlier jobs of the same kind: median and MAD of the logarithms, shrunk towards the guess.

    Args:
        durations_s: How long like jobs ran, in seconds; newest first, a few dozen are enough.
        guess: The shipped prior of the same kind; it counts like two jobs.
    """
    logs = [math.log(d) for d in durations_s if d > 0]
    if not logs:
        return guess
    n = len(logs)
    centre = _median(logs)
    mad = 1.4826 * _median([abs(x - centre) for x in logs])  # 1.4826: MAD to sigma for a normal
    mu = (2 * math.log(guess.median_s) + n * centre) / (2 + n)
    sigma = math.sqrt((4 * guess.sigma**2 + n * mad**2) / (4 + n))
    return Prior(math.exp(mu), min(max(sigma, 0.08), 1.0), samples=n)


def wasted_s(prior: Prior, since_s: float, until_s: float) -> float:
    """Expected seconds that a job, seen running at age `since_s`, has been done and unseen at age `until_s`."""
    return _wasting(prior, since_s)(until_s)


def next_look_age_s(prior: Prior, since_s: float, *, worth_s: float = WORTH_S, floor_s: float = 1.0) -> float:
    """The age at which to look again, in seconds, for a job that was seen running at age `since_s`.

    The dearer a look, the rarer are those too that only show that a job still runs: all gaps grow as the rule's own do.
    """
    high = since_s + _longest_gap_s(since_s, worth_s)
    if since_s > STUCK_AFTER_S:  # a handful of stuck jobs must not use up the budget of those that move
        floor_s = max(floor_s, min(since_s * STUCK_SHARE, STUCK_GAP_S))
    wasted = _wasting(prior, since_s)
    if 1 - prior.cdf(since_s) <= _IMPOSSIBLE or wasted(high) < worth_s:
        return high
    return max(since_s + floor_s, _first(lambda t: wasted(t) >= worth_s, since_s, high))


def next_look_at(
    row: Row, prior: Prior, *, worth_s: float = WORTH_S, floor_s: float = 1.0, is_told: bool = False
) -> float:
    """The instant at which to look at a row next. `floor_s`: never sooner than this after the last look.

    Age counts from the last instant the job was *seen queued*: a job that waits in the server's queue has not begun.
    What the server asked for (`Retry-After`) is kept to. Where a webhook tells of its end (`is_told`), a look shows
    once that it began, and then it is looked at every few minutes only.
    """
    look_at = _look_at(row, prior, worth_s, floor_s) if row.look_asked_at is None else row.look_asked_at
    if is_told and row.look_asked_at is None and not row.final and not row.look_failures and row.looked_at is not None:
        has_begun = row.status == "processing" or row.looked_at > (row.accepted_at or row.looked_at)
        look_at = row.looked_at + TOLD_GAP_S if has_begun else look_at
    return max(look_at, row.not_before_at or 0.0)


def _look_at(row: Row, prior: Prior, worth_s: float, floor_s: float) -> float:
    looked_at = row.looked_at or row.accepted_at or row.created_at
    if row.look_failures and row.look_failed_at is not None:
        floor_s = max(floor_s, FAILED_FLOOR_S)
        return row.look_failed_at + backoff_s(row.look_failures, _spread(row), floor_s=floor_s)
    if row.final:  # only the URL is missing: an answer away
        return looked_at + max(floor_s, min(STUCK_GAP_S, (looked_at - (row.final_at or looked_at)) / 2))
    began_at = _began_at(row)
    age_s = max(0.0, looked_at - began_at)  # the clock may have been set back meanwhile
    return looked_at + next_look_age_s(prior, age_s, worth_s=worth_s, floor_s=floor_s) - age_s


def age_s(row: Row, now: float) -> float:
    """Seconds that a job has run, as far as we saw: since it was last seen queued."""
    return max(0.0, now - _began_at(row))


def urgency_s(row: Row, prior: Prior, now: float) -> float:
    """The worth of a look now: the expected wasted seconds since the last answer. Larger goes first."""
    began_at = _began_at(row)
    return wasted_s(prior, max(0.0, (row.looked_at or began_at) - began_at), max(0.0, now - began_at))


def backoff_s(failures: int, spread: float, *, floor_s: float = 1.0, cap_s: float = 30.0) -> float:
    """The wait after failed looks: exponential with full jitter, up to 30 s; ten in a row and it stays slow.

    Args:
        failures: Failed looks in a row, at least 1.
        spread: A number from 0 to 1 that differs between jobs, so that they do not come back in step.
    """
    if failures > 10:
        return cap_s * (1 + spread)
    return max(floor_s, spread * min(cap_s, floor_s * 2.0 ** min(failures, 10)))


def save_again_at(row: Row) -> float:
    """The instant to try a failed download again: 2 s doubling to 60 s; at once when none has failed."""
    if row.save_failed_at is None:
        return 0.0
    return row.save_failed_at + min(60.0, 2.0**row.saves)


def is_of_another_clock(row: Row, now: float) -> bool:
    """Tell if the last try lies in the future: made by a machine whose clock is ahead, which says nothing about when
    to try again."""
    if row.status == "succeeded" and row.save_failed_at is not None:
        tried_at = row.save_failed_at
    elif row.look_failures and row.look_failed_at is not None:
        tried_at = row.look_failed_at
    else:
        tried_at = row.looked_at or row.accepted_at or row.created_at
    return tried_at > now + SET_BACK_S


def _wasting(prior: Prior, since_s: float) -> Callable[[float], float]:
    """`wasted_s` as a function of its end: what depends on the beginning alone is computed once."""
    done, before = prior.cdf(since_s), prior.integral_of_cdf(since_s)
    if 1 - done <= _IMPOSSIBLE:
        return lambda until_s: max(0.0, until_s - since_s)
    return lambda until_s: max(0.0, (prior.integral_of_cdf(until_s) - before - done * (until_s - since_s)) / (1 - done))


def _began_at(row: Row) -> float:
    return row.queued_seen_at or row.accepted_at or row.created_at


def _longest_gap_s(age_s: float, worth_s: float) -> float:
    if age_s >= STUCK_AFTER_S:
        return STUCK_GAP_S
    gap_s = LIVENESS_S if age_s < YOUNG_S else LONGEST_GAP_S
    return min(gap_s * math.sqrt(max(1.0, worth_s / WORTH_S)), max(gap_s, STUCK_GAP_S))


def _spread(row: Row) -> float:
    """A fixed number from 0 to 1 for this row and this failure: jitter without a random source."""
    return zlib.crc32(f"{row.id}/{row.look_failures}".encode()) / 0xFFFFFFFF


def _cdf(t_s: float, median_s: float, sigma: float) -> float:
    return _normal_cdf(math.log(t_s / median_s) / sigma) if t_s / median_s > 0 else 0.0


def _integral(t_s: float, median_s: float, sigma: float) -> float:
    if t_s / median_s <= 0:  # also of an age so small that this rounds to 0
        return 0.0
    z = math.log(t_s / median_s) / sigma
    mean_below = median_s * math.exp(sigma**2 / 2) * _normal_cdf(z - sigma)
    return t_s * _normal_cdf(z) - mean_below


def _normal_cdf(z: float) -> float:
    return 0.5 * math.erfc(-z / math.sqrt(2))


def _median(values: Sequence[float]) -> float:
    """`statistics.median`, whose module costs more to load than the whole rule."""
    ordered, half = sorted(values), len(values) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _first(reached: Callable[[float], bool], low: float, high: float) -> float:
    """The first t between low and high at which a monotone condition holds, by bisection to a millisecond."""
    while high - low > 1e-3:
        middle = (low + high) / 2
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
