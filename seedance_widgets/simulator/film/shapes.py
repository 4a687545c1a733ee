"""Outlines and soft things, drawn larger than needed and brought down, so that their edges are smooth."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .palette import mix
from .planes import Rgb

Outline = Callable[[float], float]
"""Height of a crest, in pixels from the top of the picture, at a distance from the left edge."""

Point = tuple[float, float]

_TILE = 192  # pixels of grain made by chance; more would only hold the interpreter for longer


def gradient(stops: Sequence[Rgb], size: tuple[int, int]) -> Image.Image:
    """A picture that goes evenly through colours from top to bottom."""
    width, height = size
    column = Image.new("RGB", (1, height))
    last = len(stops) - 1
    for row in range(height):
        place = row / max(1, height - 1) * last
        below = min(int(place), last - 1) if last else 0
        column.putpixel((0, row), mix(stops[below], stops[min(below + 1, last)], place - below))
    return column.resize((width, height), Image.Resampling.NEAREST)


def grained(image: Image.Image, dice: random.Random) -> Image.Image:
    """The same picture with a trace of film grain, without which smooth skies show bands after encoding."""
    tile = Image.frombytes("L", (_TILE, _TILE), dice.randbytes(_TILE * _TILE))
    tile = tile.point([126 + value * 5 // 256 for value in range(256)])
    grain = Image.new("L", image.size)
    for x in range(0, image.width, _TILE):
        for y in range(0, image.height, _TILE):
            grain.paste(tile, (x, y))
    return ImageChops.add(image, Image.merge("RGB", (grain, grain, grain)), 1, -128)


def rolling(dice: random.Random, base: float, swing: float, wavelength: float, octaves: int) -> Outline:
    """A crest that rolls about `base` by up to about `swing` pixels."""
    terms = [
        (swing * 0.55**k, math.tau / wavelength * (1.9**k) * dice.uniform(0.85, 1.15), dice.uniform(0, math.tau))
        for k in range(octaves)
    ]
    return lambda x: base + sum(a * math.sin(f * x + p) for a, f, p in terms)


def below(outline: Outline, size: tuple[int, int], top: int, extra: Sequence[Sequence[Point]] = ()) -> Image.Image:
    """The mask of everything under a crest, in a strip whose upper edge lies at `top`; `extra` are more polygons."""
    width, height = size
    crest = [(2.0 * x, 2 * (outline(x) - top)) for x in range(0, width + 3, 3)]
    drawn = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(drawn)
    pen.polygon([(0.0, height * 2.0), *crest, (width * 2.0 + 6, height * 2.0)], fill=255)
    for polygon in extra:
        pen.polygon([(2 * x, 2 * (y - top)) for x, y in polygon], fill=255)
    return drawn.reduce(2)


def pines(outline: Outline, width: int, size: float, dice: random.Random) -> list[list[Point]]:
    """Little fir trees along a crest, in clusters, the tallest about `size` pixels."""
    trees: list[list[Point]] = []
    x = dice.uniform(0, size)
    while x < width:
        if dice.random() < 0.12:
            x += size * dice.uniform(1.5, 5)
        tall = size * dice.uniform(0.35, 1.0)
        trees.append(_pine(x, outline(x) + tall * 0.12, tall))
        x += tall * dice.uniform(0.22, 0.6)
    return trees


def _pine(x: float, foot: float, tall: float) -> list[Point]:
    half = tall * 0.17
    left: list[Point] = [(x, foot - tall)]
    for share, reach in ((0.38, 0.5), (0.34, 0.3), (0.66, 0.78), (0.6, 0.5), (1.0, 1.0)):
        left.append((x - half * reach, foot - tall * (1 - share)))
    return left + [(2 * x - px, py) for px, py in reversed(left[1:])]


def glow(radius: int, *, core: float = 0.0, falloff: float = 2.0) -> Image.Image:
    """A round light as a mask, 2 x radius wide: full within `core` (a share of the radius), then fading to nothing."""
    small = 64
    disc = Image.radial_gradient("L").resize((small * 2, small * 2), Image.Resampling.BILINEAR)
    edge = 180.3  # the built-in gradient reaches the middle of a side at 255 / sqrt(2)

    def fade(value: int) -> int:
        away = max(0.0, (value / edge - core) / (1 - core))
        return round(255 * math.pow(max(0.0, 1 - away), falloff))

    return disc.point([fade(v) for v in range(256)]).resize((radius * 2, radius * 2), Image.Resampling.BICUBIC)


def disc(radius: int, soft: float) -> Image.Image:
    """A round spot as a mask, its edge softened by `soft` pixels."""
    room = radius + math.ceil(soft * 3) + 1
    drawn = Image.new("L", (room * 8, room * 8))
    near, far = (room - radius) * 4, (room + radius) * 4
    ImageDraw.Draw(drawn).ellipse([near, near, far, far], 255)
    return drawn.reduce(4).filter(ImageFilter.GaussianBlur(soft))
