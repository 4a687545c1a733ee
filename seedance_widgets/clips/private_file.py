"""Files that only the person may read."""

from __future__ import annotations

import os
import tempfile
import uuid
from pathlib import Path

from ..threads.interrupts import sheltered


def create_private(path: Path) -> int:
    """A new file that only this person can read, never through a link that somebody left there; its handle."""
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)


def write_anew(path: Path, data: bytes) -> None:
    """A file that appears whole or not at all, for this person only."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with open(descriptor, "wb") as file:
            file.write(data)
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def is_writable(folder: Path) -> bool:
    """Tell whether a file can be written into a folder, or where there is none, into the one above."""
    return sheltered(lambda: _is_writable(folder))  # an interrupt must leave no open file


def _is_writable(folder: Path) -> bool:
    try:
        there = next(path for path in (folder, *folder.absolute().parents) if os.path.lexists(path))
        with tempfile.TemporaryFile(dir=there):
            return True
    except (OSError, ValueError):  # a name that no folder can have is a ValueError
        return False
