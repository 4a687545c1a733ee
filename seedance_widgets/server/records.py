"""A job as JSON: the names of `Jobs.to_frame()`, and what a page needs besides. docs/server-api.md explains each."""

from __future__ import annotations

import time
from dataclasses import asdict
from pathlib import Path
from typing import Any

from .. import life
from ..jobs.words import status_text
from ..request.code import as_magic
from ..request.options import OPTIONS

MOST_OF_A_TEXT = 1_000
"""Characters of a prompt or a note in a list."""
NEEDS_KEY = (
    "Waits for its key, which only a kernel that has ended knew: set SEEDANCE_API_KEY where this server is started, "
    "save it with %seedance_key --save, or give it to a notebook with %seedance_key"
)


def record_of(
    row: life.Row, *, root: Path | None, needs_key: bool, is_new: bool, whole: bool = False
) -> dict[str, Any]:
    """A row as a page gets it.

    Args:
        root: The folder that the server shows: files in it are named from there, others by their bare names.
        needs_key: It waits for a key that nobody here has.
        whole: With all of its words, and the cells that show it and make it again.
    """
    request = row.request
    refused = row.look_problem in (life.KEY_REFUSED, life.OTHER_KEY) and not row.settled
    record = {
        "id": row.id,
        "status": row.status,
        "prompt": request.prompt if whole else request.prompt[:MOST_OF_A_TEXT],
        **{option.name: getattr(request, option.name) for option in OPTIONS if option.is_plain},
        "created_at": row.created_at,
        "final_at": row.final_at,
        "run_s": row.run_s,
        "cost_usd": row.cost_usd,
        "credits_charged": row.credits_charged,
        "starred": row.starred,
        "rating": row.rating,
        "tags": list(row.tags),
        "note": row.note if whole else row.note[:MOST_OF_A_TEXT],
        "sweep": row.sweep_id,
        "sweep_values": row.sweep_values,
        "parent": row.parent_id,
        "relation": None if row.parent_id is None else row.relation,
        "request_id": row.request_id,
        "clip": file_name(row.clip_there, root),
        "notebook": file_name(row.notebook, root),
    }
    facts: dict[str, Any] = dict(row.clip_facts or {})
    facts.pop("kept_path", None)
    more = {
        "service": row.service,
        "status_text": NEEDS_KEY if needs_key and not refused else status_text(row, time.time()),
        "is_final": row.final,
        "is_settled": row.settled and row.status != "submitting",
        "needs_key": needs_key or refused,
        "is_new": is_new,
        "seen_at": row.seen_at,
        "cancel_asked_at": row.cancel_asked_at,
        "problem": None if row.problem is None else asdict(row.problem),
        "save_problem": row.save_problem,
        "has_poster": row.poster_path is not None,
        "clip_facts": facts or None,
        "can_cancel": not row.final and row.status != "unconfirmed" and row.cancel_asked_at is None,
        "can_download": row.status == "succeeded",
        "can_delete": row.final and row.settled,
        "rev": row.rev,
        "is_cut": not whole and max(len(request.prompt), len(row.note)) > MOST_OF_A_TEXT,
    }
    if whole:
        more["cells"] = {"show": f"%seedance_show {row.id}", "again": as_magic(request)}
    return record | more


def file_name(path: str | None, root: Path | None) -> str | None:
    """A file as the contents API names it, or by its bare name where it lies outside of the folder that is shown."""
    if path is None:
        return None
    file = Path(path)
    if root is not None and file.is_relative_to(root):
        return file.relative_to(root).as_posix()
    return path.replace("\\", "/").rpartition("/")[2]
