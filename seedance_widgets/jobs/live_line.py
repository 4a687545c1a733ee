"""One line on a terminal while something is waited for, drawn by `rich`, which is loaded when one is drawn.

It stands on standard error, so that what a script prints can go through a pipe, and it goes away at the end.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from ..clips.clip import size_text
from ..life import Row
from ..text.printable import one_line, visible
from .words import status_text

if TYPE_CHECKING:
    from ..life.estimate import Estimate

BAR = 20
"""Characters of the bar, in a terminal of 80."""


@dataclass(frozen=True, slots=True)
class Standing:
    """How far something is."""

    words: str
    """What happens now."""
    note: str
    """For how long, and how long it takes usually."""
    share: float | None
    """0 to 1; `None` where it is not known."""


class LiveLine:
    """The line, for as long as its `with` block lasts."""

    def __init__(self, look: Callable[[], Standing]) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn
        from rich.table import Column

        self._look = look
        self._console = Console(stderr=True, highlight=False, emoji=False)
        self._progress = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            BarColumn(BAR),
            TextColumn("{task.fields[note]}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            console=self._console,
            auto_refresh=False,  # by whoever waits: no thread of its own
            transient=True,
            redirect_stdout=sys.stdout is not None and sys.stdout.isatty(),  # what else is printed stands above it
        )
        self._task = self._progress.add_task("", note="")

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def draw(self) -> None:
        """Draw how far it is now."""
        now = self._look()
        total = None if now.share is None else 1.0
        self._progress.update(self._task, description=one_line(now.words), note=now.note, completed=now.share or 0.0)
        self._progress.tasks[0].total = total  # `update` takes None for "as it was"
        self._progress.refresh()

    def leave(self, text: str) -> None:
        """Print what stays. After the line is gone."""
        self._console.print(visible(text), markup=False, soft_wrap=True)


def standing_of(row: Row, estimate: Estimate | None, received: tuple[int, int | None] | None) -> Standing:
    """How far a job is.

    Args:
        estimate: From earlier jobs like it; `None` while it waits for its turn or when it has ended.
        received: Bytes of its clip that are here and that there will be, while it is downloaded.
    """
    now = time.time()
    words, elapsed_s = status_text(row, now), clock(now - row.created_at)
    if received is not None:
        here, total = received
        of = f" of {size_text(total)}" if total else ""
        return Standing(words, f"{elapsed_s}, {size_text(here)}{of}", here / total if total else None)
    if estimate is None:
        return Standing(words, elapsed_s, None)
    share = estimate.elapsed_s / estimate.median_s
    note = f"{elapsed_s}, usually {clock(estimate.median_s)} ({estimate.source})"
    return Standing(words, note, share if share < 1 else None)


def clock(seconds: float) -> str:
    """A time as a clock shows it: 0:42, 1:02:03."""
    minutes, seconds = divmod(max(0, round(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
