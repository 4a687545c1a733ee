"""Small things folded from paper: a boat, a plane, a lantern. Drawn once for each of a few tilts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from .palette import mix
from .planes import Canvas, Ink, Rgb, Stencil
from .shapes import Point

_DRAWN_AT = 3  # times the final size, for smooth edges

Facet = tuple[float, Sequence[Point]]
"""How much of the shade a fold lies in (0 to 1), and its corners; the emblem is 1 wide, (0, 0) its middle."""

BOAT: tuple[Facet, ...] = (
    (0.06, [(0.0, -0.46), (-0.22, 0.0), (0.0, 0.06)]),
    (0.30, [(0.0, -0.46), (0.0, 0.06), (0.22, 0.0)]),
    (0.00, [(-0.5, -0.08), (0.0, 0.03), (0.0, 0.24), (-0.27, 0.24)]),
    (0.22, [(0.5, -0.08), (0.0, 0.03), (0.0, 0.24), (0.27, 0.24)]),
)
PLANE: tuple[Facet, ...] = (
    (0.10, [(0.5, 0.02), (-0.5, -0.24), (-0.24, -0.02)]),
    (0.55, [(0.5, 0.02), (-0.24, -0.02), (-0.20, 0.20)]),
    (0.00, [(0.5, 0.02), (-0.36, 0.04), (-0.20, 0.20)]),
)
LANTERN: tuple[Facet, ...] = (
    (0.0, [(-0.30, -0.34), (-0.18, -0.46), (0.18, -0.46), (0.30, -0.34), (0.22, 0.40), (-0.22, 0.40)]),
    (0.5, [(-0.22, 0.40), (0.22, 0.40), (0.20, 0.46), (-0.20, 0.46)]),
)


@dataclass(frozen=True, slots=True)
class Emblem:
    """A folded thing, ready to stamp at any of its tilts."""

    tilts: tuple[tuple[Ink, Stencil], ...]
    """From leaning left to leaning right, the middle one upright."""
    most_degrees: float
    room: int
    """Half the side of its square picture, in pixels."""

    @classmethod
    def fold(cls, facets: Sequence[Facet], width: int, paper: Rgb, shade: Rgb, *, most_degrees: float) -> Emblem:
        """`width` in pixels; it can be tilted by up to `most_degrees` to either side."""
        room = max(4, round(width * 0.62))
        large = Image.new("RGBA", (room * 2 * _DRAWN_AT, room * 2 * _DRAWN_AT), (*mix(paper, shade, 0.15), 0))
        pen = ImageDraw.Draw(large)
        middle, scale = room * _DRAWN_AT, width * _DRAWN_AT
        for depth, corners in facets:
            folded = mix(paper, shade, depth)
            pen.polygon([(middle + x * scale, middle + y * scale) for x, y in corners], (*folded, 255))
        steps = 6 if most_degrees else 0
        angles = [most_degrees * step / max(1, steps) for step in range(-steps, steps + 1)]
        return cls(tuple(_tilted(large, -angle) for angle in angles), most_degrees, room)

    def stamp(self, canvas: Canvas, x: float, y: float, degrees: float = 0.0) -> None:
        """Its middle at (x, y), leaning clockwise by `degrees` as far as it can."""
        steps = len(self.tilts) // 2
        share = degrees / self.most_degrees if self.most_degrees else 0.0
        ink, stencil = self.tilts[steps + round(max(-1.0, min(1.0, share)) * steps)]
        canvas.stamp(ink, stencil, round(x) - self.room, round(y) - self.room)


def _tilted(large: Image.Image, degrees: float) -> tuple[Ink, Stencil]:
    turned = large.rotate(degrees, Image.Resampling.BILINEAR, fillcolor=(*large.getpixel((0, 0))[:3], 0))  # type: ignore[index]
    small = turned.reduce(_DRAWN_AT).filter(ImageFilter.UnsharpMask(1, 40, 0))
    return Ink.picture(small.convert("RGB")), Stencil.of(small.getchannel("A"))
