"""The request behind a clip, read back from the clip or its sidecar: on any machine, without a history or a key.

What a clip tells is data from strangers. It is only ever text, every option of it goes through the same checks as a
person's own, and what this version does not know or cannot use is kept aside.
"""

from __future__ import annotations

import difflib
import io
import json
import math
import os
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from ..errors import MediaError, ProvenanceMissing, RequestInvalid
from ..notebook import environment
from ..render import html
from ..render.text import estimate
from ..request import check
from ..request import options as catalog
from ..request.code import as_magic, as_python
from ..request.media import checked_facts
from ..text.printable import cut, for_stdout, visible
from ..types import GenerationRequest, Json, MediaFacts
from ..values.plain import shown
from . import containers, video
from . import story as sidecar
from .containers import MAX_STORY_BYTES

_WORD = re.compile(r"[^\W_][\w.:/+-]{0,99}")
"""What a model, an aspect ratio or a resolution looks like: nothing that a cell could read as an option."""
_NAME_LENGTH = 200  # characters of an id or of a service
_SHOWN_PROMPT = 2_000  # characters of a prompt in a notebook


J = TypeVar("J", covariant=True)


class Submitter(Protocol[J]):
    """The maker of jobs: a session."""

    service: str

    @property
    def store(self) -> Any:
        """The history."""

    @property
    def submit(self) -> Callable[..., J]:
        """Starts a generation. **Spends credits.**"""

    def know_media(self, facts: Iterable[MediaFacts]) -> None:
        """Know of media that a clip tells of."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Provenance:
    """What a clip was made from. `sw.open` makes it; it shows itself as text and as HTML."""

    request: GenerationRequest
    """Checked as a person's own would be, but for what today's models take; without a webhook."""
    source: str
    """`tag`: the clip itself; `sidecar`: the JSON file beside it."""
    name: str
    """The file that it was read from, without its folder."""
    request_id: str | None = None
    job_id: str | None = None
    service: str | None = None
    """`simulator`, or the API's origin."""
    created_at: float | None = None
    """When it was submitted: seconds since 1970, UTC."""
    cost: float | None = None
    """Estimated when it was submitted, in US dollars."""
    credits: int | None = None
    """What the server charged."""
    vendor_bytes: int | None = None
    """How many bytes the vendor sent: the first ones of the clip."""
    vendor_sha256: str | None = None
    """The SHA-256 of those bytes, in hexadecimal."""
    media: tuple[MediaFacts, ...] = ()
    """What it tells of media that were given as files or pictures: hash, name and thumbnail; never a link."""
    extra: Mapping[str, Json] = field(default_factory=dict)
    """What else the story holds, unchanged: unknown, or not usable."""

    def as_magic(self) -> str:
        """The cell that makes it again."""
        return as_magic(self.request)

    def as_python(self) -> str:
        """The statement that makes it again."""
        return as_python(self.request)

    def submit(self, session: Submitter[J]) -> J:
        """Make it again. **Spends credits.** Raises what `Session.submit` raises.

        When the job is in the history of the session, the new one knows it as its parent.
        """
        options = {o.name: getattr(self.request, o.name) for o in catalog.OPTIONS}
        parent_id = self.parent_in(session)
        session.know_media(self.media)
        return session.submit(self.request.prompt, parent_id=parent_id, **options)

    def parent_in(self, session: Submitter[Any]) -> str | None:
        """The job that it came from, when a session has it in its history: the same id, and the same request id."""
        row = session.store.get(self.job_id) if self.job_id and self.service == session.service else None
        return row.id if row is not None and row.request_id == self.request_id else None

    def __repr__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self._facts()]
        return for_stdout("\n".join(map(visible, [f"<Provenance of {self.name}>", _cut(self.request.prompt), *lines])))

    def _repr_html_(self) -> str:
        style = "white-space:pre-wrap;overflow-wrap:anywhere"
        prompt = f'<p dir="auto" style="{style}">{html.told(_cut(self.request.prompt))}</p>'
        table = html.facts_table((html.fact(name, html.told(value)) for name, value in self._facts()), "sdw-facts")
        return f'<div class="sdw-provenance"><strong>{html.told(self.name)}</strong>{prompt}{table}</div>'

    def _facts(self) -> list[tuple[str, str]]:
        request = self.request
        shown = [(option, getattr(request, option.name)) for option in catalog.OPTIONS]
        facts = [(option.label, option.text(value)) for option, value in shown if value not in (None, ())]
        when = None if self.created_at is None else f"{datetime.fromtimestamp(self.created_at):%Y-%m-%d %H:%M}"
        money = None if self.cost is None else estimate(self.cost)
        more = (
            ("Made", when),
            ("Cost", money),
            ("Credits", self.credits),
            ("Service", self.service),
            ("Job", self.job_id),
            ("Request id", self.request_id),
            ("Vendor's file", self.vendor_sha256 and f"{self.vendor_bytes} bytes, SHA-256 {self.vendor_sha256}"),
            ("Told by", "the clip itself" if self.source == "tag" else "its sidecar"),
        )
        return facts + [(name, str(value)) for name, value in more if value is not None]


def open(path: str | os.PathLike[str]) -> Provenance:
    """What a clip was made from: prompt, options, ids, time and cost. Asks nobody, needs no history, sends nothing.

    Args:
        path: A clip, also one that was renamed or moved; or its sidecar. The clip's own metadata count first.

    Raises:
        MediaError: it is not there (the nearest name is told), or neither a video nor a sidecar.
        ProvenanceMissing: a clip without a story, of another tool, or with a damaged one.
    """
    if not isinstance(path, str | os.PathLike):
        raise MediaError(f"open() takes the path of a clip, not {shown(path)}.")
    place = Path(os.fsdecode(path)).expanduser()
    try:
        if not place.is_file():
            there = "is a folder" if place.is_dir() else "is no file" if place.exists() else "is not there"
            raise MediaError(f"{place} {there}.", next_step=_nearest_step(place))
        if place.suffix.lower() == sidecar.ENDING:
            return _from_sidecar(place)
        beside = sidecar.path_of(place)
        try:
            comment = video.read_comment(place)
        except MediaError:
            if not beside.is_file():
                raise
            comment = ""  # what could not be checked is kept, too
        if not _is_story(comment) and beside.is_file():  # no box may stand behind it, or another tool has dropped it
            return _from_sidecar(beside)
        return read_story(comment, place.name, "tag")
    except (OSError, ValueError) as error:  # a name that no file can have is a ValueError
        raise MediaError(
            f"{str(place)[:200]!r} cannot be read ({getattr(error, 'strerror', None) or error})."
        ) from error


def _nearest_step(place: Path) -> str | None:
    """The clip that somebody may have meant by a name that is not there: clips end in the id of their job."""
    folders = dict.fromkeys((place.parent, place.parent / environment.CLIPS))
    paths = [path for folder in folders for path in _files_in(folder) if path.suffix.lower() in containers.ENDINGS]
    words = place.stem.lower()
    begun = [path for path in paths if path.stem.lower().startswith(f"{words}-")]
    close = difflib.get_close_matches(words, [path.stem.lower() for path in paths], n=1, cutoff=0.6)
    meant = begun or [path for path in paths if path.stem.lower() in close]
    if not meant:
        return None
    newest = max(meant, key=lambda path: path.stat().st_mtime)
    return f"Did you mean {str(newest)[:300]!r}?"


def _files_in(folder: Path) -> list[Path]:
    try:
        return [path for path in folder.iterdir() if path.is_file()]
    except (OSError, ValueError):
        return []


def read_bytes(data: bytes, name: str) -> Provenance:
    """The same of the bytes of a sidecar, or of a clip, of which its story or its index is enough. Raises as `open`."""
    if data[:1] == b"{":
        return read_story(data.decode("utf-8", "replace"), name, "sidecar")
    return read_story(video.read_comment(data), name, "tag")


def read_story(text: str, name: str, source: str) -> Provenance:
    """A story from its JSON. Raises ProvenanceMissing."""
    if not text.strip():
        raise ProvenanceMissing(f"{name} does not tell what it was made from: its metadata hold no story.")
    if len(text) > MAX_STORY_BYTES:
        raise ProvenanceMissing(f"{name} tells a story of {len(text) // 1000} kB, which is too long to be one of ours.")
    if not _is_story(text):
        raise ProvenanceMissing(f"{name} does not tell what it was made from: its metadata are of another tool.")
    try:
        story = json.loads(text)
        request = story["request"]
        return Provenance(request=_request(request), source=source, name=name, **_facts_of(story, request))
    except RequestInvalid as error:
        raise ProvenanceMissing(f"{name} tells of a request that cannot be: {error.what}") from error
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise ProvenanceMissing(f"The story in {name} is damaged ({type(error).__name__}).") from error


def _from_sidecar(path: Path) -> Provenance:
    with io.open(path, "rb") as file:  # noqa: UP020  `open` is ours here
        data = file.read(MAX_STORY_BYTES + 1)
    return read_story(data.decode("utf-8", "replace"), path.name, "sidecar")


def _is_story(text: str) -> bool:
    """Tell whether it is a story of ours, whole or damaged."""
    return text.lstrip()[:1] == "{" and sidecar.TOOL in text


def _request(fields: Mapping[str, Any]) -> GenerationRequest:
    """The request in a story. Only fields that a clip may carry count: a stranger's webhook is not for us."""
    options = {name: fields[name] for name in sidecar.TOLD if fields.get(name) is not None}
    prompt, _ = options.pop("prompt"), options["model"]  # a request has both
    for option in catalog.OPTIONS:
        value = options.get(option.name)
        if option.kind == "choice" and value is not None and not (isinstance(value, str) and _WORD.fullmatch(value)):
            raise RequestInvalid(f"{shown(value, 80)} is no {option.label.lower()}.", field=option.name)
    request = check.make_request(prompt, options)
    left_out: dict[str, Any] = {o.name: o.empty for o in catalog.OPTIONS if o.name not in options}
    return replace(request, **left_out).kept  # ours would be filled in; older versions wrote signatures, too


def _facts_of(story: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    read = {
        "request_id": ("request_id", _name),
        "job_id": ("job_id", _name),
        "service": ("service", _name),
        "created_at": ("created_at", _instant),
        "cost": ("cost_usd_estimate", _amount),
        "credits": ("credits_charged", _whole),
        "vendor_bytes": ("vendor_bytes", _whole),
        "vendor_sha256": ("vendor_sha256", _name),
        "media": ("media", _media),
    }
    facts = {ours: take(story.get(theirs)) for ours, (theirs, take) in read.items()}
    facts["media"] = facts["media"] or ()
    used = {theirs for ours, (theirs, _) in read.items() if facts[ours] is not None or story.get(theirs) is None}
    extra = {name: value for name, value in story.items() if name not in used | {"tool", "request"}}
    extra |= {f"request.{name}": value for name, value in request.items() if name not in sidecar.TOLD}
    return {**facts, "extra": extra}


def _name(value: object) -> str | None:
    fits = isinstance(value, str) and 0 < len(value) <= _NAME_LENGTH and value.isprintable()
    return str(value) if fits else None


def _instant(value: object) -> float | None:
    try:
        at = datetime.fromisoformat(value).timestamp() if isinstance(value, str) else None
    except (ValueError, OverflowError, OSError):
        return None
    return at if at is not None and 0 <= at < 1e11 else None


def _amount(value: object) -> float | None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and 0 <= value < 1e9
    return float(value) if fits else None  # type: ignore[arg-type]


def _media(value: object) -> tuple[MediaFacts, ...]:
    """The media of a story, as far as they can be ones: five at most."""
    found = map(checked_facts, value[:5]) if isinstance(value, list) else ()
    return tuple(each for each in found if each is not None)


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**12 else None


def _cut(prompt: str) -> str:
    return cut(prompt, _SHOWN_PROMPT)
