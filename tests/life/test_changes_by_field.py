"""What each event changes of a row, field by field: no more, and no less."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, replace
from typing import Any, get_args

import pytest
from life_samples import FACTS, NO, URL, MakeRow, looked, saved

from seedance_widgets import life
from seedance_widgets.life import MAX_AUTOMATIC_SAVES, Event, Row, advance, changes, digest_of_place
from seedance_widgets.life.row import DISCARDED, UNKNOWN, UNKNOWN_GRACE_S
from seedance_widgets.types import GenerationRequest, Problem

REFUSED = Problem(code="rate_limited", message="later")
IN_DOUBT = {"status": "unconfirmed", "problem": NO, "answer": "<html>", "cancel_asked_at": None}
RUNNING = {"status": "processing", "request_id": "req_1", "accepted_at": 2.0, "queued_seen_at": 3.0}
HAS_ITS_CLIP = {
    "status": "succeeded",
    "request_id": "req_1",
    "final_at": 9.0,
    "output_url": URL,
    "clip_path": "/clips/a.mp4",
    "poster_path": "/clips/a.jpg",
    "clip_facts": FACTS,
}
FAILING = {
    "look_failures": 4,
    "look_problem": "500",
    "look_failed_at": 30.0,
    "failing_since_at": 20.0,
    "look_asked_at": 31.0,
    "not_before_at": 60.0,
}
CLEARED = dict.fromkeys(("look_problem", "look_failed_at", "failing_since_at", "look_asked_at", "not_before_at"))
DISCARDED_ROW = {"status": "failed", "problem": Problem(code=DISCARDED, message="You discarded it."), "final_at": 40.0}
WAITS = {"sent_at": None, "not_before_at": 60.0}
KEPT_ELSEWHERE = {**FACTS, "kept_path": "/clips/a.mp4"}

WORDLESS = GenerationRequest(prompt="", model="seedance-2.0", duration=5, aspect_ratio="16:9", resolution="720p")

CASES: dict[str, tuple[dict[str, Any], Event, dict[str, Any]]] = {
    "a create leaves": (WAITS, life.Sending(50.0), {"sent_at": 50.0, "not_before_at": None}),
    "a create is turned away": ({}, life.Delayed(50.0, until_at=80.0), {"sent_at": None, "not_before_at": 80.0}),
    "an answer is lost": ({"cancel_asked_at": 6.0}, life.Uncertain(50.0, NO, "<html>"), IN_DOUBT),
    "it was not sent": ({}, life.NotSent(50.0, NO), {"status": "failed", "problem": NO, "final_at": 50.0}),
    "it was refused after all": (
        IN_DOUBT,
        life.Refused(50.0, REFUSED),
        {"status": "failed", "problem": REFUSED, "answer": None, "final_at": 50.0},
    ),
    "it is accepted": (
        {},
        life.Acknowledged(50.0, "req_1", "queued", credits_charged=12),
        {
            "status": "queued",
            "request_id": "req_1",
            "accepted_at": 50.0,
            "credits_charged": 12,
            "looked_at": 50.0,
            "queued_seen_at": 50.0,
        },
    ),
    "a discarded and deleted job is accepted after all": (
        {**DISCARDED_ROW, "answer": "<html>", "removed_at": 45.0, "note": "mine", "seen_at": 41.0},
        life.Acknowledged(50.0, "req_1", "processing", credits_charged=12),
        {
            "status": "processing",
            "request_id": "req_1",
            "accepted_at": 50.0,
            "credits_charged": 12,
            "problem": None,
            "answer": None,
            "final_at": None,
            "removed_at": None,
            "seen_at": None,
            "note": changes.ACCEPTED_BEFORE_DELETED,
            "looked_at": 50.0,
            "processing_at": 50.0,
        },
    ),
    "it is adopted": (
        {**IN_DOUBT, "seen_at": 41.0},
        life.Adopted(50.0, "req_2"),
        {"status": "queued", "request_id": "req_2", "accepted_at": 50.0, "problem": None, "seen_at": None},
    ),
    "a discarded job is adopted": (
        DISCARDED_ROW,
        life.Adopted(50.0, "req_2"),
        {"status": "queued", "request_id": "req_2", "accepted_at": 50.0, "problem": None, "final_at": None},
    ),
    "it is discarded": (
        {**IN_DOUBT, "seen_at": 41.0},
        life.Discarded(40.0),
        {**DISCARDED_ROW, "seen_at": None},
    ),
    "a look finds it queued": (
        {**RUNNING, "status": "queued", **FAILING},
        looked("queued"),
        {**CLEARED, "look_failures": 0, "looked_at": 50.0, "queued_seen_at": 50.0},
    ),
    "a look finds it at work": (
        {**RUNNING, "status": "queued", "seen_at": 5.0, "credits_charged": 12},
        looked("processing", retry_after_s=7.0),
        {"status": "processing", "looked_at": 50.0, "processing_at": 50.0, "not_before_at": 57.0, "seen_at": None},
    ),
    "a look finds its end": (
        {**RUNNING, "processing_at": 4.0, "looked_at": 44.0, "seen_at": 5.0},
        looked("succeeded", output_url=URL, credits_charged=9),
        {
            "status": "succeeded",
            "looked_at": 50.0,
            "final_at": 50.0,
            "output_url": URL,
            "credits_charged": 9,
            "run_s": 44.0,
            "seen_at": None,
        },
    ),
    "a look finds that it failed": (
        {**RUNNING, "processing_at": 4.0, "looked_at": 44.0},
        looked("failed"),
        {
            "status": "failed",
            "looked_at": 50.0,
            "final_at": 50.0,
            "run_s": 44.0,
            "problem": Problem(code="", message=""),
        },
    ),
    "a look tells the prompt of a job that was deleted and came back": (
        {**RUNNING, "request": WORDLESS},
        looked("processing", prompt="A boat"),
        {"looked_at": 50.0, "processing_at": 50.0, "request": replace(WORDLESS, prompt="A boat")},
    ),
    "a look tells another prompt": (
        RUNNING,
        looked("processing", prompt="Another"),
        {"looked_at": 50.0, "processing_at": 50.0},
    ),
    "a look tells nonsense for credits": (
        {**RUNNING, "credits_charged": 12},
        looked("processing", credits_charged=10**15),
        {"looked_at": 50.0, "processing_at": 50.0},
    ),
    "a stale look": (
        {**RUNNING, "processing_at": 4.0},
        looked("queued", output_url=URL, credits_charged=9),
        {"looked_at": 50.0},
    ),
    "a look after the end": (
        {**HAS_ITS_CLIP, "credits_charged": 9},
        looked("processing", output_url=f"{URL}?2", credits_charged=1),
        {"looked_at": 50.0, "output_url": f"{URL}?2"},
    ),
    "the first look that fails": (
        {**RUNNING, "look_asked_at": 31.0},
        life.LookFailed(50.0, "500", retry_after_s=7.0),
        {
            "look_failures": 1,
            "look_problem": "500",
            "look_failed_at": 50.0,
            "failing_since_at": 50.0,
            "look_asked_at": None,
            "not_before_at": 57.0,
        },
    ),
    "another look that fails": (
        {**RUNNING, **FAILING},
        life.LookFailed(50.0, "502"),
        {
            "look_failures": 5,
            "look_problem": "502",
            "look_failed_at": 50.0,
            "look_asked_at": None,
            "not_before_at": None,
        },
    ),
    "a cancel is asked for": (RUNNING, life.CancelAsked(50.0), {"cancel_asked_at": 50.0}),
    "a cancel is asked for after the end": (HAS_ITS_CLIP, life.CancelAsked(50.0), {}),
    "a cancel ends": ({**RUNNING, "cancel_asked_at": 6.0}, life.CancelEnded(50.0), {"cancel_asked_at": None}),
    "its clip is saved": (
        {
            "status": "succeeded",
            "request_id": "req_1",
            "final_at": 9.0,
            "output_url": URL,
            "seen_at": 20.0,
            "saves": 3,
            "save_problem": "500",
            "save_failed_at": 30.0,
        },
        saved(),
        {
            "clip_path": "/clips/a.mp4",
            "poster_path": "/clips/a.jpg",
            "clip_facts": FACTS,
            "saves": 0,
            "save_problem": None,
            "save_failed_at": None,
            "seen_at": None,
        },
    ),
    "a clip that is there is saved again": (
        {**HAS_ITS_CLIP, "seen_at": 20.0},
        life.Saved(90.0, "/clips/b.mp4", None, FACTS),
        {"clip_path": "/clips/b.mp4", "poster_path": None},
    ),
    "a download fails": (
        {**RUNNING, "status": "succeeded", "output_url": URL},
        life.SaveFailed(50.0, "500"),
        {"saves": 1, "save_problem": "500", "save_failed_at": 50.0},
    ),
    "a link has expired": (
        {**RUNNING, "status": "succeeded", "output_url": URL},
        life.SaveFailed(50.0, "403", stale_url=True),
        {"saves": 1, "save_problem": "403", "save_failed_at": 50.0, "output_url": None},
    ),
    "a download fails while the clip before is kept": (
        {**HAS_ITS_CLIP, "clip_path": None, "clip_facts": KEPT_ELSEWHERE},
        life.SaveFailed(50.0, "500"),
        {"saves": 1, "save_problem": "500", "save_failed_at": 50.0},
    ),
    "a download of a clip that was kept is given up": (
        {**HAS_ITS_CLIP, "clip_path": None, "clip_facts": KEPT_ELSEWHERE},
        life.SaveFailed(50.0, "no clip", hopeless=True),
        {
            "saves": MAX_AUTOMATIC_SAVES,
            "save_problem": "no clip",
            "save_failed_at": 50.0,
            "clip_path": "/clips/a.mp4",
            "clip_facts": FACTS,
        },
    ),
    "its clip is asked for again": (
        {**HAS_ITS_CLIP, "saves": 2, "save_problem": "500", "save_failed_at": 30.0},
        life.SaveAsked(50.0, keeps=True),
        {
            "saves": 0,
            "save_problem": None,
            "save_failed_at": None,
            "output_url": None,
            "clip_path": None,
            "clip_facts": KEPT_ELSEWHERE,
        },
    ),
    "a clip that is gone is asked for": (
        HAS_ITS_CLIP,
        life.SaveAsked(50.0, keeps=False),
        {"output_url": None, "clip_path": None},
    ),
    "a clip is asked for before the end": (RUNNING, life.SaveAsked(50.0, keeps=True), {}),
    "a person marks it": (
        {"tags": ("a", "b"), "rating": 2},
        life.Marked(starred=True, note="mine", rating=5, tagged=("c", "a"), untagged=("b",)),
        {"starred": True, "note": "mine", "rating": 5, "tags": ("a", "c")},
    ),
    "a person takes the rating away": ({"rating": 2, "starred": True}, life.Marked(rating=0), {"rating": None}),
    "a person sets the tags": ({"tags": ("a",)}, life.Marked(tags=("d",)), {"tags": ("d",)}),
    "a page shows it": (HAS_ITS_CLIP, life.Seen(50.0), {"seen_at": 50.0}),
    "a page shows it again": ({**HAS_ITS_CLIP, "seen_at": 20.0}, life.Seen(50.0), {}),
    "a webhook tells of it": (RUNNING, life.LookAsked(50.0), {"look_asked_at": 50.0}),
    "a webhook tells of what has its clip": (HAS_ITS_CLIP, life.LookAsked(50.0), {}),
    "a job at work is deleted": (RUNNING, life.Removed(50.0), {}),
    "a job at work is deleted by force": (RUNNING, life.Removed(50.0, forced=True), {}),
    "an unconfirmed job is deleted": (IN_DOUBT, life.Removed(50.0), {}),
    "an unconfirmed job is deleted by force": (
        IN_DOUBT,
        life.Removed(50.0, forced=True),
        {"problem": None, "answer": None, "removed_at": 50.0, "request": WORDLESS},
    ),
}


def test_what_is_written_of_a_row_holds_no_signature_anywhere(row_of: MakeRow) -> None:
    signed = "https://media.example/a.png?sig=c4n4ry"
    request = row_of().request
    row = row_of(
        request=replace(request, media_urls=(signed,)), output_url=signed, sweep_values={"media": [signed]}, note="mine"
    )
    kept = row.kept
    held = [*kept.request.media_urls, kept.output_url, *(kept.sweep_values or {})["media"]]
    assert (len(held), "c4n4ry" in repr(held), kept.note) == (3, False, "mine")


def test_of_a_deleted_jobs_place_in_a_sweep_a_digest_stays(row_of: MakeRow) -> None:
    gone = advance(row_of(status="failed", problem=NO, sweep_values={"n": 1}), life.Removed(50.0))
    assert gone.sweep_values == digest_of_place(gone.id, {"n": 1})
    assert advance(row_of(status="failed", problem=NO), life.Removed(50.0)).sweep_values is None


def changed(before: Row, after: Row) -> dict[str, Any]:
    """The fields that differ, with what they are now; not the revision."""
    names = (each.name for each in fields(before) if each.name != "rev")
    return {name: getattr(after, name) for name in names if getattr(after, name) != getattr(before, name)}


def test_every_event_has_a_case() -> None:
    assert {type(event) for _, event, _ in CASES.values()} == set(get_args(Event))


@pytest.mark.parametrize("case", CASES)
def test_an_event_changes_exactly_these_fields(row_of: MakeRow, case: str) -> None:
    state, event, expected = CASES[case]
    row = row_of(**state)
    assert changed(row, advance(row, event)) == expected


def test_a_second_acceptance_is_a_job_of_its_own_with_the_first_as_its_parent(row_of: Callable[..., Row]) -> None:
    facts: dict[str, Any] = {
        "cost_usd": 0.5,
        "folder": "/clips",
        "notebook": "a.ipynb",
        "session_id": "s1",
        "key_hash": "h",
        "sent_at": 7.0,
        "service": "https://api.example",
        "created_at": 6.0,
    }
    first = row_of(**facts, request_id="req_2", status="queued", sweep_id="sw", sweep_values={"n": 1})
    accepted = life.Acknowledged(50.0, "req_1", "queued", credits_charged=12)
    second = changes.second_acceptance(first, accepted, "second")
    assert second is not None
    expected = row_of(
        **facts,
        id="second",
        parent_id=first.id,
        note=changes.ACCEPTED_TWICE.format(id=first.id),
        rev=1,
        request_id="req_1",
        status="queued",
        accepted_at=50.0,
        credits_charged=12,
        looked_at=50.0,
        queued_seen_at=50.0,
    )
    assert second == expected


@pytest.mark.parametrize("request_id", [None, "req_1"])
def test_an_acceptance_of_a_rows_own_is_no_second_one(row_of: Callable[..., Row], request_id: str | None) -> None:
    row = row_of(request_id=request_id)
    assert changes.second_acceptance(row, life.Acknowledged(50.0, "req_1", "queued"), "second") is None


@pytest.mark.parametrize(
    ("of_row", "stands"),
    [({"n": 1}, True), ({"n": 2}, False), (None, False), (digest_of_place("abcd2345", {"n": 1}), True)],
)
def test_a_job_stands_in_the_place_of_its_values_and_in_no_other(
    row_of: Callable[..., Row], of_row: dict[str, Any] | None, stands: bool
) -> None:
    assert row_of(sweep_values=of_row).stands_in({"n": 1}) is stands


@pytest.mark.parametrize(
    ("state", "held"),
    [
        ({"status": "submitting"}, True),
        ({"status": "queued", "look_failures": 1}, True),
        ({"status": "queued"}, False),  # it answered, and named a pause
        ({"status": "failed", "look_failures": 1}, False),
        ({"status": "submitting", "not_before_at": 50.0}, False),
        ({"status": "submitting", "not_before_at": None}, False),
    ],
)
def test_a_job_is_held_while_the_server_asked_for_a_pause_and_said_no(
    row_of: Callable[..., Row], state: dict[str, Any], held: bool
) -> None:
    assert row_of(**{"not_before_at": 60.0, **state}).is_held(50.0) is held


@pytest.mark.parametrize(
    ("state", "unknown"),
    [
        ({}, True),
        ({"look_failed_at": 2.0 + UNKNOWN_GRACE_S}, False),  # young jobs may only not have got around yet
        ({"look_problem": "500"}, False),
        ({"look_failed_at": None}, False),
        ({"accepted_at": None, "created_at": 999.0}, False),
    ],
)
def test_a_job_is_unknown_once_the_server_has_not_known_it_for_a_while(
    row_of: Callable[..., Row], state: dict[str, Any], unknown: bool
) -> None:
    is_so = {**RUNNING, "look_problem": UNKNOWN, "look_failed_at": 1000.0}
    assert row_of(**{**is_so, **state}).is_unknown is unknown


@pytest.mark.parametrize(
    ("state", "discarded"),
    [
        (DISCARDED_ROW, True),
        ({**DISCARDED_ROW, "problem": NO}, False),
        ({**DISCARDED_ROW, "problem": None}, False),
        ({**DISCARDED_ROW, "status": "unconfirmed"}, False),
    ],
)
def test_a_job_is_discarded_when_it_failed_for_that_reason(
    row_of: Callable[..., Row], state: dict[str, Any], discarded: bool
) -> None:
    assert row_of(**state).is_discarded is discarded
