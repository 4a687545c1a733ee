"""Waiting for what another thread draws."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any


def until(reached: Callable[[], Any], deadline_s: float = 10.0) -> Any:
    """Wait until something is true, and return it."""
    end = time.monotonic() + deadline_s
    while not (found := reached()):
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.01)
    return found
