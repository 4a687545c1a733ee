"""A batch run (nbclient, nbconvert, papermill, a book's build) waits for what it started.

Nobody tells a kernel which cell is the last one, and what is under way when it ends is saved as it stood. So each cell
waits for the jobs and sweeps that its session has begun, before it counts as done; they run side by side meanwhile.
"""

from __future__ import annotations

import contextlib
from typing import Any, Protocol
from weakref import ref

from ..errors import SeedanceError
from ..jobs.registry import Registry
from ..notebook import batch_outputs, environment


class Attended(Protocol):
    """A session, as far as it is waited for."""

    registry: Registry
    began_at: float

    @property
    def is_closed(self) -> bool:
        """Whether nobody looks after its jobs here."""


_waits: bool | None = globals().get("_waits")  # a reload of the module keeps both
_timeout_s: float = globals().get("_timeout_s", 1_800.0)


def configure(*, waits: bool | None, timeout_s: float) -> None:
    """Set whether cells wait, and for how long at most, in seconds; `None`: in a batch run. For `%config`."""
    global _waits, _timeout_s
    _waits, _timeout_s = waits, timeout_s


def attend(session: Attended) -> None:
    """Let each cell of a batch run wait for a session from now on. Does nothing anywhere else."""
    if not environment.is_batch():
        return
    events, there = environment.shell().events, ref(session)

    def at_end_of_cell(*_: Any) -> None:
        session = there()
        if session is None or session.is_closed:
            with contextlib.suppress(ValueError):
                events.unregister("post_run_cell", at_end_of_cell)
        elif _waits is not False and environment.is_batch():
            settle(session)

    events.register("post_run_cell", at_end_of_cell)


def settle(session: Attended) -> None:
    """Wait until nothing of a session that it began itself goes on, and let the outputs say so. Raises nothing.

    A job that fails says so in its output; what has not ended in time goes on at the server.
    """
    with contextlib.suppress(SeedanceError):
        for sweep in session.registry.sweeps():
            if sweep.is_running:
                sweep.settle(_timeout_s)
        for job in session.registry.open_jobs():
            if job.created_at >= session.began_at:
                job.wait_until(lambda job=job: job.settled, _timeout_s)  # type: ignore[misc]
    batch_outputs.refresh()
