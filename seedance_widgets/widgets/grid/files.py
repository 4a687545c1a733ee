"""The clips of jobs as one file beside the notebook: which clips, under which captions, and where the file goes."""

from __future__ import annotations

import math
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from ...notebook import environment

if TYPE_CHECKING:
    from ...jobs.job import Job

Captioned = tuple["Job", str]


def contact_sheet(jobs: Iterable[Captioned], *, columns: int | None = None) -> Path:
    """A PNG with a picture of each clip; jobs without one are left out. Raises MediaError, OSError."""
    from ...clips.montage import contact_sheet

    clips, captions, folder = _clips(jobs)
    return contact_sheet(clips, captions, columns or math.ceil(math.sqrt(len(clips) or 1)), folder)


def side_by_side(jobs: Iterable[Captioned], *, columns: int | None = None, sound: bool = False) -> Path:
    """An mp4 with all clips at once; jobs without one are left out. Raises MediaError, OSError."""
    from ...clips.side_by_side import side_by_side

    clips, captions, folder = _clips(jobs)
    return side_by_side(clips, captions, folder, columns=columns, sound=sound)


def _clips(jobs: Iterable[Captioned]) -> tuple[list[Path], list[str], Path]:
    """The clips, their captions, and where the file of them goes: where new clips go, too."""
    captioned = [(job, job.clip.path, caption) for job, caption in jobs if job.clip is not None]
    folder = captioned[0][0].session.clips_folder() if captioned else environment.clips_folder()
    return [path for _, path, _ in captioned], [caption for *_, caption in captioned], folder
