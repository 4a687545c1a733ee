"""Names of clips' files, and how one is claimed that no file has yet."""

from __future__ import annotations

import errno
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from ..life import Row

MOST_OF_A_NAME = 999
"""Files of one name that are told apart by a number."""
LONGEST_PATH: int | None = 259 if os.name == "nt" else None
"""In characters, unless a person of Windows has switched its long paths on."""
_BESIDE = 10
"""The longest of what stands behind a name: a number, and the ending of the file beside it."""
_DEVICES = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9¹²³]")


def file_name(row: Row, folder: Path | None = None) -> str:
    """A readable name without an ending: the one asked for, or the prompt's first words; always with the job's id.

    Letters of every script stay; whatever a file system, a shell or a URL could trip over becomes a dash. In a
    `folder` so deep that the path would be longer than this system takes, there are fewer words or none.
    """
    words = title(row)
    if folder is not None and LONGEST_PATH is not None:
        words = words[: max(0, _room(folder) - len(row.id) - 1)].rstrip("-")
    return f"{words}-{row.id}" if words else row.id


def check_path(folder: Path, row: Row) -> None:
    """Raise OSError where this system takes no path into a folder that is as long as that of a job's clip."""
    if LONGEST_PATH is not None and _room(folder) < len(row.id):
        raise OSError(
            errno.ENAMETOOLONG, f"a path there is longer than {LONGEST_PATH} characters; choose a shorter folder"
        )


def plain_name(row: Row) -> str:
    """The name without the job's id, for files that are given away. Never one that Windows keeps for its devices."""
    name = title(row)
    return f"{name}-clip" if _DEVICES.fullmatch(name) else name


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


def _room(folder: Path) -> int:
    assert LONGEST_PATH is not None, "only asked where there is a limit"
    return LONGEST_PATH - len(os.path.abspath(folder)) - 1 - _BESIDE


def _fits_names(character: str) -> bool:
    """Tell whether this system's names of files can hold it: an ASCII one holds no umlaut."""
    try:
        return bool(os.fsencode(character))
    except UnicodeEncodeError:
        return False
