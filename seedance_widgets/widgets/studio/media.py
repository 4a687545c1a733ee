"""A file that was dropped, pasted or chosen, or a picture of a clip, as an entry of the form's media. Sends nothing.

What the form then holds is the name of the content, so that the page needs no link, and a job that is made of it is the
same request as one of a cell.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypedDict

from ...errors import SeedanceError
from ...jobs.media import clip_of
from ...media.convert import MAX_INPUT_BYTES
from ...request import media
from ...request.models import media_kind
from ...session.session import Session
from ...types import MediaFacts

NAME_SHOWN = 80


class MediaEntry(TypedDict):
    """One medium for the page. `url` goes into the form's `media_urls`; it is empty for what was refused."""

    url: str
    name: str
    kind: str
    """`image`, `video` or `audio`."""
    thumbnail: str
    """A small JPEG as a data URI; empty for what has no picture."""
    notes: list[str]
    """What became of it, such as that its transparent parts are white."""
    problem: str
    """Why it was refused, or that its content is nowhere any more; empty where all is well."""


def entry_of_file(session: Session, name: str, buffers: Sequence[Any]) -> MediaEntry:
    """A file of which the page sends the bytes in one buffer."""
    name = name[:NAME_SHOWN] or "The file"
    if not buffers or len(buffers[0]) > MAX_INPUT_BYTES:
        return _refused(name, f"{name} is empty, or larger than {MAX_INPUT_BYTES // 1_000_000} MB.")
    return _entry(session, _Named(bytes(buffers[0]), name), name)


def not_whole(name: str) -> MediaEntry:
    """A file of which pieces got lost on their way, or that is larger than it said."""
    return _refused(name[:NAME_SHOWN], f"{name[:NAME_SHOWN]} did not arrive whole, or is too large. Add it again.")


def entry_of_known(session: Session, url: str) -> MediaEntry:
    """A medium that the form holds already, as of a job that was reused: its name and its thumbnail. Asks nobody."""
    if not media.is_reference(url):
        return _refused(media.shown(url)[:NAME_SHOWN], "")
    shelf = session.engine.media.shelf
    facts = shelf.facts(url)
    entry = _known(url, facts)
    if not shelf.has(url) and (facts is None or "place" not in facts):
        error = shelf.missing(url)
        entry["problem"] = f"{error.what} Add it again."
    return entry


def entry_of_frame(session: Session, job_id: str, at_s: float | None) -> MediaEntry:
    """The picture of a job's clip at an instant in seconds; `None`: the last one."""
    try:
        clip = clip_of(session.job(job_id))
    except SeedanceError as error:
        return _refused(f"Job {job_id[:NAME_SHOWN]}", f"{error.what} {error.next_step}".strip())
    return _entry(session, clip.last_frame if at_s is None else clip.frame(at_s), f"a picture of {clip.path.name}")


class _Named:
    """Bytes with a name, as an open file has one."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self.name = name

    def read(self, size: int) -> bytes:
        return self._data[:size]


def _entry(session: Session, value: Any, name: str) -> MediaEntry:
    room = session.engine.media
    try:
        url, notes = room.take(value)
    except SeedanceError as error:
        return _refused(name, f"{error.what} {error.next_step}".strip())
    return _known(url, room.shelf.facts(url)) | {"notes": list(notes)}


def _known(url: str, facts: MediaFacts | None) -> MediaEntry:
    thumbnail = "" if facts is None else facts.get("thumbnail", "")
    return MediaEntry(
        url=url,
        name=media.shown(url) if facts is None else facts["name"],
        kind=media_kind(url) or "",
        thumbnail=f"data:image/jpeg;base64,{thumbnail}" if thumbnail else "",
        notes=[],
        problem="",
    )


def _refused(name: str, problem: str) -> MediaEntry:
    return MediaEntry(url="", name=name, kind="", thumbnail="", notes=[], problem=problem)
