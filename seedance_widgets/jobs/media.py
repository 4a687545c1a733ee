"""Media as a person gives them, as options of a request: each a link, or the name of its content. Sends nothing."""

from __future__ import annotations

import os
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from ..clips.clip import Clip
from ..errors import MediaInvalid, MediaWarning, RequestInvalid
from ..life import CONTINUES
from ..request import media
from ..request.models import media_kind
from ..types import SubmitOptions
from .job import Job

if TYPE_CHECKING:
    from ..media.room import Room

GIVEN = ("media", "first_frame", "last_frame", "reference")
"""The keywords that take anything that is a picture, a film or a sound."""
GIVEN_NAMES = frozenset(GIVEN)
OF_THE_JOB = ("keep_media", "relation")
"""Keywords that say something of the job, and are no options of its request."""


def resolved(room: Room, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a request with `media_urls` for what was given. Raises RequestInvalid, also MediaInvalid."""
    rest = {name: value for name, value in options.items() if name not in (*GIVEN, *OF_THE_JOB)}
    given = {name: options[name] for name in GIVEN if options.get(name) is not None}
    if not given:
        return rest
    if rest.get("media_urls"):
        given = {**given, "media_urls": rest["media_urls"]}
    _check_together(given)
    if (many := given.get("media")) is not None:
        return rest | {"media_urls": tuple(one(room, each, "media") for each in listed(many))}
    first, last = (one_or_none(room, given.get(name), name) for name in ("first_frame", "last_frame"))
    references = [one(room, each, "reference") for each in listed(given.get("reference", ()))]
    return rest | {"media_urls": media.in_order(first, last, references)}


def in_axes(room: Room, given: Mapping[str, Any]) -> dict[str, Any]:
    """The options and axes of a sweep with `media_urls` for what was given: a list of pictures is an axis of them.

    In `media` each value is one medium, or a list of those of one job. Raises RequestInvalid, also MediaInvalid.
    """
    names = {name for name in GIVEN if given.get(name) is not None}
    if not names:
        return dict(given)
    rest = {name: value for name, value in given.items() if name not in GIVEN}
    _check_together({name: given[name] for name in (*names, *(["media_urls"] if given.get("media_urls") else []))})
    if "media" in names:
        values = [tuple(one(room, each, "media") for each in listed(several)) for several in listed(given["media"])]
    else:
        references = [one(room, each, "reference") for each in listed(given.get("reference", ()))]
        firsts, lasts = (_each(room, given.get(name), name) for name in ("first_frame", "last_frame"))
        values = [media.in_order(first, last, references) for first in firsts for last in lasts]
    return rest | {"media_urls": [list(each) for each in values] if len(values) > 1 else list(values[0])}


def _each(room: Room, value: Any, field: str) -> list[str | None]:
    return [None] if value is None else [one(room, each, field) for each in listed(value)]


def going_on(job: Job, options: SubmitOptions) -> SubmitOptions:
    """The options of a job that begins with the last picture of another one. Raises MediaInvalid, RequestInvalid.

    A picture that is given is what it ends with: two images are first and last frame. With anything more the API takes
    all for references, and the film would not begin with that picture.
    """
    given: Any = {name: value for name, value in options.items() if value is not None}
    for name in ("first_frame", "reference"):
        if name in given:
            raise _begins_with_its_last(name)
    last = {name: given.pop(name) for name in ("media", "media_urls", "last_frame") if name in given}
    ends = [(name, each) for name, value in last.items() for each in listed(value)]
    if len(ends) > 1:
        raise _begins_with_its_last(ends[1][0])
    for name, value in ends:
        if _is_film_or_sound(value):
            raise _begins_with_its_last(name)
        given["last_frame"] = value
    clip = clip_of(job)
    same: SubmitOptions = {"model": job.request.model}
    if job.request.aspect_ratio is not None:
        same["aspect_ratio"] = job.request.aspect_ratio
    if job.request.resolution is not None:
        same["resolution"] = job.request.resolution
    return {**same, **given, "first_frame": clip.last_frame, "relation": CONTINUES}


def _begins_with_its_last(field: str) -> RequestInvalid:
    return RequestInvalid(
        "A job that continues another one begins with its last picture, and takes one picture more, which it ends "
        "with: as soon as there is anything else, the API takes all for references.",
        field=field,
        next_step="Give one picture as last_frame=; session.submit(..., first_frame=...) begins with another one.",
    )


def _is_film_or_sound(value: Any) -> bool:
    """Tell whether it is a film or a sound, as far as its name or kind says so: it is not read here."""
    named = isinstance(value, str | os.PathLike) and media_kind(os.fsdecode(value)) in ("video", "audio")
    return named or isinstance(value, Job | Clip)


def _check_together(given: Mapping[str, Any]) -> None:
    """Raise RequestInvalid where media are given in two ways whose order nobody could know."""
    ways = [name for name in ("media", "media_urls") if name in given]
    ways += (
        ["first_frame, last_frame or reference"] if {"first_frame", "last_frame", "reference"} & given.keys() else []
    )
    if len(ways) > 1:
        raise RequestInvalid(
            f"Media are given as {' and as '.join(ways)}.",
            field="media",
            next_step="media= takes all of them, links too, in order.",
        )


def listed(value: Any) -> list[Any]:
    """One medium, or each of several. Raises MediaInvalid for a set, whose order nobody knows."""
    if isinstance(value, set | frozenset):
        raise MediaInvalid("The media are a set, and their order matters.", next_step="Give a list.")
    from ..media.convert import is_picture_of_a_library

    if isinstance(value, str | bytes | bytearray | memoryview | Mapping | Job | Clip) or is_picture_of_a_library(value):
        return [value]
    if callable(getattr(value, "read", None)) or not isinstance(value, Iterable):
        return [value]
    return list(value)


def one_or_none(room: Room, value: Any, field: str) -> str | None:
    """The same of what may not be given."""
    return None if value is None else one(room, value, field)


def one(room: Room, value: Any, field: str) -> str:
    """A link, or the name of a medium by its content. Raises RequestInvalid with this field."""
    try:
        url, notes = room.take(clip_of(value))
    except RequestInvalid as error:
        error.field = field
        raise
    for note in notes:
        warnings.warn(note, MediaWarning, stacklevel=2)
    return url


def clip_of(value: Any) -> Any:
    """The clip of a job; anything else as it is. Raises MediaInvalid where there is none yet."""
    if not isinstance(value, Job):
        return value
    if value.clip is None:
        step = "job.wait() waits for it." if not value.settled else ""
        raise MediaInvalid(f"Job {value.id} has no clip: {value.status_text.lower()}.", next_step=step)
    return value.clip
