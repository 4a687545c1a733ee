"""The local copies of what lies in object storage: bounded, the longest unused goes first.

home/copies/<hash of the address>.json   where the copy lies, and its size and time as it was written

The note's own time is when the copy was last used. A copy lies wherever it is of use, such as beside the notebook. It
is taken away only as it was written: a file that a person has changed or replaced since is theirs, and no copy.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ..clips.private_file import write_anew

RECENT_S = 600
"""What was used within so many seconds is in use."""


class _Note(NamedTuple):
    url: str
    path: Path
    size_bytes: int
    mtime_ns: int


class Copies:
    """The copies of one data folder. Every method may be called from any thread and process.

    Args:
        folder: Where the notes lie; made when it is first needed.
        max_bytes: What the copies may take together.
    """

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self._folder = folder
        self.max_bytes = max_bytes
        self._known: dict[str, _Note | None] = {}

    def find(self, url: str) -> Path | None:
        """The copy of an address, as it was written; `None` where there is none."""
        if url not in self._known or self._known[url] is None:
            self._known[url] = _read(self._note_of(url))
        note = self._known[url]
        if note is None or note.url != url or not _is_as_written(note):
            self._known.pop(url, None)
            return None
        return note.path

    def use(self, url: str) -> None:
        """It is used now: others go first."""
        with contextlib.suppress(OSError):
            os.utime(self._note_of(url))

    def add(self, url: str, path: Path) -> None:
        """From now on a file is the copy of an address. Others go, where there are too many."""
        file_stat = path.stat()
        note = _Note(url, path.absolute(), file_stat.st_size, file_stat.st_mtime_ns)
        text = json.dumps({**note._asdict(), "path": str(note.path)})
        with contextlib.suppress(OSError):  # a copy that is not noted stays, and is not found again
            self._folder.mkdir(parents=True, exist_ok=True)
            write_anew(self._note_of(url), text.encode())
        self._known[url] = note
        self.make_room(0)

    def drop(self, url: str) -> Path | None:
        """Take the copy of an address away; says which file that was."""
        note = _read(self._note_of(url))
        self._known.pop(url, None)
        path = None
        if note is not None and note.url == url and _is_as_written(note):
            with contextlib.suppress(OSError):
                note.path.unlink()
                path = note.path
        with contextlib.suppress(OSError):
            self._note_of(url).unlink()
        return path

    def make_room(self, size_bytes: int) -> None:
        """Take away what was not used for longest, until there is room for so many bytes more.

        What was used a moment ago stays, whatever the bound, since somebody is at it.
        """
        there = sorted(self._all(), key=lambda each: each[0])
        left = size_bytes + sum(note.size_bytes for _, note in there) - self.max_bytes
        until_ns = time.time_ns() - RECENT_S * 1_000_000_000
        for used_at_ns, note in there:
            if left <= 0 or used_at_ns > until_ns:
                return
            self.drop(note.url)
            left -= note.size_bytes

    def measure(self) -> tuple[int, int]:
        """How many bytes the copies take, and how many files they are."""
        sizes = [note.size_bytes for _, note in self._all()]
        return sum(sizes), len(sizes)

    def _all(self) -> Iterator[tuple[int, _Note]]:
        """When each was last used, in nanoseconds, and its note. A note without its copy is taken away."""
        with contextlib.suppress(OSError):
            for path in sorted(self._folder.glob("*.json")):
                note = _read(path)
                if note is None or not _is_as_written(note):
                    with contextlib.suppress(OSError):
                        path.unlink()
                    continue
                with contextlib.suppress(OSError):
                    yield path.stat().st_mtime_ns, note

    def _note_of(self, url: str) -> Path:
        return self._folder / f"{hashlib.sha256(url.encode()).hexdigest()[:32]}.json"


def _read(path: Path) -> _Note | None:
    try:
        facts = json.loads(path.read_bytes())
        return _Note(str(facts["url"]), Path(facts["path"]), int(facts["size_bytes"]), int(facts["mtime_ns"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _is_as_written(note: _Note) -> bool:
    try:
        file_stat = os.lstat(note.path)
    except (OSError, ValueError):
        return False
    is_plain = stat.S_ISREG(file_stat.st_mode)
    return is_plain and (file_stat.st_size, file_stat.st_mtime_ns) == (note.size_bytes, note.mtime_ns)
