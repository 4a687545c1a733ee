"""Files that a page drops, pastes or chooses: they come in pieces, and become entries of the form's media.

A websocket of a notebook server takes 10 MB a message and drops what is larger, so a file comes in pieces, each
answered before the next one leaves. Nothing is put anywhere: that is done when a request leaves.
"""

from __future__ import annotations

import math
import threading
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any, TypedDict

from ...media.convert import MAX_INPUT_BYTES
from ...session.session import Session
from .media import MediaEntry, entry_of_file, entry_of_frame, entry_of_known, not_whole

PIECE_BYTES = 4 << 20
"""At most so much comes in one message."""
MOST_FILES = 4
"""Files that are half here: each view of a Studio sends one at a time, and one that went away finishes none."""


class MediumAnswer(TypedDict):
    """The answer to a piece of a file, or to a question for an entry: how much is here, or what it became."""

    type: str
    click_id: str
    received: int
    entry: MediaEntry | None


class Incoming:
    """The files on their way from the pages of one Studio."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._files: OrderedDict[str, bytearray] = OrderedDict()
        self._lock = threading.Lock()

    def piece(self, content: dict[str, Any], buffers: Sequence[Any]) -> MediumAnswer:
        """Take a piece of a file; with the last one, what it became. May convert: not in the kernel's main thread."""
        name, upload = str(content.get("name") or "The file"), str(content.get("upload"))[:80]
        size, offset = content.get("size"), content.get("offset")
        data = self._with(upload, offset, b"" if not buffers else bytes(buffers[0]))
        if data is None or not isinstance(size, int):
            return _answer(content, entry=not_whole(name))
        if len(data) < size:
            return _answer(content, received=len(data))
        with self._lock:
            self._files.pop(upload, None)
        return _answer(content, received=len(data), entry=entry_of_file(self._session, name, [data]))

    def frame(self, content: dict[str, Any]) -> MediumAnswer:
        """A picture of a job's clip; the last one where no instant is named."""
        at_s = content.get("at_s")
        at = (
            float(at_s)
            if isinstance(at_s, int | float) and not isinstance(at_s, bool) and math.isfinite(at_s)
            else None
        )
        return _answer(content, entry=entry_of_frame(self._session, str(content.get("job_id")), at))

    def known(self, content: dict[str, Any]) -> MediumAnswer:
        """What is known of a medium that the form holds already."""
        return _answer(content, entry=entry_of_known(self._session, str(content.get("url"))))

    def _with(self, upload: str, offset: object, piece: bytes) -> bytearray | None:
        """What is here of a file with one more piece; `None` where that does not follow on what is here."""
        with self._lock:
            data = self._files.get(upload)
            if data is None and offset == 0:
                data = self._files[upload] = bytearray()
                while len(self._files) > MOST_FILES:
                    self._files.popitem(last=False)
            if (
                data is None
                or offset != len(data)
                or len(piece) > PIECE_BYTES
                or len(data) + len(piece) > MAX_INPUT_BYTES
            ):
                self._files.pop(upload, None)
                return None
            data += piece
            return data


def _answer(content: dict[str, Any], *, received: int = 0, entry: MediaEntry | None = None) -> MediumAnswer:
    return MediumAnswer(type="medium", click_id=content["click_id"], received=received, entry=entry)
