"""Saving to object storage: a clip is downloaded and checked as ever, and then put; what was put is the truth.

A clip that is whole here is never downloaded again to be put, and stays here where the bucket does not take it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .. import life
from ..api.files import Files
from ..errors import SeedanceError
from ..request.urls import is_bucket
from ..storage.clips import ClipStorage
from ..storage.fetch import is_whole
from ..types import ClipFacts
from . import download


def save(
    row: life.Row,
    files: Files,
    storage: ClipStorage,
    *,
    now: Callable[[], float],
    progress: download.Progress,
    spare: Path | None = None,
) -> life.Saved | life.SaveFailed:
    """Save the clip of a row into its bucket. Never raises for what a server, a line, a disk or a bucket does."""
    assert row.folder is not None, "only where it names a bucket"
    here = storage.staged(row.id, now()) or _kept_here(row, now())
    if here is None:
        local = replace(row, folder=str(storage.folder_beside(row.notebook)))
        event = download.save(local, files, now=now, progress=progress, spare=spare)
        if isinstance(event, life.SaveFailed):
            return event
        here = event
    storage.stage(row.id, here)
    try:
        stored = storage.put(row.folder, here, before=row)
    except (SeedanceError, OSError) as error:
        why = error.what if isinstance(error, SeedanceError) else f"It cannot be read ({error.strerror or error})."
        if row.saves + 1 < download.TRIES:
            return life.SaveFailed(now(), f"The clip is whole here, and not in {row.folder} yet. {why}")
        storage.unstage(row.id)
        if is_bucket(row.clip_there):  # it is there as it was, and others have it from there
            what = f"The clip is in {row.folder} as before, and was not put there anew. {why}"
            return life.SaveFailed(now(), what, hopeless=True)
        kept: ClipFacts = {**here.clip_facts, "not_stored": why}
        return here._replace(clip_facts=kept)
    storage.unstage(row.id)
    return stored


def _kept_here(row: life.Row, at: float) -> life.Saved | None:
    """The clip that stayed here the last time, and is to be put now."""
    path, facts = row.clip_there, row.clip_facts
    if path is None or facts is None or is_bucket(path) or not is_whole(Path(path), facts):
        return None
    facts = facts.copy()
    for name in ("kept_path", "not_stored"):
        facts.pop(name, None)  # type: ignore[misc]
    return life.Saved(at, path, row.poster_path, facts)
