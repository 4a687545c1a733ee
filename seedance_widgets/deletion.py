"""Deleting jobs: the row first, then the files that are ours. What was spent stays counted (docs/decisions/010).

Nothing is deleted when any of the jobs must stay. A file is ours when it lies in the folder that the job saved to, is
no link, and bears the name of the job's clip.
"""

from __future__ import annotations

import os
import stat
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from . import life
from .errors import SeedanceError

if TYPE_CHECKING:
    from .job import Job
    from .session import Session

SIDECAR = ".json"
"""The ending of the file beside a clip that tells of it."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What is gone, and what is not."""

    job_ids: tuple[str, ...]
    files: tuple[Path, ...]
    kept: tuple[str, ...]
    """For each file that stays: why, in words."""

    def __str__(self) -> str:
        said = f"Deleted {_many(len(self.job_ids), 'job')} and {_many(len(self.files), 'file')}."
        return " ".join((said, *self.kept))


def delete(session: Session, jobs: Iterable[Job], *, clip: bool, force: bool) -> Deleted:
    """Delete jobs, all or none. Sends nothing: what the server has stays there.

    Raises SeedanceError for a job that goes on, and for an unconfirmed one without `force`.
    """
    chosen = list({job.id: job for job in jobs}.values())
    rows = [session.store.get(job.id) or job.row for job in chosen]
    for row in rows:
        check(row, force=force)
    files: list[Path] = []
    kept: list[str] = []
    gone: list[str] = []
    for row in rows:
        after = session.store.apply(row.id, life.Removed(time.time(), forced=force))
        if not after.is_removed:  # another kernel was faster
            check(after, force=force)
        gone.append(row.id)
        session._roster.forget(after)
        if clip:
            _unlink(row, files, kept)
    return Deleted(tuple(gone), tuple(files), tuple(kept))


def check(row: life.Row, *, force: bool = False) -> None:
    """Raise SeedanceError for a job that must stay."""
    if row.status == "unconfirmed" and not force:
        raise SeedanceError(
            f"Job {row.id} is unconfirmed: it may have been paid for, so nothing was deleted.",
            charged="",
            next_step="Look in the vendor's dashboard; %seedance_adopt or %seedance_discard settles it, "
            "and --force (force=True) deletes it all the same.",
        )
    if row.status != "unconfirmed" and not (row.final and row.settled):
        raise SeedanceError(
            f"Job {row.id} is still at work ({row.status}), so nothing was deleted.",
            charged="",
            next_step=f"Wait for it, or cancel it: %seedance_cancel {row.id}.",
        )


def _unlink(row: life.Row, files: list[Path], kept: list[str]) -> None:
    if row.clip_path is None:
        return
    clip = Path(row.clip_path)
    if why := _foreign(clip, row):
        kept.append(f"{clip} is not deleted: {why}.")
        return
    beside = (Path(row.poster_path) if row.poster_path else clip.with_suffix(".jpg"), clip.with_suffix(SIDECAR))
    for path in (clip, *beside):
        if why := _foreign(path, row):
            kept.append(f"{path} is not deleted: {why}.")
            continue
        try:
            path.unlink()
            files.append(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            kept.append(f"{path} could not be deleted ({error.strerror or error}).")


def _foreign(path: Path, row: life.Row) -> str | None:
    """Why a file is not ours to delete."""
    try:
        kind = os.lstat(path).st_mode
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        return f"it cannot be looked at ({error})"
    if not stat.S_ISREG(kind):
        return "it is a link or no plain file"
    if row.folder is None or path.parent.resolve() != Path(row.folder).resolve():
        return "it lies outside of the folder that the job saved to"
    if row.id not in path.stem:
        return "its name is not that of the job's clip"
    return None


def _many(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


__all__: Sequence[str] = ["Deleted", "check", "delete"]
