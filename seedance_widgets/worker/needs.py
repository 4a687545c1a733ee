"""What a worker is given: how to open what it needs, and whom to tell."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ..life import Row
from ..request.caps import Caps
from ..secret import Secret
from ..types import GenerationRequest
from ..when import awake_s

if TYPE_CHECKING:
    from ..api.client import AsyncClient
    from ..api.files import Files
    from ..media.room import Room
    from ..storage.clips import ClipStorage
    from ..store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """How the worker opens what it needs. Called once, in its own thread, so that heavy modules load there."""

    store: Callable[[], Store]
    client: Callable[[], AsyncClient]
    files: Callable[[], Files]
    service: str
    requests_per_minute: float = 60.0
    floor_s: float = 1.0
    """The shortest time between two looks at one job."""
    time_scale: float = 1.0
    """How much faster than life the service runs: the simulator at speed 30 has 1/30."""
    clock: Callable[[], float] = time.time
    awake: Callable[[], float] = awake_s
    """Seconds of a clock that is never set: by it a worker notices that it slept."""
    owners: Path | None = None
    """The folder of the lock files by which workers of one home see that another's process is gone."""
    key: Callable[[], Secret | None] = lambda: None
    """The key of now; `None` for a simulator's."""
    caps: Callable[[], Caps] = Caps
    """What may be spent, asked for at each submission."""
    takes_over: bool = True
    """Whether it looks after what dead workers left, too; else after nothing that is not its own."""
    history: Path | None = None
    """The file of the history, where it is one: whoever asks whether it has changed need not open it."""
    webhook_url: str | None = None
    """Where the server sends the end of a job that names no address of its own: told to the server only."""
    media: Room | None = None
    """Where files and pictures that are sent lie, and where they are put for the vendor to fetch."""
    clips: Callable[[], ClipStorage] | None = None
    """The clips in object storage, and their copies; loaded when one is first met."""
    spare_clips: Path | None = None
    """Where clips go whose own folder cannot be written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """On what terms a person wants a request sent."""

    fresh: bool = True
    """Send also when the same request is `unconfirmed`."""
    merge_within_s: float = 0.0
    """A job of the same request that is this young is taken instead, made by any kernel: a click that came twice."""
    shown_usd: float | None = None
    """The price that the person saw and agreed to; it is not sent for more. `None`: none was shown."""
    unrecorded: bool = False
    """Send also when neither the history nor the paper trail can be written."""
    wire_request: GenerationRequest | None = field(default=None, repr=False)
    """What is sent in the place of the row's request: the same, with its links signed. It lives in memory only."""

    def request_of(self, row: Row) -> GenerationRequest:
        """What is sent for a row."""
        return self.wire_request or row.request


class Subscriber(Protocol):
    """Somebody who wants to know. Called in the worker's thread: be quick and never raise."""

    def on_row(self, row: Row) -> None:
        """A row changed."""

    def on_progress(self, job_id: str, received_bytes: int, total_bytes: int | None) -> None:
        """A download moved on."""

    def on_tick(self) -> None:
        """A fifth of a second passed."""

    def on_key_refused(self, reason: str) -> None:
        """The server refuses the key; reported once, until it has accepted one again."""

    def waits_for(self) -> Iterable[str]:
        """The ids of open jobs that somebody here looks at, whoever looks after them."""
