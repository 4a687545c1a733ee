"""From an output URL to a clip on disk: fetch to a partial name, check, and only then rename.

The vendor's bytes are kept as they came, in whatever container. Under the final name there is never anything but a
whole clip, or bytes that came twice the same and so are what the vendor has. Runs in a thread; knows no loop.
"""

from __future__ import annotations

import contextlib
import errno
import math
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

from ..api.files import Files
from ..clips import containers, video
from ..clips import story as sidecar
from ..clips.hashes import begins_with
from ..clips.names import check_path, file_name, give_name, numbered
from ..clips.private_file import is_writable
from ..clips.story import provenance
from ..errors import FetchFailed, MediaError
from ..life import Row, Saved, SaveFailed
from ..types import ClipFacts
from .partial import Partial, parts_of

FOLDER = "seedance_clips"
"""Beside the notebook; for a row that names no folder, in the current one."""
TRIES = 3
"""Connections that one download may use: each goes on where the last one broke."""
SPARE_BYTES = 64_000_000
"""Room that must stay free on the disk after the clip."""
ROOM_EVERY_BYTES = 16_000_000
"""How often we look whether that room is still there: the server need not say how much is to come."""
PROGRESS_EVERY_S = 0.1
"""A page is redrawn no more often than that."""
_DECODING = threading.Lock()
"""One clip is decoded at a time: with several the thread that a person types in would wait its turn behind each."""
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and the bytes there will be, the latter `None` where the server does not say."""


def save(
    row: Row, files: Files, *, now: Callable[[], float], progress: Progress, spare: Path | None = None
) -> Saved | SaveFailed:
    """Download the clip of a succeeded row into its folder. Never raises for what a server, a line or a disk does.

    Args:
        spare: Where it goes when its folder has not taken it `TRIES` times.
    """
    assert row.output_url is not None, "life.next_action says DOWNLOAD only for rows with a URL"
    folder = Path(row.folder or FOLDER)
    if spare is not None and row.saves >= TRIES and not is_writable(folder):
        folder = spare
    partial = Partial(folder / parts_of(row.id)[0])
    try:
        check_path(folder, row)
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(files, row.output_url, partial, progress)
        return _finish(row, partial, folder, now)
    except FetchFailed as error:
        if error.hopeless or error.no_clip:
            partial.discard()
        return SaveFailed(now(), error.what, stale_url=error.stale_url, hopeless=error.hopeless)
    except MediaError as error:
        partial.discard()
        return SaveFailed(now(), error.what)
    except OSError as error:
        if error.errno in _NO_ROOM:
            partial.discard()
        return SaveFailed(now(), f"The clip cannot be written to {folder} ({error.strerror or error}).")


def _fetch(files: Files, url: str, partial: Partial, progress: Progress) -> None:
    """Every byte of the file, going on where an earlier try broke where the server can. Raises FetchFailed, OSError."""
    with partial.opened():
        for tries_left in reversed(range(TRIES)):
            try:
                _fetch_on(files, url, partial, progress)
                return
            except FetchFailed as error:
                if error.no_such_part:
                    partial.begin(0, None, None)
                if error.stale_url or error.hopeless or error.no_clip or not tries_left:
                    raise


def _fetch_on(files: Files, url: str, partial: Partial, progress: Progress) -> None:
    with files.open(url, start=partial.start, etag=partial.etag) as stream:
        if stream.start and (stream.etag, stream.total_bytes) != (partial.etag, partial.total_bytes):
            raise FetchFailed("The file at the server has changed.", no_such_part=True)
        partial.begin(stream.start, stream.total_bytes, stream.etag)
        checked, reported_at = -1, -math.inf
        for chunk in stream.chunks:
            if partial.size // ROOM_EVERY_BYTES != checked:
                checked = partial.size // ROOM_EVERY_BYTES
                _check_room(partial.path.parent, (stream.total_bytes or 0) - partial.size)
            partial.write(chunk)
            files.check_size(partial.size)
            if time.monotonic() - reported_at >= PROGRESS_EVERY_S:
                reported_at = time.monotonic()
                progress(partial.size, stream.total_bytes)
        progress(partial.size, stream.total_bytes)
        if stream.total_bytes is not None and partial.size != stream.total_bytes:
            raise FetchFailed(f"The file has {partial.size} bytes, the server promised {stream.total_bytes}.")


def _finish(row: Row, partial: Partial, folder: Path, now: Callable[[], float]) -> Saved:
    """Make a clip of a whole download: checked, with its story, its poster and its name. Raises MediaError, OSError."""
    with open(partial.path, "rb") as file:
        head = file.read(containers.HEAD_BYTES)
    if containers.is_text(head):
        raise MediaError("The file is empty." if not head else "The file is a text and no video.")
    sha256 = partial.sha256
    with _DECODING:
        findings = video.inspect(partial.path)
    if findings.problem is not None and not partial.came_before(sha256):
        partial.set_aside()
        raise MediaError(findings.problem)
    facts = ClipFacts(**findings.facts, vendor_bytes=findings.facts["size_bytes"], vendor_sha256=sha256)
    if findings.problem is not None:  # the same bytes, fetched twice: they are what the vendor has
        facts["problem"] = findings.problem
    story = provenance(replace(row, clip_facts=facts))
    with contextlib.suppress(MediaError, OSError):  # it stands in the sidecar, too
        sidecar.put_behind(partial.path, story)
    facts["size_bytes"] = partial.path.stat().st_size
    clip_path = _place(row, partial.path, folder, containers.ending_of(head), facts)
    with contextlib.suppress(MediaError, OSError):  # nothing is left of it then, and the clip is whole without it
        sidecar.write(clip_path, story)
    poster_path = _save_poster(findings.picture, clip_path.with_suffix(".jpg"), row.id)
    _give_usual_rights(clip_path)
    partial.discard()
    partial.forget()
    return Saved(now(), str(clip_path), poster_path, facts)


def _place(row: Row, source: Path, folder: Path, ending: str, facts: ClipFacts) -> Path:
    """Give the finished file its name: that of the clip which it replaces, or a new one. Raises OSError."""
    stored_path = row.clip_there
    old = Path(stored_path) if stored_path and is_ours(Path(stored_path), row.id, [folder]) else None
    if old is None and (left := _left_by_a_kill(row, folder, ending, facts)) is not None:
        return left
    if old is not None and old.suffix == ending:
        _sync(source)
        os.replace(source, old)
        _sync_folder(folder)
    target = (
        old if old is not None and old.suffix == ending else _publish(source, folder, file_name(row, folder), ending)
    )
    if old is not None:
        for path in {old, sidecar.path_of(old), old.with_suffix(".jpg")} - {target}:
            if is_ours(path, row.id, [folder]):
                path.unlink()
    return target


def _left_by_a_kill(row: Row, folder: Path, ending: str, facts: ClipFacts) -> Path | None:
    """The same clip under the name that it gets now: its row was not written, since the process ended just then."""
    path = folder / f"{file_name(row, folder)}{ending}"
    if not is_ours(path, row.id, [folder]) or not begins_with(path, facts["vendor_bytes"], facts["vendor_sha256"]):
        return None
    return path if path.stat().st_size == facts["size_bytes"] else None  # a person has put something behind it


def is_ours(path: Path, job_id: str, folders: Iterable[Path]) -> bool:
    """Whether a file is one that a job has saved: plain, no link, in one of its folders, and named after it."""
    try:
        is_plain = stat.S_ISREG(os.lstat(path).st_mode)
        return is_plain and job_id in path.stem and path.parent.resolve() in [folder.resolve() for folder in folders]
    except (OSError, ValueError):
        return False


def _give_usual_rights(clip: Path) -> None:
    """Those of any new file of this person; until here the clip was for nobody else."""
    for beside in (sidecar.path_of(clip), clip.with_suffix(".jpg")):
        with contextlib.suppress(OSError):
            clip.chmod(stat.S_IMODE(os.lstat(beside).st_mode))
            return


def _save_poster(picture: bytes | None, path: Path, job_id: str) -> str | None:
    """The poster's path; `None` when there is none or it could not be written: the clip is whole without it."""
    if picture is None:
        return None
    try:
        with open(path, "xb") as file:  # new, and never through a link
            file.write(picture)
    except FileExistsError:
        return str(path) if is_ours(path, job_id, [path.parent]) else None
    except OSError:
        return None
    return str(path)


def _publish(source: Path, folder: Path, name: str, ending: str) -> Path:
    """Give the finished file its name, never over another file, and make both durable."""
    _sync(source)
    for each in numbered(name):
        target = folder / f"{each}{ending}"
        if any(map(os.path.lexists, (target.with_suffix(".jpg"), sidecar.path_of(target)))):  # poster and sidecar
            continue
        try:
            give_name(source, target)
        except FileExistsError:
            continue
        _sync_folder(folder)
        return target
    raise AssertionError("numbered() raises after its last name")


def _sync(path: Path) -> None:
    with open(path, "r+b") as file:  # Windows syncs no file that is open for reading only
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    if not hasattr(os, "O_DIRECTORY"):
        return
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with contextlib.suppress(OSError):  # some network file systems refuse to sync a folder
            os.fsync(handle)
    finally:
        os.close(handle)


def _check_room(folder: Path, size_bytes: int) -> None:
    needed = max(0, size_bytes) + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(errno.ENOSPC, f"{free // 1_000_000} MB are free, {needed // 1_000_000} MB are needed")
