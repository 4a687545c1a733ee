"""Which folder clips go to, found out before anything is paid for.

In this order: what the session was given, `%config SeedanceMagics.clips`, SEEDANCE_CLIPS, `seedance_clips` beside the
notebook; and `clips` in the data folder where that one cannot be written.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from ..errors import SettingsInvalid
from ..notebook import environment
from ..settings.keys import Environment
from . import containers
from .private_file import is_writable

VARIABLE = "SEEDANCE_CLIPS"
ENDINGS = containers.ENDINGS
"""Of the files in it that are clips."""
_configured: str | None = globals().get("_configured")  # a reload of the module keeps it


class ClipFolder(NamedTuple):
    """A folder that takes clips."""

    path: Path
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
    try:
        wanted = _wanted(given)
    except (OSError, SettingsInvalid):  # the current folder is gone
        return ClipFolder(spare, Path(environment.CLIPS))
    if is_writable(wanted) or not is_writable(spare):
        return ClipFolder(wanted)
    return ClipFolder(spare, wanted)


def _wanted(given: str | Path | None) -> Path:
    chosen = given or _configured or Environment().get(VARIABLE)
    return environment.folder() / Path(chosen).expanduser() if chosen else environment.clips_folder()
