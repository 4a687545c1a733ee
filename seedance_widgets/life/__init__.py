"""A job's life as a pure table: `advance(row, event)` and `next_action(row)`. No clock, file or socket.

    submitting ──Acknowledged──▶ queued ──▶ processing ──▶ succeeded ──Saved──▶ (clip)
        │  │                        └────────────┴───────▶ failed | cancelled
        │  ├──Refused / NotSent──▶ failed        nothing was charged
        │  └──Uncertain──────────▶ unconfirmed ──Adopted──▶ queued
        │                               └──Discarded──▶ failed        a person closed it
        └──(kernel died)─────────▶ unconfirmed, or failed when it had not been sent yet

`succeeded`, `failed` and `cancelled` are final: no later answer changes them. Every other status, also one that the
server invents tomorrow, is looked at again.

`row` is what is known of a job, `events` what can happen to it, `changes` what each event makes of a row.
"""

from .changes import MAX_NOTE, MAX_TAGS, advance
from .events import (
    Acknowledged,
    Adopted,
    CancelAsked,
    CancelEnded,
    Discarded,
    Event,
    Looked,
    LookFailed,
    Marked,
    NotSent,
    Refused,
    Removed,
    SaveAsked,
    Saved,
    SaveFailed,
    Sending,
    Uncertain,
)
from .row import (
    DISCARDED,
    KEY_REFUSED,
    MAX_AUTOMATIC_SAVES,
    OURS,
    UNKNOWN,
    UNKNOWN_GRACE_S,
    UNREACHABLE_AFTER,
    Action,
    Row,
    kept_values_of,
    next_action,
)

__all__ = [
    "DISCARDED",
    "KEY_REFUSED",
    "MAX_AUTOMATIC_SAVES",
    "MAX_NOTE",
    "MAX_TAGS",
    "OURS",
    "UNKNOWN",
    "UNKNOWN_GRACE_S",
    "UNREACHABLE_AFTER",
    "Acknowledged",
    "Action",
    "Adopted",
    "CancelAsked",
    "CancelEnded",
    "Discarded",
    "Event",
    "LookFailed",
    "Looked",
    "Marked",
    "NotSent",
    "Refused",
    "Removed",
    "Row",
    "SaveAsked",
    "SaveFailed",
    "Saved",
    "Sending",
    "Uncertain",
    "advance",
    "kept_values_of",
    "next_action",
]
