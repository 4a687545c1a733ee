"""A job's life as tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st
from life_samples import FACTS, NO, URL, MakeRow, looked, saved

from seedance_widgets import life
from seedance_widgets.life import (
    Acknowledged,
    Action,
    Adopted,
    CancelAsked,
    CancelEnded,
    Delayed,
    Event,
    LookAsked,
    Looked,
    LookFailed,
    NotSent,
    Refused,
    Removed,
    Row,
    SaveAsked,
    SaveFailed,
    Sending,
    Uncertain,
    advance,
    changes,
    next_action,
)
from seedance_widgets.types import FINAL_STATUSES, Generation, GenerationRequest, Problem


@pytest.fixture
def accepted(row_of: MakeRow) -> Row:
    return advance(row_of(), Acknowledged(10.0, "req_1", "queued", 40))


STATES: dict[str, dict[str, Any]] = {
    "submitting": {},
    "unconfirmed": {"status": "unconfirmed", "problem": NO},
    "refused": {"status": "failed", "problem": NO, "final_at": 5.0},
    "queued": {"status": "queued", "request_id": "req_1", "accepted_at": 5.0},
    "processing": {"status": "processing", "request_id": "req_1", "processing_at": 9.0},
    "strange": {"status": "moderating", "request_id": "req_1", "processing_at": 9.0},
    "ready": {"status": "succeeded", "request_id": "req_1", "output_url": URL, "final_at": 9.0},
    "ready, no URL": {"status": "succeeded", "request_id": "req_1", "final_at": 9.0},
    "given up": {"status": "succeeded", "request_id": "req_1", "output_url": URL, "final_at": 9.0, "saves": 6},
    "saved": {"status": "succeeded", "request_id": "req_1", "final_at": 9.0, "clip_path": "/a", "clip_facts": FACTS},
    "failed": {"status": "failed", "request_id": "req_1", "problem": NO, "final_at": 9.0},
    "cancelled": {"status": "cancelled", "request_id": "req_1", "final_at": 9.0},
}


@pytest.mark.parametrize(
    ("before", "event", "status"),
    [
        ("submitting", Acknowledged(10, "req_1"), "queued"),
        ("submitting", Acknowledged(10, "req_1", "processing"), "processing"),
        ("submitting", Acknowledged(10, "req_1", "succeeded"), "succeeded"),
        ("submitting", Delayed(10, 20), "submitting"),
        ("submitting", Refused(10, NO), "failed"),
        ("submitting", NotSent(10, NO), "failed"),
        ("submitting", Uncertain(10, NO), "unconfirmed"),
        ("submitting", Adopted(10, "req_1"), "submitting"),
        ("unconfirmed", Acknowledged(10, "req_1"), "queued"),  # the answer came after all
        ("unconfirmed", Adopted(10, "req_1"), "queued"),
        ("unconfirmed", Refused(10, NO), "failed"),  # its sender was slow, not dead
        ("unconfirmed", NotSent(10, NO), "failed"),
        ("refused", Acknowledged(10, "req_1"), "queued"),  # an acceptance wins over every end that we wrote
        ("refused", Uncertain(10, NO), "failed"),
        ("queued", Delayed(10, 20), "queued"),
        ("queued", Refused(10, NO), "queued"),
        ("queued", NotSent(10, NO), "queued"),
        ("queued", Uncertain(10, NO), "queued"),
        ("queued", Acknowledged(10, "req_2"), "queued"),
        ("queued", Adopted(10, "req_2"), "queued"),
        ("queued", looked("queued"), "queued"),
        ("queued", looked("processing"), "processing"),
        ("queued", looked("moderating"), "moderating"),
        ("queued", looked("succeeded"), "succeeded"),
        ("queued", looked("failed"), "failed"),
        ("queued", looked("cancelled"), "cancelled"),
        ("queued", LookFailed(10, "cut"), "queued"),
        ("processing", looked("queued"), "processing"),  # a stale cache
        ("processing", looked("processing"), "processing"),
        ("processing", CancelAsked(10), "processing"),  # asked is not done
        ("processing", CancelEnded(10), "processing"),
        ("strange", looked("processing"), "processing"),
        ("strange", looked("succeeded"), "succeeded"),
        ("ready", looked("processing"), "succeeded"),
        ("ready", looked("failed"), "succeeded"),
        ("ready", SaveFailed(10, "cut"), "succeeded"),
        ("failed", looked("succeeded", output_url=URL), "failed"),
        ("failed", SaveAsked(10), "failed"),
        ("cancelled", looked("processing"), "cancelled"),
        ("cancelled", CancelAsked(10), "cancelled"),
    ],
)
def test_an_event_leads_from_one_status_to_the_next(row_of: MakeRow, before: str, event: Event, status: str) -> None:
    assert advance(row_of(**STATES[before]), event).status == status


@pytest.mark.parametrize(
    ("state", "action"),
    [
        ("submitting", Action.NOTHING),
        ("unconfirmed", Action.NOTHING),
        ("refused", Action.NOTHING),
        ("queued", Action.POLL),
        ("processing", Action.POLL),
        ("strange", Action.POLL),
        ("ready", Action.DOWNLOAD),
        ("ready, no URL", Action.POLL),
        ("given up", Action.NOTHING),
        ("saved", Action.NOTHING),
        ("failed", Action.NOTHING),
        ("cancelled", Action.NOTHING),
    ],
)
def test_what_is_next_follows_from_the_row_alone(row_of: MakeRow, state: str, action: Action) -> None:
    row = row_of(**STATES[state])
    assert next_action(row) is action
    assert row.settled is (action is Action.NOTHING)


def test_every_event_has_a_handler() -> None:
    assert set(changes._HANDLERS) == set(get_args(Event))


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("event", [Refused(10, NO), NotSent(10, NO), Uncertain(10, NO)])
def test_what_the_server_accepted_is_never_refused_afterwards(row_of: MakeRow, state: str, event: Event) -> None:
    row = row_of(**STATES[state])
    if row.request_id is not None:
        assert advance(row, event) is row


def test_an_event_without_meaning_gives_back_the_very_same_row(accepted: Row) -> None:
    assert advance(accepted, Adopted(20.0, "req_2")) is accepted
    assert advance(accepted, CancelEnded(20.0)) is accepted


@pytest.mark.parametrize("state", ["queued", "processing", "ready, no URL"])
def test_a_look_at_another_generation_says_nothing_about_this_job(row_of: MakeRow, state: str) -> None:
    row = row_of(**STATES[state])
    other = Looked(50.0, Generation(request_id="req_2", status="succeeded", output_url="https://x.example/2.mp4"))
    after = advance(row, other)
    assert (after.status, after.output_url) == (row.status, row.output_url)


@pytest.mark.parametrize("state", ["submitting", "unconfirmed"])
def test_a_job_without_a_request_id_takes_no_status_from_a_look(row_of: MakeRow, state: str) -> None:
    row = row_of(**STATES[state])
    assert advance(row, looked("processing")).status == row.status


def test_accepting_keeps_the_request_id_the_credits_and_the_instant(row_of: MakeRow) -> None:
    row = advance(row_of(), Acknowledged(10.0, "req_1", "queued", 40))
    assert (row.request_id, row.credits_charged, row.accepted_at, row.queued_seen_at) == ("req_1", 40, 10.0, 10.0)


def test_an_answer_that_comes_late_clears_the_doubt(row_of: MakeRow) -> None:
    row = advance(row_of(**STATES["unconfirmed"]), Acknowledged(10.0, "req_1"))
    assert row.problem is None


def test_credits_named_once_are_not_forgotten(accepted: Row) -> None:
    assert advance(accepted, looked("processing")).credits_charged == 40
    assert advance(accepted, looked("processing", credits_charged=64)).credits_charged == 64


def test_a_url_named_once_is_not_forgotten(accepted: Row) -> None:
    row = advance(advance(accepted, looked("processing", output_url=URL)), looked("succeeded"))
    assert row.output_url == URL


def test_a_fresh_url_is_welcome_after_the_end(row_of: MakeRow) -> None:
    row = advance(row_of(**STATES["ready"]), looked("succeeded", output_url="https://files.example/fresh.mp4"))
    assert row.output_url == "https://files.example/fresh.mp4"


def test_a_failure_without_a_reason_still_has_a_problem(accepted: Row) -> None:
    assert advance(accepted, looked("failed")).problem == Problem(code="", message="")


def test_a_success_has_no_problem(accepted: Row) -> None:
    assert advance(accepted, looked("succeeded")).problem is None


def test_failed_looks_are_counted_and_the_first_good_one_clears_them(accepted: Row) -> None:
    row = advance(advance(accepted, LookFailed(20.0, "cut")), LookFailed(21.0, "late"))
    assert (row.look_failures, row.look_problem, row.look_failed_at, row.failing_since_at) == (2, "late", 21.0, 20.0)
    row = advance(row, looked("processing", at=30.0))
    assert (row.look_failures, row.look_problem, row.look_failed_at, row.failing_since_at) == (0, None, None, None)


@pytest.mark.parametrize(
    ("failures", "now", "unreachable"),
    [
        ([20.0, 21.0], 22.0, False),
        ([20.0, 21.0, 22.0], 22.0, True),  # three in a row
        ([20.0], 34.0, False),
        ([20.0], 35.0, True),  # or fifteen seconds
        ([20.0, 36.0], 0.0, True),  # also by another clock than ours
        ([], 1e9, False),
    ],
)
def test_a_server_is_called_unreachable_after_three_failed_looks_or_fifteen_seconds(
    accepted: Row, failures: list[float], now: float, unreachable: bool
) -> None:
    row = accepted
    for at in failures:
        row = advance(row, LookFailed(at, "cut"))
    assert row.is_unreachable(now) is unreachable
    assert not advance(row, looked("succeeded", at=50.0)).is_unreachable(now)


def test_a_create_that_was_turned_away_has_not_left_and_is_held(row_of: MakeRow) -> None:
    row = advance(row_of(sent_at=5.0), Delayed(10.0, 70.0))
    assert (row.status, row.sent_at, row.not_before_at) == ("submitting", None, 70.0)
    assert row.is_held(69.0)
    assert not row.is_held(70.0)
    assert advance(row, Sending(70.0)).not_before_at is None


@pytest.mark.parametrize(
    "event",
    [
        LookFailed(50.0, "503", 30.0),
        Looked(50.0, Generation(request_id="req_1", status="processing", retry_after_s=30.0)),
    ],
)
def test_a_wait_that_an_answer_asks_for_is_in_the_row_until_the_next_answer(accepted: Row, event: Event) -> None:
    row = advance(accepted, event)
    assert row.not_before_at == 80.0
    assert advance(row, looked("processing", at=81.0)).not_before_at is None
    assert advance(row, LookFailed(81.0, "cut")).not_before_at is None


def test_a_job_is_asked_for_after_an_hour_whatever_the_server_asks_for(accepted: Row) -> None:
    assert advance(accepted, LookFailed(50.0, "429", 9e9)).not_before_at == 3_650.0


def test_no_number_of_failed_looks_ends_a_job(accepted: Row) -> None:
    row = accepted
    for second in range(2_000):
        row = advance(row, LookFailed(20.0 + second, "cut"))
    assert row.status == "queued"
    assert next_action(row) is Action.POLL


def test_downloads_are_given_up_after_six_failures_and_tried_again_when_asked(row_of: MakeRow) -> None:
    row = row_of(**STATES["ready"])
    for count in range(life.MAX_AUTOMATIC_SAVES):
        assert next_action(row) is Action.DOWNLOAD
        row = advance(row, SaveFailed(20.0 + count, "cut"))
    assert next_action(row) is Action.NOTHING
    row = advance(row, SaveAsked(99.0))
    assert (row.saves, row.save_problem, next_action(row)) == (0, None, Action.POLL)


def test_a_clip_is_fetched_six_times_by_itself_and_not_a_seventh(row_of: MakeRow) -> None:
    """The number stands in docs/reliability.md; the constant alone would move it unseen."""
    row = row_of(status="succeeded", request_id="req_1", output_url="https://x.example/a.mp4")
    fetched = 0
    while next_action(row) is Action.DOWNLOAD:
        fetched += 1
        row = advance(row, SaveFailed(row.created_at, "no"))
    assert fetched == 6


def test_a_stale_url_is_asked_for_again(row_of: MakeRow) -> None:
    row = advance(row_of(**STATES["ready"]), SaveFailed(20.0, "HTTP 403", stale_url=True))
    assert (row.output_url, next_action(row)) == (None, Action.POLL)
    row = advance(row, looked("succeeded", output_url="https://files.example/fresh.mp4"))
    assert next_action(row) is Action.DOWNLOAD


def test_a_stale_url_does_not_lead_round_in_a_circle_for_ever(row_of: MakeRow) -> None:
    row = row_of(**STATES["ready"])
    for second in range(100):
        if next_action(row) is Action.NOTHING:
            break
        if next_action(row) is Action.POLL:
            row = advance(row, looked("succeeded", at=float(second), output_url=URL))
        else:
            row = advance(row, SaveFailed(float(second), "HTTP 403", stale_url=True))
    assert next_action(row) is Action.NOTHING


def test_a_saved_clip_settles_the_job_and_clears_the_failures(row_of: MakeRow) -> None:
    row = advance(advance(row_of(**STATES["ready"]), SaveFailed(20.0, "cut")), saved())
    assert (row.settled, row.saves, row.save_problem, row.clip_facts) == (True, 0, None, FACTS)


def test_a_clip_that_was_deleted_can_be_asked_for_again(row_of: MakeRow) -> None:
    row = advance(row_of(**STATES["saved"]), SaveAsked(99.0))
    assert (row.clip_path, row.output_url, next_action(row)) == (None, None, Action.POLL)


def test_a_cancel_can_be_asked_for_again_after_it_ended(accepted: Row) -> None:
    asked = advance(accepted, CancelAsked(20.0))
    assert asked.cancel_asked_at == 20.0
    assert advance(asked, CancelEnded(21.0)).cancel_asked_at is None


@pytest.mark.parametrize(
    ("looks", "run_s"),
    [
        ([("succeeded", 20.0)], 5.0),  # seen queued at 10, done somewhere from then to 20
        ([("queued", 20.0), ("succeeded", 30.0)], 5.0),
        ([("queued", 20.0), ("processing", 25.0), ("processing", 40.0), ("succeeded", 50.0)], 25.0),
        ([("queued", 20.0), ("processing", 25.0), ("processing", 40.0), ("failed", 50.0)], 25.0),
        ([("processing", 30.0), ("processing", 100.0), ("succeeded", 120.0)], 100.0),  # 40 s are open, of 100
        # nobody looked closely: nothing is known, and nothing is learned
        ([("succeeded", 30.0)], None),
        ([("queued", 20.0), ("processing", 40.0), ("succeeded", 50.0)], None),
        ([("processing", 15.0), ("processing", 60.0), ("succeeded", 30_000.0)], None),  # it ended overnight
        ([("processing", 30_000.0), ("processing", 30_005.0), ("succeeded", 30_010.0)], None),  # it began overnight
    ],
)
def test_how_long_it_ran_is_the_middle_of_what_the_looks_allow_where_they_were_close(
    accepted: Row, looks: list[tuple[str, float]], run_s: float | None
) -> None:
    row = accepted
    for status, at in looks:
        row = advance(row, looked(status, at=at))
    assert row.run_s == run_s


def test_a_webhook_tells_when_a_job_ended_although_nobody_looked(accepted: Row) -> None:
    row = advance(advance(accepted, looked("processing", at=20.0)), LookAsked(100.0))
    assert advance(row, looked("succeeded", at=102.0)).run_s == 91.0


def test_a_clock_that_went_backwards_gives_no_negative_duration(accepted: Row) -> None:
    assert advance(accepted, looked("succeeded", at=3.0)).run_s == 0.0


@given(st.text())
def test_only_the_three_known_words_are_final(status: str) -> None:
    row = Row(
        id="a",
        service="s",
        request=GenerationRequest(prompt="p", model="m"),
        created_at=0.0,
        status="queued",
        request_id="req_1",
    )
    after = advance(row, looked(status))
    assert after.final is (status in FINAL_STATUSES)
    assert after.final or next_action(after) is Action.POLL or status in ("submitting", "unconfirmed")


@pytest.mark.parametrize("word", ["submitting", "unconfirmed"])
def test_a_server_that_uses_our_own_words_is_still_looked_at(accepted: Row, word: str) -> None:
    assert next_action(advance(accepted, looked(word))) is Action.POLL


def test_a_download_that_cannot_get_better_is_not_tried_again_by_itself(row_of: Callable[..., Row]) -> None:
    row = row_of(status="succeeded", request_id="r", output_url="https://x.example/a.mp4", final_at=80.0)
    row = advance(row, SaveFailed(90.0, "too large", hopeless=True))
    assert next_action(row) is Action.NOTHING
    assert next_action(advance(row, SaveAsked(91.0))) is not Action.NOTHING


def test_a_wish_to_cancel_does_not_hide_that_the_answer_was_lost(row_of: Callable[..., Row]) -> None:
    row = advance(row_of(), CancelAsked(1.0))
    row = advance(row, Uncertain(2.0, Problem(code="answer_lost", message="lost")))
    assert (row.status, row.cancel_asked_at) == ("unconfirmed", None)


def test_of_a_deleted_job_every_word_goes_and_its_options_stay(row_of: Callable[..., Row]) -> None:
    options = {"duration": 7, "aspect_ratio": "9:16", "resolution": "480p"}
    words: dict[str, Any] = {"media_urls": ("https://x.example/a.png",), "metadata": {"shot": "3"}}
    request = GenerationRequest(prompt="p", model="seedance-2.0", **options, **words)
    row = row_of(status="failed", request_id="r", final_at=80.0, request=request)
    left = advance(row, Removed(90.0)).request
    assert left == GenerationRequest(prompt="", model="seedance-2.0", **options)
