"""What the front ends know of the options of a request: the one table of them, and how typed words become values.

The door of magics and widgets to `catalog` and `when`, which lie too deep for them.
"""

from __future__ import annotations

from .catalog import (
    BUNDLED_MODELS,
    OPTION,
    OPTIONS,
    Option,
    known_values,
    media_kind,
    media_roles,
    nearest,
    parse_value,
)
from .when import instant

__all__ = [
    "BUNDLED_MODELS",
    "OPTION",
    "OPTIONS",
    "Option",
    "instant",
    "known_values",
    "media_kind",
    "media_roles",
    "nearest",
    "parse_value",
]
