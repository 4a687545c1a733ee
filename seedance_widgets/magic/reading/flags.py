"""The flags that a magic's line may hold besides text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class LineInvalid(ValueError):
    """A line that cannot be read. Its text is one line, names the option and says what to do."""


class Flag(NamedTuple):
    """One option of a magic, as it is written in a line."""

    flag: str
    key: str
    """Where its value goes; two flags with one key exclude each other."""
    help: str
    read: Callable[[str], Any] | None = None
    """From the written value to the Python one; `None` for an option that takes no value."""
    constant: object = True
    """The value of an option that takes none."""
    repeats: bool = False
    """May be given again; its values are tuples, which add up."""
    is_json: bool = False
    """An opening `{` begins a value that ends with its `}`, spaces and all."""
    is_list: bool = False
    """Quoted parts may stand after a `=` or a comma, spaces and all."""


Flags = Mapping[str, Flag]


def by_flag(*flags: Flag) -> Flags:
    """Flags by what is typed."""
    return {flag.flag: flag for flag in flags}
