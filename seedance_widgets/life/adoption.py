"""Tell whether a generation that a person found can be a job's own. Pure."""

from __future__ import annotations

import unicodedata

from ..errors import AdoptRefused
from ..text.printable import cut
from .row import Row

CUT_FROM = 100
"""Characters of a prompt from which on a server may show no more than its beginning."""
SHOWN = 80


def refuse_other_prompt(row: Row, request_id: str, prompt: str | None) -> None:
    """Raise AdoptRefused when the server made a generation from another prompt than this job's."""
    if prompt is not None and not _is_same(prompt, row.request.prompt):
        raise AdoptRefused(
            f"Request id {request_id[:SHOWN]} is of another prompt ({shown(prompt)}), and job {row.id} asked for "
            f"{shown(row.request.prompt)}.",
            job=row,
        )


def refuse_other_id(row: Row, request_id: str) -> None:
    """Raise AdoptRefused when a job got another request id in the meantime."""
    if row.request_id != request_id:
        has = f"has request id {row.request_id} already" if row.request_id else f"is {row.status}"
        raise AdoptRefused(f"Job {row.id} {has}.", job=row, next_step="")


def shown(prompt: str) -> str:
    """The beginning of a prompt in quotes."""
    return repr(cut(" ".join(prompt.split()), SHOWN))


def _is_same(theirs: str, ours: str) -> bool:
    """White space and Unicode's ways to write a letter aside; of a long one the beginning is enough."""
    one, other = (" ".join(unicodedata.normalize("NFC", text).split()) for text in (theirs, ours))
    beginning = one.rstrip("….").rstrip()
    return one == other or (len(beginning) >= CUT_FROM and other.startswith(beginning))
