"""A value as people give it, read the same wherever one is taken: options, axes, cells of tables, filters, amounts.

A number of numpy's or pandas', an enum, a path or a link of another library is taken for the plain value that it stands
for; a missing value is told apart from every other. No other library is imported for that. What cannot be meant is
refused in a sentence that names the value by `shown`, which takes every one.
"""

from __future__ import annotations

import math
import operator
import sys
from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from enum import Enum
from types import ModuleType
from typing import Any

from ..errors import RequestInvalid, SeedanceError, SettingsInvalid
from ..text import links

_MISSING = ("NAType", "NaTType", "MaskedConstant")
"""The types of `pandas.NA`, `pandas.NaT` and `numpy.ma.masked`."""
_OF_NUMPY_TIME = ("datetime64", "timedelta64")
"""Their own conversion makes a bare count of nanoseconds of them."""
MAX_BITS = 1024
"""Of a whole number: a larger one is no float, and far beyond it Python itself refuses to write it down."""
MAX_TIMEOUT_S = 3600.0
FILL_IN = "Fill it in or drop it: an empty cell of a table reads like this."


def shown(value: object, width: int = 40) -> str:
    """A value as a sentence names it: on one line, cut to a width, without what signs a link; never an error itself."""
    if isinstance(value, int) and value.bit_length() > MAX_BITS:
        return f"a number of {int(value.bit_length() * math.log10(2)) + 1:,} digits"
    try:
        written = links.kept_in_text(repr(links.kept_in(value[:4_000] if isinstance(value, str | bytes) else value)))
    except (
        ArithmeticError,
        AttributeError,
        LookupError,
        RuntimeError,
        TypeError,
        ValueError,
    ):  # what it holds has none
        return f"what is of type {type(value).__name__}"
    flat = " ".join(written.split())
    return flat if len(flat) <= width + 2 else f"{flat[:width]}…"


def unfit(name: str, takes: str, value: object, *, next_step: str = "") -> SeedanceError:
    """The refusal of a value that is no part of a request."""
    return SeedanceError(f"{name} takes {takes}, not {shown(value)}.", charged="", next_step=next_step)


def flag(value: Any, name: str) -> bool:
    """A truth, also numpy's; a word such as "no" is none. Raises SeedanceError."""
    if isinstance(value, bool):
        return value
    if type(value).__name__ in ("bool", "bool_") and getattr(value, "ndim", None) == 0:
        return bool(value)
    raise unfit(name, "True or False", value)


def number(value: Any) -> float | None:
    """A number as Python's own, infinite ones too; `None` for what is none: text, a truth, NaN, an array."""
    try:
        plain_value = value if isinstance(value, str | bytes) else plain(value)
        is_number = isinstance(plain_value, int | float) and not isinstance(plain_value, bool)
        return float(plain_value) if is_number else None
    except (RequestInvalid, OverflowError):
        return None


def whole(value: Any, name: str) -> int | None:
    """A count as a whole number from 0; `None` stays. Raises SeedanceError."""
    if value is None:
        return None
    count = index(value)
    if count is None or not 0 <= count < 2**62:
        raise unfit(name, "a whole number from 0", value)
    return count


def index(value: Any) -> int | None:
    """A whole number, also numpy's; `None` for what is none, a truth and a class among it."""
    if isinstance(value, bool | type):
        return None
    try:
        return operator.index(value)
    except TypeError:
        return None


def seconds(value: Any, name: str = "timeout") -> float | None:
    """A time to wait, in seconds; `None` and infinity are for ever. Raises SeedanceError."""
    if value is None:
        return None
    if (limit := number(value)) is None:
        raise unfit(name, "a number of seconds, or None to wait for ever", value)
    return limit


def check_timeout(value: Any, name: str) -> float:
    """The bound on a call over the network, in seconds. Raises SettingsInvalid."""
    limit = number(value)
    if limit is None or not 0 < limit < MAX_TIMEOUT_S:
        raise SettingsInvalid(
            f"{name} is a number of seconds above 0 and below {MAX_TIMEOUT_S:.0f}, not {shown(value)}."
        )
    return limit


def is_broken(text: str) -> bool:
    """Tell whether a text holds half of a character (a lone surrogate), which nothing can write or send."""
    return any("\ud800" <= character <= "\udfff" for character in text) if not text.isascii() else False


def is_missing(value: Any) -> bool:
    """Tell whether it stands for no value: `None`, NaN of any kind, `pandas.NA`, `NaT`, a masked number."""
    if value is None or type(value).__name__ in _MISSING:
        return True
    if isinstance(value, str | bytes | int | Mapping):
        return False
    if isinstance(value, Decimal):
        return value.is_nan()
    if getattr(value, "ndim", 0) != 0 or isinstance(value, Iterable):
        return False
    try:
        return bool(value != value)
    except (TypeError, ValueError, ArithmeticError):
        return False


def is_blank(value: Any) -> bool:
    """Tell whether a cell of a table holds nothing: a missing value, or text of nothing but white space."""
    return is_missing(value) or (isinstance(value, str) and not value.strip())


def plain(value: Any, name: str = "The value") -> Any:
    """A value as JSON knows it: numbers as Python's, an enum as what it stands for, a path, link or date as its text.

    `None` stays. Raises RequestInvalid for another missing value, and for what has no text of its own, such as a
    function: nobody means its address.
    """
    if value is None:
        return None
    if is_missing(value):
        raise no_value(name, value)
    if isinstance(value, Enum):
        return plain(value.value, name)
    if isinstance(value, str):
        if is_broken(value):
            raise RequestInvalid(f"{name} holds half of a character (a lone surrogate).", field=name)
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float | Decimal) or _is_fraction(value):
        return _plain_number(value, name)
    if isinstance(value, Mapping):
        return {_plain_key(key, name): None if each is None else plain(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, name) for each in value]
    return _plain_of_another(value, name)


def text(value: Any, name: str, *, of: str = "text") -> str:
    """A value that is text, or stands for one: a word of an enum, a path, a link. Raises RequestInvalid."""
    plain_value = plain(value, name)
    if not isinstance(plain_value, str) or (isinstance(value, Iterable) and not isinstance(value, str)):
        raise RequestInvalid(f"{name} is {of}, not {type(value).__name__}.", field=name)
    return plain_value


def no_value(name: str, value: object, where: str = "") -> RequestInvalid:
    """The refusal of a missing value."""
    written = repr(value) if isinstance(value, str) else str(value)
    return RequestInvalid(f"{name} has no value{where} ({written}).", field=name, next_step=FILL_IN)


def column(given: Any) -> list[Any] | None:
    """The values of a column or array of pandas, polars or numpy; `None` for what is none."""
    many = getattr(given, "to_list", None) or getattr(given, "tolist", None)
    if not callable(many) or isinstance(given, str):
        return None
    if getattr(getattr(given, "dtype", None), "kind", "") in ("M", "m") and isinstance(given, Iterable):
        return list(given)
    cells = many()
    return cells if isinstance(cells, list) else None


def _is_fraction(value: Any) -> bool:
    """Tell whether it is a Fraction: where nobody loaded their module there is none, and asking does not load it."""
    fractions = sys.modules.get("fractions")
    return fractions is not None and isinstance(value, fractions.Fraction)


def _plain_number(value: Any, name: str) -> int | float:
    try:
        if isinstance(value, int):
            if value.bit_length() <= MAX_BITS:
                return int(value)
        elif isinstance(value, float):
            return float(value)
        else:
            as_float = float(value)
            return int(value) if as_float.is_integer() else as_float
    except OverflowError:  # of a fraction
        pass
    raise RequestInvalid(f"{name} is {shown(value)}, which is too large.", field=name)


def _plain_key(key: object, name: str) -> str:
    return str(plain(key, name)) if isinstance(key, str | int) else str(key)


def _plain_of_another(value: Any, name: str) -> Any:
    if isinstance(value, Set):
        raise RequestInvalid(f"{name} is a set, which has no order.", field=name, next_step="Give a list.")
    if isinstance(value, bytes | bytearray | memoryview) or callable(value) or isinstance(value, ModuleType):
        raise _no_text(name, value)
    if type(value).__name__ in _OF_NUMPY_TIME:
        return str(value)
    if (many := column(value)) is not None:
        return [plain(each, name) for each in many]
    item = getattr(value, "item", None) or getattr(value, "as_py", None)
    if callable(item):
        scalar = item()
        return scalar if scalar is None or isinstance(scalar, str | bool | int | float) else str(scalar)
    if str(value) == object.__repr__(value):
        raise _no_text(name, value)
    return str(value)


def _no_text(name: str, value: object) -> RequestInvalid:
    return RequestInvalid(f"{name} is of type {type(value).__name__}, which is no text.", field=name)
