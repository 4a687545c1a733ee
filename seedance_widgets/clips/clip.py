"""A clip as an object: a path to everything that takes one, and in a notebook the video itself.

Whoever shows a clip in HTML, here or in a widget, has its address from `source_of`.
"""

from __future__ import annotations

import base64
import contextlib
import os
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from ..notebook import environment
from ..text.html import told
from ..text.job_ids import job_id_in
from ..text.printable import for_stdout, visible
from . import embedding

MAX_POSTER_BYTES = 60_000
_FIGURE = "margin:4px 0;max-width:{width}px;font-family:var(--jp-ui-font-family,system-ui,sans-serif)"
_VIDEO = "display:block;width:100%;height:auto;border-radius:6px;background:#111"
_TYPES = {".mov": "video/quicktime", ".webm": "video/webm", ".mkv": "video/x-matroska", ".gif": "image/gif"}
_QUIET = "color:var(--jp-ui-font-color2,#616161);font-size:12px;line-height:1.6"


class PathText(str):
    """A file by its absolute path: whatever takes a path takes it, also what asks for `str` (`av.open`)."""

    __slots__ = ()
    path: Path

    def __new__(cls, text: str = "", /, *, path: Path | None = None, **_facts: object) -> Self:
        """The text of a clip is its absolute path; `text` is how `copy` and `pickle` give it."""
        return super().__new__(cls, text if path is None else path)

    __ne__ = object.__ne__  # the opposite of what `Clip` says, and not of what texts say

    def __str__(self) -> str:
        """The path, relative where the clip lies below the current folder: `!ls {clip}` and `Video(clip)` work.

        A page finds a clip beside its notebook by a relative path only; `clip.path` is the absolute one.
        """
        try:
            return str(self.path.relative_to(Path.cwd()))
        except (ValueError, OSError):  # it lies elsewhere, or the current folder is gone
            return str(self.path)

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def replace(self, *texts: Any) -> str:
        """As `str.replace`, of `str(clip)`: `IPython.display.Video` makes an address of a path with it."""
        return str(self).replace(*texts)


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Clip(PathText):
    """A video file that we saved, the vendor's bytes as they came. It is its own path, as text."""

    path: Path
    poster_path: Path | None
    """A JPEG of the first telling frame, beside the clip."""
    size_bytes: int
    width: int
    """As a player shows it, turned and with square pixels; 0 where it could not be read, as the other facts."""
    height: int
    duration_s: float
    fps: float
    has_audio: bool
    codec: str | None = None
    """How its pictures are packed, such as `h264`, `hevc` or `av1`; `None` where that is not known."""
    problem: str | None = None
    """Why it could not be checked, and is kept all the same; `None` for a clip that plays from its start to its end."""
    vendor_bytes: int | None = None
    """How many bytes of the file are the vendor's: the first ones, as they came. `None` for a clip of 0.1.0."""
    vendor_sha256: str | None = None
    """The SHA-256 of those bytes."""
    url: str | None = None
    """Where it lies in object storage, such as `s3://bucket/prefix/name.mp4`; the file here is a copy then."""
    is_here: bool = True
    """Whether its file is on this machine; of one in object storage `job.clip` fetches it."""
    not_stored: str | None = None
    """Why it is not in the bucket that it was meant for, and lies here."""

    __hash__ = str.__hash__

    @property
    def first_frame(self) -> ClipFrame:
        """Its first picture, for `first_frame=`, `last_frame=` and `media=` of a new job."""
        return ClipFrame(self, 0.0)

    @property
    def last_frame(self) -> ClipFrame:
        """Its last picture: what a job that goes on from it begins with."""
        return ClipFrame(self, None)

    def frame(self, at_s: float) -> ClipFrame:
        """The picture that a player shows at an instant, in seconds from the start."""
        return ClipFrame(self, at_s)

    def __repr__(self) -> str:
        return for_stdout(visible(f"<Clip {self}: {', '.join(self._facts())}>"))

    def _repr_html_(self) -> str:
        link, save_as = link_of(self.path), "download"
        if environment.in_marimo():  # where a link to the file leads nowhere
            link, save_as = source_of(self), f'download="{escape(self.path.name)}"'
        facts = "".join(f" · {told(each)}" for each in self._facts())
        lines = [f'<a href="{link}" {save_as}>{told(self.path.name)}</a>{facts}']
        lines += map(told, notes_on(self))
        story = "".join(f'<div style="{_QUIET}">{line}</div>' for line in lines)
        style = _FIGURE.format(width=640 if self.width >= self.height else 360)
        video = video_html(self, self.path.name, poster_of(self))
        job = job_id_in(self.path.stem)
        shows = f' data-sdw-job="{job}"' if job else ""
        return f'<figure class="sdw-clip"{shows} style="{style}">{video}<figcaption>{story}</figcaption></figure>'

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """The video; the poster as a picture, where no HTML is shown; the path, where there are only letters."""
        bundle = {"text/plain": repr(self), "text/html": self._repr_html_()}
        poster = poster_of(self)
        if poster is None or environment.is_console():  # which would open a window for it
            return bundle
        return {**bundle, "image/jpeg": poster}

    def _facts(self) -> list[str]:
        size = f"{self.width} × {self.height}" if self.width and self.height else ""
        length = f"{self.duration_s:.1f} s" if self.duration_s else ""
        sound = "" if self.has_audio or not size else "no sound"
        return [*filter(None, (size, length, sound)), size_text(self.size_bytes)]


@dataclass(frozen=True, slots=True)
class ClipFrame:
    """A picture of a clip, to be given to a new job. It is read from the file when it is used."""

    clip: Clip
    at_s: float | None
    """Seconds from the start; `None`: the last one."""


def link_of(path: str | os.PathLike[str]) -> str:
    """A file's path relative to the notebook that is saved, quoted for a URL: an unquoted `#` or `?` would cut it off.

    The absolute path where that notebook is saved in no folder: a batch run writes it to standard output or a bucket.
    """
    path, folder = os.path.abspath(path), environment.output_folder()
    try:
        relative = path if folder is None else os.path.relpath(path, folder)
    except ValueError:  # another drive
        relative = path
    return quote(relative.replace(os.sep, "/"))


def source_of(clip: Clip) -> str:
    """The address by which a saved output plays a clip: a link relative to the notebook, or the clip itself.

    The clip itself where `embedding` says so, such as in a batch run, in Voila or marimo, up to 2 MB.
    """
    if clip.size_bytes <= embedding.limit_bytes():
        with contextlib.suppress(OSError):  # moved or deleted: the link says which it was
            data = base64.b64encode(clip.path.read_bytes()).decode()
            return f"data:{_TYPES.get(clip.path.suffix.lower(), 'video/mp4')};base64,{data}"
    return link_of(clip.path)


def notes_on(clip: Clip) -> list[str]:
    """What a person should know who looks at a clip here, in sentences."""
    notes = [f"Kept as it came; it could not be checked: {clip.problem}"] if clip.problem else []
    if clip.not_stored:
        notes.append(f"Kept here, and not in its bucket: {clip.not_stored} job.download() puts it there.")
    if clip.has_audio and environment.in_vscode():
        notes.append("VS Code plays no AAC sound: the link above opens the file in a player that does.")
    if embedding.must_be_sent(clip.size_bytes) and (host := embedding.unserved_by()):
        notes.append(f"Too large for a page of {host}, which serves no clips. The card of its job plays it.")
    elif embedding.must_be_sent(clip.size_bytes):
        notes.append(f"Too large for a page of Colab, which loads no file of this machine: {clip.path}")
        notes.append("%seedance_show and its job's id play it, from the kernel.")
    return notes


def video_html(clip: Clip, label: str, poster: str | None) -> str:
    """The element that plays a clip; nothing for a file that no player would read.

    Args:
        clip: The clip.
        label: What it is called for those who do not see it; any text.
        poster: Its poster as base64.
    """
    if not clip.width or not clip.height:
        return ""
    source, label = source_of(clip), escape(visible(label))
    if clip.path.suffix == ".gif":
        return f'<img style="{_VIDEO}" alt="{label}" src="{source}">'
    shown = f' poster="data:image/jpeg;base64,{poster}"' if poster else ""
    return (  # never `<source>`: JupyterLab takes its `src` away where a notebook is not trusted
        f'<video controls preload="metadata" playsinline width="{clip.width}" height="{clip.height}"'
        f' style="{_VIDEO}" aria-label="{label}"{shown} src="{source}"></video>'
    )


def poster_of(clip: Clip | None) -> str | None:
    """A clip's poster as base64; `None` where there is none, or it has grown too large to inline."""
    if clip is None or clip.poster_path is None:
        return None
    try:
        data = clip.poster_path.read_bytes()
    except OSError:  # moved or deleted by the person: the video shows its own first frame
        return None
    return base64.b64encode(data).decode() if len(data) <= MAX_POSTER_BYTES else None


def size_text(size_bytes: int) -> str:
    """A file's size for people."""
    if size_bytes < 1_000_000:
        return f"{max(1, size_bytes // 1000)} kB"
    return f"{size_bytes / 1_000_000:.1f} MB"
