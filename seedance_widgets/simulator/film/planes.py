"""Painting straight into YUV 4:2:0, the form that H.264 wants.

Half the bytes of RGB, and no conversion a frame: layers are turned into planes once, then only pasted.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image

Rgb = tuple[int, int, int]
"""Red, green, blue, 0 to 255."""

_Y = (0.1826, 0.6142, 0.0620, 16.0)  # ITU-R BT.709, limited range: what players assume of HD video
_U = (-0.1006, -0.3386, 0.4392, 128.0)
_V = (0.4392, -0.3989, -0.0403, 128.0)
_BT709 = (*_Y, *_U, *_V)


@dataclass(frozen=True, slots=True)
class Stencil:
    """Where paint goes and how thickly: a mask for the full plane and one for the two half-size planes."""

    full: Image.Image
    half: Image.Image

    @classmethod
    def of(cls, mask: Image.Image) -> Stencil:
        return cls(mask, mask.reduce(2))

    def faded(self, share: float) -> Stencil:
        """The same shape, thinner: 1 leaves it, 0 makes it invisible."""
        thinner = [int(value * share) for value in range(256)]
        return Stencil(self.full.point(thinner), self.half.point(thinner))

    def fading(self, steps: int) -> tuple[Stencil, ...]:
        """The same shape from invisible to full, in so many steps more."""
        return tuple(self.faded(step / steps) for step in range(steps + 1))

    def window(self, x: int, width: int) -> Stencil:
        """The part that begins `x` pixels from its left edge."""
        full = self.full.crop((x, 0, x + width, self.full.height))
        return Stencil(full, self.half.crop((x // 2, 0, x // 2 + (width + 1) // 2, self.half.height)))


@dataclass(frozen=True, slots=True)
class Ink:
    """Paint: one colour, or a picture of it (then of the stencil's size)."""

    y: Image.Image | int
    u: Image.Image | int
    v: Image.Image | int

    @classmethod
    def colour(cls, rgb: Rgb) -> Ink:
        y, u, v = (round(row[3] + sum(k * c for k, c in zip(row[:3], rgb, strict=True))) for row in (_Y, _U, _V))
        return cls(y, u, v)

    @classmethod
    def picture(cls, image: Image.Image) -> Ink:
        y, u, v = image.convert("RGB", _BT709).split()
        return cls(y, u.reduce(2), v.reduce(2))


@dataclass(frozen=True, slots=True)
class Canvas:
    """One frame in the making."""

    y: Image.Image
    u: Image.Image
    v: Image.Image

    @classmethod
    def of(cls, image: Image.Image, strides: tuple[int, int]) -> Canvas:
        """A canvas that holds `image`, with rows as long as the encoder's: `strides` bytes, luma and chroma."""
        y, u, v = image.convert("RGB", _BT709).split()
        return cls(_widened(y, strides[0]), _widened(u.reduce(2), strides[1]), _widened(v.reduce(2), strides[1]))

    def copy(self) -> Canvas:
        return Canvas(self.y.copy(), self.u.copy(), self.v.copy())

    def stamp(self, ink: Ink, stencil: Stencil, x: int, y: int) -> None:
        """Paint through a stencil whose top left corner lies at (x, y); what falls outside is cut off."""
        self.y.paste(ink.y, _box(x, y, stencil.full), stencil.full)
        near = _box(x // 2, y // 2, stencil.half)
        self.u.paste(ink.u, near, stencil.half)
        self.v.paste(ink.v, near, stencil.half)


def _box(x: int, y: int, mask: Image.Image) -> tuple[int, int, int, int]:
    return (x, y, x + mask.width, y + mask.height)


def _widened(plane: Image.Image, width: int) -> Image.Image:
    wide = Image.new("L", (width, plane.height))
    wide.paste(plane)
    return wide
