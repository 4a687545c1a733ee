"""A clip's poster as a page takes it in: inlined, so that it needs no server and no file."""

from __future__ import annotations

from .clip import Clip, poster_of

as_base64 = poster_of


def as_uri(clip: Clip | None) -> str | None:
    """The poster as a data URI, or `None` where there is none or it has grown too large to inline."""
    encoded = as_base64(clip)
    return None if encoded is None else f"data:image/jpeg;base64,{encoded}"
