"""The clip of a row as an object, wherever it lies."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from .. import life
from ..clips.clip import Clip, size_text
from ..notebook import environment
from ..request.urls import is_bucket
from ..storage.clips import ClipStorage, names_clip
from ..threads.interrupts import sheltered

_FACTS = frozenset(fact.name for fact in fields(Clip)) - {"path", "poster_path", "url", "is_here"}


def saved_clip_of(row: life.Row, storage: ClipStorage) -> Clip | None:
    """The saved video of a row, or `None`. Fetches nothing: of one in a bucket the file may not be here yet."""
    path, poster, url, is_here = row.clip_there, row.poster_path, None, True
    if path is None or row.clip_facts is None:
        return None
    if is_bucket(path) and not names_clip(path):  # of a table that somebody else writes
        return None
    if is_bucket(path):
        url, is_here = path, storage.copies.find(path) is not None
        path = str(storage.path_of(path))
    poster_path = None if poster is None else Path(poster)
    if poster is not None and is_bucket(poster):
        poster_path = storage.poster_path_of(poster) if names_clip(poster) else None
    facts = {name: value for name, value in row.clip_facts.items() if name in _FACTS}
    return Clip(path=Path(path), poster_path=poster_path, url=url, is_here=is_here, **facts)  # type: ignore[arg-type]


def fetch(row: life.Row, storage: ClipStorage) -> None:
    """Have the clip of a row here that lies in a bucket, and its poster. Raises ClipNotFetched.

    On a terminal one line on standard error shows how far it is. An interrupt ends the waiting.
    """
    url, poster, facts = row.clip_there, row.poster_path, row.clip_facts
    if url is None or facts is None:
        return
    if storage.copies.find(url) is not None or not environment.is_terminal():
        sheltered(lambda: storage.fetch(url, facts, poster=poster))
        return
    from .live_line import LiveLine, Standing

    standing = Standing("Fetching the clip", "", None)

    def progress(received: int, total: int) -> None:
        nonlocal standing
        share = received / total if total else None
        standing = Standing("Fetching the clip", f"{size_text(received)} of {size_text(total)}", share)
        line.draw()

    with LiveLine(lambda: standing) as line:
        sheltered(lambda: storage.fetch(url, facts, progress, poster=poster))
