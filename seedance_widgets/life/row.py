"""The row: all that is durably known of one job, and the action that it asks for next."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from ..text import links
from ..text.job_ids import LENGTH, LETTERS
from ..types import FINAL_STATUSES, ClipFacts, GenerationRequest, MediaFacts, Problem

MAX_AUTOMATIC_SAVES = 6
"""Downloads tried by themselves before a person is asked to look; waits grow from 2 s to 60 s between them."""

VARIATION, CONTINUES, TAKE = RELATIONS = ("variation", "continues", "take")
"""What a job is of the one that it was made from."""

UNKNOWN = "unknown to the server"
"""What a look says when the server answers 404. Young jobs may only not have got around yet."""
OTHER_KEY = "made with another key"
"""What a look says when the server answers 404 under a key that is not the one that made the job."""
UNKNOWN_GRACE_S = 120.0
UNREACHABLE_AFTER, UNREACHABLE_AFTER_S = 3, 15.0
"""Failed looks in a row, or seconds of them, after which we say that the server cannot be reached."""

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
    """Where the clip is. A signature of it lives in memory only: from the history it comes back without one."""
    problem: Problem | None = None
    """Why it failed, was not sent, or is unconfirmed."""
    answer: str | None = None
    """Of an unconfirmed job: the first 2 kB of what came instead of the server's answer."""
    look_failures: int = 0
    """Failed looks in a row."""
    look_problem: str | None = None
    look_failed_at: float | None = None
    failing_since_at: float | None = None
    not_before_at: float | None = None
    """Until then the server asked not to be asked about it, or not to be sent it, again."""
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
    """Its place in the sweep: the value of each axis; of a deleted job only their digest, see `stands_in`."""
    parent_id: str | None = None
    """The job whose request it was made from."""
    relation: str = VARIATION
    """What it is of its parent: a `variation`, what `continues` it, or another `take`."""
    media: tuple[MediaFacts, ...] = ()
    """What is kept of those of its media that were given as files or pictures; never a link."""
    session_id: str | None = None
    """The session that submitted it: a cap on what a session may spend counts by it."""
    key_hash: str | None = None
    """Which key made it: a salted hash, the salt in front. `None` where no key did, or an older version."""
    seen_at: float | None = None
    """How it stands was on a visible page. `None` again as soon as it goes on."""
    look_asked_at: float | None = None
    """A webhook told of news, and nobody has looked since."""
    removed_at: float | None = None
    """A person deleted it. What is left tells what was spent, and no more."""
    rev: int = 0
    """Grows with each change; another kernel sees by it that there is news."""

    __repr__ = links.shown

    @property
    def kept(self) -> Row:
        """The row as it is written: no link of it holds what signs it. The same object where none does."""
        url, values, request = self.output_url, self.sweep_values, self.request.kept
        kept_url = None if url is None else links.kept(url)
        kept_values = None if values is None else kept_values_of(values)
        if request is self.request and kept_url == url and kept_values == values:
            return self
        return replace(self, request=request, output_url=kept_url, sweep_values=kept_values)

    @property
    def final(self) -> bool:
        """Whether the server will never change it."""
        return self.status in FINAL_STATUSES

    @property
    def is_unknown(self) -> bool:
        """Tell whether the server has not known it for longer than a young job may take to get around."""
        failed_at, since = self.look_failed_at, self.accepted_at or self.created_at
        return self.look_problem == UNKNOWN and failed_at is not None and failed_at - since > UNKNOWN_GRACE_S

    def is_unreachable(self, now: float) -> bool:
        """Tell whether looks have failed for long enough to say so: three in a row, or for fifteen seconds."""
        if self.final or not self.look_failures or self.failing_since_at is None:
            return False
        failing_s = max(now, self.look_failed_at or now) - self.failing_since_at
        return self.look_failures >= UNREACHABLE_AFTER or failing_s >= UNREACHABLE_AFTER_S

    def is_held(self, now: float) -> bool:
        """Tell whether the server asked to be left alone for now, and said no to what was asked of it."""
        waits = self.not_before_at is not None and now < self.not_before_at
        return waits and (self.status == "submitting" or self.look_failures > 0) and not self.final

    @property
    def is_discarded(self) -> bool:
        """Tell whether a person closed it without knowing what became of it."""
        return self.status == "failed" and self.problem is not None and self.problem.code == DISCARDED

    @property
    def takes_place(self) -> bool:
        """Tell whether it takes its place in a sweep: not when the server never accepted it and charged nothing."""
        return self.status != "failed" or self.request_id is not None

    @property
    def clip_there(self) -> str | None:
        """Where its clip lies; while it is fetched again, where the one before does."""
        facts = self.clip_facts
        return self.clip_path or (None if facts is None else facts.get("kept_path"))

    def stands_in(self, values: Mapping[str, Any] | None) -> bool:
        """Tell whether its place in its sweep is that of these values, also after it was deleted."""
        return self.sweep_values is not None and self.sweep_values in (values, digest_of_place(self.id, values))

    @property
    def is_removed(self) -> bool:
        """Tell whether a person deleted it."""
        return self.removed_at is not None

    @property
    def settled(self) -> bool:
        """Tell whether nothing more happens by itself: final, and its clip saved or given up on."""
        return next_action(self) is Action.NOTHING


def new_job_id() -> str:
    """A short id that people can type: eight letters and digits without look-alikes, unique by 39 random bits."""
    return "".join(secrets.choice(LETTERS) for _ in range(LENGTH))


def digest_of_place(job_id: str, values: Mapping[str, Any] | None) -> dict[str, str]:
    """The rest of a deleted job's values: enough to know the place again, salted with the job's id."""
    text = json.dumps([job_id, values], ensure_ascii=True, sort_keys=True)
    return {"salted_sha256": hashlib.sha256(text.encode()).hexdigest()}


def kept_values_of(values: dict[str, Any]) -> dict[str, Any]:
    """The values of a place in a sweep as they are kept and compared: no link in them holds what signs it."""
    kept: dict[str, Any] = links.kept_in(values)
    return kept


class Action(Enum):
    """The next action for a row."""

    POLL = "poll"
    DOWNLOAD = "download"
    NOTHING = "nothing"


def next_action(row: Row) -> Action:
    """The action that the row asks for. When to do it is the schedule's business."""
    if row.is_removed or row.request_id is None or row.status in (*OURS, "failed", "cancelled"):
        return Action.NOTHING
    if row.status != "succeeded":
        return Action.POLL
    if row.clip_path is not None or row.saves >= MAX_AUTOMATIC_SAVES:
        return Action.NOTHING
    if row.output_url is None or links.is_kept(row.output_url):
        return Action.POLL  # the API names a fresh one at any time
    return Action.DOWNLOAD
