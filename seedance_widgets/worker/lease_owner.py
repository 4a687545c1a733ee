"""The names under which workers lease rows, and a lock by which others see at once that a worker's process is gone.

The living process holds the lock of its name (`flock`), and the system gives it back however the process ends: no
process number and no host name is compared, so containers that share a home do not mistake one another. Where there is
no such lock (another home, another system, a home that cannot be written) the leases' counters alone decide.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import secrets
from pathlib import Path

try:
    import fcntl
except ImportError:  # not a POSIX system
    fcntl = None  # type: ignore[assignment]

_NAME = re.compile(r"[\w.-]{1,200}", re.ASCII)


def new_owner() -> str:
    """A name for a worker of this process. Host and process are in it for people who read the history."""
    host = re.sub(r"[^\w.-]+", "-", platform.node(), flags=re.ASCII)[:60]
    return f"{host}.{os.getpid()}.{secrets.token_hex(8)}"


class OwnerLock:
    """The lock of one name. Never raises: without it others only wait longer."""

    def __init__(self, folder: Path | None, owner: str) -> None:
        self._path = None if folder is None else _path(folder, owner)
        self._file: int | None = None

    def hold(self) -> None:
        """Take it, for as long as this process lives or until it is given up."""
        if fcntl is None or self._path is None:
            return
        with contextlib.suppress(OSError):
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                os.close(file)
                raise
            self._file = file

    def give_up(self) -> None:
        """Take away the file, then the lock."""
        if self._file is not None and self._path is not None:
            self._path.unlink(missing_ok=True)
        self.drop()

    def drop(self) -> None:
        """Close our end. In a forked child: the parent, which has the other end, still holds it."""
        if self._file is not None:
            os.close(self._file)
            self._file = None


def is_gone(folder: Path | None, owner: str) -> bool:
    """Whether the process of a name has certainly ended: its lock file is there, and nobody holds it."""
    path = None if folder is None or fcntl is None else _path(folder, owner)
    if path is None:
        return False
    try:
        file = os.open(path, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    else:
        return True
    finally:
        os.close(file)


def gone(folder: Path | None) -> set[str]:
    """The names of a home whose processes have ended without giving up their locks. Cheap to ask often."""
    if folder is None or fcntl is None:
        return set()
    try:
        names = [name.removesuffix(".lock") for name in os.listdir(folder) if name.endswith(".lock")]
    except OSError:
        return set()
    return {name for name in names if is_gone(folder, name)}


def forget(folder: Path | None, owner: str) -> None:
    """Take away the lock file of one who is gone, once nothing is leased to that name any more."""
    if folder is not None and (path := _path(folder, owner)) is not None:
        with contextlib.suppress(OSError):
            path.unlink()


def _path(folder: Path, owner: str) -> Path | None:
    return folder / f"{owner}.lock" if _NAME.fullmatch(owner) else None
