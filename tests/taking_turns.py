"""Tests that run in several processes at once, and the few that must have the machine for themselves."""

from __future__ import annotations

import getpass
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

try:
    import fcntl
except ImportError:  # where there is none, tests that need the machine run beside others
    fcntl = None  # type: ignore[assignment]


@contextmanager
def turn(*, alone: bool) -> Iterator[None]:
    """Hold a place among a person's tests on this machine; `alone` waits until no other runs, and lets none begin."""
    if fcntl is None:
        yield
        return
    place = Path(tempfile.gettempdir(), f"seedance-tests-{getpass.getuser()}")
    with open(f"{place}.door", "w") as door, open(f"{place}.room", "w") as room:
        fcntl.flock(door, fcntl.LOCK_EX)  # who waits for the whole room keeps the door
        fcntl.flock(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(door, fcntl.LOCK_UN)
        yield
