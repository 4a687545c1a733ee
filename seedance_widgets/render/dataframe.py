"""Records as a pandas DataFrame, with a type for each column that says what it holds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from typing import Any

from ..errors import PackageMissing

INSTANT = "datetime64[ns, UTC]"
"""Of seconds since 1970."""
WORD, TEXT, NUMBER, WHOLE, FLAG = "category", "string", "Float64", "Int64", "boolean"
"""All of them know a missing value."""
THINGS = "object"
"""Of tuples and dictionaries."""


def pandas(otherwise: str = "go through the rows as they are: each is a plain object") -> Any:
    """The package, imported when a person asks for a frame. Raises PackageMissing with what to do `otherwise`."""
    try:
        return import_module("pandas")
    except ImportError as error:
        raise PackageMissing(
            "to_frame() makes a pandas DataFrame, and pandas is not installed here.",
            next_step=f"pip install pandas; or {otherwise}.",
        ) from error


def to_frame(records: Iterable[Sequence[Any]], columns: Mapping[str, str]) -> Any:
    """One row a record, in the order of the columns; each column is cast to the type that it is named with.

    Raises PackageMissing without pandas, which this package does not ask for.
    """
    pd = pandas()
    rows = list(records)
    made = {}
    for position, (name, kind) in enumerate(columns.items()):
        values = [row[position] for row in rows]
        if kind == INSTANT:
            made[name] = pd.to_datetime(pd.Series(values, dtype="float64"), unit="s", utc=True).astype(INSTANT)
        else:
            made[name] = pd.Series(values, dtype=kind if kind != WORD else "object").astype(kind)
    return pd.DataFrame(made)
