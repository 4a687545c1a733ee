"""A value as people give it, read the same wherever one is taken: options, axes, cells of tables, filters, amounts.

A number of numpy's or pandas', an enum, a path or a link of another library is taken for the plain value that it stands
for; a missing value is told apart from every other. No other library is imported for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Set
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from types import ModuleType
from typing import Any

from .errors import RequestInvalid

_MISSING = ("NAType", "NaTType", "MaskedConstant")
"""The types of `pandas.NA`, `pandas.NaT` and `numpy.ma.masked`."""
_OF_NUMPY_TIME = ("datetime64", "timedelta64")
"""Their own conversion makes a bare count of nanoseconds of them."""
FILL_IN = "Fill it in or drop it: an empty cell of a table reads like this."


def is_missing(value: Any) -> bool:
    """Whether it stands for no value: `None`, NaN of any kind, `pandas.NA`, `NaT`, a masked number."""
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
    """Whether a cell of a table holds nothing: a missing value, or text of nothing but white space."""
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
        return str.__str__(value)
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return int(value) if isinstance(value, int) else float(value)
    if isinstance(value, Decimal | Fraction):
        number = float(value)
        return int(value) if number.is_integer() else number
    if isinstance(value, Mapping):
        return {str(key): None if each is None else plain(each, name) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each, name) for each in value]
    return _plain_of_another(value, name)


def text(value: Any, name: str, *, of: str = "text") -> str:
    """A value that is text, or stands for one: a word of an enum, a path, a link. Raises RequestInvalid."""
    found = value if isinstance(value, str) and type(value) is str else plain(value, name)
    if not isinstance(found, str) or (isinstance(value, Iterable) and not isinstance(value, str)):
        raise RequestInvalid(f"{name} is {of}, not {type(value).__name__}.", field=name)
    return found


def no_value(name: str, value: object, where: str = "") -> RequestInvalid:
    """The refusal of a missing value."""
    shown = repr(value) if isinstance(value, str) else str(value)
    return RequestInvalid(f"{name} has no value{where} ({shown}).", field=name, next_step=FILL_IN)


def column(given: Any) -> list[Any] | None:
    """The values of a column or array of pandas, polars or numpy; `None` for what is none."""
    many = getattr(given, "to_list", None) or getattr(given, "tolist", None)
    if not callable(many) or isinstance(given, str):
        return None
    if getattr(getattr(given, "dtype", None), "kind", "") in ("M", "m") and isinstance(given, Iterable):
        return list(given)
    found = many()
    return found if isinstance(found, list) else None


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
        found = item()
        return found if found is None or isinstance(found, str | bool | int | float) else str(found)
    if str(value) == object.__repr__(value):
        raise _no_text(name, value)
    return str(value)


def _no_text(name: str, value: object) -> RequestInvalid:
    return RequestInvalid(f"{name} is of type {type(value).__name__}, which is no text.", field=name)
