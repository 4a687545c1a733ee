"""Pieces of HTML that the saved widgets share."""

from __future__ import annotations

import base64
from html import escape

from ...clips import poster as posters
from ...clips.clip import Clip, link_of
from ...jobs.job import Job
from ...notebook import environment

clip_link = link_of


def clip_url(clip: Clip | None) -> str | None:
    """The address by which a page plays a clip; `None` where it asks the kernel for it in pieces."""
    return None if clip is None or not clip.is_here else environment.files_url(clip.path)


def clip_opener(job: Job, name: str, shown: str) -> str:
    """What shows a job in a saved widget, as a link to its clip; without a clip as it is.

    Args:
        job: The job. JupyterLab's page knows by its id that a person has seen the clip.
        name: What the link is called for those who do not see it; any text.
        shown: HTML.
    """
    if job.saved_clip is None:
        return shown
    link = clip_link(str(job.saved_clip.path))
    return f'<a data-sdw-job="{escape(job.id)}" href="{link}" aria-label="{escape(name)}">{shown}</a>'


def poster_img(job: Job, room: list[int], style: str) -> str:
    """A job's picture, inlined, while there is room for it: `room` holds the bytes that are left."""
    data = base64.b64encode(small_poster(job) or b"").decode()
    if not data or len(data) > room[0]:
        return ""
    room[0] -= len(data)
    return f'<img alt="" src="data:image/jpeg;base64,{data}" style="{style}">'


def poster_uri(job: Job) -> str | None:
    """The poster as a data URI, or `None` where there is none or it has grown too large to inline."""
    encoded = poster_base64(job)
    return None if encoded is None else f"data:image/jpeg;base64,{encoded}"


def poster_base64(job: Job) -> str | None:
    """The poster's bytes as base64."""
    return posters.as_base64(job.saved_clip)


def small_poster(job: Job) -> bytes | None:
    """A job's poster as a JPEG of a few kB, for tables that are saved with the notebook; `None` without one."""
    from ...clips.montage import thumbnail

    path = job.saved_clip.poster_path if job.saved_clip else None
    return None if path is None else thumbnail(path)
