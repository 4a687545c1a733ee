"""A request as code that makes it again: a magic cell, or Python. Pure text; holds no key and no id."""

from __future__ import annotations

import json

from ..types import GenerationRequest, Json
from .options import OPTIONS, Option


def as_magic(request: GenerationRequest) -> str:
    """The cell that makes the request. Always the cell form: its body takes every prompt byte for byte."""
    request, flags = request.kept, []
    for option in OPTIONS:
        value = getattr(request, option.name)
        values = value if option.kind == "urls" else (value,)
        flags += [f"{option.flag} {_shell_word(option, each)}" for each in values if each is not None]
    if all(line.lstrip().startswith("# ") for line in request.prompt.splitlines() if line.strip()):
        flags.append("--")  # or the magic takes the prompt for commented out
    end = "\n" if request.prompt.endswith("\n") else ""  # the cell's last line end is not of the prompt
    return f"%%seedance {' '.join(flags)}\n{request.prompt}{end}"


def as_python(request: GenerationRequest) -> str:
    """The statement that makes the request, on the default session."""
    request = request.kept
    lines = [f"    {request.prompt!r},"]
    for option in OPTIONS:
        value = getattr(request, option.name)
        if value is not None and value != ():
            lines.append(f"    {option.name}={list(value) if isinstance(value, tuple) else value!r},")
    return "import seedance_widgets as sw\n\njob = sw.default_session().submit(\n" + "\n".join(lines) + "\n)\njob"


def _shell_word(option: Option, value: Json) -> str:
    if option.kind == "json":
        return "'" + json.dumps(value, ensure_ascii=False).replace("'", "\\u0027") + "'"
    word = str(value)
    if " " not in word and word[:1] not in ("'", '"', "“", "-"):
        return word
    return f"'{word}'" if '" ' in word else f'"{word}"'
