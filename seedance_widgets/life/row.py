"""What is durably known of one job, and what it asks for next."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ..types import FINAL_STATUSES, ClipFacts, GenerationRequest, Problem

MAX_AUTOMATIC_SAVES = 6
"""Downloads tried by themselves before a person is asked to look; waits grow from 2 s to 60 s between them."""

UNKNOWN = "unknown to the server"
"""What a look says when the server answers 404. Young jobs may only not have got around yet."""
OTHER_KEY = "made with another key"
"""What a look says when the server answers 404 under a key that is not the one that made the job."""
UNKNOWN_GRACE_S = 120.0
UNREACHABLE_AFTER = 10
"""Failed looks in a row after which we say that the server cannot be reached, and go on slowly."""

KEY_REFUSED = "the key was refused"
"""What a look says when the server answers 401. The job waits for another key."""

SIMULATOR = "simulator"
"""The service of jobs that cost nothing."""

OURS = ("submitting", "unconfirmed")
"""The two statuses that are ours: the server has not answered, or its answer was lost."""

CANCELLED_UNSENT = "Cancelled before it was sent."
"""What the problem of a job says that a person cancelled while it waited for its turn."""

DISCARDED = "discarded"
"""The code of the problem of a job that a person closed while it was unconfirmed."""


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
    key_hash: str | None = None
    """Which key made it: a salted hash, the salt in front. `None` where no key did, or an older version."""
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


def new_job_id() -> str:
    """A short id that people can type: eight letters and digits without look-alikes, unique by 39 random bits."""
    return "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz23456789") for _ in range(8))


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
