"""What `seedance worker` says: a line for each change, and on a terminal one that shows the present state.

Ids and no prompts, and no file names, which are made from prompts: such lines end up in a system's log.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

from .. import life
from ..store import OpenJobs
from ..text.printable import cut, for_stdout, one_line

if TYPE_CHECKING:
    from rich.status import Status

WIDTH = 300
"""The longest that a line gets: a server may say much."""


class Lines(Protocol):
    """Where the lines go. From any thread."""

    def say(self, text: str) -> None:
        """Print one line."""

    def show(self, text: str) -> None:
        """How things stand."""

    def close(self) -> None:
        """Nothing more is said."""


class PlainLines:
    """One line for each change on standard output, for logs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()

    def say(self, text: str) -> None:
        """Print it at once."""
        with self._lock:
            print(_fit(text), flush=True)

    def show(self, text: str) -> None:
        """Not in a log."""

    def close(self) -> None:
        """Nothing to clean up."""


class TerminalLines:
    """The same on a terminal, above a line that shows how things stand."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(highlight=False, emoji=False)
        self._status: Status | None = None
        self._lock = threading.Lock()
        self._is_closed = False

    @property
    def can_be_drawn(self) -> bool:
        """Whether this terminal moves its cursor, and has the characters of the line."""
        return not self._console.is_dumb_terminal and self._console.encoding.startswith("utf")

    def say(self, text: str) -> None:
        """Print it above the line that stays. The terminal breaks it, so that an address can be copied whole."""
        self._console.print(_fit(text), markup=False, soft_wrap=True)

    def show(self, text: str) -> None:
        """Change the line that stays."""
        with self._lock:
            if self._is_closed:  # a look at the history took longer than closing waits
                return
            if self._status is None:
                self._status = self._console.status("")
                self._status.start()
            self._status.update(text)

    def close(self) -> None:
        """Take that line away for good, and give the cursor back."""
        with self._lock:
            self._is_closed = True
            if self._status is not None:
                self._status.stop()


def lines_of_stdout() -> Lines:
    """What suits the standard output of this process: on a terminal that cannot be drawn on the same as in a log."""
    if sys.stdout is None or not sys.stdout.isatty():
        return PlainLines()
    lines = TerminalLines()
    return lines if lines.can_be_drawn else PlainLines()


def told_of(before: life.Row | None, row: life.Row) -> str | None:
    """What is new about a job, in words; `None` where that is nothing for a log."""
    if row.clip_path is not None:
        return None if before is not None and before.clip_path is not None else f"saved{_size(row)}"
    if row.save_problem is not None and (before is None or before.saves != row.saves):
        ends = "; given up, %seedance_show has a button to try again" if row.settled else "; tried again"
        return f"the download failed ({row.save_problem}){ends}" if row.saves else None
    if before is not None and before.status == row.status:
        return None
    problem = "" if row.problem is None else row.problem.message
    if row.status == "failed" and row.problem is not None and row.problem.code == "not_sent":
        return f"not sent, nothing was charged: {problem}"
    if row.status == "failed":
        return f"failed: {problem or 'the server does not say why'}"
    if row.status == "unconfirmed":
        return f"unconfirmed, it may have been charged: {problem}"
    return row.status


def totals(open_jobs: Mapping[str, OpenJobs], saved: int) -> str:
    """How things stand, in one line."""
    names = (
        ("running", "running"),
        ("to_save", "to save"),
        ("unsent", "with their kernels"),
        ("need_key", "need a key"),
    )
    counts = [(sum(getattr(each, name) for each in open_jobs.values()), words) for name, words in names]
    parts = [f"{many} {words}" for many, words in counts if many]
    return " · ".join([*(parts or ["nothing is open"]), f"{saved} saved"])


def _size(row: life.Row) -> str:
    size = None if row.clip_facts is None else row.clip_facts.get("size_bytes")
    return "" if not size else f" ({size / 1e6:.1f} MB)"


def _fit(text: str) -> str:
    return for_stdout(cut(one_line(text), WIDTH))
