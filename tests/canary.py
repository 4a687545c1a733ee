"""A key that is easy to find again: in what was shown, said, logged or written, in whatever dress."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

CANARY = "sd2_live_Canary/4711+9bQzT"
"""With characters that a URL and base64 write in another way."""


def forms(key: str = CANARY) -> dict[str, str]:
    """How a key may be written: as it is, for a URL, in JSON, and in base64 at any place of a longer text."""
    raw = key.encode()
    found = {"plain": key, "quoted": quote(key, safe=""), "json": json.dumps(key)[1:-1], "hex": raw.hex()}
    found["slashes"] = key.replace("/", "\\/")
    for before in range(3):
        packed = base64.b64encode(b"\0" * before + raw).decode()
        found[f"base64 at {before}"] = packed[4 if before else 0 : len(packed) - 4]
    return found


def sightings(text: str | bytes) -> list[str]:
    """Under which forms the canary is in a text; none is what a test wants."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    return [name for name, form in forms().items() if form.encode() in data]


def in_files(*folders: Path) -> list[tuple[Path, list[str]]]:
    """Every file below the folders that holds the canary in its name or its bytes."""
    paths: Iterable[Path] = (path for folder in folders for path in folder.rglob("*"))
    found = [(path, sightings(str(path)) + (sightings(path.read_bytes()) if path.is_file() else [])) for path in paths]
    return [(path, names) for path, names in found if names]
