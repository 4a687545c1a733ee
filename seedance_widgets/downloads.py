"""From an output URL to a clip on disk: fetch to a partial name, check, tag, and only then rename.

Under the final name there is never anything but a whole, playable clip. Runs in a thread; knows no loop.
"""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import stat
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from . import media
from .client import Files
from .errors import FetchFailed, MediaError
from .life import Row, Saved, SaveFailed

FOLDER = "seedance_clips"
"""Beside the notebook; for a row that names no folder, in the current one."""
TRIES = 3
"""Connections that one download may use: each goes on where the last one broke."""
SPARE_BYTES = 64_000_000
"""Room that must stay free on the disk after the clip and its tagged copy."""

Progress = Callable[[int, int | None], None]
"""Called with the bytes that are here and the bytes there will be, the latter `None` where the server does not say."""


def save(row: Row, files: Files, *, now: Callable[[], float], progress: Progress) -> Saved | SaveFailed:
    """Download the clip of a succeeded row into its folder. Never raises for what a server, a line or a disk does."""
    assert row.output_url is not None, "life.next_action says DOWNLOAD only for rows with a URL"
    folder = Path(row.folder or FOLDER)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        partial = folder / f".{row.id}.part"
        _fetch(files, row.output_url, partial, progress)
        return _finish(row, partial, folder, now)
    except FetchFailed as error:
        return SaveFailed(now(), error.what, stale_url=error.stale_url)
    except MediaError as error:
        _discard(folder, row)
        return SaveFailed(now(), error.what)
    except OSError as error:
        return SaveFailed(now(), f"The clip cannot be written to {folder} ({error.strerror or error}).")


def file_name(row: Row) -> str:
    """A readable name without an ending: the one asked for, or the prompt's first words; always with the job's id.

    Letters of every script stay; whatever a file system, a shell or a URL could trip over becomes a dash.
    """
    words = unicodedata.normalize("NFC", row.out_name or row.request.prompt)[:120].lower()
    kept = (c if unicodedata.category(c)[0] in "LMN" else "-" for c in words)  # letters, their marks, and numbers
    slug = re.sub("-+", "-", "".join(kept)).strip("-")
    while len(slug.encode()) > 60:
        slug = slug[:-1].rstrip("-")
    return f"{slug or 'clip'}-{row.id}"


def provenance(row: Row) -> dict[str, object]:
    """What a clip tells about itself: prompt, options, request id, model, times and cost. Never the output URL."""
    return {
        "tool": "seedance-widgets",
        "job_id": row.id,
        "request_id": row.request_id,
        "service": row.service,
        "request": {
            key: value for key, value in asdict(row.request).items() if key in _TOLD and value not in (None, ())
        },
        "created_at": _utc(row.created_at),
        "final_at": _utc(row.final_at),
        "credits_charged": row.credits_charged,
        "cost_usd_estimate": row.cost_usd,
    }


_TOLD = ("prompt", "model", "duration", "aspect_ratio", "resolution", "media_urls", "metadata")
"""A clip is made to be shared: the address of a webhook is a secret of its own."""


@dataclass(slots=True)
class _Fetched:
    """How far a download is, where it goes, and what the server calls this version of the file."""

    folder: Path
    size: int = 0
    etag: str | None = None


def _fetch(files: Files, url: str, partial: Path, progress: Progress) -> None:
    """Every byte of the file, resuming after a break where the server can. Raises FetchFailed, OSError."""
    fetched = _Fetched(partial.parent)
    with _private(partial) as target:
        for tries_left in reversed(range(TRIES)):
            try:
                _fetch_on(files, url, target, fetched, progress)
                break
            except FetchFailed as error:
                if error.stale_url or not tries_left:
                    raise
        target.flush()
        os.fsync(target.fileno())


def _fetch_on(files: Files, url: str, target: IO[bytes], fetched: _Fetched, progress: Progress) -> None:
    with files.open(url, start=fetched.size, etag=fetched.etag) as stream:
        fetched.size, fetched.etag = stream.start, stream.etag
        target.seek(stream.start)
        target.truncate()
        _check_room(fetched.folder, stream.total_bytes or 0)
        for chunk in stream.chunks:
            target.write(chunk)
            fetched.size += len(chunk)
            files.check_size(fetched.size)
            progress(fetched.size, stream.total_bytes)
        if stream.total_bytes is not None and fetched.size != stream.total_bytes:
            raise FetchFailed(f"The file has {fetched.size} bytes, the server promised {stream.total_bytes}.")


def _finish(row: Row, partial: Path, folder: Path, now: Callable[[], float]) -> Saved:
    media.probe(partial)
    tagged = folder / f".{row.id}.tagged.mp4"
    try:
        with _private(tagged):
            pass
        media.tag(partial, tagged, row.request.prompt, provenance(row))
        facts = media.probe(tagged)
        picture = media.poster(tagged)
        clip_path = _publish(tagged, folder, file_name(row), ".mp4")
    finally:
        tagged.unlink(missing_ok=True)
    poster_path = clip_path.with_suffix(".jpg")
    with open(poster_path, "xb") as file:  # new, and never through a link
        file.write(picture)
    clip_path.chmod(stat.S_IMODE(poster_path.stat().st_mode))  # finished: as any new file of this person
    partial.unlink(missing_ok=True)
    return Saved(now(), str(clip_path), str(poster_path), facts)


def _publish(source: Path, folder: Path, name: str, ending: str) -> Path:
    """Give the finished file its name, never over another file, and make both durable."""
    with open(source, "rb") as file:
        os.fsync(file.fileno())
    for count in range(1, 1000):
        target = folder / (f"{name}{ending}" if count == 1 else f"{name}-{count}{ending}")
        if os.path.lexists(target.with_suffix(".jpg")):  # the poster's name
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


@contextlib.contextmanager
def _private(path: Path) -> Iterator[IO[bytes]]:
    """A new file that only this person can read, never through a link that somebody left there."""
    path.unlink(missing_ok=True)
    handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with open(handle, "w+b", closefd=True) as file:
        yield file


def _check_room(folder: Path, size_bytes: int) -> None:
    needed = 2 * size_bytes + SPARE_BYTES
    free = shutil.disk_usage(folder).free
    if free < needed:
        raise OSError(28, f"{free // 1_000_000} MB are free, {needed // 1_000_000} MB are needed")


def _discard(folder: Path, row: Row) -> None:
    (folder / f".{row.id}.part").unlink(missing_ok=True)


def _utc(at: float | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at, UTC).isoformat(timespec="seconds")
