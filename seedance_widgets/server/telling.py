"""How an error is sent to a page: as JSON, with a status."""

from __future__ import annotations

from typing import Any

from ..errors import JobNotFound, SeedanceError, StoreError


class Conflict(SeedanceError):
    """The job is in no state for what was asked; nothing was changed."""

    default_charged = ""


class Refusal(Exception):
    """An answer with a status of its own."""

    def __init__(self, status: int, error: SeedanceError) -> None:
        self.status = status
        self.error = error
        super().__init__(str(error))


def told_of(error: SeedanceError) -> dict[str, Any]:
    """An error as a page gets it. `message` is where JupyterLab's own client looks."""
    parts = {"what": error.what, "charged": error.charged, "next_step": error.next_step}
    return {"error": parts, "message": " ".join(part for part in parts.values() if part)}


def status_of(error: SeedanceError) -> int:
    """The status of an answer that is an error."""
    if isinstance(error, JobNotFound):
        return 404
    if isinstance(error, StoreError):
        return 503
    return 409 if isinstance(error, Conflict) else 400
