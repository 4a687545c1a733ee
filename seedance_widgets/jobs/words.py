"""Statuses and times in words."""

from __future__ import annotations

import time

from .. import life
from ..text.printable import one_line

STATUS_TEXT = {
    "submitting": "Sending the request",
    "queued": "Waiting in the queue",
    "processing": "Generating",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "cancelled": "Cancelled",
    "unconfirmed": "Unconfirmed: the server's answer was lost",
}


def status_text_of(row: life.Row, now: float) -> str:
    """The status of a job in words, with what is being done about it."""
    if row.is_removed:
        return "Deleted"
    if row.look_problem == life.OTHER_KEY and not row.final:
        return "Made with another key, and unknown to the server under this one; %seedance_key takes the other"
    if row.is_unknown and not row.final:
        return "Unknown to the server; still asking"
    if row.look_problem == life.KEY_REFUSED and not row.final:
        return "The key was refused; waiting for another (%seedance_key)"
    if row.is_held(now) and not row.cancel_asked_at:
        doing = "sending it again" if row.status == "submitting" else "asking again"
        return f"Not accepted yet; {doing} at {time_of_day(row.not_before_at, seconds=True)}"
    if row.is_unreachable(now):
        return f"Server unreachable since {time_of_day(row.failing_since_at)}; still trying"
    if row.cancel_asked_at and not row.final:
        return "Cancelling"
    if row.status == "succeeded" and row.clip_path is None:
        if row.saves >= life.MAX_AUTOMATIC_SAVES:
            return "Succeeded, but the clip could not be saved"
        return "Saving the clip" if row.output_url else "Succeeded; the server has not named the file yet"
    if row.status == "failed" and row.request_id is None:
        if row.is_discarded:
            return "Discarded"
        return "Not sent" if (row.problem.code if row.problem else "") == "not_sent" else "Refused by the server"
    return STATUS_TEXT.get(row.status, f"The server says: {one_line(row.status)[:40]}")


def time_of_day(at: float | None, *, seconds: bool = False) -> str:
    """An instant in the words of a clock on the wall; with the day when it is not today."""
    then, clock = time.localtime(at), "%H:%M:%S" if seconds else "%H:%M"
    return time.strftime(clock if then[:3] == time.localtime()[:3] else f"%d %b {clock}", then)
