"""What tests of a job's life share: what a look says, and a clip that was saved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from seedance_widgets.life import Looked, Row, Saved
from seedance_widgets.types import ClipFacts, Generation, Problem

MakeRow = Callable[..., Row]

FACTS = ClipFacts(size_bytes=9, width=160, height=96, duration_s=2.0, fps=12.0, has_audio=True)
NO = Problem(code="invalid_request", message="no")
URL = "https://files.example/a.mp4"


def looked(status: str, at: float = 50.0, **more: Any) -> Looked:
    return Looked(at, Generation(request_id="req_1", status=status, **more))


def saved(at: float = 90.0) -> Saved:
    return Saved(at, "/clips/a.mp4", "/clips/a.jpg", FACTS)
