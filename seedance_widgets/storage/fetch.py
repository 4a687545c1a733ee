"""A clip on its way here from a bucket, and whether a file is the clip that it should be."""

from __future__ import annotations

import contextlib
import threading
import uuid
from collections.abc import Callable
from pathlib import Path, PurePosixPath

from ..clips.hashes import begins_with
from ..clips.names import give_name, numbered
from ..errors import ClipNotFetched, MediaNotPut, SeedanceError
from ..types import ClipFacts
from .bucket import Bucket, MediaGone

TRIES = 3
"""Connections that one fetch may use: each goes on where the last one broke."""
STEP_S = 0.1

Progress = Callable[[int, int], None]
"""Called with the bytes that are here and the bytes there will be."""


class Fetch:
    """A clip on its way here, of which pieces can be read before it is whole."""

    def __init__(self, bucket: Bucket, name: str, facts: ClipFacts, folder: Path, keep: Callable[[Path], None]) -> None:
        self._keep = keep
        self._bucket = bucket
        self._name = name
        self._facts = facts
        self._folder = folder
        self._part = folder / f".{uuid.uuid4().hex[:16]}.part"
        self._at = self._part  # where it can be read
        self._received = 0
        self._error: SeedanceError | None = ClipNotFetched(f"{name} could not be fetched.")  # unless it could
        self._is_cancelled = False
        self.has_ended = False
        self._news = threading.Condition()

    def cancel(self) -> None:
        """Keep nothing of it: the clip was deleted meanwhile."""
        self._is_cancelled = True

    def run(self) -> None:
        """Fetch it and give it its name. In a thread of its own."""
        try:
            self._at = self._fetched()
            self._error = None
        except MediaNotPut as refused:
            self._error = ClipNotFetched(refused.what, next_step=refused.next_step)
        except SeedanceError as refused:
            self._error = refused
        except OSError as refused:
            why = refused.strerror or refused
            self._error = ClipNotFetched(
                f"The clip cannot be written to {self._folder} ({why}).", next_step="Make room."
            )
        finally:  # whatever it was: nobody waits for ever
            with self._news:
                with contextlib.suppress(OSError):
                    self._part.unlink(missing_ok=True)
                self.has_ended = True
                self._news.notify_all()

    def _fetched(self) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._receive()
        if not is_whole(self._part, self._facts):
            raise ClipNotFetched(f"What {self._bucket.told} holds as {self._name} is not the clip that was put.")
        if self._is_cancelled:
            raise ClipNotFetched("The clip was deleted while it was fetched.", next_step="")
        path, is_ours = self._named()
        if is_ours:
            self._keep(path)
        return path

    def _receive(self) -> None:
        with open(self._part, "xb") as file:
            for tries_left in reversed(range(TRIES)):
                try:
                    for piece in self._bucket.pieces(self._name, self._received):
                        file.write(piece)
                        file.flush()
                        with self._news:
                            self._received += len(piece)
                            self._news.notify_all()
                    return
                except MediaGone:
                    raise
                except MediaNotPut:
                    if self._received >= self._facts["size_bytes"]:
                        return
                    if not tries_left:
                        raise

    def _named(self) -> tuple[Path, bool]:
        """Its name, with a number where another file has that; or the same file that lies there, which is not ours."""
        name = PurePosixPath(self._name)
        for each in numbered(name.stem):
            path = self._folder / f"{each}{name.suffix}"
            with contextlib.suppress(FileExistsError), self._news:  # a piece is read before it moves, or after
                give_name(self._part, path)
                self._at = path
                return path, True
            if not path.is_symlink() and is_whole(path, self._facts, by_hash=True):
                return path, False
        raise AssertionError("numbered() raises after its last name")

    def whole(self, progress: Progress | None) -> Path:
        """Wait until all of it is here; says where. Raises ClipNotFetched."""
        total = self._facts["size_bytes"]
        with self._news:
            while not self.has_ended:
                self._news.wait(STEP_S)
                if progress is not None:
                    progress(self._received, total)
            if self._error is not None:
                raise self._error
            if progress is not None:
                progress(self._received, total)
            return self._at

    def piece(self, offset: int, length: int) -> bytes:
        """Wait for a piece of it. Raises ClipNotFetched, OSError."""
        end = min(offset + length, self._facts["size_bytes"])
        with self._news:
            while self._received < end and not self.has_ended:
                self._news.wait(STEP_S)
            if self.has_ended and self._error is not None:
                raise self._error
            return read_piece(self._at, offset, length)


def is_whole(path: Path, facts: ClipFacts, *, by_hash: bool = False) -> bool:
    """Tell whether a file is the clip of these facts, by its size and the hash of the vendor's bytes.

    A clip of 0.1.0 has no such hash: it is none where the file has to be known `by_hash`.
    """
    try:
        if path.stat().st_size != facts["size_bytes"]:
            return False
        size, sha256 = facts.get("vendor_bytes"), facts.get("vendor_sha256")
        return not by_hash if size is None or sha256 is None else begins_with(path, size, sha256)
    except OSError:
        return False


def read_piece(path: Path, offset: int, length: int) -> bytes:
    """A piece of a file. Raises OSError."""
    with open(path, "rb") as file:
        file.seek(offset)
        return file.read(length)
