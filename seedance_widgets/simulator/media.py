"""Reference media, fetched as the vendor would when a generation is accepted: from this machine only, never beyond.

A link to the internet is taken for granted: no network is touched. What is fetched is kept by its hash, so that the
film can still be drawn after a restart, when the link has expired.
"""

from __future__ import annotations

import hashlib
import http.client
import io
import os
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from ..request.models import media_roles
from ..types import GenerationRequest
from .create_body import is_local_medium

MAX_BYTES = 100_000_000
TIMEOUT_S = 10.0
UNFETCHED = "media_unavailable"
"""The code of a generation that failed since its media could not be fetched. The API names none."""


class Unfetched(Exception):
    """A medium that cannot be had, and why, as the vendor would say it."""


@dataclass(frozen=True, slots=True)
class Pictures:
    """The pictures that a film begins and ends with, by their hashes; empty for none. Or why there are none."""

    first: str = ""
    last: str = ""
    problem: str | None = None


def fetched(request: GenerationRequest, folder: Path, *, refused: bool = False) -> Pictures:
    """Fetch the media of a request, and keep those that its film begins or ends with.

    Args:
        refused: As if nothing could be fetched.
    """
    try:
        if refused and request.media_urls:
            raise Unfetched("mediaUrls[0] could not be fetched (HTTP 403).")
        found = [_one(url, number) for number, url in enumerate(request.media_urls)]
        roles = media_roles(request.media_urls)
        return Pictures(_kept("first frame", roles, found, folder), _kept("last frame", roles, found, folder))
    except Unfetched as error:
        return Pictures(problem=str(error))


def _one(url: str, number: int) -> bytes | None:
    """The bytes of a medium on this machine; `None` of one beyond it. Raises Unfetched."""
    if not is_local_medium(url):
        return None
    status, data = _get(url)
    if status != 200:
        raise Unfetched(f"mediaUrls[{number}] could not be fetched ({status}).")
    if not data:
        raise Unfetched(f"mediaUrls[{number}] is empty.")
    return data


def _get(url: str) -> tuple[int | str, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("GET", f"{parts.path}?{parts.query}" if parts.query else parts.path)
        answer = connection.getresponse()
        if answer.status != 200:
            return f"HTTP {answer.status}", b""
        return 200, answer.read(MAX_BYTES)
    except (OSError, http.client.HTTPException) as error:
        return f"no answer: {type(error).__name__}", b""
    finally:
        connection.close()


def _kept(role: str, roles: Sequence[str], found: Sequence[bytes | None], folder: Path) -> str:
    """Keep the picture of a role; returns its hash, or nothing where there is none. Raises Unfetched for no picture."""
    from PIL import Image, UnidentifiedImageError

    if role not in roles or (data := found[number := roles.index(role)]) is None:
        return ""
    try:
        with Image.open(io.BytesIO(data)) as image:
            image.load()
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        raise Unfetched(f"mediaUrls[{number}] is not an image.") from None
    name = hashlib.sha256(data).hexdigest()
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = folder / f".{name}.{uuid.uuid4().hex}"
        draft.write_bytes(data)
        os.replace(draft, path)
    return name
