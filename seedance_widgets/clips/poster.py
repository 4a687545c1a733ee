"""A clip's poster as a page takes it in: inlined, so that it needs no server and no file."""

from __future__ import annotations

import base64

from ..types import Clip

MAX_POSTER_BYTES = 60_000


def as_uri(clip: Clip | None) -> str | None:
    """The poster as a data URI, or `None` where there is none or it has grown too large to inline."""
    encoded = as_base64(clip)
    return None if encoded is None else f"data:image/jpeg;base64,{encoded}"


def as_base64(clip: Clip | None) -> str | None:
    """The poster's bytes as base64."""
    if clip is None or clip.poster_path is None:
        return None
    try:
        data = clip.poster_path.read_bytes()
    except OSError:  # moved or deleted by the person: the video shows its own first frame
        return None
    return base64.b64encode(data).decode() if len(data) <= MAX_POSTER_BYTES else None
