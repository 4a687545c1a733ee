"""Deleting jobs: the row first, then the files that are ours. What was spent stays counted (docs/decisions/010).

Nothing is deleted when any of the jobs must stay. A file is ours when it lies in a folder that the job saved to, is
no link, and bears the name of the job's clip; a numbered one beside it when it tells, too, that it is that job's.
"""

from __future__ import annotations

import os
import re
import stat
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .. import life
from ..clips import provenance, story
from ..clips.folder import spare_of
from ..clips.names import file_name
from ..errors import DeleteRefused, SeedanceError
from ..render.html import facts_html
from ..request.urls import is_bucket
from ..text.printable import for_stdout, visible
from ..worker.partial import parts_of

if TYPE_CHECKING:
    from ..storage.clips import ClipStorage
    from ..store import Store


class Keeper(Protocol):
    """What has the jobs: an engine, or another one that knows their history and the data folder."""

    @property
    def store(self) -> Store:
        """The history."""

    @property
    def home(self) -> Path:
        """The data folder."""

    @property
    def clips(self) -> ClipStorage:
        """The clips that lie in buckets, and their copies here."""


@dataclass(frozen=True, slots=True, repr=False)
class Deleted:
    """What is gone, and what is not."""

    job_ids: tuple[str, ...]
    files: tuple[Path, ...]
    kept: tuple[str, ...]
    """For each file that stays: why, in words."""
    stored: tuple[str, ...] = ()
    """What was deleted in a bucket, by its address."""

    def __str__(self) -> str:
        number = len(self.files) + len(self.stored)
        deleted = f"Deleted {_many(len(self.job_ids), 'job')} and {_many(number, 'file')}."
        return " ".join((deleted, *self.kept))

    def __repr__(self) -> str:
        return for_stdout(visible(f"<{self}>"))

    def _repr_html_(self) -> str:
        paths = [*map(str, self.files), *self.stored]
        files = ("\n".join(paths),) if paths else ()
        facts = [("Jobs", ", ".join(self.job_ids)), *(("Files", each) for each in files)]
        return facts_html("Deleted", [*facts, *(("Kept", each) for each in self.kept)])


def delete(
    engine: Keeper, rows: Iterable[life.Row], *, clip: bool, force: bool, gone: Callable[[life.Row], None]
) -> Deleted:
    """Delete jobs, all or none. Sends nothing: what the server has stays there.

    Args:
        gone: Told each row as it is then.

    Raises DeleteRefused for a job that goes on, and for an unconfirmed one without `force`.
    """
    chosen = {row.id: row for row in rows}
    rows = [engine.store.get(row.id) or row for row in chosen.values()]
    for row in rows:
        check(row, force=force)
    files: list[Path] = []
    kept: list[str] = []
    stored: list[str] = []
    for row in rows:
        after = engine.store.apply(row.id, life.Removed(time.time(), forced=force))
        if not after.is_removed:  # another kernel was faster
            check(after, force=force)
        gone(after)
        if clip:
            stored += _delete_stored(row, engine, kept)
            _unlink(row, folders_of(row, engine), files, kept)
    return Deleted(tuple(chosen), tuple(files), tuple(kept), tuple(stored))


def check(row: life.Row, *, force: bool = False) -> None:
    """Raise DeleteRefused for a job that must stay."""
    if row.status == "unconfirmed" and not force:
        raise DeleteRefused(
            f"Job {row.id} is unconfirmed: it may have been paid for, so nothing was deleted.",
            next_step="Look in the vendor's dashboard; %seedance_adopt or %seedance_discard settles it, "
            "and --force (force=True) deletes it all the same.",
        )
    if row.status != "unconfirmed" and not (row.final and row.settled):
        raise DeleteRefused(
            f"Job {row.id} is still at work ({row.status}), so nothing was deleted.",
            next_step=f"Wait for it, or cancel it: %seedance_cancel {row.id}.",
        )


def folders_of(row: life.Row, engine: Keeper) -> list[Path]:
    """Where files of a job may lie."""
    if row.folder is not None and is_bucket(row.folder):
        there = row.clip_there  # here, where the bucket did not take it
        kept = [Path(there).parent] if there is not None and not is_bucket(there) else []
        return [*kept, engine.clips.folder_beside(row.notebook), spare_of(engine.home)]
    return [*([Path(row.folder)] if row.folder else []), spare_of(engine.home)]


def _delete_stored(row: life.Row, engine: Keeper, kept: list[str]) -> list[str]:
    """Delete the clip of a job in its bucket, where it is one that we put there; says what was deleted."""
    url = row.clip_there
    if url is None or not is_bucket(url):
        return []
    place, _, name = url.rpartition("/")
    if place != row.folder or row.id not in name:
        kept.append(f"{url} is not deleted: it is not where the job was saved to.")
        return []
    try:
        return engine.clips.delete(url, row.poster_path, row.id)
    except SeedanceError as error:
        kept.append(f"{url} could not be deleted. {error.what}")
        return []


def _unlink(row: life.Row, folders: list[Path], files: list[Path], kept: list[str]) -> None:
    for path in _files_of(row, folders, kept):
        if why := _foreign(path, row, folders):
            kept.append(f"{path} is not deleted: {why}.")
            continue
        try:
            path.unlink()
            files.append(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            kept.append(f"{path} could not be deleted ({error.strerror or error}).")


def _files_of(row: life.Row, folders: list[Path], kept: list[str]) -> Iterator[Path]:
    """Every file of a job that may be there: its clip and what is beside it, clips of earlier downloads, and parts."""
    clip_path = row.clip_there
    if clip_path is not None and not is_bucket(clip_path):
        clip = Path(clip_path)
        if why := _foreign(clip, row, folders):
            kept.append(f"{clip} is not deleted: {why}.")
        else:
            poster = Path(row.poster_path) if row.poster_path else clip.with_suffix(".jpg")
            yield from dict.fromkeys((clip, poster, story.path_of(clip)))
    for folder in folders:
        yield from (folder / name for name in parts_of(row.id))
        for clip in _siblings(folder, row):
            yield from dict.fromkeys((clip, clip.with_suffix(".jpg"), story.path_of(clip)))


def _siblings(folder: Path, row: life.Row) -> list[Path]:
    """Clips in a folder that have the name of the job's, with or without a number, and say that they are of the job."""
    name = file_name(row, folder)
    named = re.compile(re.escape(name) + r"(-[2-9]|-[1-9]\d{1,2})?\.\w{1,5}")
    try:
        paths = sorted(path for path in folder.iterdir() if named.fullmatch(path.name))
    except (OSError, ValueError):  # there is none, or it has a name that no folder can have
        return []
    beside = {".jpg", story.ENDING}
    return [path for path in paths if path.suffix not in beside and _is_told_by(path) == row.id]


def _is_told_by(clip: Path) -> str | None:
    """The id of the job that a clip, or the file beside it, says it is of."""
    try:
        story = provenance.open(clip)
    except SeedanceError:
        return None
    return story.job_id


def _foreign(path: Path, row: life.Row, folders: list[Path]) -> str | None:
    """Why a file is not ours to delete."""
    try:
        kind = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return f"it cannot be looked at ({error})"
    if not stat.S_ISREG(kind):
        return "it is a link or no plain file"
    if path.parent.resolve() not in [folder.resolve() for folder in folders]:
        return "it lies outside of the folder that the job saved to"
    if row.id not in path.name:
        return "its name is not that of the job's clip"
    return None


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


__all__: Sequence[str] = ["Deleted", "check", "delete", "folders_of"]
