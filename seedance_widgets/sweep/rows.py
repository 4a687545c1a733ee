"""A table whose rows are requests: a DataFrame, a list of records, or a file of JSON Lines or CSV.

Columns are named like the options of a request, beside `prompt`; `out_name` names the clip of a row, and `take` tells
two equal rows apart. Where the prompt is a template, every other column is a variable of it.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from ..errors import RequestInvalid
from ..request.braces import MAX_COMBINATIONS, TAKE, Values
from ..request.check import nearest, parse_value
from ..request.options import OPTION
from ..values.plain import column, is_blank, no_value, plain, shown

PROMPT, OUT_NAME = "prompt", "out_name"
OWN = (PROMPT, OUT_NAME, TAKE)
FILES = (".csv", ".tsv", ".jsonl", ".ndjson")
"""The endings of what is read as a table."""
OTHERS = (".xlsx", ".xls", ".ods", ".parquet", ".feather", ".json")
"""The endings of tables that pandas or polars read, and we do not."""
MAX_BYTES = 20_000_000
MAX_PATH = 1_000


def rows_of(given: Any) -> list[Values] | None:
    """The rows of a table as plain values by column, or `None` where it is no table.

    Raises RequestInvalid, by row and column, for a missing value and for what is no cell.
    """
    if isinstance(given, Path) or (isinstance(given, str) and names_file(given)):
        path = given if isinstance(given, Path) else Path(given.strip())
        return _checked(_read(path), of_text=path.suffix.lower() in (".csv", ".tsv"))
    if isinstance(given, str | bytes | Mapping):
        return None
    if hasattr(given, "columns"):
        return _checked(_of_frame(given))
    if hasattr(given, "to_list") or hasattr(given, "tolist") or not isinstance(given, list | tuple):
        return None
    if not given or not all(isinstance(each, Mapping) for each in given):
        return None
    return _checked(given)


def names_file(text: str) -> bool:
    """Tell whether a text names the file of a table, and is no prompt: it ends like one, on one line, and is there.

    One that is not there is meant as a file, too, so that a slip in its name is refused and not paid for as a prompt:
    unless it has a name in braces, or white space and no folder, as a sentence that ends in ".csv" has.
    """
    word = text.strip()
    if "\n" in word or len(word) > MAX_PATH or not word.lower().endswith((*FILES, *OTHERS)):
        return False
    try:
        if Path(word).expanduser().is_file():
            return True
    except (OSError, ValueError, RuntimeError):  # a name that no file can have, or `~` of nobody
        return False
    in_folder = "/" in word or "\\" in word
    return "{" not in word and (in_folder or not any(map(str.isspace, word)))


def check_columns(rows: list[Values], variables: Iterable[str] = ()) -> None:
    """Raise RequestInvalid for a column that is no option and no variable of the template."""
    known = {*OPTION, *OWN, *variables}
    for name in dict.fromkeys(name for row in rows for name in row):
        if name not in known:
            raise RequestInvalid(
                f"The column {name[:40]!r} is no option of a request, and no variable of a template.",
                field=name,
                allowed=(PROMPT, *OPTION, OUT_NAME, TAKE),
                nearest=nearest(name, known),
            )


def _checked(rows: Iterable[Mapping[Any, Any]], *, of_text: bool = False) -> list[Values]:
    checked: list[Values] = []
    for number, row in enumerate(itertools.islice(rows, MAX_COMBINATIONS + 1), 1):
        if number > MAX_COMBINATIONS:
            raise RequestInvalid(f"The table has more than {MAX_COMBINATIONS:,} rows.", field=PROMPT)
        checked.append({_name(name): _cell(_name(name), each, number, of_text=of_text) for name, each in row.items()})
        if not checked[-1]:
            raise RequestInvalid(f"Row {number} is empty.", field=PROMPT)
    if not checked:
        raise RequestInvalid("The table has no rows, so there is nothing to send.", field=PROMPT)
    return checked


def _name(name: object) -> str:
    if not isinstance(name, str) or not name.strip():
        raise RequestInvalid(f"A column is named {shown(name)}; its name is a word.", field=PROMPT)
    return name.strip()


def _cell(name: str, value: Any, number: int, *, of_text: bool) -> Any:
    if is_blank(value):
        raise no_value(name, value, f" in row {number}")
    where = f"{name} in row {number}"
    if of_text and name in OPTION:
        return _of_text(name, str(value).strip(), where)
    cells = column(value)
    if cells is not None or isinstance(value, list | tuple):
        many = list(value if cells is None else cells)
        for place, each in enumerate(many, 1):
            if is_blank(each):
                raise no_value(name, each, f" at place {place} of {len(many)} in row {number}")
    is_list = name in OPTION and OPTION[name].kind == "urls"
    return value if is_list and isinstance(value, set | frozenset) else plain(value, where)


def _of_text(name: str, text: str, where: str) -> Any:
    """A cell of a CSV file as the value of an option; several media are separated by spaces, or a JSON list."""
    kind = OPTION[name].kind
    try:
        if kind == "integer":
            number = float(text)
            return int(number) if number.is_integer() else number
        if kind == "urls":
            return json.loads(text) if text.startswith("[") else text.split()
        return parse_value(OPTION[name], text)
    except (ValueError, RequestInvalid):
        raise RequestInvalid(f"{where} cannot be {shown(text)}.", field=name) from None


def _of_frame(frame: Any) -> list[Mapping[Any, Any]]:
    names = list(frame.columns)
    for name in names:
        if names.count(name) > 1:
            raise RequestInvalid(f"The table has two columns {shown(name)}.", field=str(name))
    if callable(rows := getattr(frame, "to_dicts", None) or getattr(frame, "to_pylist", None)):
        return list(rows())
    if callable(getattr(frame, "itertuples", None)):
        return [dict(zip(names, row, strict=True)) for row in frame.itertuples(index=False, name=None)]
    raise RequestInvalid(f"A table of type {type(frame).__name__} cannot be read.", field=PROMPT)


def _read(path: Path) -> list[dict[str, Any]]:
    try:
        path = path.expanduser()
        if path.suffix.lower() not in FILES:
            raise RequestInvalid(
                f"{path} is no table that can be read: its name ends in {', '.join(FILES)}.",
                field=PROMPT,
                next_step="Read it with pandas or polars and give the frame, or save it as CSV.",
            )
        if path.stat().st_size > MAX_BYTES:
            raise RequestInvalid(f"{path} is larger than {MAX_BYTES // 1_000_000} MB.", field=PROMPT)
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RequestInvalid(f"{path} is not UTF-8 text.", field=PROMPT) from None
    except (OSError, ValueError, RuntimeError) as error:  # a name that no file can have, or `~` of nobody
        why = getattr(error, "strerror", None) or error
        raise RequestInvalid(f"{str(path)[:300]} cannot be read ({why}).", field=PROMPT) from None
    if path.suffix.lower() in (".csv", ".tsv"):
        return _read_csv(path, text)
    return [_read_line(path, number, line) for number, line in enumerate(text.split("\n"), 1) if line.strip()]


def _read_line(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise RequestInvalid(f"{path}, line {number}: this is no JSON object.", field=PROMPT)
    return row


def _read_csv(path: Path, text: str) -> list[dict[str, Any]]:
    head = text.split("\n", 1)[0]
    many = "\t,;" if path.suffix.lower() == ".tsv" else ",;\t"
    delimiter = max(many, key=head.count)  # the first where none of them is there
    try:
        lines = [line for line in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True) if line]
    except csv.Error as error:
        raise RequestInvalid(f"{path} is no CSV file ({error}).", field=PROMPT) from None
    names = [name.strip() for name in lines[0]] if lines else []
    for name in names:
        if names.count(name) > 1:
            raise RequestInvalid(f"{path} has two columns {name[:40]!r}.", field=name)
    for number, line in enumerate(lines[1:], 1):
        if len(line) != len(names):
            raise RequestInvalid(f"{path}: row {number} has {len(line)} cells, and {len(names)} columns.", field=PROMPT)
    return [dict(zip(names, line, strict=True)) for line in lines[1:]]
