"""What one `%seedance` or `%%seedance` asks for, read from its text. Pure."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from seedance_widgets.session import OPTIONS, Option, parse_value

from .flags import Flag, Flags, LineInvalid, by_flag
from .line import split


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """The prompt, the options of the request, and what the magic itself shall do."""

    text: str
    """The prompt, byte for byte."""
    options: dict[str, Any] = field(default_factory=dict)
    """Only what was written, by the keywords of `Session.start`, with Python values."""
    out: str | None = None
    """The variable that gets the job."""
    wait: bool | None = None
    """Wait for the end or not; `None` when nothing was said."""
    fresh: bool = False
    """Send it also when the same request is running or unconfirmed."""
    template: str | None = None
    """The name of a saved prompt that comes first."""
    dry_run: bool = False
    quiet: bool = False


LITERALLY = "If it belongs to the prompt, write -- before the prompt or use %%seedance."


def _variable(text: str) -> str:
    if not text.isidentifier() or keyword.iskeyword(text):
        raise LineInvalid(f"--out takes the name of a variable, not {text[:40]!r}.")
    return text


def _of_request(option: Option) -> Flag:
    return Flag(
        flag=option.flag,
        key=option.name,
        help=option.help,
        read=partial(parse_value, option),
        repeats=option.kind == "urls",
        is_json=option.kind == "json",
    )


FLAGS: Flags = by_flag(
    *map(_of_request, OPTIONS),
    Flag(flag="--with", key="template", help="the name of a saved prompt", read=str),
    Flag(flag="--out", key="out", help="the variable that gets the job", read=_variable),
    Flag(flag="--wait", key="wait", help="wait for the end of the job"),
    Flag(flag="--no-wait", key="wait", help="go on at once, also where no page shows the card", constant=False),
    Flag(flag="--fresh", key="fresh", help="send it again although the same request is running or unconfirmed"),
    Flag(flag="--dry-run", key="dry_run", help="show the request and its cost, send nothing"),
    Flag(flag="--quiet", key="quiet", help="show no card"),
)
"""Every option of `%seedance`: those of the one table, then the magic's own."""


def parse(line: str) -> Prompt:
    """A `%seedance` line: options, prompt, options. Raises LineInvalid or RequestInvalid.

    With a saved prompt the line's own text may be empty.
    """
    found = split(line, FLAGS, hint=LITERALLY)
    if not found.text.strip() and "template" not in found.values:
        raise LineInvalid("There is no prompt: say what the video shows.")
    return _prompt(found.text, found.values)


def parse_cell(line: str, body: str) -> Prompt:
    """A `%%seedance` cell: the line holds options only, and the body is the prompt but for its last line end.

    A body whose every line is commented out is refused, unless a lone `--` ends the line of options.
    """
    found = split(line, FLAGS)
    if found.text:
        raise LineInvalid(f"The first line takes options only, not {found.text[:40]!r}; the prompt goes below it.")
    said = [line for line in body.splitlines() if line.strip()]
    if not said and "template" in found.values:
        return _prompt("", found.values)
    if not said:
        raise LineInvalid("The cell is empty below its first line: say there what the video shows.")
    if not found.verbatim and all(line.lstrip().startswith("# ") for line in said):
        raise LineInvalid("Every line of the prompt is commented out. If '# ' belongs to it, write %%seedance --.")
    return _prompt(body.removesuffix("\n"), found.values)


def _prompt(text: str, values: dict[str, Any]) -> Prompt:
    own = {key: values.pop(key) for key in ("out", "wait", "fresh", "template", "dry_run", "quiet") if key in values}
    return Prompt(text=text, options=values, **own)
