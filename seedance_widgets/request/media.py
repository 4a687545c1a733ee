"""Media by their content, and what each is for: as a request names them. Pure; standard library only.

A file or a picture stands in a request as `media:`, the SHA-256 of its bytes and an ending, so that whatever compares
requests compares content. The link that the vendor fetches is made when the request leaves, and is kept nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import PurePosixPath

from ..errors import RequestInvalid
from ..text import links
from ..types import GenerationRequest, MediaFacts
from .models import MEDIA_ENDINGS, media_kind, media_roles
from .options import MEDIUM, shown_medium

SCHEME = "media:"
LONGEST_S = 7 * 24 * 3600.0
"""The longest that a link lives, in seconds: what S3 takes. It would be signed for longer, and open nothing then."""
MAX_BYTES = 10_000_000
"""Of a picture that is sent; ours, since the API names no limit."""
ENDINGS = frozenset(ending for endings in MEDIA_ENDINGS.values() for ending in endings)
CONTENT_TYPES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
    ".mov": "video/quicktime",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}


def reference_of(sha256: str, ending: str) -> str:
    """How a request names a medium of this content."""
    return f"{SCHEME}{sha256}{ending}"


def is_reference(url: object) -> bool:
    """Tell whether it names a medium by its content, and so is no link."""
    match = re.fullmatch(MEDIUM, url) if isinstance(url, str) else None
    return match is not None and match[2] in ENDINGS


def file_of(reference: str) -> str:
    """The name of the file of a medium: its hash and its ending."""
    return reference.removeprefix(SCHEME)


def hash_of(reference: str) -> str:
    """The SHA-256 of a medium."""
    return PurePosixPath(file_of(reference)).stem


def shown(url: str) -> str:
    """A medium as people read it: a link as it is, content by the first of its letters."""
    return shown_medium(url)


def references_in(request: GenerationRequest) -> tuple[str, ...]:
    """The media of a request that have no link yet, each once."""
    return tuple(dict.fromkeys(url for url in request.media_urls if is_reference(url)))


def with_links(request: GenerationRequest, links_of: dict[str, str]) -> GenerationRequest:
    """The request as it leaves: with a link for each medium that is named by its content."""
    return replace(request, media_urls=tuple(links_of.get(url, url) for url in request.media_urls))


def in_order(first: str | None, last: str | None, references: Sequence[str]) -> tuple[str, ...]:
    """The media of a request, in the order by which the API takes each for what it is said to be.

    Raises RequestInvalid for what the API cannot express: it infers the use from how many there are and of which kind.
    """
    for name, url in (("first_frame", first), ("last_frame", last)):
        if url is not None and media_kind(url) != "image":
            raise RequestInvalid(
                f"{name} is a picture, and {_named(url)} is none by the ending of its name.",
                field=name,
                next_step="The API knows an image by .jpg, .jpeg, .png, .webp, .gif or .bmp.",
            )
    if references and (first is not None or last is not None):
        raise RequestInvalid(
            "The API cannot express frames and references together: one or two images are frames, and as soon as there "
            "is anything else, all are references.",
            field="reference",
            next_step="Give either first_frame= and last_frame=, or reference=[...].",
        )
    if last is not None and first is None:
        raise RequestInvalid(
            "The API cannot express a last frame alone: a single image is taken for the first frame.",
            field="last_frame",
            next_step="Give first_frame=, too.",
        )
    urls = tuple(each for each in (first, last, *references) if each is not None)
    if references and media_roles(urls) != ("reference",) * len(urls):
        taken = "one image is taken for the first frame" if len(urls) == 1 else "two are taken for first and last frame"
        raise RequestInvalid(
            f"The API cannot express {len(urls)} image{'s' * (len(urls) > 1)} as references: {taken}.",
            field="reference",
            next_step="Add a third image, a film or a sound; or say first_frame= and last_frame=.",
        )
    return urls


def said(urls: Iterable[str]) -> str:
    """What the API takes media for, in words: `first frame, last frame`."""
    return ", ".join(media_roles(list(urls)))


def _named(url: str) -> str:
    return shown(url) if is_reference(url) else repr(links.bare(url)[:80])


def checked_facts(values: object) -> MediaFacts | None:
    """Facts that came from a file or a stranger's clip, as far as they can be ones; `None` for none."""
    if not isinstance(values, dict):
        return None
    sha256, ending, name = values.get("sha256"), values.get("ending"), values.get("name")
    if not is_reference(f"{SCHEME}{sha256}{ending}") or not isinstance(name, str):
        return None
    size = values.get("size_bytes")
    facts = MediaFacts(
        sha256=str(sha256),
        ending=str(ending),
        name="".join(each for each in name if each.isprintable())[:120],
        size_bytes=size if isinstance(size, int) and 0 <= size < 10**12 else 0,
    )
    for key in ("width", "height"):
        if isinstance(values.get(key), int) and 0 < values[key] < 100_000:
            facts[key] = values[key]
    thumbnail, place = values.get("thumbnail"), values.get("place")
    if isinstance(thumbnail, str) and len(thumbnail) < 8_000 and _is_base64(thumbnail):
        facts["thumbnail"] = thumbnail
    if isinstance(place, str) and len(place) < 2_000 and place.isprintable() and "?" not in place:
        facts["place"] = place
    if values.get("kept") is True:
        facts["kept"] = True
    return facts


def _is_base64(text: str) -> bool:
    return all(each.isascii() and (each.isalnum() or each in "+/=") for each in text)
