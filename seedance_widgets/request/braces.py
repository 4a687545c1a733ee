"""One text, many prompts: a template with names in braces, and the combinations of values that fill it. Pure.

    a {animal} in {weather}      animal = fox, owl      weather = rain, snow      four prompts

Braces mean something only where there are names. Then a literal brace is doubled: `{{` is `{`.
"""

from __future__ import annotations

import itertools
import json
import math
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from ..errors import RequestInvalid
from ..text import links
from ..text.printable import cut
from ..values.plain import column, is_blank, is_missing, no_value, plain

Mode = Literal["product", "zip"]
Values = dict[str, Any]
"""One combination: each variable's value."""

MAX_COMBINATIONS = 1_000
"""No sweep is larger: a slip of a comma must not become an invoice."""
TAKE = "take"
"""The one variable that need not be used: `take=3`, or `take=[1, 2, 3]`, asks for the same thing three times."""

_PART = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


def names_in(template: str) -> list[str]:
    """The names between braces in a template, once each, in order."""
    names = (match[1].strip() for match in _PART.finditer(template) if match[1] is not None)
    return list(dict.fromkeys(name for name in names if name))


def fill(template: str, values: Mapping[str, Any]) -> str:
    """The template with every name in braces replaced; without values the text as it is, braces and all.

    Raises RequestInvalid for a name that has no value, and for a lone brace.
    """
    if not values:
        return template

    def filled(match: re.Match[str]) -> str:
        if match[0] in ("{{", "}}"):
            return match[0][0]
        if match[1] is None or not match[1].strip():
            raise _lone_brace(match)
        name = match[1].strip()
        if name not in values:
            raise _unknown(name, values)
        return as_text(values[name])

    return _PART.sub(filled, template)


def literal(text: str) -> str:
    """A text that means nothing by its braces, as a template."""
    return text.replace("{", "{{").replace("}", "}}")


def takes(many: int) -> list[int]:
    """The values of `take` that ask for the same so many times. Raises RequestInvalid."""
    if not 1 <= many <= MAX_COMBINATIONS:
        raise RequestInvalid(f"{TAKE} is a number of takes from 1 to {MAX_COMBINATIONS:,}, not {many:,}.", field=TAKE)
    return list(range(1, many + 1))


def as_text(value: Any) -> str:
    """A value as it reads in a prompt: 5.0 is "5", a list is its parts with commas."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, list | tuple):
        return ", ".join(map(as_text, value))
    return str(value)


def identity(value: Any) -> Any:
    """The part of a value that makes it the same as another: its text in a prompt, and a link without its signature.

    5 is 5.0 and "5", and a link that was signed anew is the link that it was.
    """
    if isinstance(value, Mapping):
        return {str(key): _number(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [identity(each) for each in value]
    text = as_text(value)
    return links.kept(text) if "://" in text else text


def key_of(values: Mapping[str, Any]) -> str:
    """The same for two combinations that are the same."""
    identities = {name: identity(value) for name, value in values.items()}
    return json.dumps(identities, sort_keys=True, ensure_ascii=False)


def unsigned(value: Any) -> Any:
    """A value to keep: a link in it without its signature, which is a secret and soon stale."""
    return links.kept_in(value)


def _number(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _number(value[key]) for key in sorted(value, key=str)}
    if isinstance(value, list | tuple):
        return [_number(each) for each in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def axis(name: str, given: Any) -> list[Any] | None:
    """The values of an axis, or `None` where one value is given and not a list of them.

    Lists, tuples, ranges, sets (in order, so that the same cell is the same sweep), iterators, and columns of pandas
    and polars; an endless iterator is not read to its end. Raises RequestInvalid for an empty axis, and where a value
    is missing; in a column a blank cell is.
    """
    if given is None or isinstance(given, str | bytes | bool | int | float | Mapping):
        return None
    if hasattr(given, "columns"):
        raise RequestInvalid(f"{name} is a whole table.", field=name, next_step="Give one column of it.")
    cells = column(given)
    if cells is None:
        if not isinstance(given, Iterable) or getattr(given, "ndim", None) == 0:
            return None  # a number of numpy's, say
        given = sorted(given, key=str) if isinstance(given, set | frozenset) else given
    values = list(itertools.islice(given if cells is None else cells, MAX_COMBINATIONS * 100))
    if not values:
        raise RequestInvalid(f"{name} is empty, so there is nothing to combine.", field=name)
    for place, value in enumerate(values, 1):
        if is_missing(value) or (cells is not None and is_blank(value)):
            raise no_value(name, value, f" at place {place} of {len(values)}")
    return [plain(value, name) for value in values]


def check_names(templates: Sequence[str], names: Collection[str], options: Collection[str]) -> None:
    """Every name in braces has a value, and every value is used: in a template, or as an option of the request.

    Raises RequestInvalid.
    """
    if not names:
        return
    there: set[str] = set()
    for template in templates:
        fill(template, dict.fromkeys(names, ""))
        there.update(names_in(template))
    for name in names:
        if name not in there and name not in options and name != TAKE:
            raise RequestInvalid(
                f"{name} is given but not used: it is no option, and {{{name}}} does not stand in the template.",
                field=name,
                next_step=f"Write {{{name}}} where its value belongs"
                + (f"; the template has {_in_braces(there)}." if there else "."),
            )


def count(axes: Mapping[str, Sequence[Any]], mode: Mode = "product") -> int:
    """The number of combinations, without making any. Raises RequestInvalid where `zip` cannot pair them."""
    lengths = {name: len(values) for name, values in axes.items()}
    if mode == "product":
        return math.prod(lengths.values())
    if len(set(lengths.values())) > 1:
        detail = ", ".join(f"{name} has {length}" for name, length in lengths.items())
        raise RequestInvalid(
            f"zip pairs the first with the first and so on, but the lists differ in length: {detail}.",
            field=next(iter(lengths)),
            next_step="Make them equal, or leave zip out to combine each with each.",
        )
    return next(iter(lengths.values()), 1)


def check_count(axes: Mapping[str, Sequence[Any]], mode: Mode = "product") -> None:
    """Raises RequestInvalid where there are more combinations than a sweep may have."""
    many = count(axes, mode)
    if many > MAX_COMBINATIONS:
        sizes = " x ".join(f"{len(values):,} {name}" for name, values in axes.items())
        raise RequestInvalid(
            f"{many:,} combinations ({sizes}) are too many: a sweep has at most {MAX_COMBINATIONS:,}.",
            field=next(iter(axes)),
            next_step="Leave values out, or pair the lists one by one with zip.",
        )


def combinations(axes: Mapping[str, Sequence[Any]], mode: Mode = "product") -> Iterator[Values]:
    """Every combination, the last axis changing fastest; with `zip` the first values together, then the second.

    Raises RequestInvalid where there are too many, where lists cannot be paired, and where two are the same.
    """
    check_count(axes, mode)
    rows = itertools.product(*axes.values()) if mode == "product" else zip(*axes.values(), strict=True)
    seen: dict[str, int] = {}
    for place, row in enumerate(rows, 1):
        values = dict(zip(axes, row, strict=True))
        earlier = seen.setdefault(key_of(values), place)
        if earlier != place:
            raise RequestInvalid(
                f"Combinations {earlier} and {place} are the same: {described(values)}.",
                field=next(iter(axes)),
                next_step=f"Drop one of them; {TAKE}=2 asks for the same thing twice on purpose.",
            )
        yield values


def described(values: Mapping[str, Any], width: int = 120) -> str:
    """A combination in words, on one line: `animal=fox, weather=rain`."""
    text = " ".join(", ".join(f"{name}={as_text(unsigned(value))}" for name, value in values.items()).split())
    return cut(text, width)


def _unknown(name: str, names: Collection[str]) -> RequestInvalid:
    return RequestInvalid(
        f"There is no variable {{{name[:40]}}}; there is {_in_braces(names)}.",
        field=name,
        next_step="A brace that is meant as a brace is doubled: {{ and }}.",
    )


def _lone_brace(match: re.Match[str]) -> RequestInvalid:
    around = match.string[max(0, match.start() - 15) : match.end() + 15]
    what = "Empty braces" if len(match[0]) > 1 else f"A lone {match[0]}"
    return RequestInvalid(
        f"{what} in the template, near {around!r}.",
        field="prompt",
        next_step="A brace that is meant as a brace is doubled: {{ and }}.",
    )


def _in_braces(names: Iterable[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))
