"""A job's life as a pure table: `advance(row, event)` and `next_action(row)`. No clock, file or socket.

    submitting ──Acknowledged──▶ queued ──▶ processing ──▶ succeeded ──Saved──▶ (clip)
        │  │                        └────────────┴───────▶ failed | cancelled
        │  ├──Refused / NotSent──▶ failed        nothing was charged
        │  └──Uncertain──────────▶ unconfirmed ──Adopted──▶ queued
        │                               └──Discarded──▶ failed        a person closed it
        └──(kernel died)─────────▶ unconfirmed, or failed when it had not been sent yet

`succeeded`, `failed` and `cancelled` are final: no later answer changes them. Every other status, also one that the
server invents tomorrow, is looked at again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from .types import FINAL_STATUSES, ClipFacts, Generation, GenerationRequest, Problem

MAX_AUTOMATIC_SAVES = 6
"""Downloads tried by themselves before a person is asked to look; waits grow from 2 s to 60 s between them."""


UNKNOWN = "unknown to the server"
"""What a look says when the server answers 404. Young jobs may only not have got around yet."""
UNKNOWN_GRACE_S = 120.0
UNREACHABLE_AFTER = 10
"""Failed looks in a row after which we say that the server cannot be reached, and go on slowly."""

KEY_REFUSED = "the key was refused"
"""What a look says when the server answers 401. The job waits for another key."""

OURS = ("submitting", "unconfirmed")
"""The two statuses that are ours: the server has not answered, or its answer was lost."""

DISCARDED = "discarded"
"""The code of the problem of a job that a person closed while it was unconfirmed."""

MAX_NOTE = 10_000
"""Characters of a person's note."""
MAX_TAGS = 50
"""Tags of one job."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """Everything we durably know of one job. The store keeps it; jobs, cards and tables are views of it."""

    id: str
    service: str
    """Where it runs: `simulator`, or the API's origin such as `https://www.seedance2.ink`."""
    request: GenerationRequest
    created_at: float
    status: str = "submitting"
    request_id: str | None = None
    sent_at: float | None = None
    """When the create left, or was about to; `None` while it waits for its turn."""
    accepted_at: float | None = None
    queued_seen_at: float | None = None
    """The last instant at which the server said `queued`."""
    processing_at: float | None = None
    """The first instant at which we saw it past the queue."""
    looked_at: float | None = None
    """The last answer about it, of any kind but a failure."""
    final_at: float | None = None
    run_s: float | None = None
    """How long it ran, from the queue's end to the end, as well as our looks can tell; for estimates."""
    credits_charged: int | None = None
    cost_usd: float | None = None
    """Estimated when it was submitted, in US dollars."""
    output_url: str | None = None
    problem: Problem | None = None
    """Why it failed, was not sent, or is unconfirmed."""
    answer: str | None = None
    """Of an unconfirmed job: the first 2 kB of what came instead of the server's answer."""
    look_failures: int = 0
    """Failed looks in a row."""
    look_problem: str | None = None
    look_failed_at: float | None = None
    failing_since_at: float | None = None
    cancel_asked_at: float | None = None
    saves: int = 0
    """Failed downloads since the last success or request of a person."""
    save_problem: str | None = None
    save_failed_at: float | None = None
    clip_path: str | None = None
    poster_path: str | None = None
    clip_facts: ClipFacts | None = None
    folder: str | None = None
    """Where the clip goes: `seedance_clips` beside the notebook it was submitted from."""
    out_name: str | None = None
    """A file name that the person asked for; `None`: made from the prompt."""
    notebook: str | None = None
    starred: bool = False
    note: str = ""
    """A person's own words about it."""
    rating: int | None = None
    """A person's opinion, 1 to 5."""
    tags: tuple[str, ...] = ()
    """A person's own words to find it by, each once, in the order they were given."""
    sweep_id: str | None = None
    """The sweep that it belongs to."""
    sweep_values: dict[str, Any] | None = None
    """Its place in the sweep: the value of each axis."""
    parent_id: str | None = None
    """The job whose request it was made from."""
    session_id: str | None = None
    """The session that submitted it: a cap on what a session may spend counts by it."""
    removed_at: float | None = None
    """A person deleted it. What is left tells what was spent, and no more."""
    rev: int = 0
    """Grows with each change; another kernel sees by it that there is news."""

    @property
    def final(self) -> bool:
        """Whether the server will never change it."""
        return self.status in FINAL_STATUSES

    @property
    def is_unknown(self) -> bool:
        """Whether the server has not known it for longer than a young job may take to get around."""
        failed_at, since = self.look_failed_at, self.accepted_at or self.created_at
        return self.look_problem == UNKNOWN and failed_at is not None and failed_at - since > UNKNOWN_GRACE_S

    @property
    def is_discarded(self) -> bool:
        """Whether a person closed it without knowing what became of it."""
        return self.status == "failed" and self.problem is not None and self.problem.code == DISCARDED

    @property
    def takes_place(self) -> bool:
        """Whether its place in a sweep is taken: not when the server never accepted it, since nothing was charged."""
        return self.status != "failed" or self.request_id is not None

    @property
    def is_removed(self) -> bool:
        """Whether a person deleted it."""
        return self.removed_at is not None

    @property
    def settled(self) -> bool:
        """Whether nothing more happens by itself: final, and its clip saved or given up on."""
        return next_action(self) is Action.NOTHING


@dataclass(frozen=True, slots=True)
class Sending:
    """The create leaves now: from here on it may be charged."""

    at: float


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """The server accepted the create."""

    at: float
    request_id: str
    status: str = "queued"
    credits_charged: int | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The server said no to the create; nothing was charged."""

    at: float
    problem: Problem


@dataclass(frozen=True, slots=True)
class NotSent:
    """The create never left; nothing was charged."""

    at: float
    problem: Problem


@dataclass(frozen=True, slots=True)
class Uncertain:
    """The create left and no usable answer came; the server may have charged."""

    at: float
    problem: Problem
    answer: str | None = None
    """The first 2 kB of what came instead of an answer: it may hold the request id in a form that we do not know."""


@dataclass(frozen=True, slots=True)
class Looked:
    """The server told us how it stands."""

    at: float
    generation: Generation


@dataclass(frozen=True, slots=True)
class LookFailed:
    """A look brought no answer. Says nothing about the job."""

    at: float
    problem: str


@dataclass(frozen=True, slots=True)
class CancelAsked:
    """A person asked to cancel."""

    at: float


@dataclass(frozen=True, slots=True)
class CancelEnded:
    """The cancel did not go through; the person may ask again."""

    at: float


@dataclass(frozen=True, slots=True)
class Saved:
    """The clip lies whole under its final name."""

    at: float
    clip_path: str
    poster_path: str | None
    clip_facts: ClipFacts


@dataclass(frozen=True, slots=True)
class SaveFailed:
    """A download failed. `stale_url`: the URL itself is no longer good, ask the API for a fresh one."""

    at: float
    problem: str
    stale_url: bool = False
    hopeless: bool = False
    """Trying again by itself would bring the same."""


@dataclass(frozen=True, slots=True)
class SaveAsked:
    """A person asked to download again."""

    at: float


@dataclass(frozen=True, slots=True)
class Adopted:
    """A person found the request id of an unconfirmed job."""

    at: float
    request_id: str


@dataclass(frozen=True, slots=True)
class Discarded:
    """A person closed an unconfirmed job: it is not in the account, or it does not matter."""

    at: float


@dataclass(frozen=True, slots=True)
class Marked:
    """A person starred, rated or tagged it, or wrote a note; `None` leaves each as it is."""

    starred: bool | None = None
    note: str | None = None
    rating: int | None = None
    """1 to 5; 0 takes the rating away."""
    tags: tuple[str, ...] | None = None
    """All of them anew. Whoever only adds or takes away says so below: two kernels that do so at once lose nothing."""
    tagged: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Removed:
    """A person deleted it. Of a job that goes on nothing comes; of an unconfirmed one only when it was `forced`."""

    at: float
    forced: bool = False


Event = (
    Sending
    | Acknowledged
    | Refused
    | NotSent
    | Uncertain
    | Looked
    | LookFailed
    | CancelAsked
    | CancelEnded
    | Saved
    | SaveFailed
    | SaveAsked
    | Adopted
    | Discarded
    | Marked
    | Removed
)


class Action(Enum):
    """What to do next for a row."""

    POLL = "poll"
    DOWNLOAD = "download"
    NOTHING = "nothing"


def next_action(row: Row) -> Action:
    """What the row asks for. When to do it is the schedule's business."""
    if row.is_removed or row.request_id is None or row.status in (*OURS, "failed", "cancelled"):
        return Action.NOTHING
    if row.status != "succeeded":
        return Action.POLL
    if row.clip_path is not None or row.saves >= MAX_AUTOMATIC_SAVES:
        return Action.NOTHING
    return Action.POLL if row.output_url is None else Action.DOWNLOAD


def advance(row: Row, event: Event) -> Row:
    """The row after an event. An event that has no meaning for the row leaves it as it is."""
    if row.is_removed:
        return row
    changed = _HANDLERS[type(event)](row, event)
    return row if changed == row else replace(changed, rev=row.rev + 1)


def _sending(row: Row, event: Sending) -> Row:
    return replace(row, sent_at=event.at) if row.status == "submitting" else row


def _acknowledged(row: Row, event: Acknowledged) -> Row:
    if row.status not in OURS:
        return row
    accepted = replace(
        row,
        request_id=event.request_id,
        accepted_at=event.at,
        credits_charged=_credits(event.credits_charged),
        status="queued",
        problem=None,
    )
    return _seen(accepted, Generation(request_id=event.request_id, status=event.status), event.at)


def _credits(said: int | None) -> int | None:
    """Credits as the server says them; nonsense is none."""
    return said if said is not None and 0 <= said < 10**15 else None


def _failed_before_the_server(row: Row, event: Refused | NotSent) -> Row:
    if row.status != "submitting":
        return row
    return replace(row, status="failed", problem=event.problem, final_at=event.at)


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
    return _seen(row, event.generation, event.at)


def _seen(row: Row, seen: Generation, at: float) -> Row:
    before = row.looked_at
    row = replace(row, looked_at=at, look_failures=0, look_problem=None, look_failed_at=None, failing_since_at=None)
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
        row = replace(row, final_at=at, problem=problem, run_s=_run_s(row, before, at))
    return row


def _run_s(row: Row, before: float | None, at: float) -> float | None:
    """From the last sight of the queue to the end, which lies somewhere between the last two looks: take the middle."""
    began = row.queued_seen_at or row.accepted_at
    if began is None:
        return None
    return max(0.0, (max(began, before or began) + at) / 2 - began)


def _look_failed(row: Row, event: LookFailed) -> Row:
    return replace(
        row,
        look_failures=row.look_failures + 1,
        look_problem=event.problem,
        look_failed_at=event.at,
        failing_since_at=row.failing_since_at or event.at,
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
    return replace(
        row,
        saves=MAX_AUTOMATIC_SAVES if event.hopeless else row.saves + 1,
        save_problem=event.problem,
        save_failed_at=event.at,
        output_url=None if event.stale_url else row.output_url,
    )


def _save_asked(row: Row, event: SaveAsked) -> Row:
    """Also after a clip was moved or deleted: it is fetched again, from a fresh URL."""
    if row.status != "succeeded":
        return row
    return replace(row, saves=0, save_problem=None, save_failed_at=None, clip_path=None, output_url=None)


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


def _removed(row: Row, event: Removed) -> Row:
    """A tombstone: model, options, status and money stay, every word and every address goes."""
    if not (row.final or (row.status == "unconfirmed" and event.forced)) or not row.settled:
        return row
    plain = replace(row.request, prompt="", media_urls=(), webhook_url=None, metadata=None)
    return replace(row, **_FORGOTTEN, request=plain, removed_at=event.at)


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
    "starred": False,
    "note": "",
    "rating": None,
    "tags": (),
    "parent_id": None,
}
"""Its place in a sweep stays taken: a sweep that goes on must not pay for it again."""


_HANDLERS: dict[type, Callable[[Row, Any], Row]] = {
    Sending: _sending,
    Acknowledged: _acknowledged,
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
    Removed: _removed,
}
