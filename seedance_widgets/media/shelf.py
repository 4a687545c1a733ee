"""Copies of what was given, in the data folder, by the hash of their content: bounded, the longest unused goes first.

home/media/<sha256>.png        a medium as it is sent
home/media/<sha256>.json       what is kept of it, with its thumbnail
home/media/given/<hash>        which medium became of what was given: it is converted once, by whichever version
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import threading
from collections import OrderedDict
from collections.abc import Callable, Collection
from pathlib import Path
from typing import TYPE_CHECKING

from ..clips.private_file import write_anew
from ..errors import MediaMissing
from ..request import media
from ..types import MediaFacts

if TYPE_CHECKING:
    from .convert import Medium, Source

SHELF_BYTES = 1_000_000_000
"""What the copies may take together, but for those that an open job or an unfinished sweep needs."""
IN_MEMORY_BYTES = 100_000_000
"""The same where the data folder cannot be written: then they live as long as this process."""


class Shelf:
    """The copies of one data folder. Every method may be called from any thread.

    Args:
        folder: Where they lie; made when it is first needed.
        needed: Asked before anything is thrown out: the hashes of what may not be.
        max_bytes: What they may take together.
    """

    def __init__(
        self, folder: Path, needed: Callable[[], Collection[str]] = frozenset, *, max_bytes: int = SHELF_BYTES
    ) -> None:
        self.folder = folder
        self.needed = needed
        self._max_bytes = max_bytes
        self._lock = threading.RLock()
        self._facts: dict[str, MediaFacts] = {}
        self._memory: OrderedDict[str, bytes] = OrderedDict()
        """What could not be written, by reference."""

    def take(self, source: Source) -> Medium:
        """The medium of what was given; converted, and put here, where it is not yet. Raises MediaInvalid."""
        known = self._known(source)
        if known is not None:
            return known
        medium = source.make()
        self.put(medium)
        with contextlib.suppress(OSError):
            write_anew(self.folder / "given" / source.key, medium.reference.encode())
        return medium

    def put(self, medium: Medium) -> None:
        """Keep a copy; in memory where the folder cannot be written."""
        reference = medium.reference
        with self._lock:
            self._facts[reference] = medium.facts
            try:
                path = self.folder / media.file_of(reference)
                if not path.is_file():
                    self._make_room(len(medium.data))
                    write_anew(path, medium.data)
                write_anew(path.with_suffix(".json"), json.dumps(medium.facts).encode())
            except OSError:
                self._memory[reference] = medium.data
                while sum(map(len, self._memory.values())) > IN_MEMORY_BYTES and len(self._memory) > 1:
                    self._memory.popitem(last=False)

    def get(self, reference: str) -> bytes | None:
        """The bytes of a medium; `None` where they are not here, or are others than its hash says."""
        with self._lock:
            if (data := self._memory.get(reference)) is not None:
                return data
        path = self.folder / media.file_of(reference)
        try:
            data = path.read_bytes()
        except OSError:
            return None
        if hashlib.sha256(data).hexdigest() != media.hash_of(reference):
            return None
        with contextlib.suppress(OSError):
            os.utime(path)  # it was used just now
        return data

    def has(self, reference: str) -> bool:
        """Tell whether there is a copy."""
        return reference in self._memory or (self.folder / media.file_of(reference)).is_file()

    def facts(self, reference: str) -> MediaFacts | None:
        """What is known of a medium, also where its bytes are not here any more."""
        with self._lock:
            if (facts := self._facts.get(reference)) is not None:
                return facts
            path = (self.folder / media.file_of(reference)).with_suffix(".json")
            with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
                facts = media.checked_facts(json.loads(path.read_bytes()))
                if facts is not None and facts["sha256"] == media.hash_of(reference):
                    self._facts[reference] = facts
                    return facts
            return None

    def learn(self, facts: MediaFacts) -> None:
        """Know of a medium that a clip or a row tells of, where nothing is known of it."""
        with self._lock:
            self._facts.setdefault(media.reference_of(facts["sha256"], facts["ending"]), facts)

    def missing(self, reference: str) -> MediaMissing:
        """The error for a medium that is nowhere."""
        facts = self.facts(reference)
        name = media.shown(reference) if facts is None else f"{facts['name']} ({media.shown(reference)})"
        return MediaMissing(f"The medium {name} is not in the data folder any more, nor in its place.", facts=facts)

    def _known(self, source: Source) -> Medium | None:
        try:
            reference = (self.folder / "given" / source.key).read_text("utf-8")
        except (OSError, ValueError):
            return None
        if not media.is_reference(reference):
            return None
        facts, data = self.facts(reference), self.get(reference)
        if facts is None or data is None:
            return None
        from .convert import Medium

        return Medium(data, facts)

    def _make_room(self, size: int) -> None:
        """Throw out what was not used for longest and is not needed, until there is room for so many bytes."""
        there = []
        with os.scandir(self.folder) if self.folder.is_dir() else contextlib.nullcontext(()) as entries:
            for entry in entries:
                if entry.is_file() and Path(entry.name).suffix in media.ENDINGS:
                    stat = entry.stat()
                    there.append((stat.st_mtime, stat.st_size, Path(entry.path)))
        left = size + sum(each[1] for each in there) - self._max_bytes
        if left <= 0:
            return
        needed = self.needed()
        for _, each, path in sorted(there):
            if left <= 0:
                return
            if path.stem not in needed:
                path.unlink(missing_ok=True)
                left -= each
