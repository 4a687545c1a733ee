"""The content of a page's messages, with nothing taken for granted."""

from __future__ import annotations

from typing import Any

from .view import IN_FORM, RequestView


def text(value: object) -> str:
    """A value as text that a database and a message can hold: half of a character becomes `?`."""
    return str(value or "").encode("utf-8", "replace").decode()


def amount(value: object) -> float | None:
    """The price that a page showed beside the button; `None` where it showed none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def request_of(content: dict[str, Any]) -> RequestView:
    """The request of a message. What does not fit is found by the checks."""
    given = content.get("request")
    given = given if isinstance(given, dict) else {}
    values = {option.name: given.get(option.name) for option in IN_FORM}
    for option in IN_FORM:
        value = values[option.name]
        if option.kind == "urls":
            values[option.name] = [str(url) for url in value] if isinstance(value, list) else []
        elif option.kind != "integer":
            values[option.name] = value or None
    return {"prompt": str(given.get("prompt") or ""), **values}
