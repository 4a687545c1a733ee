"""Which history a server is about: that of the environment it was started in, as a kernel's would be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..secret import Secret
from ..settings.keys import Environment
from ..settings.settings import find_database, find_home

if TYPE_CHECKING:
    from ..storage.clips import ClipStorage
    from ..store import Store

PATIENCE_S = 5.0
"""How long a history that is locked is waited for: a page waits, and others behind it."""


@dataclass(frozen=True, slots=True)
class Place:
    """The data folder, and the history in it or in a database."""

    home: Path
    database: Secret | None = None

    @property
    def file(self) -> Path | None:
        """The history's file; `None` where a database server has it."""
        if self.database is None:
            return self.home / "history.db"
        kind, _, name = self.database.reveal().partition(":///")
        return Path(name).absolute() if kind == "sqlite" else None

    def is_there(self) -> bool:
        """Whether there is a history: looking makes none."""
        return self.file is None or self.file.exists()

    def store(self) -> Store:
        """The history, to read and to write. Loads SQLAlchemy: not in the thread that serves."""
        from ..store import Store

        where = self.database or self.home / "history.db"
        return Store(where, trail=self.home / "submissions.jsonl", patience_s=PATIENCE_S)

    def clips(self) -> ClipStorage:
        """The clips that lie in buckets, and their copies in the data folder."""
        from ..clips.folder import spare_of
        from ..storage.clips import ClipStorage

        return ClipStorage(self.home, folder=lambda: spare_of(self.home))


def find_place(variables: Mapping[str, str] | None = None) -> Place:
    """The place that the environment names. Raises SettingsInvalid where no folder is known."""
    environment = Environment(variables)
    return Place(find_home(None, environment), find_database(environment))
