"""Messages of pages: clicks that come once, and files that they pull in pieces. Shared by the card and the Studio."""

from __future__ import annotations

import contextlib
from collections import deque
from pathlib import Path
from typing import Any

from ...clips.clip import Clip
from ...errors import ClipNotFetched
from ...jobs.job import Job
from ...request.urls import is_bucket

STATIC = Path(__file__).parents[1] / "static"
CHUNK_BYTES = 4 << 20


class Clicks:
    """The clicks that were seen: one that comes twice, from a doubled click or a page that reconnects, is one click."""

    def __init__(self) -> None:
        self._seen: deque[str] = deque(maxlen=256)

    def is_new(self, content: object) -> bool:
        """Tell whether a message is one of ours and comes for the first time."""
        click_id = content.get("click_id") if isinstance(content, dict) else None
        if not isinstance(click_id, str) or not click_id or click_id in self._seen:
            return False
        self._seen.append(click_id)
        return True


def free_the_clicks(widget: Any) -> None:
    """Let clicks reach us while a cell runs.

    ipykernel 7.4 answers on the subshell that last published on the comm, which is the busy one; without that
    memory it takes the one the page chose. A private name, so it is only touched where it exists.
    """
    if hasattr(widget.comm, "_reply_subshell_for"):
        widget.comm._reply_subshell_for = None


def clip_piece(job: Job, content: dict[str, Any]) -> tuple[dict[str, Any], list[bytes]]:
    """A piece of a clip for a view that asks: the answer and its one buffer, or a problem in words."""
    offset, length = content.get("offset"), content.get("length")
    clip = job.saved_clip
    if clip is None:
        return {"type": "clip", "job_id": job.id, "offset": offset, "problem": "There is no clip."}, []
    if not isinstance(offset, int) or not isinstance(length, int) or not 0 <= offset <= clip.size_bytes or length < 1:
        return {"type": "clip", "job_id": job.id, "offset": offset, "problem": "The clip has no such part."}, []
    try:
        piece = _read(job, clip, offset, min(length, CHUNK_BYTES))
    except ClipNotFetched as error:
        return {"type": "clip", "job_id": job.id, "offset": offset, "problem": error.what}, []
    except OSError:
        problem = f"The clip {clip.path.name} is no longer there; `%seedance_show {job.id}` can fetch it again."
        return {"type": "clip", "job_id": job.id, "offset": offset, "problem": problem}, []
    return {"type": "clip", "job_id": job.id, "offset": offset, "total_bytes": clip.size_bytes}, [piece]


def _read(job: Job, clip: Clip, offset: int, length: int) -> bytes:
    facts = job.row.clip_facts
    if clip.url is not None and facts is not None:
        return job.engine.clips.piece(clip.url, facts, offset, length)
    with open(clip.path, "rb") as file:
        file.seek(offset)
        return file.read(length)


def poster_piece(job: Job) -> tuple[dict[str, Any], list[bytes]]:
    """A job's poster for a view that asks."""
    clip, url = job.saved_clip, job.row.poster_path
    with contextlib.suppress(OSError, ClipNotFetched):  # moved or deleted by the person
        if url is not None and is_bucket(url):
            data = job.engine.clips.poster(url)
            if data is not None:
                return {"type": "poster", "job_id": job.id}, [data]
        elif clip is not None and clip.poster_path is not None:
            return {"type": "poster", "job_id": job.id}, [clip.poster_path.read_bytes()]
    return {"type": "poster", "job_id": job.id, "problem": "There is no poster."}, []
