"""What the rule for looking costs, and what it is worth against a fixed interval and exponential back-off."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from statistics import fmean

from seedance_widgets.life import schedule
from seedance_widgets.life.schedule import Prior

from .figures import Figure, figure

MEDIAN_S, SIGMA = 90.0, 0.25
JOBS, SEEDS = 400, 5
HISTORY = 30
AGES, ROUNDS = 200, 15
KNOWN = Prior(MEDIAN_S, SIGMA, HISTORY)
GUESS = Prior(MEDIAN_S, 0.5)

Policy = Callable[[float, int], float]
"""From the age at the last look and the number of looks to the age at the next one, in seconds."""


def measure() -> list[Figure]:
    """Microseconds a decision; mean delay and requests a job of each policy for jobs of LN(90 s, 0.25)."""
    fixed = [_simulated(seed, lambda dice: lambda age, looks: age + 5.0) for seed in range(SEEDS)]
    policies = {
        "fixed 5 s": fixed,
        "back-off x1.5 to 15 s": [_simulated(seed, lambda dice: _back_off) for seed in range(SEEDS)],
        "our rule, no history": [_simulated(seed, lambda dice: _ours(GUESS)) for seed in range(SEEDS)],
        f"our rule, {HISTORY} earlier jobs": [_simulated(seed, _learned) for seed in range(SEEDS)],
        "our rule, known durations": [_simulated(seed, lambda dice: _ours(KNOWN)) for seed in range(SEEDS)],
    }
    figures = [figure("a decision of the rule", _decisions_us(), "us", digits=0)]
    for name, runs in policies.items():
        figures.append(figure(f"delay, {name}", [delay for delay, _ in runs], "s"))
        figures.append(figure(f"requests, {name}", [requests for _, requests in runs], digits=1))
    for name, runs in policies.items():
        gains = [
            delay * requests / (theirs * more) for (delay, requests), (theirs, more) in zip(runs, fixed, strict=True)
        ]
        if name != "fixed 5 s":
            ours = name.startswith("our rule,") and "no history" not in name
            figures.append(
                figure(f"delay x requests against fixed 5 s, {name}", gains, "x", at_most=0.75 if ours else None)
            )
    return figures


def _simulated(seed: int, make: Callable[[random.Random], Policy]) -> tuple[float, float]:
    """Mean delay in seconds and mean number of requests over `JOBS` jobs; the same jobs for the same seed."""
    dice = random.Random(seed)
    durations = [MEDIAN_S * dice.lognormvariate(0.0, SIGMA) for _ in range(JOBS)]
    policy = make(dice)
    ends = [_watch(duration_s, policy) for duration_s in durations]
    return fmean(age - duration_s for (age, _), duration_s in zip(ends, durations, strict=True)), fmean(
        looks for _, looks in ends
    )


def _watch(duration_s: float, policy: Policy) -> tuple[float, int]:
    """The age at the look that finds the job done, and the number of looks."""
    age, looks = 0.0, 0
    while age < duration_s:
        age = policy(age, looks)
        looks += 1
    return age, looks


def _back_off(age: float, looks: int) -> float:
    return age + min(15.0, 1.5**looks)


def _ours(prior: Prior) -> Policy:
    ages: dict[float, float] = {0.0: schedule.next_look_age_s(prior, 0.0)}  # the path is the same for every job

    def policy(age: float, looks: int) -> float:
        if age not in ages:
            ages[age] = schedule.next_look_age_s(prior, age)
        return ages[age]

    return policy


def _learned(dice: random.Random) -> Policy:
    return _ours(schedule.learn([MEDIAN_S * dice.lognormvariate(0.0, SIGMA) for _ in range(HISTORY)], GUESS))


def _decisions_us() -> list[float]:
    """Microseconds a decision, one sample a round over the same ages."""
    dice = random.Random(1)
    ages = [dice.uniform(0.0, 2 * MEDIAN_S) for _ in range(AGES)]
    samples = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        for age in ages:
            schedule.next_look_age_s(KNOWN, age)
        samples.append(1e6 * (time.perf_counter() - began) / AGES)
    return samples
