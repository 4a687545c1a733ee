"""The clips of jobs as one file beside the notebook: which clips, under which captions, and where the file goes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from . import notebook

if TYPE_CHECKING:
    from .job import Job

Captioned = tuple["Job", str]


def contact_sheet(jobs: Iterable[Captioned], *, columns: int | None = None) -> Path:
    """A PNG with a picture of each clip; jobs without one are left out. Raises MediaError, OSError."""
    from .sheet import contact_sheet

    clips, captions, folder = _clips(jobs)
    return contact_sheet(clips, captions, columns or math.ceil(math.sqrt(len(clips) or 1)), folder)


def side_by_side(jobs: Iterable[Captioned], *, columns: int | None = None, sound: bool = False) -> Path:
    """An mp4 with all clips at once; jobs without one are left out. Raises MediaError, OSError."""
    from .sheet import side_by_side

    clips, captions, folder = _clips(jobs)
    return side_by_side(clips, captions, folder, columns=columns, sound=sound)


def small_poster(job: Job) -> bytes | None:
    """A job's poster as a JPEG of a few kB, for tables that are saved with the notebook; `None` without one."""
    from .sheet import thumbnail

    path = job.clip.poster_path if job.clip else None
    return None if path is None else thumbnail(path)


def _clips(jobs: Iterable[Captioned]) -> tuple[list[Path], list[str], Path]:
    """The clips, their captions, and where the file of them goes: where new clips go, too."""
    found = [(job, job.clip.path, caption) for job, caption in jobs if job.clip is not None]
    folder = found[0][0].session.clips_folder() if found else notebook.clips_folder()
    return [path for _, path, _ in found], [caption for *_, caption in found], folder
