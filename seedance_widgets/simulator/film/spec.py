"""The spec of a clip: everything that changes its pixels, and nothing else. Standard library only."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

FRAMES_PER_S = 24

_EDITION = 2  # raised when the pictures change, so that clips cached by an older version are made again

SHORT_SIDES: Mapping[str, tuple[int, int]] = {"480p": (480, 854), "720p": (720, 1280), "1080p": (1080, 1920)}
"""Short and long side in pixels, by resolution."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipSpec:
    """Two equal specs give the same film."""

    prompt: str
    model: str
    aspect_ratio: str
    resolution: str
    seconds: int
    seed: int = 0
    first: str = ""
    """The hash of the picture that it begins with, in the folder of `pictures`."""
    last: str = ""
    """The same for its end."""
    pictures: Path | None = field(default=None, compare=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, both even."""
        short, long = SHORT_SIDES[self.resolution]
        return {"16:9": (long, short), "9:16": (short, long), "1:1": (short, short)}[self.aspect_ratio]

    @property
    def frames(self) -> int:
        return self.seconds * FRAMES_PER_S

    @property
    def key(self) -> str:
        """A file name for the film: the same for equal specs."""
        facts = {name: value for name, value in asdict(self).items() if name not in ("first", "last", "pictures")}
        facts |= {name: value for name in ("first", "last") if (value := getattr(self, name))}
        text = json.dumps([_EDITION, facts], sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def dice(self, purpose: str) -> random.Random:
        """Chance that is the same every time for one prompt and seed, and independent between purposes."""
        return random.Random(f"{self.seed}/{purpose}/{self.prompt}")
