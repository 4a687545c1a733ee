"""The paper trail: `submissions.jsonl`, one line for each event of a job that must never be lost.

Appended and never rewritten, so that nothing which happens to the database can touch it. A submission and its
acceptance are forced to the disk before anything else goes on. The history is a fold over it: `rows` replays the
lines through `life.advance`, and that is how a damaged or deleted database is built anew.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from .. import life
from ..text import links
from ..types import Generation, Problem, SweepRow
from .schema import request_of

TAIL_BYTES = 4_000_000
"""How much of the paper trail a new kernel looks through for acceptances that a dying one could not bring further."""
SUBMITTED = "submitted"
PLANNED = "planned"

FORCED = (life.Sending, life.Acknowledged, life.Adopted)
"""They say that money may be or was spent: on the disk before the database is even asked."""
KEPT: tuple[type, ...] = (
    *FORCED,
    life.Delayed,
    life.Refused,
    life.NotSent,
    life.Uncertain,
    life.Discarded,
    life.Saved,
    life.Marked,
    life.Seen,
    life.Removed,
)
"""Always written. A `Looked` is written when it brings the end; the rest can be asked of the server again."""

_EVENTS: dict[str, type[life.Event]] = {each.__name__: each for each in (*KEPT, life.Looked)}
_ROW_FIELDS = {field.name for field in fields(life.Row)}
_GENERATION_FIELDS = {field.name for field in fields(Generation)}
_SWEEP_FIELDS = {field.name for field in fields(SweepRow)}


class Trail:
    """One file, appended to by every kernel that shares the history. Without a path it keeps nothing."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.problem: str | None = None
        """Why the last line could not be written. The database has it all the same."""
        self._unwritten: list[bytes] = []
        """Lines that could not be written when it happened: they come before the next one."""
        self._lock = threading.Lock()
        self._read_to: int | None = None
        self._fresh: list[tuple[str, life.Acknowledged]] = []
        self._untold: list[tuple[str, life.Acknowledged]] = []

    @property
    def name(self) -> str:
        """The file's name, for sentences."""
        return self.path.name if self.path else "no paper trail"

    def submitted(self, row: life.Row, *, later: bool = True) -> bool:
        """A job is about to be sent. Returns whether it was written; with `later`, what failed is tried again."""
        values = {name: value for name, value in asdict(row.kept).items() if value is not None}
        return self._append({"job": row.id, "event": SUBMITTED, "row": values}, force=True, later=later)

    def planned(self, sweep: SweepRow) -> None:
        """A sweep is about to begin: on the disk before its first job."""
        self._append({"sweep": sweep.id, "event": PLANNED, "plan": asdict(sweep)}, force=True)

    def sweeps(self) -> list[SweepRow]:
        """Every sweep in the lines."""
        sweeps: dict[str, SweepRow] = {}
        for line in self._lines():
            if line.get("event") == PLANNED:
                with contextlib.suppress(KeyError, TypeError, AttributeError):
                    known = {name: value for name, value in line["plan"].items() if name in _SWEEP_FIELDS}
                    sweeps.setdefault(line["sweep"], SweepRow(**known))
        return list(sweeps.values())

    def catch_up(self) -> bool:
        """Write what could not be written when it happened. Returns whether nothing is left of it."""
        return self._append(None, force=True)

    def happened(self, job_id: str, event: life.Event, *, later: bool = True) -> bool:
        """One more step of its life. Returns whether it was written; with `later`, what failed is tried again."""
        line: dict[str, Any] = {"job": job_id, "event": type(event).__name__}
        line |= {name: _plain(value) for name, value in event._asdict().items()}
        if isinstance(event, life.Looked):
            url = event.generation.output_url
            values = asdict(replace(event.generation, extra={}, retry_after_s=None, output_url=url and links.kept(url)))
            line["generation"] = {name: value for name, value in values.items() if value is not None}
        return self._append(line, force=isinstance(event, FORCED), later=later)

    def rows(self) -> list[life.Row]:
        """Every job in the lines. Lines that cannot be read are skipped."""
        rows: dict[str, life.Row] = {}
        for line in self._lines():
            with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                if line["event"] == SUBMITTED:
                    rows.setdefault(line["job"], _row(line["row"]))
                elif (row := rows.get(line["job"])) is not None:
                    rows[row.id] = life.advance(row, _event(line))
        return list(rows.values())

    def events(self, job_ids: set[str]) -> Iterator[tuple[str, life.Event]]:
        """The events of some jobs, oldest first, without their submission."""
        for line in self._lines():
            if line.get("job") in job_ids and line.get("event") in _EVENTS:
                with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                    yield line["job"], _event(line)

    def acceptances(self) -> list[tuple[str, life.Acknowledged]]:
        """The acceptances that were in the file at the last call and have not been `told` yet.

        One call later, so that whoever wrote a line has had time to bring it into the database. Reads what was added
        since the last call, the first time the last `TAIL_BYTES`.
        """
        self._untold, self._fresh = self._untold + self._fresh, []
        ready = list(self._untold)
        if self.path is None:
            return ready
        try:
            with open(self.path, "rb") as file:
                size = file.seek(0, os.SEEK_END)
                at = max(0, size - TAIL_BYTES) if self._read_to is None else self._read_to
                file.seek(0 if at > size else at)  # the file was begun anew
                text = file.read()
        except OSError:
            return ready
        whole = text.rfind(b"\n") + 1
        self._read_to = (0 if at > size else at) + whole
        for line in text[:whole].split(b"\n"):
            if b'"Acknowledged"' in line:
                with contextlib.suppress(KeyError, TypeError, ValueError, AttributeError):
                    entry = json.loads(line)
                    event = _event(entry)
                    if isinstance(event, life.Acknowledged):
                        self._fresh.append((entry["job"], event))
        return ready

    def told(self, lines: list[tuple[str, life.Acknowledged]]) -> None:
        """The database has these."""
        self._untold = [each for each in self._untold if each not in lines]

    def _append(self, line: dict[str, Any] | None, *, force: bool, later: bool = True) -> bool:
        """Write a line behind those that are still to be written. Returns whether all of them are there."""
        if self.path is None:
            return False
        with self._lock:
            lines = list(self._unwritten)
            if line is not None:
                lines.append(json.dumps(line, ensure_ascii=False, default=str).encode("utf-8", "replace") + b"\n")
            try:
                if lines:
                    self._write(self.path, b"".join(lines), force=force or bool(self._unwritten))
            except OSError as error:
                self.problem = f"{self.path} cannot be written to ({error.strerror})"
                if later:
                    self._unwritten = lines
                return False
            self.problem, self._unwritten = None, []
            return True

    def _write(self, path: Path, text: bytes, *, force: bool) -> None:
        """Write it whole. A part that a full disk took is cut by the next line, and costs no other."""
        file = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        try:
            size = os.fstat(file).st_size
            if size and not _ends_with_newline(file, size):  # a kernel died within its line: it ends there
                text = b"\n" + text
            if os.write(file, text) != len(text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if force:
                os.fsync(file)
        finally:
            os.close(file)

    def _lines(self) -> Iterator[dict[str, Any]]:
        if self.path is None:
            return
        try:
            with open(self.path, encoding="utf-8", errors="replace") as file:
                for text in file:
                    with contextlib.suppress(ValueError):
                        line = json.loads(text)
                        if isinstance(line, dict):
                            yield line
        except OSError:
            return


def _ends_with_newline(file: int, size: int) -> bool:
    os.lseek(file, size - 1, os.SEEK_SET)
    return os.read(file, 1) == b"\n"


def _row(values: dict[str, Any]) -> life.Row:
    known = {name: value for name, value in values.items() if name in _ROW_FIELDS}
    problem = known.get("problem")
    return life.Row(
        **{
            **known,
            "request": request_of(known["request"]),
            "problem": None if problem is None else Problem(**problem),
            "tags": tuple(known.get("tags", ())),
            "media": tuple(known.get("media", ())),
        }
    )


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _event(line: dict[str, Any]) -> life.Event:
    kind = _EVENTS[line["event"]]
    values = {name: line[name] for name in kind._fields if name in line}
    for name, read in _NESTED.items():
        if values.get(name) is not None and not (name == "problem" and isinstance(values[name], str)):
            values[name] = read(values[name])
    for name in ("tags", "tagged", "untagged"):
        if values.get(name) is not None:
            values[name] = tuple(values[name])
    return kind(**values)


def _generation(values: dict[str, Any]) -> Generation:
    values = {name: value for name, value in values.items() if name in _GENERATION_FIELDS}
    problem = values.get("problem")
    return Generation(**{**values, "problem": None if problem is None else Problem(**problem)})


_NESTED: dict[str, Callable[[dict[str, Any]], object]] = {
    "problem": lambda values: Problem(**values),
    "generation": _generation,
}
