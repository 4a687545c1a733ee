"""What the extension remembers over a restart of the server: when it first ran, and which jobs a page has reported.

One small file in the data folder, `jupyter.json`. It may be deleted: then what ended before is not new, and what is new
may be reported once more.
"""

from __future__ import annotations

import contextlib
import json
import os
import threading
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MOST = 2_000
"""Ids that are remembered as reported, the newest."""


class Notes:
    """The file. Never raises: where it cannot be written, the notes last as long as the server."""

    def __init__(self, home: Path, *, now: float | None = None) -> None:
        self._path = home / "jupyter.json"
        self._lock = threading.Lock()
        self._since = time.time() if now is None else now
        self._reported_ids: dict[str, None] = {}
        self._is_kept = False

    @property
    def since(self) -> float:
        """When the extension first ran on this history; what ended before is not new."""
        with self._lock:
            self._begin()
            return self._since

    def tell(self, job_ids: Iterable[str]) -> list[str]:
        """Those of some jobs that no page has reported yet; from now on they count as reported."""
        with self._lock:
            self._begin()
            self._take_in(self._read())
            untold = [job_id for job_id in dict.fromkeys(job_ids) if job_id not in self._reported_ids]
            self._reported_ids |= dict.fromkeys(untold)
            if untold:
                self._write()
            return untold

    def forget(self, job_ids: Iterable[str]) -> None:
        """Some jobs went on: there will be something new to report."""
        with self._lock:
            gone = [job_id for job_id in job_ids if self._reported_ids.pop(job_id, "") is None]
            if gone:
                self._write()

    def _begin(self) -> None:
        """Go on with what the server before this one wrote."""
        if not self._is_kept and self._path.parent.is_dir():
            notes = self._read()
            if isinstance(first_ran_at := notes.get("first_ran_at"), int | float):
                self._since = float(first_ran_at)
            self._take_in(notes)
            self._write()

    def _take_in(self, notes: dict[str, Any]) -> None:
        told = notes.get("told", [])
        self._reported_ids |= dict.fromkeys(each for each in told if isinstance(each, str))

    def _read(self) -> dict[str, Any]:
        with contextlib.suppress(OSError, ValueError):
            notes = json.loads(self._path.read_text(encoding="utf-8"))
            if isinstance(notes, dict):
                return notes
        return {}

    def _write(self) -> None:
        text = json.dumps({"first_ran_at": self._since, "told": list(self._reported_ids)[-MOST:]})
        beside = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        with contextlib.suppress(OSError):
            beside.write_text(text, encoding="utf-8")
            os.replace(beside, self._path)
            self._is_kept = True
