"""Axes of a sweep in words: names and units as the table of options has them. Pure; text out."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from .braces import TAKE, as_text
from .options import OPTION


def axis_name(axis: str) -> str:
    """An axis as people read it: "aspect ratio" of an option, a variable in its own words."""
    return OPTION[axis].label.lower() if axis in OPTION else axis.replace("_", " ")


def axis_value(axis: str, value: Any) -> str:
    """A value as people read it where it stands alone: "4 s", "take 2", "no reference media"; of a link its file."""
    name = axis_name(axis)
    if value is None or value in ((), []):
        return f"no {name}" if value is not None else f"{name} default"
    if isinstance(value, list | tuple):
        return ", ".join(_short(as_text(each)) for each in value)
    option = OPTION.get(axis)
    if option is not None and option.unit:
        return option.text(as_text(value))
    is_bare = isinstance(value, bool | int | float) or axis == TAKE
    return f"{name} {as_text(value)}" if is_bare else _short(as_text(value))


def _short(text: str) -> str:
    """The file of a link, any other text as it is."""
    if "://" not in text or any(map(str.isspace, text)):
        return text
    try:
        parts = urlsplit(text)
    except ValueError:
        return text
    return parts.path.rstrip("/").rpartition("/")[2] or parts.netloc or text
