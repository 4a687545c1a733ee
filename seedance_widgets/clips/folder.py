"""Which folder clips go to, found out before anything is paid for.

In this order: what the session was given, `%config SeedanceMagics.clips`, SEEDANCE_CLIPS, `seedance_clips` beside the
notebook; and `clips` in the data folder where that one cannot be written. The first three may name a bucket.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from ..errors import SettingsInvalid
from ..notebook import environment
from ..request.urls import is_bucket, looks_like_address
from ..settings.keys import Environment
from ..text import links
from . import containers
from .private_file import is_writable

VARIABLE = "SEEDANCE_CLIPS"
ENDINGS = containers.ENDINGS
"""Of the files in it that are clips."""
_configured: str | None = globals().get("_configured")  # a reload of the module keeps it


class ClipFolder(NamedTuple):
    """A folder that takes clips, or their copies where they are put into a bucket."""

    path: Path
    bucket: str | None = None
    """Where they are put, such as `s3://bucket/prefix`."""
    instead_of: Path | None = None
    """The folder that was wanted and cannot be written."""

    @property
    def notice(self) -> str | None:
        """A sentence that a person should know."""
        if self.instead_of is None:
            return None
        return f"{self.instead_of} cannot be written, so clips are saved in {self.path}."


def configure(folder: str | None) -> None:
    """Set the folder of all sessions that were given none; `None` takes it back. For `%config`."""
    global _configured
    _configured = folder or None


def spare_of(home: Path) -> Path:
    """Where clips go when their own folder cannot be written: `clips` in the data folder."""
    return home / "clips"


def find(given: str | Path | None, home: Path) -> ClipFolder:
    """The folder of the next clip, which is tried out.

    Where the data folder cannot be written either, the wanted folder is named, and saving says what is wrong.

    Args:
        given: What the session was made with.
        home: The data folder.
    """
    spare = spare_of(home)
    chosen = given or _configured or (Environment().get(VARIABLE) or "").strip()
    if is_bucket(chosen):
        return ClipFolder(copies_folder(home), str(chosen).strip().rstrip("/"))
    check_is_folder(chosen, VARIABLE)
    try:
        wanted = environment.folder() / Path(chosen).expanduser() if chosen else environment.clips_folder()
    except (OSError, SettingsInvalid):  # the current folder is gone
        return ClipFolder(spare, instead_of=Path(environment.CLIPS))
    if is_writable(wanted) or not is_writable(spare):
        return ClipFolder(wanted)
    return ClipFolder(spare, instead_of=wanted)


def check_is_folder(place: str | os.PathLike[str], name: str) -> None:
    """Raise SettingsInvalid for an address that is no bucket: as a folder it would hide paid clips."""
    text = os.fspath(place)
    if looks_like_address(text):
        raise SettingsInvalid(
            f"{name} is {links.without_signature(text)[:80]!r}, which is neither a folder nor a bucket.",
            next_step=f"A bucket is one of {', '.join(f'{each}://' for each in ('s3', 'gs', 'az'))}, as text.",
        )


def copies_folder(home: Path) -> Path:
    """Where copies of clips go that lie in a bucket: beside the notebook, so that its outputs can show them."""
    try:
        beside = environment.clips_folder()
    except SettingsInvalid:  # the current folder is gone
        return spare_of(home)
    return beside if is_writable(beside) else spare_of(home)
