"""What a look is worth: from the floor when turns are plenty to a share of the job's own time when they are short."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedance_widgets.life import price, schedule
from seedance_widgets.life.price import AHEAD_S, price_s, want
from seedance_widgets.life.schedule import Prior, next_look_age_s

THIRTY = Prior(30.0, 0.25)
A_MINUTE = [15.0 + seconds for seconds in AHEAD_S]
"""Turns at 60 a minute, a quarter of them at once."""

priors = st.builds(Prior, median_s=st.floats(0.5, 2_000), sigma=st.floats(0.08, 1.0))
ages = st.floats(0, 30_000)


def looks(prior: Prior, worth_s: float) -> float:
    """The mean number of looks that a job takes at a price, followed to its end."""
    total, age = 0.0, 0.0
    while (alive := 1 - prior.cdf(age)) > 1e-3:
        total += alive
        age = next_look_age_s(prior, age, worth_s=worth_s, floor_s=0.0)
    return total


@pytest.mark.parametrize("worth_s", [0.1, 0.25, 0.5, 1.0])
def test_what_a_job_wants_is_about_what_the_rule_then_takes(monkeypatch: pytest.MonkeyPatch, worth_s: float) -> None:
    monkeypatch.setattr(schedule, "LIVENESS_S", 1e4)
    monkeypatch.setattr(schedule, "LONGEST_GAP_S", 1e4)
    prior = Prior(90.0, 0.25)
    said = want(prior, 0.0, 1e6)[0] / math.sqrt(worth_s) + price.LAST_LOOK
    assert said == pytest.approx(looks(prior, worth_s), rel=0.15)


def test_one_job_alone_is_looked_at_as_ever() -> None:
    assert price_s([(Prior(90.0, 0.25), 60.0)], A_MINUTE) == schedule.WORTH_S
    assert price_s([], [0.0] * len(AHEAD_S)) == schedule.WORTH_S


def test_without_a_budget_there_is_no_price() -> None:
    assert price_s([(THIRTY, 20.0)] * 500, [math.inf] * len(AHEAD_S)) == schedule.WORTH_S


def test_ten_jobs_of_half_a_minute_make_a_look_several_times_as_dear() -> None:
    """The bug: two looks a job went at ages of 5 to 15 s, and the bucket was empty when the jobs ended."""
    assert 0.25 < price_s([(THIRTY, 5.0)] * 10, A_MINUTE) < 1.0


def test_at_that_price_the_looks_wait_for_the_ages_at_which_jobs_end() -> None:
    worth_s = price_s([(THIRTY, 5.0)] * 10, A_MINUTE)
    assert next_look_age_s(THIRTY, 0.0) < 11.0
    assert next_look_age_s(THIRTY, 0.0, worth_s=worth_s) > 18.0


def test_turns_that_are_needed_soon_are_dear_before_they_are_needed() -> None:
    calm, peak = [(Prior(3_000.0, 0.25), 5.0)] * 10, [(THIRTY, 5.0)] * 10
    assert price_s(calm + peak, A_MINUTE) > 5 * price_s(calm, A_MINUTE)


@given(st.lists(st.tuples(priors, ages), max_size=6), st.floats(0, 100), st.floats(0, 100))
def test_fewer_turns_never_make_a_look_cheaper(running: list[tuple[Prior, float]], a: float, b: float) -> None:
    few, many = sorted((a, b))
    dear, cheap = (price_s(running, [turns] * len(AHEAD_S)) for turns in (few, many))
    assert dear >= cheap >= schedule.WORTH_S
    assert math.isfinite(dear)


@given(priors, ages, st.floats(0, 1_000))
def test_a_want_is_never_negative_and_a_chance_never_more_than_one(prior: Prior, age_s: float, ahead_s: float) -> None:
    wants, ends = want(prior, age_s, ahead_s)
    assert wants >= 0.0
    assert -1e-9 <= ends <= 1.0 + 1e-9


@given(priors, st.floats(0, 1_500), st.floats(0.05, 50))
def test_no_price_leaves_a_job_alone_for_more_than_five_minutes(prior: Prior, age_s: float, worth_s: float) -> None:
    assert next_look_age_s(prior, age_s, worth_s=worth_s) <= age_s + schedule.STUCK_GAP_S + 1e-3
