"""Small promises of `life.advance` that broken lines had passed: revisions, deleted rows, bounds by their figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from seedance_widgets.life import (
    CancelAsked,
    CancelEnded,
    Event,
    Looked,
    Marked,
    Refused,
    Removed,
    Row,
    SaveAsked,
    Saved,
    Sending,
    advance,
)
from seedance_widgets.types import ClipFacts, Generation, Problem

FACTS = ClipFacts(size_bytes=9, width=160, height=96, duration_s=2.0, fps=12.0, has_audio=True)
NO = Problem(code="invalid_request", message="no")


@pytest.fixture
def queued(row_of: Callable[..., Row]) -> Row:
    return row_of(status="queued", request_id="req_1", accepted_at=5.0)


@pytest.fixture
def removed(row_of: Callable[..., Row]) -> Row:
    ended = row_of(status="failed", request_id="req_1", problem=NO, final_at=9.0)
    row = advance(ended, Removed(20.0))
    assert row.is_removed
    return row


def test_an_event_that_changes_a_row_raises_its_revision_by_one(queued: Row) -> None:
    once = advance(queued, CancelAsked(10.0))
    assert (once.rev, advance(once, CancelEnded(11.0)).rev) == (queued.rev + 1, queued.rev + 2)


def test_a_create_that_leaves_is_noted_with_its_instant(row_of: Callable[..., Row]) -> None:
    assert advance(row_of(sent_at=None), Sending(12.0)).sent_at == 12.0


def test_an_event_that_changes_nothing_leaves_the_very_same_row(queued: Row) -> None:
    assert advance(queued, CancelEnded(10.0)) is queued


@pytest.mark.parametrize(
    "event",
    [
        Marked(starred=True, note="again"),
        CancelAsked(30.0),
        SaveAsked(30.0),
        Saved(30.0, "/clips/a.mp4", None, FACTS),
        Looked(30.0, Generation(request_id="req_1", status="succeeded", prompt="A boat")),
    ],
    ids=lambda event: type(event).__name__,
)
def test_nothing_that_comes_later_changes_a_deleted_job(removed: Row, event: Event) -> None:
    assert advance(removed, event) is removed


def test_that_a_deleted_job_was_refused_is_noted_without_the_servers_words(row_of: Callable[..., Row]) -> None:
    deleted = row_of(status="unconfirmed", removed_at=20.0)
    refused = advance(deleted, Refused(30.0, NO))
    assert (refused.status, refused.problem, refused.final_at) == ("failed", None, 30.0)


def test_a_note_is_kept_to_its_ten_thousandth_character(queued: Row) -> None:
    assert advance(queued, Marked(note="x" * 10_001)).note == "x" * 10_000


def test_a_job_has_fifty_tags_at_most(queued: Row) -> None:
    tags = tuple(f"tag{number}" for number in range(51))
    assert advance(queued, Marked(tagged=tags)).tags == tags[:50]


@pytest.mark.parametrize(("ended_at", "known"), [(115.0, True), (115.5, False)])
def test_fifteen_seconds_between_looks_are_close_enough_to_learn_from_a_short_job(
    queued: Row, ended_at: float, known: bool
) -> None:
    """Of a short job: half of how long it ran is less than that."""
    row = replace(queued, accepted_at=100.0, queued_seen_at=100.0, processing_at=100.0, looked_at=100.0)
    row = replace(row, status="processing")
    ended = advance(row, Looked(ended_at, Generation(request_id="req_1", status="succeeded")))
    assert (ended.run_s is not None) == known
