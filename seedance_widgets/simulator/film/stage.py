"""The stage of a scene, and the ways to move that every moving thing in it has."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from . import emblems, shapes
from .palette import Palette
from .planes import Canvas, Ink, Stencil
from .spec import FRAMES_PER_S, ClipSpec

Path = Callable[[int], tuple[float, float, float]]
"""By frame: x and y in pixels, and a third: how bright something is (0 to 1), or how far it leans (degrees)."""

SHADES = 16  # between invisible and full, for lights that come and go


class Stage:
    """The size of the picture, its colours and its chance: what every mover is made from."""

    def __init__(self, spec: ClipSpec, colours: Palette, dice: random.Random) -> None:
        self.width, self.height = spec.size
        self.unit = min(spec.size)
        self.frames = spec.frames
        self.colours = colours
        self.dice = dice

    def pace(self, pixels: float) -> int:
        """A speed in whole pixels a frame, from one meant for 720 lines; never zero."""
        return max(1, round(pixels * self.unit / 720))


@dataclass(frozen=True, slots=True)
class Strip:
    """A layer wider than the picture that slides behind its frame, and may rise and sink a little."""

    ink: Ink
    stencil: Stencil
    top: int
    width: int
    pace: float
    outline: shapes.Outline
    swell: float = 0.0
    phase: float = 0.0

    def lift(self, frame: int) -> float:
        """The depth that it has sunk to at a frame, in pixels."""
        return self.swell * math.sin(math.tau * frame / (FRAMES_PER_S * 4.8) + self.phase)

    def crest(self, x: float, frame: int) -> float:
        """Where its edge is in the picture at `x`, in pixels from the top."""
        return self.outline(x + int(self.pace * frame)) + self.lift(frame)

    def paint(self, canvas: Canvas, frame: int) -> None:
        window = self.stencil.window(int(self.pace * frame), self.width)
        canvas.stamp(self.ink, window, 0, self.top + round(self.lift(frame)))


@dataclass(frozen=True, slots=True)
class Floating:
    """Soft sprites on paths of their own."""

    ink: Ink
    sprites: Sequence[tuple[Sequence[Stencil], Path]]
    """Each with its path: x, y of its middle in pixels, and how bright it is (0 to 1) at a frame."""

    def paint(self, canvas: Canvas, frame: int) -> None:
        for shapes_, path in self.sprites:
            x, y, bright = path(frame)
            shape = shapes_[max(0, min(SHADES, round(bright * SHADES)))]
            if bright > 0.02:
                canvas.stamp(self.ink, shape, round(x) - shape.full.width // 2, round(y) - shape.full.height // 2)


@dataclass(frozen=True, slots=True)
class Folded:
    """A paper emblem on a path: x, y in pixels and its lean in degrees at a frame."""

    emblem: emblems.Emblem
    path: Path

    def paint(self, canvas: Canvas, frame: int) -> None:
        self.emblem.stamp(canvas, *self.path(frame))
