"""The magics that keep what worked: the cell that makes a clip again, the family of a job, an export."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from ..clips.folder import ENDINGS
from ..notebook import environment
from ..request.code import as_magic
from ..session import default
from ..text.printable import one_line, print_visible
from .commands import JOBS_FLAGS
from .reading.flags import Flag, Flags, LineInvalid, by_flag
from .reading.line import split
from .refusal import short_errors

if TYPE_CHECKING:
    from ..jobs.family import Family
    from ..sharing.bundle import Bundle

EXPORT_FLAGS: Flags = {
    **{name: flag for name, flag in JOBS_FLAGS.items() if name != "--limit"},
    **by_flag(Flag(flag="--plain", key="plain", help="for others: without ids and what it cost")),
}
"""An export is of all that fits."""
CLIPS = (*ENDINGS, ".json")
"""The endings of what `%seedance_load` opens; anything else without a folder is the id of a job."""
FILES_SHOWN = 50
_PATH = re.compile(r"""\s*(?:"([^"]+)"|'([^']+)'|([^\s"']\S*))(?=\s|\Z)(.*)""", re.S)


def load(line: str) -> None:
    """Put the cell that makes a clip or a job again into the next input, and say so."""
    with short_errors(tail="Nothing was sent."):
        name = _unquoted(line)
        if not name:
            raise LineInvalid("%seedance_load takes a clip, such as seedance_clips/boat.mp4, or the id of a job.")
        if _is_file(name):
            from ..clips import provenance  # which loads PyAV: not when Tab is pressed

            origin = provenance.open(name)
            cell, what = origin.as_magic(), f"{origin.name}, {origin.request.model}"
        else:
            job = default.default_session().job(name)
            cell, what = as_magic(job.request), f"job {job.id}, {job.request.model}"
        environment.shell().set_next_input(cell)
        print_visible(one_line(f"The next cell makes it again ({what}). Nothing is sent until you run it."))


def tree(line: str) -> Family:
    """Answer `%seedance_tree`; it shows itself."""
    with short_errors():
        session, words = default.default_session(), line.split()
        if len(words) > 1:
            raise LineInvalid(f"%seedance_tree takes one id, such as %seedance_jobs lists; {len(words)} given.")
        newest = session.jobs(limit=1)
        if not words and not newest:
            raise LineInvalid("There are no jobs yet: %seedance makes the first.")
        return session.tree(session.job(words[0]) if words else newest[0])


def export(line: str) -> Bundle:
    """Answer `%seedance_export`; it says what was made."""
    with short_errors():
        match = _PATH.fullmatch(line)
        path = "" if match is None else next(filter(None, match.groups()[:3]))
        if match is None or path.startswith("--"):
            raise LineInvalid("%seedance_export takes a new folder or .zip first, such as %seedance_export boats.zip.")
        arguments = split(match[4], EXPORT_FLAGS)
        return default.default_session().export(path, text=arguments.text.strip() or None, **arguments.values)


def files(fragment: str) -> list[str]:
    """The folders and clips that begin with what was typed: for completion. Hidden ones only when asked for."""
    folder, slash, start = fragment.rpartition("/")
    try:
        entries = sorted(Path(f"{folder}{slash}" or ".").expanduser().iterdir())
    except (OSError, ValueError, RuntimeError):  # RuntimeError: of no known home
        return []
    names = []
    for entry in entries:
        if not entry.name.startswith(start) or (entry.name.startswith(".") and not start):
            continue
        if entry.suffix.lower() in ENDINGS or entry.is_dir():
            names.append(f"{folder}{slash}{entry.name}{'/' if entry.is_dir() else ''}")
    return names[:FILES_SHOWN]


def _is_file(name: str) -> bool:
    return name.lower().endswith(CLIPS) or "/" in name or "\\" in name


def _unquoted(line: str) -> str:
    """The whole line, without one outer pair of quotes: a path may have spaces."""
    text = line.strip()
    return text[1:-1] if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"" else text
