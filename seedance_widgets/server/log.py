"""What may stand in the server's log: which route, which job, and where in the code something failed.

An administrator reads that log, and on a Hub it is collected. What somebody searched for, and what an error says, may
be a prompt, a path or a key.
"""

from __future__ import annotations

import traceback

from ..text.job_ids import is_job_id

_FIRST = ("new", "jobs", "costs", "doctor", "webhook", "media")
_LATER = ("seen", "told", "clip", "poster", "cancel", "download", "mark")


def address_of(path: str, root: str) -> str:
    """A path below our root, with `*` for each part that is neither a word of our routes nor the id of a job."""
    parts = path.removeprefix(root).split("/")
    return root + "/".join(part if part in _FIRST + _LATER or is_job_id(part) else "*" for part in parts)


def trace_of(error: BaseException) -> str:
    """The type of an error and the lines of code that it came through, without what it says."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__))}".rstrip()
