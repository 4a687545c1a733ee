"""From an output URL to a clip on disk: fetch to a partial name, check, tag, and only then rename.

Under the final name there is never anything but a whole, playable clip. Runs in a thread; knows no loop.
"""

from __future__ import annotations

import contextlib
import errno
import os
import re
import shutil
import stat
import threading
import unicodedata
from collections.abc import Callable
from pathlib import Path

from . import media, sidecar
from .client import Files
from .errors import FetchFailed, MediaError
from .life import Row, Saved, SaveFailed
from .partial import Partial, create_private
from .sidecar import provenance
from .types import ClipFacts

FOLDER = "seedance_clips"
"""Beside the notebook; for a row that names no folder, in the current one."""
TRIES = 3
"""Connections that one download may use: each goes on where the last one broke."""
SPARE_BYTES = 64_000_000
"""Room that must stay free on the disk after the clip and its tagged copy."""
ROOM_EVERY_BYTES = 16_000_000
"""How often we look whether that room is still there: the server need not say how much is to come."""
_DECODING = threading.Lock()
"""One clip is decoded at a time: with several the thread that a person types in would wait its turn behind each."""
_NO_ROOM = (errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC))

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and the bytes there will be, the latter `None` where the server does not say."""


def save(row: Row, files: Files, *, now: Callable[[], float], progress: Progress) -> Saved | SaveFailed:
    """Download the clip of a succeeded row into its folder. Never raises for what a server, a line or a disk does."""
    assert row.output_url is not None, "life.next_action says DOWNLOAD only for rows with a URL"
    folder = Path(row.folder or FOLDER)
    partial = Partial(folder / f".{row.id}.part")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _fetch(files, row.output_url, partial, progress)
        return _finish(row, partial, folder, now)
    except FetchFailed as error:
        if error.too_large:
            partial.discard()
        return SaveFailed(now(), error.what, stale_url=error.stale_url, hopeless=error.too_large)
    except MediaError as error:
        partial.discard()
        return SaveFailed(now(), error.what)
    except OSError as error:
        if error.errno in _NO_ROOM:
            partial.discard()
        return SaveFailed(now(), f"The clip cannot be written to {folder} ({error.strerror or error}).")


def file_name(row: Row) -> str:
    """A readable name without an ending: the one asked for, or the prompt's first words; always with the job's id.

    Letters of every script stay; whatever a file system, a shell or a URL could trip over becomes a dash.
    """
    words = unicodedata.normalize("NFC", row.out_name or row.request.prompt)[:120].lower()
    kept = (
        c if unicodedata.category(c)[0] in "LMN" and _fits_names(c) else "-" for c in words
    )  # letters, marks, numbers
    slug = re.sub("-+", "-", "".join(kept)).strip("-")
    while len(slug.encode()) > 60:
        slug = slug[:-1].rstrip("-")
    return f"{slug or 'clip'}-{row.id}"


def _fits_names(character: str) -> bool:
    """Whether this system's names of files can hold it: an ASCII one holds no umlaut."""
    try:
        return bool(os.fsencode(character))
    except UnicodeEncodeError:
        return False


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
                if error.stale_url or error.too_large or not tries_left:
                    raise


def _fetch_on(files: Files, url: str, partial: Partial, progress: Progress) -> None:
    with files.open(url, start=partial.start, etag=partial.etag) as stream:
        if stream.start and (stream.etag, stream.total_bytes) != (partial.etag, partial.total_bytes):
            raise FetchFailed("The file at the server has changed.", no_such_part=True)
        partial.begin(stream.start, stream.total_bytes, stream.etag)
        checked = -1
        for chunk in stream.chunks:
            if partial.size // ROOM_EVERY_BYTES != checked:
                checked = partial.size // ROOM_EVERY_BYTES
                _check_room(partial.path.parent, 2 * (stream.total_bytes or 0) - partial.size)
            partial.write(chunk)
            files.check_size(partial.size)
            progress(partial.size, stream.total_bytes)
        if stream.total_bytes is not None and partial.size != stream.total_bytes:
            raise FetchFailed(f"The file has {partial.size} bytes, the server promised {stream.total_bytes}.")


def _finish(row: Row, partial: Partial, folder: Path, now: Callable[[], float]) -> Saved:
    story = provenance(row)
    tagged = folder / f".{row.id}.tagged.mp4"
    try:
        tagged.unlink(missing_ok=True)
        os.close(create_private(tagged))
        with _DECODING:
            facts, picture = _check_and_tag(partial.path, tagged, row.request.prompt, story)
        clip_path = _publish(tagged, folder, file_name(row), ".mp4")
    finally:
        tagged.unlink(missing_ok=True)
    _save_sidecar(clip_path, story)
    poster_path = _save_poster(picture, clip_path.with_suffix(".jpg"))
    if poster_path is not None:
        clip_path.chmod(stat.S_IMODE(os.stat(poster_path).st_mode))  # finished: as any new file of this person
    partial.discard()
    return Saved(now(), str(clip_path), poster_path, facts)


def _check_and_tag(source: Path, tagged: Path, title: str, story: dict[str, object]) -> tuple[ClipFacts, bytes]:
    media.probe(source)
    media.tag(source, tagged, title, story)
    sidecar.check_same(story, media.read_tags(tagged), "own metadata")
    return media.probe(tagged), media.poster(tagged)


def _save_sidecar(clip_path: Path, story: dict[str, object]) -> None:
    """Write it beside the clip, which is whole without it; one that does not hold the story is a clip not saved."""
    try:
        sidecar.write(clip_path, story)
    except MediaError:
        clip_path.unlink(missing_ok=True)
        raise
    except OSError:
        return


def _save_poster(picture: bytes, path: Path) -> str | None:
    """The poster's path; `None` when it could not be written: the clip is whole without it."""
    try:
        with open(path, "xb") as file:  # new, and never through a link
            file.write(picture)
    except OSError:
        return None
    return str(path)


def _publish(source: Path, folder: Path, name: str, ending: str) -> Path:
    """Give the finished file its name, never over another file, and make both durable."""
    with open(source, "rb") as file:
        os.fsync(file.fileno())
    for count in range(1, 1000):
        target = folder / (f"{name}{ending}" if count == 1 else f"{name}-{count}{ending}")
        if any(map(os.path.lexists, (target.with_suffix(".jpg"), sidecar.path_of(target)))):  # poster and sidecar
            continue
        try:
            os.link(source, target)
        except FileExistsError:
            continue
        except OSError:  # a file system without hard links
            try:
                open(target, "xb").close()
            except FileExistsError:
                continue
            os.replace(source, target)
        _sync_folder(folder)
        return target
    raise FileExistsError(17, f"a thousand files are named {name}")


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
