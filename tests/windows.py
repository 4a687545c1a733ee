"""A stand-in for Windows: what it refuses is refused here, and what it does not have is not there.

After its documents and the C runtime that CPython uses there: a file that is open in a process can be neither removed
nor renamed nor replaced; a file that is open for reading only cannot be synced; there is no `fcntl`, no `O_NOFOLLOW`,
no `O_DIRECTORY` and no user id; locks are `msvcrt`'s. `os.name` stays, since `pathlib` goes by it.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import filelock
import pytest

from seedance_widgets.worker import lease_owner

NOT_THERE = ("O_NOFOLLOW", "O_DIRECTORY", "getuid", "geteuid", "fork")


class Msvcrt(ModuleType):
    """The locks of Windows: of bytes from where the file stands. Notes what it was asked for."""

    LK_UNLCK, LK_LOCK = 0, 1

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.asked: list[tuple[int, int, int]] = []

    def locking(self, handle: int, mode: int, count: int) -> None:
        """Lock or unlock."""
        self.asked.append((mode, os.lseek(handle, 0, os.SEEK_CUR), count))


def become(monkeypatch: pytest.MonkeyPatch) -> Msvcrt:
    """Until the test ends; the locks."""
    assert filelock.FileLock  # loaded before: it has locks of its own for Windows
    locks = Msvcrt()
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setitem(sys.modules, "msvcrt", locks)
    monkeypatch.setattr(lease_owner, "fcntl", None)
    for name in NOT_THERE:
        monkeypatch.delattr(os, name)
    for name in ("replace", "rename", "unlink", "remove"):
        monkeypatch.setattr(os, name, _refusing_open_files(getattr(os, name)))
    monkeypatch.setattr(os, "fsync", _refusing_what_is_read(os.fsync))
    return locks


def _refusing_open_files(do: Callable[..., None]) -> Callable[..., None]:
    def refuse(*paths: Any, **more: Any) -> None:
        for path in paths:
            if _is_open(os.path.realpath(path)):
                raise PermissionError(errno.EACCES, "The process cannot access the file because it is being used", path)
        do(*paths, **more)

    return refuse


def _refusing_what_is_read(sync: Callable[[int], None]) -> Callable[[int], None]:
    def refuse(handle: int) -> None:
        if fcntl.fcntl(handle, fcntl.F_GETFL) & os.O_ACCMODE == os.O_RDONLY:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sync(handle)

    return refuse


def _is_open(path: str) -> bool:
    for handle in Path("/proc/self/fd").iterdir():
        try:
            if os.readlink(handle) == path:
                return True
        except OSError:  # closed by now
            continue
    return False
