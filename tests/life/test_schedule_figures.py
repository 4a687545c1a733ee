"""The figures of the schedule as its docstrings name them, and what it says of odd rows."""

from __future__ import annotations

import math
import statistics
from dataclasses import replace
from typing import Any

import pytest
from life_samples import MakeRow

from seedance_widgets.life import schedule
from seedance_widgets.life.schedule import SET_BACK_S, STUCK_AFTER_S, STUCK_GAP_S, TOLD_GAP_S, Prior

GUESS = Prior(60.0, 0.5)
RUNNING: dict[str, Any] = {
    "status": "processing",
    "request_id": "req_1",
    "accepted_at": 100.0,
    "queued_seen_at": 110.0,
    "processing_at": 115.0,
    "looked_at": 130.0,
}


@pytest.mark.parametrize(
    ("failures", "spread", "waits_s"),
    [(1, 1.0, 2.0), (3, 1.0, 8.0), (3, 0.5, 4.0), (3, 0.0, 1.0), (10, 1.0, 30.0), (11, 0.0, 30.0), (11, 1.0, 60.0)],
)
def test_the_wait_after_failed_looks_doubles_to_thirty_seconds_and_after_ten_stays_slow(
    failures: int, spread: float, waits_s: float
) -> None:
    assert schedule.backoff_s(failures, spread) == waits_s


@pytest.mark.parametrize("durations_s", [[30.0], [30.0, 50.0], [20.0, 90.0, 40.0], [20.0, 90.0, 40.0, 41.0]])
def test_what_is_learned_is_the_median_and_its_deviation_drawn_to_the_guess_as_by_two_jobs(
    durations_s: list[float],
) -> None:
    logs, n = [math.log(each) for each in durations_s], len(durations_s)
    centre = statistics.median(logs)
    deviation = 1.4826 * statistics.median([abs(each - centre) for each in logs])
    learned = schedule.learn(durations_s, GUESS)
    assert learned.samples == n
    assert math.log(learned.median_s) == pytest.approx((2 * math.log(60.0) + n * centre) / (2 + n))
    assert learned.sigma == pytest.approx(max(0.08, math.sqrt((4 * 0.25 + n * deviation**2) / (4 + n))))


def test_durations_of_nothing_teach_nothing() -> None:
    assert schedule.learn([0.0, -3.0], GUESS) is GUESS


def test_a_clock_that_was_set_back_gives_an_age_and_an_urgency_of_nothing(row_of: MakeRow) -> None:
    row = row_of(**RUNNING)
    assert schedule.age_s(row, 50.0) == 0.0
    assert schedule.urgency_s(replace(row, looked_at=None), GUESS, 50.0) == 0.0


def test_the_urgency_of_a_job_counts_from_its_last_look(row_of: MakeRow) -> None:
    row = row_of(**RUNNING)
    assert schedule.urgency_s(row, GUESS, 190.0) == pytest.approx(schedule.wasted_s(GUESS, 20.0, 80.0))


@pytest.mark.parametrize(
    "state",
    [
        {"looked_at": 2000.0},
        {"looked_at": None, "accepted_at": 2000.0},
        {"looked_at": None, "accepted_at": None, "created_at": 2000.0},
        {"look_failures": 1, "look_failed_at": 2000.0},
        {"status": "succeeded", "save_failed_at": 2000.0},
    ],
)
def test_a_last_try_in_the_future_was_made_by_another_clock(row_of: MakeRow, state: dict[str, Any]) -> None:
    row = row_of(**{**RUNNING, **state})
    assert schedule.is_of_another_clock(row, 2000.0 - SET_BACK_S - 1.0)
    assert not schedule.is_of_another_clock(row, 2000.0 - SET_BACK_S)


@pytest.mark.parametrize(
    "state",
    [
        {"look_failures": 0, "look_failed_at": 2000.0},  # a later look has answered
        {"save_failed_at": 2000.0},  # it goes on
        {"status": "succeeded", "look_failures": 1, "look_failed_at": 2000.0, "save_failed_at": 140.0},
    ],
)
def test_only_the_last_try_tells_of_another_clock(row_of: MakeRow, state: dict[str, Any]) -> None:
    assert not schedule.is_of_another_clock(row_of(**{**RUNNING, **state}), 150.0)


def test_unless_a_webhook_is_known_to_come_a_running_job_is_looked_at_by_the_rule(row_of: MakeRow) -> None:
    row = row_of(**RUNNING)
    assert schedule.next_look_at(row, GUESS) < schedule.next_look_at(row, GUESS, is_told=True) == 130.0 + TOLD_GAP_S


def test_a_look_that_failed_before_is_no_failure_now(row_of: MakeRow) -> None:
    row = row_of(**RUNNING, look_failures=0, look_failed_at=125.0)
    assert schedule.next_look_at(row, GUESS) == schedule.next_look_at(row_of(**RUNNING), GUESS)


@pytest.mark.parametrize(("ended_s_ago", "gap_s"), [(0.0, 1.0), (40.0, 20.0), (10_000.0, STUCK_GAP_S)])
def test_a_link_that_does_not_come_is_looked_for_half_as_late_as_the_job_is_old(
    row_of: MakeRow, ended_s_ago: float, gap_s: float
) -> None:
    ended = row_of(**{**RUNNING, "status": "succeeded", "final_at": 130.0 - ended_s_ago})
    assert schedule.next_look_at(ended, GUESS) == 130.0 + gap_s


def test_a_job_that_is_stuck_is_looked_at_after_five_minutes_at_the_latest() -> None:
    age_s = 100 * STUCK_AFTER_S
    assert schedule.next_look_age_s(GUESS, age_s, floor_s=1.0) == age_s + STUCK_GAP_S


def test_a_price_that_is_low_never_makes_the_gaps_of_a_stuck_job_shorter_than_its_share() -> None:
    age_s = STUCK_AFTER_S + 1.0
    gap_s = schedule.next_look_age_s(GUESS, age_s, worth_s=0.0, floor_s=1.0) - age_s
    assert gap_s == pytest.approx(min(age_s * schedule.STUCK_SHARE, STUCK_GAP_S))
