"""The values of a sweep as they are written in a line: `animal=fox,"owl, asleep",cat`. Pure."""

from __future__ import annotations

import re
from typing import Any, get_args

from ...errors import SeedanceError
from ...request.check import parse_value
from ...request.options import OPTIONS
from ...types import OurStatus, ServerStatus
from ...when import instant
from .flags import LineInvalid

_PART = re.compile(r"""(?:"([^"]*)"|“([^”]*)”|'((?:[^']|(?<=\w)'(?=\w))*)')(?=,|\Z)|([^,]*)""")


def axis(text: str) -> tuple[tuple[str, list[Any]]]:
    """A name and its values, separated by commas; what stands in quotes keeps its commas and spaces.

    Values of an option of the request are of its kind. Raises LineInvalid, or RequestInvalid for such a value.
    """
    written, equals, values = text.partition("=")
    if not equals or not written:
        raise LineInvalid(f"--sweep takes a name and its values, such as animal=fox,owl, not {text[:40]!r}.")
    option = next((o for o in OPTIONS if written.replace("_", "-") in (o.flag[2:], o.name.replace("_", "-"))), None)
    name = option.name if option else written
    if not name.isidentifier():
        raise LineInvalid(f"--sweep: {name[:40]!r} is no name of a variable.")
    several = [part if option is None else parse_value(option, part) for part in parts(written, values)]
    return ((name, several),)


def parts(name: str, text: str) -> list[str]:
    """A text at its commas, quoted parts whole. Raises LineInvalid for an empty part or an open quote."""
    pieces: list[str] = []
    at = 0
    while at <= len(text):
        match = _PART.match(text, at)
        assert match is not None, "any text is a part"
        part = match[match.lastindex or 4]
        if match.lastindex == 4:
            part = part.strip()
            if part[:1] in ('"', "“"):
                raise LineInvalid(f"--sweep {name}: the quotes around {part[:40]} are not closed before a comma.")
        if not part.strip():
            where = "has no values" if not text else "has an empty value: two commas, or one at an end"
            raise LineInvalid(f"--sweep {name} {where}. Values with spaces stand in quotes.")
        pieces.append(part)
        at = match.end() + 1
    return pieces


def names(text: str) -> tuple[str, ...]:
    """Names of variables, separated by commas. Raises LineInvalid."""
    split = tuple(name.strip() for name in text.split(","))
    for name in split:
        if not name.isidentifier():
            raise LineInvalid(f"--vars takes names of variables, such as style,shot, not {text[:40]!r}.")
    return split


def at_once(text: str) -> int:
    """A number of jobs. Raises LineInvalid."""
    if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= 100):
        raise LineInvalid(f"--at-once takes a whole number from 1 to 100, not {text[:40]!r}.")
    return int(text)


def takes(text: str) -> int:
    """How often the same is asked for. Raises LineInvalid."""
    if not (text.isdecimal() and len(text) < 4 and 1 <= int(text) <= 100):
        raise LineInvalid(f"--takes takes a whole number from 1 to 100, not {text[:40]!r}.")
    return int(text)


COSTS_BY = ("day", "model", "sweep", "notebook")


STATUSES: tuple[str, ...] = (*get_args(OurStatus), *get_args(ServerStatus))


def read_status(text: str) -> str | list[str]:
    for word in text.split(","):
        if word not in STATUSES:
            raise LineInvalid(
                f"--status takes one of {', '.join(STATUSES)}, or several with commas, not {word[:40]!r}."
            )
    return read_several(text)


def read_several(text: str) -> str | list[str]:
    return text.split(",") if "," in text else text


def read_limit(text: str) -> int:
    if not (text.isdecimal() and len(text) < 10 and int(text)):
        raise LineInvalid(f"--limit takes a whole number from 1, not {text[:40]!r}.")
    return int(text)


def read_by(text: str) -> str:
    if text not in COSTS_BY:
        raise LineInvalid(f"--by takes one of {', '.join(COSTS_BY)}, not {text[:40]!r}.")
    return text


def read_rating(text: str) -> int:
    if text not in ("1", "2", "3", "4", "5"):
        raise LineInvalid(f"--rating takes 1 to 5, not {text[:40]!r}.")
    return int(text)


def read_when(text: str, *, name: str) -> str:
    try:
        instant(text, name=f"--{name}")
    except SeedanceError as error:
        raise LineInvalid(str(error)) from None
    return text
