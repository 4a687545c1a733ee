"""What a file's bytes are, by their SHA-256."""

from __future__ import annotations

import hashlib
from pathlib import Path


def sha256_of(path: Path) -> str:
    """The SHA-256 of a file, read in pieces."""
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def begins_with(path: Path, size: int, sha256: str) -> bool:
    """Whether a file's first `size` bytes have this SHA-256, read in pieces. Raises OSError."""
    digest, left = hashlib.sha256(), size
    with open(path, "rb") as file:
        while left and (piece := file.read(min(left, 1 << 20))):
            digest.update(piece)
            left -= len(piece)
    return not left and digest.hexdigest() == sha256
