"""The request of one `%seedance` or `%%seedance`, read from its text. Pure."""

from __future__ import annotations

import keyword
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from ...request.braces import TAKE
from ...request.check import parse_value
from ...request.options import OPTIONS, Option
from .flags import Flag, Flags, LineInvalid, by_flag
from .line import split
from .values import at_once, axis, names, takes


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
    unrecorded: bool = False
    """Send it also when the same request is running or unconfirmed."""
    template: str | None = None
    """The name of a saved prompt that comes first."""
    dry_run: bool = False
    quiet: bool = False
    axes: dict[str, Any] = field(default_factory=dict)
    """Of a sweep: the values of each variable and option that differ."""
    variables: tuple[str, ...] = ()
    """Python variables of the notebook whose values go into braces."""
    takes: int = 1
    """How often the same is asked for; more than once is a sweep."""
    yes: bool = False
    """Send a sweep without asking."""
    at_once: int | None = None
    name: str | None = None
    """What the sweep is called."""
    zip: bool = False
    skip_invalid: bool = False


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
    Flag(
        flag="--unrecorded", key="unrecorded", help="send it also where neither history nor paper trail can be written"
    ),
    Flag(flag="--dry-run", key="dry_run", help="show the request and its cost, send nothing"),
    Flag(flag="--quiet", key="quiet", help="show no card"),
    Flag(
        flag="--sweep",
        key="axes",
        help="a name and its values, such as animal=fox,owl",
        read=axis,
        repeats=True,
        is_list=True,
    ),
    Flag(flag="--vars", key="variables", help="Python variables to fill into braces", read=names, repeats=True),
    Flag(flag="--takes", key="takes", help="ask for the same so many times, as a sweep", read=takes),
    Flag(flag="--zip", key="zip", help="pair the values of a sweep one by one"),
    Flag(flag="--name", key="name", help="what the sweep is called", read=str),
    Flag(flag="--at-once", key="at_once", help="how many jobs of a sweep run at the same time", read=at_once),
    Flag(flag="--skip-invalid", key="skip_invalid", help="leave out combinations that a model does not take"),
    Flag(flag="--yes", key="yes", help="send a sweep without asking"),
)
"""Every option of `%seedance`: those of the one table, then the magic's own."""


def parse(line: str) -> Prompt:
    """A `%seedance` line: options, prompt, options. Raises LineInvalid or RequestInvalid.

    With a saved prompt the line's own text may be empty.
    """
    pieces = split(line, FLAGS, hint=LITERALLY)
    if not pieces.text.strip() and not {"template", "variables"} & pieces.values.keys():
        raise LineInvalid("There is no prompt: say what the video shows.")
    return _prompt(pieces.text, pieces.values)


def parse_cell(line: str, body: str) -> Prompt:
    """A `%%seedance` cell: the line holds options only, and the body is the prompt but for its last line end.

    A body whose every line is commented out is refused, unless a lone `--` ends the line of options.
    """
    pieces = split(line, FLAGS)
    if pieces.text:
        raise LineInvalid(f"The first line takes options only, not {pieces.text[:40]!r}; the prompt goes below it.")
    lines = [line for line in body.splitlines() if line.strip()]
    if not lines and {"template", "variables"} & pieces.values.keys():
        return _prompt("", pieces.values)
    if not lines:
        raise LineInvalid("The cell is empty below its first line: say there what the video shows.")
    if not pieces.verbatim and all(line.lstrip().startswith("# ") for line in lines):
        raise LineInvalid("Every line of the prompt is commented out. If '# ' belongs to it, write %%seedance --.")
    return _prompt(body.removesuffix("\n"), pieces.values)


OWN = ("out", "wait", "fresh", "unrecorded", "template", "dry_run", "quiet", "yes")
OF_A_SWEEP = ("at_once", "name", "zip", "skip_invalid")


def _prompt(text: str, values: dict[str, Any]) -> Prompt:
    own = {key: values.pop(key) for key in (*OWN, *OF_A_SWEEP) if key in values}
    axes = values.pop("axes", ())
    variables = values.pop("variables", ())
    _check_once([*(name for name, _ in axes), *variables, *values, *([TAKE] if values.get("takes", 1) > 1 else [])])
    own["takes"] = values.pop("takes", 1)
    if not (axes or variables or own["takes"] > 1):
        for key in OF_A_SWEEP:
            if key in own:
                raise LineInvalid(f"--{key.replace('_', '-')} belongs to a sweep: add --sweep NAME=VALUE,VALUE.")
    elif own.get("fresh"):
        raise LineInvalid("--fresh is for one job; another --name makes a sweep anew.")
    elif own.get("unrecorded"):
        raise LineInvalid("--unrecorded is for one job: without its history a sweep might be paid twice.")
    return Prompt(text=text, options=values, axes=dict(axes), variables=variables, **own)


def _check_once(given: list[str]) -> None:
    for name in given:
        if given.count(name) > 1:
            raise LineInvalid(f"{name} is given twice.")
