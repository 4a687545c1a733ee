"""Statuses and times in words."""

from __future__ import annotations

import time

STATUS_TEXT = {
    "submitting": "Sending the request",
    "queued": "Waiting in the queue",
    "processing": "Generating",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "unconfirmed": "Unconfirmed: the server's answer was lost",
}


def time_of_day(at: float | None, *, seconds: bool = False) -> str:
    """An instant in the words of a clock on the wall; with the day when it is not today."""
    then, clock = time.localtime(at), "%H:%M:%S" if seconds else "%H:%M"
    return time.strftime(clock if then[:3] == time.localtime()[:3] else f"%d %b {clock}", then)
