"""The events in the life of a job. Named tuples, which are quickly defined: the first card waits for all of them."""

from __future__ import annotations

from typing import NamedTuple

from ..types import ClipFacts, Generation, Problem


class Sending(NamedTuple):
    """The create leaves now: from here on it may be charged."""

    at: float


class Acknowledged(NamedTuple):
    """The server accepted the create."""

    at: float
    request_id: str
    status: str = "queued"
    credits_charged: int | None = None
    retry_after_s: float | None = None


class Delayed(NamedTuple):
    """The create was turned away, or never left: nothing was charged, and it is sent again at an instant."""

    at: float
    until_at: float


class Refused(NamedTuple):
    """The server said no to the create; nothing was charged."""

    at: float
    problem: Problem


class NotSent(NamedTuple):
    """The create never left; nothing was charged."""

    at: float
    problem: Problem


class Uncertain(NamedTuple):
    """The create left and no usable answer came; the server may have charged."""

    at: float
    problem: Problem
    answer: str | None = None
    """The first 2 kB of what came instead of an answer: it may hold the request id in a form that we do not know."""


class Looked(NamedTuple):
    """The server told us how it stands."""

    at: float
    generation: Generation


class LookFailed(NamedTuple):
    """A look brought no answer. Says nothing about the job."""

    at: float
    problem: str
    retry_after_s: float | None = None


class CancelAsked(NamedTuple):
    """A person asked to cancel."""

    at: float


class CancelEnded(NamedTuple):
    """The cancel did not go through; the person may ask again."""

    at: float


class Saved(NamedTuple):
    """The clip lies whole under its final name."""

    at: float
    clip_path: str
    poster_path: str | None
    clip_facts: ClipFacts


class SaveFailed(NamedTuple):
    """A download failed. `stale_url`: the URL itself is no longer good, ask the API for a fresh one."""

    at: float
    problem: str
    stale_url: bool = False
    hopeless: bool = False
    """Trying again by itself would bring the same."""


class SaveAsked(NamedTuple):
    """A person asked to download again."""

    at: float
    keeps: bool = False
    """The clip is there, and stays until the new one is whole."""


class Adopted(NamedTuple):
    """A person found the request id of an unconfirmed job."""

    at: float
    request_id: str


class Discarded(NamedTuple):
    """A person closed an unconfirmed job: it is not in the account, or it does not matter."""

    at: float


class Marked(NamedTuple):
    """A person starred, rated or tagged it, or wrote a note; `None` leaves each as it is."""

    starred: bool | None = None
    note: str | None = None
    rating: int | None = None
    """1 to 5; 0 takes the rating away."""
    tags: tuple[str, ...] | None = None
    """All of them anew. Whoever only adds or takes away says so below: two kernels that do so at once lose nothing."""
    tagged: tuple[str, ...] = ()
    untagged: tuple[str, ...] = ()


class Seen(NamedTuple):
    """How it stands now was on a page that a person looks at."""

    at: float


class LookAsked(NamedTuple):
    """Somebody says that there is news at the server: a webhook came. Whoever holds the row looks now."""

    at: float


class Removed(NamedTuple):
    """A person deleted it. Of a job that goes on nothing comes; of an unconfirmed one only when it was `forced`."""

    at: float
    forced: bool = False


Event = (
    Sending
    | Acknowledged
    | Delayed
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
    | Seen
    | LookAsked
    | Removed
)
