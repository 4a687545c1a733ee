"""The pictures that a film begins and ends with: shown whole at its ends, and let go of within a second."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageOps

from .planes import Canvas
from .spec import FRAMES_PER_S, ClipSpec

FADE_FRAMES = FRAMES_PER_S
"""How many pictures it takes from the one that was given to the scene, and back."""


@dataclass(frozen=True, slots=True)
class Ends:
    """What was given for the ends of a film, as canvases of its size."""

    first: Canvas | None
    last: Canvas | None
    frames: int

    def over(self, scene: Canvas, number: int) -> Canvas:
        """A picture of the scene with as much of the ends as there is to be seen of them at that frame."""
        for end, away in ((self.first, number), (self.last, self.frames - 1 - number)):
            if end is not None and away < FADE_FRAMES:
                scene = _blended(end, scene, away / FADE_FRAMES)
        return scene


def of(spec: ClipSpec, strides: tuple[int, int]) -> Ends:
    """The ends of a film."""
    return Ends(_canvas(spec, spec.first, strides), _canvas(spec, spec.last, strides), spec.frames)


def _canvas(spec: ClipSpec, name: str, strides: tuple[int, int]) -> Canvas | None:
    if not name or spec.pictures is None:
        return None
    with Image.open(Path(spec.pictures) / name) as image:
        return Canvas.of(ImageOps.fit(image.convert("RGB"), spec.size), strides)


def _blended(end: Canvas, scene: Canvas, share: float) -> Canvas:
    """From the end (0) to the scene (1)."""
    pairs = ((end.y, scene.y), (end.u, scene.u), (end.v, scene.v))
    return Canvas(*(Image.blend(ours, theirs, share) if share else ours for ours, theirs in pairs))
