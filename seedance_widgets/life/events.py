"""The events in the life of a job."""

from __future__ import annotations

from dataclasses import dataclass

from ..types import ClipFacts, Generation, Problem


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
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Delayed:
    """The create was turned away, or never left: nothing was charged, and it is sent again at an instant."""

    at: float
    until_at: float


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
    retry_after_s: float | None = None


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
    keeps: bool = False
    """The clip is there, and stays until the new one is whole."""


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
class Seen:
    """How it stands now was on a page that a person looks at."""

    at: float


@dataclass(frozen=True, slots=True)
class LookAsked:
    """Somebody says that there is news at the server: a webhook came. Whoever holds the row looks now."""

    at: float


@dataclass(frozen=True, slots=True)
class Removed:
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
