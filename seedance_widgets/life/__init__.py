"""A job's life as a pure table: `advance(row, event)` and `next_action(row)`. No clock, file or socket.

    submitting ──Acknowledged──▶ queued ──▶ processing ──▶ succeeded ──Saved──▶ (clip)
        │  │                        └────────────┴───────▶ failed | cancelled
        │  ├──Delayed──▶ submitting               turned away or never sent; it is sent again, in a new turn
        │  ├──Refused / NotSent──▶ failed        nothing was charged
        │  └──Uncertain──────────▶ unconfirmed ──Adopted──▶ queued
        │                               ├──Discarded──▶ failed        a person closed it
        │                               └──Refused / NotSent──▶ failed        its sender was slow, not dead
        └──(kernel died)─────────▶ unconfirmed, or failed when it had not been sent yet

`succeeded`, `failed` and `cancelled` are final when the server said them: no later answer changes them. An end that we
wrote gives way to an acceptance that comes late (`Acknowledged`), also when the job was deleted. Every other status,
also one that the server invents tomorrow, is looked at again.

`row` is what is known of a job, `events` what can happen to it, `changes` what each event makes of a row.
"""

from .changes import MAX_NOTE, MAX_TAGS, advance, died, second_acceptance
from .events import (
    Acknowledged,
    Adopted,
    CancelAsked,
    CancelEnded,
    Delayed,
    Discarded,
    Event,
    LookAsked,
    Looked,
    LookFailed,
    Marked,
    NotSent,
    Refused,
    Removed,
    SaveAsked,
    Saved,
    SaveFailed,
    Seen,
    Sending,
    Uncertain,
)
from .row import (
    CANCELLED_UNSENT,
    CONTINUES,
    DISCARDED,
    KEY_REFUSED,
    MAX_AUTOMATIC_SAVES,
    OTHER_KEY,
    OURS,
    RELATIONS,
    SIMULATOR,
    TAKE,
    UNKNOWN,
    UNKNOWN_GRACE_S,
    UNREACHABLE_AFTER,
    UNREACHABLE_AFTER_S,
    VARIATION,
    Action,
    Row,
    digest_of_place,
    kept_values_of,
    new_job_id,
    next_action,
)

__all__ = [
    "CANCELLED_UNSENT",
    "CONTINUES",
    "DISCARDED",
    "KEY_REFUSED",
    "MAX_AUTOMATIC_SAVES",
    "MAX_NOTE",
    "MAX_TAGS",
    "OTHER_KEY",
    "OURS",
    "RELATIONS",
    "SIMULATOR",
    "TAKE",
    "UNKNOWN",
    "UNKNOWN_GRACE_S",
    "UNREACHABLE_AFTER",
    "UNREACHABLE_AFTER_S",
    "VARIATION",
    "Acknowledged",
    "Action",
    "Adopted",
    "CancelAsked",
    "CancelEnded",
    "Delayed",
    "Discarded",
    "Event",
    "LookAsked",
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
    "Seen",
    "Sending",
    "Uncertain",
    "advance",
    "died",
    "digest_of_place",
    "kept_values_of",
    "new_job_id",
    "next_action",
    "second_acceptance",
]
