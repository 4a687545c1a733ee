"""Room on the disk: who takes it, and what of it can go: never a clip.

Clips are counted where jobs say that they are; parts are what downloads left in those folders. The simulator makes its
films again when they are asked for.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..clips import folder as clip_folder
from ..clips import story
from ..clips.folder import spare_of
from ..request.urls import is_bucket
from ..worker.partial import is_in_use

if TYPE_CHECKING:
    from ..life import Row
    from .engine import Engine

PAGE = 500
"""Jobs that are read at a time."""
REST_S = 3600.0
"""How long a part that no job here knows must have lain untouched, in seconds: another history may be at it."""
_PART = re.compile(r"\.([a-z0-9]{4,40})\.(part|part\.json|part\.odd|tagged\.mp4)")


@dataclass(frozen=True, slots=True)
class Room:
    """Room that is taken, in bytes, and the number of files of each kind."""

    clips: tuple[int, int]
    """With their posters and sidecars."""
    parts: tuple[int, int]
    films: tuple[int, int]
    """Of the simulator."""
    history: tuple[int, int]
    """With its paper trail."""
    copies: tuple[int, int] = (0, 0)
    """Of clips that lie in a bucket."""

    def __str__(self) -> str:
        kinds = (
            ("clips", self.clips),
            ("parts of downloads", self.parts),
            ("the simulator's films", self.films),
            ("history", self.history),
            *([("copies of clips in a bucket", self.copies)] if self.copies[1] else []),
        )
        return ", ".join(f"{name} {_size(size)}" for name, (size, _) in kinds)


@dataclass(frozen=True, slots=True)
class Tidied:
    """The files that `tidy` removed, or would remove."""

    files: tuple[Path, ...]
    size_bytes: int
    is_rehearsal: bool
    kept: tuple[str, ...] = ()
    """For each file that could not be removed: why."""

    def __str__(self) -> str:
        many = "1 file" if len(self.files) == 1 else f"{len(self.files)} files"
        done = "Would remove" if self.is_rehearsal else "Removed"
        if not self.files:
            return " ".join(("Nothing to tidy: no parts of downloads, no films of the simulator.", *self.kept))
        return " ".join((f"{done} {many}, {_size(self.size_bytes)}. Clips stay.", *self.kept))


def measure(engine: Engine) -> Room:
    """Measure what takes room. Reads the history and the folders that it names; writes nothing."""
    clips: set[Path] = set()
    folders: set[Path] = set()
    for row in _rows(engine):
        clips.update(_clip_files(row))
        folders.update(_folders(row, engine))
    home = engine.home
    return Room(
        clips=_sum(clips),
        parts=_sum(_parts(folders | {_folder_of(engine), spare_of(home)})),
        films=_sum(_films(home)),
        history=_sum([*home.glob("history.db*"), *home.glob("submissions.jsonl*")]),
        copies=engine.clips.copies.measure(),
    )


def _folder_of(engine: Engine) -> Path:
    """Where its next clip would go."""
    return clip_folder.find(engine.given_clips, engine.home).path


def tidy(engine: Engine, *, dry_run: bool) -> Tidied:
    """Remove the parts of downloads that nobody is at, and the simulator's films. Never a clip.

    Bytes that could not be checked stay until their job has a clip.
    """
    rows = {row.id: row for row in _rows(engine)}
    folders = {folder for row in rows.values() for folder in _folders(row, engine)}
    folders |= {_folder_of(engine), spare_of(engine.home)}
    clips = {path for row in rows.values() for path in _clip_files(row)}
    chosen = [path for path in _parts(folders) if _may_go(path, rows)] + [*_films(engine.home)]
    gone, size, kept = [], 0, []
    for path in chosen:
        if path in clips:
            continue
        try:
            bytes_ = path.lstat().st_size
            if not dry_run:
                path.unlink()
        except OSError as error:
            kept.append(f"{path} could not be removed ({error.strerror or error}).")
            continue
        gone.append(path)
        size += bytes_
    return Tidied(tuple(gone), size, dry_run, tuple(kept))


def _may_go(path: Path, rows: dict[str, Row]) -> bool:
    named = _PART.fullmatch(path.name)
    assert named is not None, "only parts come here"
    job_id, kind = named.groups()
    row = rows.get(job_id)
    if row is None:  # deleted, or of another history
        return kind != "part.odd" and not is_in_use(path) and time.time() - path.lstat().st_mtime > REST_S
    if kind == "part.odd" and row.clip_path is None:
        return False  # perhaps all that there ever is of a paid clip
    return row.settled and not is_in_use(path)


def _rows(engine: Engine) -> Iterator[Row]:
    seen: set[str] = set()
    for offset in range(0, 10**9, PAGE):
        page = engine.store.rows(limit=PAGE, offset=offset)
        yield from (row for row in page if row.id not in seen)  # a new job moves the others on
        seen.update(row.id for row in page)
        if len(page) < PAGE:
            return


def _clip_files(row: Row) -> set[Path]:
    clip_path = row.clip_there
    if clip_path is None or is_bucket(clip_path):
        return set()
    clip = Path(clip_path)
    return {clip, story.path_of(clip), *([Path(row.poster_path)] if row.poster_path else [])}


def _folders(row: Row, engine: Engine) -> set[Path]:
    if row.folder is not None and is_bucket(row.folder):
        return {engine.clips.folder_beside(row.notebook)}
    return {Path(row.folder)} if row.folder else set()


def _parts(folders: Iterable[Path]) -> set[Path]:
    paths: set[Path] = set()
    for folder in folders:
        try:
            paths.update(path for path in folder.iterdir() if _PART.fullmatch(path.name) and _is_plain(path))
        except (OSError, ValueError):  # gone, or a name that no folder can have
            continue
    return paths


def _films(home: Path) -> list[Path]:
    return sorted(path for path in (home / "simulator" / "clips").glob("*.mp4") if _is_plain(path))


def _is_plain(path: Path) -> bool:
    return path.is_file() and not path.is_symlink()


def _sum(paths: Iterable[Path]) -> tuple[int, int]:
    sizes = []
    for path in paths:
        try:
            sizes.append(path.lstat().st_size)
        except (OSError, ValueError):
            continue
    return sum(sizes), len(sizes)


def _size(size_bytes: int) -> str:
    for unit, bytes_ in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size_bytes >= bytes_:
            return f"{size_bytes / bytes_:.1f} {unit}"
    return f"{size_bytes} B"
