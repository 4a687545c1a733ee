"""Records as a pandas DataFrame, with a type for each column that says what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from .errors import PackageMissing

INSTANT = "datetime64[ns, UTC]"
"""Of seconds since 1970."""
WORD, TEXT, NUMBER, WHOLE, FLAG = "category", "string", "Float64", "Int64", "boolean"
"""All of them know a missing value."""
THINGS = "object"
"""Of tuples and dictionaries."""


def to_frame(records: Iterable[Sequence[Any]], columns: Mapping[str, str]) -> Any:
    """One row a record, in the order of the columns; each column is cast to the type that it is named with.

    Raises PackageMissing without pandas, which this package does not ask for.
    """
    try:
        pandas: Any = import_module("pandas")
    except ImportError as error:
        raise PackageMissing(
            "to_frame() makes a pandas DataFrame, and pandas is not installed here.",
            next_step="pip install pandas; or go through the rows as they are: each is a plain object.",
        ) from error
    rows = list(records)
    made = {}
    for position, (name, kind) in enumerate(columns.items()):
        values = [row[position] for row in rows]
        if kind == INSTANT:
            made[name] = pandas.to_datetime(pandas.Series(values, dtype="float64"), unit="s", utc=True).astype(INSTANT)
        else:
            made[name] = pandas.Series(values, dtype=kind if kind != WORD else "object").astype(kind)
    return pandas.DataFrame(made)
