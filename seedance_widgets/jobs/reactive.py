"""Submissions of a notebook whose cells run again by themselves (marimo): none is sent twice by that.

The first submission of a request in a run of a cell is the first one of its next run, the second the second, and so on;
what a run asks for beyond that is sent. After a restart of such a kernel, whose cells run by themselves too, the
history is asked for the same request of the same notebook.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from ..notebook import environment
from ..types import GenerationRequest
from .reuse import twin

if TYPE_CHECKING:
    from .job import Job
    from .registry import Registry


class Cells:
    """The submissions of each cell, in the order of its last run."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, GenerationRequest], list[Job]] = {}
        self._run: object = None
        self._counted: dict[tuple[str, GenerationRequest], int] = {}

    def once(self, registry: Registry, request: GenerationRequest, again: bool, send: Callable[[], Job]) -> Job:
        """The job of a request in the cell that runs: that of its last run where there is one, else a new one.

        Args:
            again: Send in any case. **Spends credits.**
            send: Sends it. **Spends credits.**
        """
        here = environment.reactive_cell()
        if here is None:
            return send()
        cell, run = here
        if run is not self._run:
            self._run, self._counted = run, {}
        key = (cell, request.kept)
        number = self._counted[key] = self._counted.get(key, 0) + 1
        jobs = self._made.setdefault(key, [])
        known = jobs[number - 1] if number <= len(jobs) else None
        if known is None and not jobs:
            known = self._of_notebook(registry, request)
        if known is None or again:
            job = send()
        else:
            job, job.reused = known, True
        jobs[number - 1 : number] = [job]
        return job

    def _of_notebook(self, registry: Registry, request: GenerationRequest) -> Job | None:
        """A job of the history that this notebook made with the same request, and that no cell has now."""
        job, here = twin(registry, request, math.inf), environment.path()
        if job is None or here is None or job.row.notebook != here:
            return None
        return None if any(job in jobs for jobs in self._made.values()) else job
