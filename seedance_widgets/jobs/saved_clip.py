"""The clip of a row as an object, wherever it lies."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from .. import life
from ..clips.clip import Clip, size_text
from ..notebook import environment
from ..request.urls import is_bucket
from ..threads.interrupts import sheltered

if TYPE_CHECKING:
    from ..storage.clips import ClipStorage
    from .engine import Engine

_FACTS = frozenset(fact.name for fact in fields(Clip)) - {"path", "poster_path", "url", "is_here"}


def saved_clip_of(row: life.Row, engine: Engine) -> Clip | None:
    """The saved video of a row, or `None`. Fetches nothing: of one in a bucket the file may not be here yet."""
    there, poster = row.clip_there, row.poster_path
    if there is None or row.clip_facts is None:
        return None
    facts = {name: value for name, value in row.clip_facts.items() if name in _FACTS}
    if not is_bucket(there):
        return Clip(path=Path(there), poster_path=None if poster is None else Path(poster), **facts)  # type: ignore[arg-type]
    copy = engine.clips.copy_of(there, poster)
    if copy is None:  # of a table that somebody else writes
        return None
    return Clip(path=copy.path, poster_path=copy.poster_path, url=there, is_here=copy.is_here, **facts)  # type: ignore[arg-type]


def fetch(row: life.Row, storage: ClipStorage) -> Path | None:
    """Have the clip of a row here that lies in a bucket, and its poster; says where. Raises ClipNotFetched.

    On a terminal one line on standard error shows how far it is. An interrupt ends the waiting.
    """
    url, poster, facts = row.clip_there, row.poster_path, row.clip_facts
    if url is None or facts is None:
        return None
    if storage.copies.find(url) is not None or not environment.is_terminal():
        return sheltered(lambda: storage.fetch(url, facts, poster=poster))
    from .live_line import LiveLine, Standing

    standing = Standing("Fetching the clip", "", None)

    def progress(received: int, total: int) -> None:
        nonlocal standing
        share = received / total if total else None
        standing = Standing("Fetching the clip", f"{size_text(received)} of {size_text(total)}", share)
        line.draw()

    with LiveLine(lambda: standing) as line:
        return sheltered(lambda: storage.fetch(url, facts, progress, poster=poster))
