"""Tab after `%seedance`: options, their values, and ids of jobs. Silent in prompts and in the body of a cell.

Looking up never starts anything: ids come from a session only when there is one, models from what is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.completer import CompletionContext, SimpleCompletion, context_matcher

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from .reading.flags import Flags

_MAGIC = r"(?s)\s*(?:[^\s=%][^=%]*=\s*)?%(%?)(seedance(?:_\w+)?)(\s.*)"
IDS_SHOWN = 50
WITH_IDS = ("seedance_delete",)
"""They take several, and options."""
IDS_TAKEN = {"seedance_compare": 4}
"""Of the magics that take more ids than one."""
WITH_ID = (
    "seedance_compare",
    "seedance_show",
    "seedance_cancel",
    "seedance_adopt",
    "seedance_discard",
    "seedance_tree",
)


@context_matcher(identifier="seedance_widgets.magic", priority=200)  # type: ignore[untyped-decorator]
def matcher(context: CompletionContext) -> dict[str, Any]:
    """The completions at the cursor, as IPython's completer asks for them."""
    match = re.match(_MAGIC, context.text_until_cursor) if "%seedance" in context.text_until_cursor else None
    if match is None or _in_body(context) or (match[1] and match[2] != "seedance"):
        return {"completions": []}
    fragment = re.split(r"\s", match[3])[-1]
    words = match[3].split()[: -1 if fragment else None]
    texts = [text for text in _candidates(match[2], words, fragment) if text.startswith(fragment)]
    return {
        "completions": [SimpleCompletion(text=text, type="magic option") for text in texts],
        "matched_fragment": fragment,
        "suppress": bool(texts),
    }


def _in_body(context: CompletionContext) -> bool:
    """Tell whether the cursor is below the first line of a `%%` cell."""
    lines = context.full_text.split("\n")[: context.cursor_line]
    return next((line for line in lines if line.strip()), "").lstrip().startswith("%%")


def _candidates(magic: str, words: list[str], fragment: str) -> Iterable[str]:
    if magic in WITH_ID:
        return [] if len(words) >= IDS_TAKEN.get(magic, 1) else [each for each in _ids() if each not in words]
    if magic == "seedance_load":
        return [] if words else [*_files(fragment), *_ids()]
    flags = _flags(magic)
    if magic in WITH_IDS and not fragment.startswith("-"):
        return [*(job_id for job_id in _ids() if job_id not in words), *flags]
    written, equals, _ = fragment.partition("=")
    if written in flags and equals:
        return [f"{written}={value}" for value in _values(written, words)]
    before = flags.get(words[-1]) if words else None
    if before is not None and before.read is not None:
        return _values(before.flag, words)
    if "--" in words or (fragment and not fragment.startswith("-")):
        return []
    given = {flags[flag].key for word in words if (flag := word.partition("=")[0]) in flags}
    return [flag.flag for flag in flags.values() if flag.repeats or flag.key not in given]


def _flags(magic: str) -> Flags:
    from .commands import COST_FLAGS, DELETE_FLAGS, DOCTOR_FLAGS, JOBS_FLAGS, KEY_FLAGS, SAVE_FLAGS
    from .reading.prompt import FLAGS
    from .sharing import EXPORT_FLAGS

    flags = {
        "": FLAGS,
        "_jobs": JOBS_FLAGS,
        "_cost": COST_FLAGS,
        "_save": SAVE_FLAGS,
        "_delete": DELETE_FLAGS,
        "_doctor": DOCTOR_FLAGS,
        "_key": KEY_FLAGS,
        "_export": EXPORT_FLAGS,
    }
    return flags.get(magic.removeprefix("seedance"), {})


def _values(flag: str, words: list[str]) -> list[str]:
    """The values of an option; when the line names a model, those that the model takes."""
    from ..request.models import BUNDLED_MODELS, known_values
    from ..request.options import OPTIONS
    from ..session.default import current_session
    from .reading.values import COSTS_BY, STATUSES

    if flag in ("--status", "--by"):
        return list(STATUSES if flag == "--status" else COSTS_BY)
    if flag == "--with":
        return _templates()
    if flag == "--job":
        return _ids()
    option = next((option for option in OPTIONS if option.flag == flag), None)
    if option is None:
        return []
    session = current_session()
    models = session.known_models() if session else BUNDLED_MODELS
    named = [model for model in models if model.id in words or f"--model={model.id}" in words]
    return [str(value) for value in known_values(option, models=models if flag == "--model" else named or models)]


def _ids() -> list[str]:
    from ..session.default import current_session

    session = current_session()
    return [job.id for job in session.jobs(limit=IDS_SHOWN)] if session else []


def _templates() -> list[str]:
    """The names of saved prompts, in quotes where they have spaces. Reads one file; starts nothing."""
    from ..errors import SeedanceError
    from ..session import saved_prompts

    try:
        names = list(saved_prompts.here(Path()))
    except SeedanceError:
        return []
    return [f'"{name}"' if " " in name else name for name in names]


def _files(fragment: str) -> list[str]:
    from .sharing import files

    return files(fragment)


def install(shell: InteractiveShell) -> None:
    """Add the matcher to the shell's completer, once."""
    uninstall(shell)
    shell.Completer.custom_matchers.append(matcher)


def uninstall(shell: InteractiveShell) -> None:
    """Take the matcher out again, also that of an earlier import of this module."""
    matchers = shell.Completer.custom_matchers
    matchers[:] = [each for each in matchers if getattr(each, "__module__", "") != __name__]
