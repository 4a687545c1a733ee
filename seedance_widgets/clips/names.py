"""What the file of a clip is called."""

from __future__ import annotations

import os
import re
import unicodedata

from ..life import Row


def file_name(row: Row) -> str:
    """A readable name without an ending: the one asked for, or the prompt's first words; always with the job's id.

    Letters of every script stay; whatever a file system, a shell or a URL could trip over becomes a dash.
    """
    words = unicodedata.normalize("NFC", row.out_name or row.request.prompt)[:120].lower()
    kept = (
        c if unicodedata.category(c)[0] in "LMN" and _fits_names(c) else "-" for c in words
    )  # letters, marks, numbers
    slug = re.sub("-+", "-", "".join(kept)).strip("-")
    while len(slug.encode()) > 60:
        slug = slug[:-1].rstrip("-")
    return f"{slug or 'clip'}-{row.id}"


def _fits_names(character: str) -> bool:
    """Whether this system's names of files can hold it: an ASCII one holds no umlaut."""
    try:
        return bool(os.fsencode(character))
    except UnicodeEncodeError:
        return False
