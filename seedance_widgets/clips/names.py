"""Names of clips' files, and how one is claimed that no file has yet."""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ..life import Row

MOST_OF_A_NAME = 999
"""Files of one name that are told apart by a number."""


def file_name(row: Row) -> str:
    """A readable name without an ending: the one asked for, or the prompt's first words; always with the job's id.

    Letters of every script stay; whatever a file system, a shell or a URL could trip over becomes a dash.
    """
    return f"{title(row)}-{row.id}"


def title(row: Row) -> str:
    """The same without the job's id: two jobs may have one."""
    words = unicodedata.normalize("NFC", row.out_name or row.request.prompt)[:120].lower()
    kept = (
        c if unicodedata.category(c)[0] in "LMN" and _fits_names(c) else "-" for c in words
    )  # letters, marks, numbers
    slug = re.sub("-+", "-", "".join(kept)).strip("-")
    while len(slug.encode()) > 60:
        slug = slug[:-1].rstrip("-")
    return slug or "clip"


def numbered(name: str) -> Iterator[str]:
    """The name, and the same with 2, 3 and so on behind it. Raises FileExistsError after the last one."""
    yield name
    for number in range(2, MOST_OF_A_NAME + 1):
        yield f"{name}-{number}"
    raise FileExistsError(17, f"{MOST_OF_A_NAME} files are named {name}")


def claim(folder: Path, name: str, ending: str) -> Path:
    """Make an empty file under a name that nothing had before, not even a link. Raises OSError."""
    for each in numbered(name):
        path = folder / f"{each}{ending}"
        try:
            open(path, "xb").close()
        except FileExistsError:
            continue
        return path
    raise AssertionError("numbered() raises after its last name")


def give_name(source: Path, target: Path) -> None:
    """Give a finished file its name, never over another file. Raises FileExistsError, OSError.

    Its earlier name goes only where the file system has no hard links; the caller takes it away.
    """
    try:
        os.link(source, target)  # unlike a rename, never over another file
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links
        open(target, "xb").close()
        os.replace(source, target)
    else:
        source.unlink()


def _fits_names(character: str) -> bool:
    """Tell whether this system's names of files can hold it: an ASCII one holds no umlaut."""
    try:
        return bool(os.fsencode(character))
    except UnicodeEncodeError:
        return False
