"""The caps in a Studio: which are set, and what came of a person's wish to change them."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from ...errors import SettingsInvalid
from ...session.session import Session
from .view import CapsView, FieldProblem

LABELS = {"per_job_usd": "Per-job", "per_session_usd": "Per-session", "per_day_usd": "Per-day"}
FIELDS = tuple(LABELS)


class CapFields:
    """The fields of the caps. They are the session's own: what is set here holds for magics, sweeps and Python, too."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._click_id = ""
        self._problems: list[FieldProblem] = []

    def set(self, click_id: str, typed: object) -> None:
        """Set the caps that a page names, as they were typed; an empty text takes one away. All of them, or none."""
        typed = typed if isinstance(typed, Mapping) else {}
        changes = {name: _amount(typed[name]) for name in FIELDS if name in typed}
        problems: list[FieldProblem] = []
        for name, value in changes.items():
            try:
                self._session.caps.with_(**{name: value})
            except SettingsInvalid:
                wrong = f"{LABELS[name]} cap must be a dollar amount above 0."
                problems.append(FieldProblem(field=name, text=wrong, index=None))
        if not problems:
            self._session.caps = self._session.caps.with_(**changes)
        self._click_id, self._problems = click_id, problems

    def view(self) -> CapsView:
        """The caps as they are now, set by whomever, and the answer to the newest wish."""
        caps = self._session.caps
        return CapsView(
            per_job_usd=caps.per_job_usd,
            per_session_usd=caps.per_session_usd,
            per_day_usd=caps.per_day_usd,
            click_id=self._click_id,
            problems=self._problems,
        )


def _amount(typed: object) -> Any:
    """Dollars, `None` for an empty field, or what was typed, so that the sentence that refuses it can quote it."""
    text = "" if typed is None else str(typed).encode("utf-8", "replace").decode().strip()
    try:
        usd = float(text)
    except ValueError:
        return text or None
    return usd if usd > 0 and math.isfinite(usd) else text
