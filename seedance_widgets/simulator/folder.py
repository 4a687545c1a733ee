"""The folder that is the simulator's whole memory: one JSON file a generation, safe between processes.

home/generations/req_….json      one generation
home/generations/req_….told      its webhook is being, or was, sent: whoever makes this file sends it
home/clips/….mp4                 films, named by what is in them
home/media/…                     pictures that films begin and end with, by their hashes
home/ledger.lock                 held while credits are counted and spent
"""

from __future__ import annotations

import os
import re
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from .records import Record

REQUEST_ID = re.compile(r"req_[A-Za-z0-9]{10,64}")


class Folder:
    """Generations by request id. Every method may be called from any thread and any process."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.generations = home / "generations"
        self.clips = home / "clips"
        self.pictures = home / "media"
        for folder in (home.parent, home, self.generations, self.clips):  # each for this person only
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._guard = threading.RLock()
        self._seen: dict[str, tuple[tuple[int, int, int], Record]] = {}

    def find(self, request_id: str) -> Record | None:
        """The generation as it is on disk now, whoever wrote it last; `None` when there is none."""
        if not REQUEST_ID.fullmatch(request_id):
            return None
        path = self._path(request_id)
        try:
            facts = path.stat()
        except OSError:
            return None
        stamp = (facts.st_mtime_ns, facts.st_ino, facts.st_size)
        with self._guard:
            known = self._seen.get(request_id)
            if known is None or known[0] != stamp:
                try:
                    known = (stamp, Record.from_json(path.read_text("utf-8")))
                except (OSError, ValueError, KeyError, TypeError):
                    return None  # another version's file, or one that is being removed
                self._seen[request_id] = known
            return known[1]

    def save(self, record: Record) -> None:
        """Write a generation whole or not at all."""
        handle, name = tempfile.mkstemp(dir=self.generations, suffix=".part")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(record.to_json())
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, self._path(record.request_id))

    def all(self) -> list[Record]:
        """Every generation, the oldest first."""
        names = (entry.name for entry in os.scandir(self.generations) if entry.name.endswith(".json"))
        records = (self.find(name.removesuffix(".json")) for name in names)
        return sorted((r for r in records if r is not None), key=lambda r: (r.created_at, r.request_id))

    def charged(self) -> int:
        """Credits that all generations took together."""
        return sum(record.credits_charged for record in self.all())

    def claim_telling(self, request_id: str) -> bool:
        """Tell whether the caller is the one, of all processes, who sends this generation's webhook."""
        try:
            os.close(os.open(self.generations / f"{request_id}.told", os.O_CREAT | os.O_EXCL))
        except FileExistsError:
            return False
        return True

    def is_told(self, request_id: str) -> bool:
        """Tell whether some process has sent, or is sending, this generation's webhook."""
        return (self.generations / f"{request_id}.told").exists()

    @contextmanager
    def spending(self) -> Iterator[None]:
        """Nobody else, in this process or another, counts or spends credits meanwhile."""
        with self._guard, open(self.home / "ledger.lock", "a+b") as file:
            _lock(file.fileno())
            try:
                yield
            finally:
                _unlock(file.fileno())

    def _path(self, request_id: str) -> Path:
        return self.generations / f"{request_id}.json"


def _lock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    with suppress(OSError):  # a file system without locks: then only this process is kept in order
        fcntl.flock(descriptor, fcntl.LOCK_EX)


def _unlock(descriptor: int) -> None:
    try:
        import fcntl
    except ImportError:  # Windows
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)  # type: ignore[attr-defined,unused-ignore]
        return
    with suppress(OSError):
        fcntl.flock(descriptor, fcntl.LOCK_UN)
