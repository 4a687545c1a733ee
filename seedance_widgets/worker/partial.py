"""A file that is not whole yet: beside the clips, for this person only, and enough known of it to go on another day.

    .abcd2345.part        the bytes that are here
    .abcd2345.part.json   which version of the server's file they are from: `etag` and `total_bytes`
    .abcd2345.part.odd    all that came, when it could not be read as a video: to be compared with what comes next

Without an ETag the next session cannot know that the server still has the same file, and begins anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from ..clips.hashes import sha256_of
from ..clips.private_file import create_private
from ..errors import FetchFailed


class Partial:
    """The beginning of a download. `opened` first; then `begin` for each answer, and `write`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.size = 0
        self.etag: str | None = None
        self.total_bytes: int | None = None
        self._facts = path.with_name(path.name + ".json")
        self._odd = path.with_name(path.name + ".odd")
        self._file: IO[bytes] | None = None
        self._digest: Any = None
        """Of what was written, where that is all from the first byte on."""

    @property
    def start(self) -> int:
        """The byte to ask the server for. Of a whole file the last one: to learn whether it is still the same."""
        return self.size if self.total_bytes is None else max(0, min(self.size, self.total_bytes - 1))

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Open what an earlier session left, if it can be trusted, else a new file. Durable at the end, if all is well.

        Raises FetchFailed when another kernel is at it.
        """
        handle = self._earlier() or self._new()
        with open(handle, "r+b") as self._file:
            yield
            self._file.flush()
            os.fsync(self._file.fileno())

    def begin(self, start: int, total_bytes: int | None, etag: str | None) -> None:
        """Go on from byte `start` with a version of the server's file."""
        assert self._file is not None, "opened() comes first"
        self._file.seek(start)
        self._file.truncate()
        if start == 0:
            self._note({"etag": etag, "total_bytes": total_bytes} if _is_strong(etag) else None)
        self.size, self.total_bytes, self.etag = start, total_bytes, etag
        self._digest = hashlib.sha256() if start == 0 else None

    def write(self, chunk: bytes) -> None:
        """Append."""
        assert self._file is not None, "opened() comes first"
        self._file.write(chunk)
        self.size += len(chunk)
        if self._digest is not None:
            self._digest.update(chunk)

    @property
    def sha256(self) -> str:
        """The SHA-256 of all that is here. Read once more only where it began in an earlier try."""
        return sha256_of(self.path) if self._digest is None else self._digest.hexdigest()

    def discard(self) -> None:
        """Remove it, but not what was set aside."""
        for path in (self.path, self._facts):
            with contextlib.suppress(OSError):
                path.unlink()

    def set_aside(self) -> None:
        """Keep what came for a comparison, instead of what was kept so before. Raises OSError."""
        os.replace(self.path, self._odd)
        self._facts.unlink(missing_ok=True)

    def came_before(self, sha256: str) -> bool:
        """Whether the very same bytes were set aside."""
        return _plain(self._odd) and sha256_of(self._odd) == sha256

    def forget(self) -> None:
        """Remove what was set aside: there is a clip."""
        with contextlib.suppress(OSError):
            self._odd.unlink()

    def _earlier(self) -> int | None:
        """The file of an earlier session, when it is ours and it is known what it is the beginning of."""
        facts = self._read_facts()
        if facts is None:
            return None
        try:
            handle = os.open(self.path, os.O_RDWR | getattr(os, "O_NOFOLLOW", 0))
        except OSError:
            return None
        file_stat = os.fstat(handle)
        total, size = facts["total_bytes"], file_stat.st_size
        ours = (
            stat.S_ISREG(file_stat.st_mode) and file_stat.st_nlink == 1 and file_stat.st_uid == _user(file_stat.st_uid)
        )
        if not ours or size == 0 or (total is not None and size > total):
            os.close(handle)
            return None
        _lock(handle)
        self.size, self.total_bytes, self.etag = size, total, facts["etag"]
        return handle

    def _new(self) -> int:
        for path in (self.path, self._facts):
            path.unlink(missing_ok=True)
        handle = create_private(self.path)
        _lock(handle)
        return handle

    def _read_facts(self) -> dict[str, Any] | None:
        try:
            facts = json.loads(self._facts.read_text("utf-8")[:10_000])
            total = facts["total_bytes"]
            return facts if _is_strong(facts["etag"]) and (total is None or isinstance(total, int)) else None
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _note(self, facts: dict[str, Any] | None) -> None:
        self._facts.unlink(missing_ok=True)
        if facts is not None:
            with open(create_private(self._facts), "w", encoding="utf-8") as file:
                json.dump(facts, file)


def parts_of(job_id: str) -> tuple[str, ...]:
    """The names of all files of a job that are not whole yet; the last is what version 0.1.0 left of a copy."""
    part = f".{job_id}.part"
    return part, f"{part}.json", f"{part}.odd", f".{job_id}.tagged.mp4"


def is_in_use(path: Path) -> bool:
    """Whether a kernel is writing a part at this moment, as far as locks tell."""
    try:
        import fcntl
    except ImportError:  # Windows, where a file that is open cannot be removed anyway
        return False
    try:
        with open(path, "rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            return False
    except BlockingIOError:
        return True
    except OSError:  # a file system without locks, or it is gone
        return False


def _plain(path: Path) -> bool:
    """Whether there is a plain file, and no link that somebody left there."""
    try:
        file_stat = os.lstat(path)
    except OSError:
        return False
    return stat.S_ISREG(file_stat.st_mode) and file_stat.st_nlink == 1


def _is_strong(etag: object) -> bool:
    """Whether an ETag stands for the very same bytes."""
    return isinstance(etag, str) and len(etag) > 2 and not etag.startswith("W/")


def _user(otherwise: int) -> int:
    return os.getuid() if hasattr(os, "getuid") else otherwise


def _lock(handle: int) -> None:
    """One kernel at a time; without locks on this system, the leases of the history alone see to that."""
    try:
        import fcntl
    except ImportError:  # Windows
        return
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(handle)
        raise FetchFailed("Another kernel is fetching this clip.") from None
    except OSError:  # a file system without locks
        return
