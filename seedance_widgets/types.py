"""The nouns: what we ask for, what the server has, what we keep. Plain frozen data, standard library only.

Words follow the API's own in snake_case. Times inside end in `_s`, sizes in `_bytes`, instants in `_at`
(seconds since 1970, UTC, as `time.time()` gives them).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, Literal, NotRequired, TypedDict

from .text import links
from .text.html import facts_html

Json = Any
"""A decoded JSON value. `Any`, because the server may add fields we have never seen."""

OurStatus = Literal["submitting", "unconfirmed"]
ServerStatus = Literal["queued", "processing", "succeeded", "failed", "cancelled"]

FINAL_STATUSES: frozenset[str] = frozenset({"succeeded", "failed", "cancelled"})
"""The three statuses after which a generation never changes. Anything else, known or not, is not final."""


class RequestOptions(TypedDict, total=False):
    """The keywords of `Session.submit`, so that editors complete them."""

    model: str
    duration: int
    aspect_ratio: str
    resolution: str
    media_urls: list[str] | tuple[str, ...]
    webhook_url: str | None
    metadata: Mapping[str, Json] | None


class SubmitOptions(RequestOptions, total=False):
    """The same, with media as a person has them: each a link, a file, bytes, a picture, a frame, a clip or a job."""

    media: Any
    """One of them or several, in order: the API infers what each is for."""
    first_frame: Any
    last_frame: Any
    reference: Any
    keep_media: bool
    """What is put into a bucket for it stays there when the job has ended."""
    relation: str
    """What it is of its parent: a `variation` of it (the default), what `continues` it, or another `take`."""


class MediaFacts(TypedDict):
    """What is kept of a reference medium that was given as a file or a picture; never a link that opens it."""

    sha256: str
    """Of the bytes that are sent: by it two media are the same."""
    ending: str
    """`.png`, `.jpg`, `.mp4`, …: by it the API knows the kind."""
    name: str
    """What the person called it, or what it is in words."""
    size_bytes: int
    width: NotRequired[int]
    height: NotRequired[int]
    thumbnail: NotRequired[str]
    """A JPEG of at most 64 pixels, as base64."""
    place: NotRequired[str]
    """Where it is put, such as `s3://bucket/prefix/…png`; without one it lies in the data folder only."""
    kept: NotRequired[bool]
    """It stays in its place when nothing needs it any more."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationRequest:
    """What we ask for. A field that is `None` is left out of the body, and the server decides.

    Two are equal when they ask for the same: what signs a link is how it is opened, not what it is. No `repr` shows it.
    """

    prompt: str
    """What the video shows, in the person's own words, sent byte for byte."""
    model: str
    """A model id, such as `seedance-2.0`."""
    duration: int | None = None
    """Length of the video in whole seconds."""
    aspect_ratio: str | None = None
    """`16:9`, `9:16` or `1:1`."""
    resolution: str | None = None
    """`480p`, `720p` or `1080p`."""
    media_urls: tuple[str, ...] = ()
    """Reference images, videos and audio: up to five public https URLs, in order. One that was given as a file or a
    picture stands as `media:` and the SHA-256 of its content; its link is made when the request leaves."""
    webhook_url: str | None = None
    """Where the server sends the final result, instead of the key's own default."""
    metadata: Mapping[str, Json] | None = None
    """Kept with the request by the server, for the caller's own bookkeeping."""

    @property
    def kept(self) -> GenerationRequest:
        """The request as it is kept and shown: no link holds what signs it. The same object where none does."""
        values = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "prompt"}
        bare: dict[str, Any] = {name: links.kept_in(value) for name, value in values.items()}
        return self if bare == values else replace(self, **bare)

    @property
    def lost_link(self) -> str | None:
        """The first field with a link whose signature was not kept: the request cannot be sent as it is."""
        for each in fields(self):
            value = getattr(self, each.name)
            urls = (value,) if isinstance(value, str) else value if isinstance(value, tuple) else ()
            if each.name != "prompt" and any(map(links.is_kept, urls)):
                return each.name
        return None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GenerationRequest):
            return NotImplemented
        return _values(self.kept) == _values(other.kept)

    def __hash__(self) -> int:
        return hash((self.prompt, self.model, self.duration, self.aspect_ratio, self.resolution))

    __repr__ = links.shown

    def _repr_html_(self) -> str:
        return facts_html("A request: nothing is sent by showing it", _told(self.kept))


def _values(request: GenerationRequest) -> tuple[object, ...]:
    """The values of a request, as they are compared: `True` is not `1`, and an empty object says nothing."""
    metadata = json.dumps(request.metadata, sort_keys=True, default=str) if request.metadata else None
    return (*(getattr(request, each.name) for each in fields(request) if each.name != "metadata"), metadata)


def _told(value: Any) -> Iterator[tuple[str, str]]:
    """What is said in a plain object: the keyword of each field, and its value as text."""
    for each in fields(value):
        if (said := getattr(value, each.name)) in (None, "", (), {}):
            continue
        if isinstance(said, Mapping):
            said = json.dumps(dict(said), ensure_ascii=False, default=str)
        yield each.name, "\n".join(map(str, said)) if each.name == "media_urls" else _listed(said)


def _listed(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model of the live `/models` answer, with what it takes and what it costs."""

    id: str
    durations: tuple[int, ...]
    """Whole seconds that it takes."""
    aspect_ratios: tuple[str, ...]
    resolutions: tuple[str, ...]
    usd_per_second: Mapping[str, float] = field(default_factory=dict)
    """US dollars for one second of video, by resolution; empty where the server names no price."""
    odd_prices: tuple[str, ...] = ()
    """What the server names as a price and none can be, in words: its price is as good as unknown."""
    best_for: str = ""
    type: str = "video_generation"
    mode: str = ""
    extra: Mapping[str, Json] = field(default_factory=dict)
    """Fields of the answer that this version does not know."""

    def _repr_html_(self) -> str:
        return facts_html(f"Model {self.id}", _told(self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """The server's answer to a create: from here on it may have charged."""

    request_id: str
    status: str
    credits_charged: int | None = None
    retry_after_s: float | None = None
    """How long the server asks to be left alone, in seconds, where it does."""
    extra: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """Why a generation failed, in the server's words, cut to 2 kB."""

    code: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """The server's resource at one look (GET generations/{requestId})."""

    request_id: str
    status: str
    output_url: str | None = None
    problem: Problem | None = None
    model: str | None = None
    prompt: str | None = None
    duration: int | None = None
    aspect_ratio: str | None = None
    credits_charged: int | None = None
    retry_after_s: float | None = None
    """How long the server asks to be left alone, in seconds, where it does."""
    extra: Mapping[str, Json] = field(default_factory=dict)

    __repr__ = links.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class SweepRow:
    """A sweep as it was planned, before anything of it was sent. Never changes: what became of it is in its jobs."""

    id: str
    """Made of service and name, or of service and plan: the same sweep has the same id in every kernel."""
    service: str
    name: str | None
    """What the person calls it."""
    digest: str
    """Of all its requests: two plans with one digest ask for the same."""
    created_at: float
    plan: Mapping[str, Json]
    """Templates, axes and every request, as JSON."""
    notebook: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookEvent:
    """A delivered and verified webhook. Its content is the server's word; treat it as a reason to look now."""

    request_id: str
    status: str
    output_url: str | None = None
    problem: Problem | None = None
    extra: Mapping[str, Json] = field(default_factory=dict)

    __repr__ = links.shown


@dataclass(frozen=True, slots=True, kw_only=True)
class Spending:
    """The jobs of one day, model, sweep or notebook, added up: dollars are estimates, failed and cancelled apart."""

    name: str
    """Empty for jobs of no sweep, or of no notebook."""
    jobs: int
    """Accepted or on their way, without the failed and the cancelled."""
    estimated_usd: float
    credits_charged: int
    failed: int
    failed_usd: float
    failed_credits: int
    cancelled: int
    cancelled_usd: float
    cancelled_credits: int
    unknown: int
    """Accepted ones without a known price: they are in no sum of dollars."""
    not_charged: int
    """Refused, never sent, or discarded."""


class ClipFacts(TypedDict):
    """Facts that `clips.video.probe` reads from a video file."""

    size_bytes: int
    width: int
    height: int
    duration_s: float
    fps: float
    has_audio: bool
    codec: NotRequired[str]
    problem: NotRequired[str]
    """Why it could not be checked."""
    vendor_bytes: NotRequired[int]
    vendor_sha256: NotRequired[str]
    """Of the first `vendor_bytes` bytes of the file, which are the vendor's."""
    not_stored: NotRequired[str]
    """Why it is not in the bucket that it was meant for, and lies here."""
    kept_path: NotRequired[str]
    """A clip that stays until the one that was asked for again is whole."""
