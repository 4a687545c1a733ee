"""One budget for many jobs, on a clock that is set by hand: who is looked at, when, and for how many requests."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import pytest

from benchmarks.budget import (
    FIFTY,
    TWO_HUNDRED,
    Client,
    FixedLoop,
    FixedLoop6,
    OneLine,
    Ours,
    OursWithHistory,
    outcome_of,
)
from benchmarks.budget import Outcome as Result
from seedance_widgets.api.limiter import Limiter
from seedance_widgets.life import Row, schedule
from seedance_widgets.life.schedule import Prior
from seedance_widgets.worker.pace import Pace
from seedance_widgets.worker.rows import Care

MakeRow = Callable[..., Row]
THIRTY = Prior(30.0, 0.25, 30)


@cache
def fifty(client: type[Client]) -> Result:
    return outcome_of(client, FIFTY)


@cache
def two_hundred(client: type[Client]) -> Result:
    return outcome_of(client, TWO_HUNDRED)


# --- fifty jobs, ten at once ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("client", [Ours, OursWithHistory])
def test_fifty_jobs_at_sixty_a_minute_come_near_the_law(client: type[Client]) -> None:
    """The bug: with a history 3.0 times the law's limit at the default budget, no better than a fixed loop."""
    assert fifty(client).in_laws(FIFTY) < 1.5


@pytest.mark.parametrize("loop", [FixedLoop, FixedLoop6])
def test_a_fixed_loop_on_the_same_budget_knows_later_and_asks_more(loop: type[Client]) -> None:
    ours, theirs = fifty(OursWithHistory), fifty(loop)
    assert ours.delay_s < 0.75 * theirs.delay_s
    assert ours.looks < theirs.looks


def test_a_better_prior_makes_nothing_worse() -> None:
    """The bug: 3.92 s with a history, 2.72 s without."""
    assert fifty(OursWithHistory).delay_s < 1.1 * fifty(Ours).delay_s


# --- two hundred at once ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("client", [Ours, OursWithHistory])
def test_two_hundred_jobs_are_known_five_times_as_soon_as_in_one_line(client: type[Client]) -> None:
    """The bug: no look for 186 s, since all creates went first."""
    assert two_hundred(client).delay_s < 0.2 * two_hundred(OneLine).delay_s


def test_two_hundred_jobs_send_no_more_in_a_minute_than_was_set() -> None:
    sent_at = two_hundred(Ours).sent_at
    assert max(bisect_right(sent_at, at + 60.0) - n for n, at in enumerate(sent_at)) <= 60


# --- one pace ---------------------------------------------------------------------------------------------------------
def pace_of(limiter: Limiter, prior: Prior = THIRTY) -> Pace:
    return Pace(lambda _: prior, lambda: limiter, lambda: 0.0, floor_s=1.0)


def cares(row_of: MakeRow, count: int, **changes: object) -> list[Care]:
    """Jobs that began at 1,000 and are due since 1,005, when turns are plenty."""
    row = row_of(status="processing", request_id="r", accepted_at=1_000.0, **changes)
    return [Care(replace(row, id=f"job{n}"), due_at=1_005.0, planned_at=1_000.0) for n in range(count)]


def test_young_jobs_are_left_alone_while_turns_are_short_and_not_otherwise(row_of: MakeRow) -> None:
    many = cares(row_of, 10)
    due, later_s = pace_of(Limiter(60, clock=lambda: 0.0)).due(many, 1_010.0)
    assert due == []
    assert later_s <= 0.5  # the price may fall
    assert pace_of(Limiter(math.inf)).due(many, 1_010.0)[0] == many
    assert pace_of(Limiter(60, clock=lambda: 0.0)).due(many[:1], 1_010.0)[0] == many[:1]


def test_ripe_jobs_are_due_at_any_price_and_who_wastes_most_goes_first(row_of: MakeRow) -> None:
    many = cares(row_of, 200)
    many[7].row = replace(many[7].row, accepted_at=990.0)
    pace = pace_of(Limiter(1, clock=lambda: 0.0))
    due, _ = pace.due(many, 1_035.0)
    assert len(due) == 200
    assert pace.first(due, 1_035.0) is many[7]


def test_a_failed_look_comes_back_when_it_would_have_at_any_price(row_of: MakeRow) -> None:
    many = cares(row_of, 200, look_failures=1, look_failed_at=1_001.0)
    assert len(pace_of(Limiter(1, clock=lambda: 0.0)).due(many, 1_010.0)[0]) == 200


def test_a_download_waits_for_no_price(row_of: MakeRow) -> None:
    saving = cares(row_of, 1)[0]
    saving.row = replace(saving.row, status="succeeded", output_url="https://clips.example/a.mp4", final_at=1_004.0)
    many = [saving, *cares(row_of, 200)]
    pace = pace_of(Limiter(1, clock=lambda: 0.0))
    assert saving in pace.due(many, 1_005.0)[0]


def test_a_row_that_was_planned_before_the_clock_was_set_back_is_due_at_any_price(row_of: MakeRow) -> None:
    many = cares(row_of, 200)
    assert many == pace_of(Limiter(1, clock=lambda: 0.0)).due(many, 900.0)[0]


def test_a_busy_row_is_not_due(row_of: MakeRow) -> None:
    (care,) = cares(row_of, 1)
    care.busy = True
    assert pace_of(Limiter(math.inf)).due([care], 2_000.0) == ([], math.inf)


def test_the_price_is_the_floor_without_a_budget(row_of: MakeRow) -> None:
    pace = pace_of(Limiter(math.inf))
    pace.due(cares(row_of, 50), 1_020.0)
    assert pace.worth_s == schedule.WORTH_S
