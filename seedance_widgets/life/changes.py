"""The changes that events make to a row. Final states are sticky."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ..request.options import OPTIONS
from ..types import FINAL_STATUSES, ClipFacts, Generation, Problem
from .events import (
    Acknowledged,
    Adopted,
    CancelAsked,
    CancelEnded,
    Delayed,
    Discarded,
    Event,
    LookAsked,
    Looked,
    LookFailed,
    Marked,
    NotSent,
    Refused,
    Removed,
    SaveAsked,
    Saved,
    SaveFailed,
    Seen,
    Sending,
    Uncertain,
)
from .row import DISCARDED, MAX_AUTOMATIC_SAVES, OURS, Action, Row, digest_of_place, next_action

MAX_NOTE = 10_000
"""Characters of a person's note."""
MAX_TAGS = 50
"""Tags of one job."""
MAX_HELD_S = 3_600.0
"""However long the server asks to be left alone, a job is asked for after an hour: its file expires."""
CLOSELY_S, CLOSELY_SHARE = 15.0, 0.5
"""What looks may leave open of a job's beginning and end, in seconds or of its duration: beyond, nothing is learned."""


ACCEPTED_BEFORE_DELETED = "It had been accepted before you deleted it."
"""The note of a job that comes back: the server's acceptance came after the person had deleted it."""
ACCEPTED_TWICE = "The server accepted this request a second time, after job {id} had been given another request id."
"""The note of a job that stands for a second acceptance of one create."""

_AFTER_REMOVAL = (Acknowledged, Refused, NotSent)
"""What became of the create is noted whenever it is known, also of a job that was deleted meanwhile."""


def advance(row: Row, event: Event) -> Row:
    """The row after an event. An event that has no meaning for the row leaves it as it is."""
    if row.is_removed and not isinstance(event, _AFTER_REMOVAL):
        return row
    changed = _HANDLERS[type(event)](row, event)
    if changed.status != row.status or (changed.clip_path is not None and row.clip_path is None):
        changed = replace(changed, seen_at=None)  # what was seen is not how it stands now
    return row if changed == row else replace(changed, rev=row.rev + 1)


def _sending(row: Row, event: Sending) -> Row:
    return replace(row, sent_at=event.at, not_before_at=None) if row.status == "submitting" else row


def _delayed(row: Row, event: Delayed) -> Row:
    return replace(row, sent_at=None, not_before_at=event.until_at) if row.status == "submitting" else row


def _acknowledged(row: Row, event: Acknowledged) -> Row:
    """An acceptance wins over every end that we wrote: not sent, refused, discarded, deleted. Never over the server's.

    A row without a request id has never been ended by the server. One that has another id keeps it: see
    `second_acceptance`.
    """
    if row.request_id is not None:
        return row
    accepted = replace(
        row,
        request_id=event.request_id,
        accepted_at=event.at,
        credits_charged=_credits(event.credits_charged),
        status="queued",
        problem=None,
        answer=None,
        final_at=None,
        removed_at=None,
        note=ACCEPTED_BEFORE_DELETED if row.is_removed else row.note,
    )
    generation = Generation(request_id=event.request_id, status=event.status, retry_after_s=event.retry_after_s)
    return _seen(accepted, generation, event.at)


def second_acceptance(row: Row, event: Acknowledged, job_id: str) -> Row | None:
    """The row of a generation that the server accepted for a row which has another request id by now.

    A person had adopted another generation for it, say. `None` where the acceptance is the row's own. It takes no
    place in a sweep: the first one has that.
    """
    if row.request_id in (None, event.request_id):
        return None
    second = Row(
        id=job_id,
        service=row.service,
        request=row.request,
        created_at=row.created_at,
        sent_at=row.sent_at,
        cost_usd=row.cost_usd,
        folder=row.folder,
        notebook=row.notebook,
        session_id=row.session_id,
        parent_id=row.id,
        key_hash=row.key_hash,
        note=ACCEPTED_TWICE.format(id=row.id),
    )
    return advance(second, event)


def died(row: Row, now: float) -> NotSent | Uncertain:
    """The end of a `submitting` row whose sender is gone: whether the create had left says the row."""
    if row.sent_at is None:
        message = "The kernel ended while the request waited for its turn; it was not sent."
        return NotSent(now, Problem(code="not_sent", message=message))
    return Uncertain(now, Problem(code="kernel_died", message="The kernel ended before the server's answer came."))


def _credits(credits: int | None) -> int | None:
    """Credits as the server says them; nonsense is none."""
    return credits if credits is not None and 0 <= credits < 10**15 else None


def _failed_before_the_server(row: Row, event: Refused | NotSent) -> Row:
    """Also of a row that was taken for `unconfirmed` meanwhile: who sent it knows that nothing was charged."""
    if row.status not in OURS:
        return row
    problem = None if row.is_removed else event.problem
    return replace(row, status="failed", problem=problem, answer=None, final_at=event.at)


def _uncertain(row: Row, event: Uncertain) -> Row:
    if row.status != "submitting":
        return row
    return replace(row, status="unconfirmed", problem=event.problem, answer=event.answer, cancel_asked_at=None)


def _adopted(row: Row, event: Adopted) -> Row:
    if row.status != "unconfirmed" and not row.is_discarded:
        return row
    return replace(row, status="queued", request_id=event.request_id, accepted_at=event.at, final_at=None, problem=None)


def _discarded(row: Row, event: Discarded) -> Row:
    if row.status != "unconfirmed":
        return row
    problem = Problem(code=DISCARDED, message="You discarded it.")
    return replace(row, status="failed", problem=problem, final_at=event.at)


def _looked(row: Row, event: Looked) -> Row:
    if row.request_id is None or event.generation.request_id != row.request_id:
        return row  # news of another generation
    if not row.request.prompt and event.generation.prompt:  # it was deleted, and came back: see `_acknowledged`
        row = replace(row, request=replace(row.request, prompt=event.generation.prompt))
    return _seen(row, event.generation, event.at)


def _seen(row: Row, seen: Generation, at: float) -> Row:
    before, told_at = row.looked_at, row.look_asked_at
    row = replace(row, looked_at=at, look_failures=0, look_problem=None, look_failed_at=None, failing_since_at=None)
    row = replace(row, look_asked_at=None)
    row = replace(row, not_before_at=_held_until(at, seen.retry_after_s))
    if row.final:  # sticky; but a fresh URL for the download is welcome
        return replace(row, output_url=seen.output_url or row.output_url) if row.status == "succeeded" else row
    if row.processing_at is not None and seen.status == "queued":
        return row  # a status that goes backwards is a stale cache, not news
    row = replace(
        row,
        status="processing" if seen.status in OURS else seen.status,  # those words are ours, not the server's
        output_url=seen.output_url or row.output_url,
        credits_charged=row.credits_charged if _credits(seen.credits_charged) is None else seen.credits_charged,
    )
    if seen.status == "queued":
        return replace(row, queued_seen_at=at)
    row = replace(row, processing_at=row.processing_at or at)
    if seen.status in FINAL_STATUSES:
        problem = seen.problem or (Problem(code="", message="") if seen.status == "failed" else None)
        row = replace(row, final_at=at, problem=problem, run_s=_run_s(row, before, told_at, at))
    return row


def _held_until(at: float, retry_after_s: float | None) -> float | None:
    return None if retry_after_s is None else at + min(retry_after_s, MAX_HELD_S)


def _run_s(row: Row, before: float | None, told_at: float | None, at: float) -> float | None:
    """From the last sight of the queue to the end, which lies somewhere between the last two looks: take the middle.

    A webhook tells of an end when it comes. `None` where nobody looked closely enough to tell: a laptop that slept
    would teach that a job takes a night.
    """
    began = row.queued_seen_at or row.accepted_at
    if began is None:
        return None
    seen_running = max(began, before or began, min(told_at or began, at))
    run_s = max(0.0, (seen_running + at) / 2 - began)
    open_s = (at - seen_running) + max(0.0, min(row.processing_at or at, seen_running) - began)
    return run_s if open_s <= max(CLOSELY_S, CLOSELY_SHARE * run_s) else None


def _look_failed(row: Row, event: LookFailed) -> Row:
    return replace(
        row,
        look_failures=row.look_failures + 1,
        look_problem=event.problem,
        look_failed_at=event.at,
        failing_since_at=row.failing_since_at or event.at,
        look_asked_at=None,
        not_before_at=_held_until(event.at, event.retry_after_s),
    )


def _cancel_asked(row: Row, event: CancelAsked) -> Row:
    return row if row.final else replace(row, cancel_asked_at=event.at)


def _cancel_ended(row: Row, event: CancelEnded) -> Row:
    return replace(row, cancel_asked_at=None)


def _saved(row: Row, event: Saved) -> Row:
    return replace(
        row,
        clip_path=event.clip_path,
        poster_path=event.poster_path,
        clip_facts=event.clip_facts,
        saves=0,
        save_problem=None,
        save_failed_at=None,
    )


def _save_failed(row: Row, event: SaveFailed) -> Row:
    row = replace(
        row,
        saves=MAX_AUTOMATIC_SAVES if event.hopeless else row.saves + 1,
        save_problem=event.problem,
        save_failed_at=event.at,
        output_url=None if event.stale_url else row.output_url,
    )
    return row if row.saves < MAX_AUTOMATIC_SAVES else _with_its_clip(row)


def _save_asked(row: Row, event: SaveAsked) -> Row:
    """Also after a clip was moved or deleted: it is fetched again, from a fresh URL. A clip that is there stays."""
    if row.status != "succeeded":
        return row
    row = replace(_with_its_clip(row), saves=0, save_problem=None, save_failed_at=None, output_url=None)
    if row.clip_path is None:
        return row
    facts: ClipFacts | None = row.clip_facts
    if event.keeps and facts is not None:
        facts = {**facts, "kept_path": row.clip_path}
    return replace(row, clip_path=None, clip_facts=facts)


def _with_its_clip(row: Row) -> Row:
    """The row with the clip that it had before a person asked for it again, if that is still there."""
    if row.clip_path is not None or row.clip_facts is None or "kept_path" not in row.clip_facts:
        return row
    facts = row.clip_facts.copy()
    return replace(row, clip_path=facts.pop("kept_path"), clip_facts=facts)


def _marked(row: Row, event: Marked) -> Row:
    return replace(
        row,
        starred=row.starred if event.starred is None else event.starred,
        note=row.note if event.note is None else event.note[:MAX_NOTE],
        rating=row.rating if event.rating is None else event.rating or None,
        tags=_tags(row.tags if event.tags is None else event.tags, event),
    )


def _tags(before: tuple[str, ...], event: Marked) -> tuple[str, ...]:
    after = dict.fromkeys((*before, *event.tagged))
    return tuple(tag for tag in after if tag not in event.untagged)[:MAX_TAGS]


def _seen_by_a_person(row: Row, event: Seen) -> Row:
    return row if row.seen_at is not None else replace(row, seen_at=event.at)


def _look_asked(row: Row, event: LookAsked) -> Row:
    """Of no use to a row that is not looked at."""
    return replace(row, look_asked_at=event.at) if next_action(row) is Action.POLL else row


def _removed(row: Row, event: Removed) -> Row:
    """A tombstone: model, options, status and money stay, every word and every address goes."""
    if not (row.final or (row.status == "unconfirmed" and event.forced)) or not row.settled:
        return row
    words: dict[str, Any] = {option.name: option.empty for option in OPTIONS if not option.is_plain}
    plain = replace(row.request, prompt="", **words)
    place = None if row.sweep_values is None else digest_of_place(row.id, row.sweep_values)
    return replace(row, **_FORGOTTEN, request=plain, sweep_values=place, removed_at=event.at)


_FORGOTTEN: dict[str, Any] = {
    "problem": None,
    "answer": None,
    "output_url": None,
    "look_problem": None,
    "save_problem": None,
    "clip_path": None,
    "poster_path": None,
    "clip_facts": None,
    "folder": None,
    "out_name": None,
    "seen_at": None,
    "starred": False,
    "note": "",
    "rating": None,
    "tags": (),
    "parent_id": None,
    "media": (),
}
"""Its place in a sweep stays taken, by a digest: a sweep that goes on must not pay for it again."""


_HANDLERS: dict[type, Callable[[Row, Any], Row]] = {
    Sending: _sending,
    Acknowledged: _acknowledged,
    Delayed: _delayed,
    Refused: _failed_before_the_server,
    NotSent: _failed_before_the_server,
    Uncertain: _uncertain,
    Looked: _looked,
    LookFailed: _look_failed,
    CancelAsked: _cancel_asked,
    CancelEnded: _cancel_ended,
    Saved: _saved,
    SaveFailed: _save_failed,
    SaveAsked: _save_asked,
    Adopted: _adopted,
    Discarded: _discarded,
    Marked: _marked,
    Seen: _seen_by_a_person,
    LookAsked: _look_asked,
    Removed: _removed,
}
