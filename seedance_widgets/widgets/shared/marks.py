"""A person's marks on jobs, as pages send them: stars, ratings, tags and notes."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from ...jobs.job import Job
from .redraws import in_background


class Marks:
    """Marks jobs in the order of the messages: of a star given and taken back, the last word counts.

    Args:
        do: Does something with the job that a message names, and says on the page what went wrong.
    """

    def __init__(self, do: Callable[[dict[str, Any], Callable[[Job], object]], object]) -> None:
        self._do = do
        self._gate = threading.Lock()
        self._waiting: deque[tuple[dict[str, Any], Callable[[Job], object]]] = deque()

    def star(self, content: dict[str, Any]) -> None:
        """Star the job of a message, or take its star away: `value`."""
        self._take(content, lambda job: job.mark(starred=bool(content.get("value"))))

    def reject(self, content: dict[str, Any]) -> None:
        """Reject it, or take that back: `value`."""
        self._take(content, lambda job: job.reject(bool(content.get("value"))))

    def rate(self, content: dict[str, Any]) -> None:
        """Rate it: `value`, `None` for no rating."""
        self._take(content, lambda job: job.rate(content.get("value")))

    def tag(self, content: dict[str, Any]) -> None:
        """Give it these tags and no others: `tags`."""
        self._take(content, lambda job: job.mark(tags=content.get("tags")))

    def note(self, content: dict[str, Any]) -> None:
        """Write a note on it: `text`."""
        self._take(content, lambda job: job.mark(note=_text(content.get("text"))))

    def batch(self, content: dict[str, Any], job_ids: Sequence[str]) -> None:
        """Mark several jobs alike: `starred`, and `tags` beside those that each has."""
        starred, tags = content.get("starred"), content.get("tags")
        words = [_text(tag) for tag in tags] if isinstance(tags, list) else []

        def mark(job: Job) -> None:
            if isinstance(starred, bool):
                job.mark(starred=starred)
            if words:
                job.mark(tags=list(dict.fromkeys([*job.tags, *words])))

        for job_id in job_ids[:-1]:
            self._waiting.append(({**content, "job_id": job_id}, mark))
        if job_ids:
            self._take({**content, "job_id": job_ids[-1]}, mark)

    def _take(self, content: dict[str, Any], mark: Callable[[Job], object]) -> None:
        self._waiting.append((content, mark))
        in_background(self._mark_next)

    def _mark_next(self) -> None:
        with self._gate:
            while self._waiting:  # also those of a batch, which come in one message
                content, mark = self._waiting.popleft()
                self._do(content, mark)


def _text(value: object) -> str:
    """Text that a database can hold: half of a character becomes `?`."""
    return str(value or "").encode("utf-8", "replace").decode()
