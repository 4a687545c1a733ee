"""Where the request in a Studio's form came from: a job that was reused, or a clip that was dropped on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from ...errors import JobNotFound, MediaError, SeedanceError
from ...request.diff import is_made_from
from ...request.models import media_kind
from ...session.session import Session
from ...types import GenerationRequest
from .view import IN_FORM, RequestView, request_view

MAX_DROPPED_BYTES = 5 << 20
"""A page sends the head and the index of a clip, or a sidecar: far less than this."""
NAME_SHOWN = 80


class Source:
    """Remembers the job that the form was filled from.

    The next jobs are its children, until the prompt is emptied, or what is sent keeps less than a third of its words:
    that is a new one, made from scratch. Also taking a Reuse back is found out by that.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._job_id = ""

    def reuse(self, job_id: str) -> None:
        """The form is filled from a job. Asks nobody: whether there is one is found out when something is sent."""
        self._job_id = job_id

    def on_prompt(self, change: Any) -> None:
        """The prompt has changed; an empty one begins anew."""
        if not change.new.strip():
            self._job_id = ""

    def parent_id(self, prompt: str) -> str | None:
        """The parent of a job with this prompt, if it has one. Reads the history; raises StoreError."""
        if not self._job_id:
            return None
        try:
            job = self._session.job(self._job_id)
        except JobNotFound:
            return None
        return job.id if job.id == self._job_id and is_made_from(prompt, job.request.prompt) else None

    def open(self, name: str, buffers: Sequence[Any]) -> dict[str, object]:
        """Read a dropped file: a request for the form, and a sentence. The file is a stranger's."""
        from ...clips import provenance  # loads PyAV

        name = name[:NAME_SHOWN] or "The file"
        try:
            data = bytes(buffers[0]) if buffers and len(buffers[0]) <= MAX_DROPPED_BYTES else b""
            if not data:
                raise MediaError(f"{name} is empty, or its index is larger than that of any clip.")
            story = provenance.read_bytes(data, name)
            self.reuse(story.parent_in(self._session) or "")
        except SeedanceError as error:
            along = "Drop it on Reference media to send it along." if media_kind(quote(name)) == "video" else ""
            return {"request": None, "text": " ".join(filter(None, (error.what, error.next_step, along)))}
        more = " Its metadata are not part of the form." if story.request.metadata else ""
        return {"request": _filled(story.request), "text": f"Form filled from {name}.{more}"}


def _filled(request: GenerationRequest) -> RequestView:
    """For the form, which shows some value of every option: ours where the clip does not name one."""
    view = request_view(request)
    ours = {option.name: option.default for option in IN_FORM if option.is_plain}
    return view | {name: default for name, default in ours.items() if view[name] is None}
