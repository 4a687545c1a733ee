"""Colours: a dozen hand-mixed moods, each turned a little so that no two prompts look quite alike."""

from __future__ import annotations

import colorsys
import random
from dataclasses import dataclass

from .planes import Rgb


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one landscape, from the top of the sky down to the nearest layer."""

    sky: tuple[Rgb, ...]
    """From the zenith to the horizon."""
    light: Rgb
    """Sun or moon, lanterns, glints."""
    far: Rgb
    near: Rgb
    paper: Rgb
    """Boats and planes folded from paper."""

    @property
    def dark_sky(self) -> bool:
        """Tell whether pale letters read better than dark ones at the top of the picture."""
        return luminance(self.sky[0]) < 150


_MOODS = (  # sky…, light, far, near, paper
    "252a5c 7a5688 e59a8a f9d3a6 | ffe3b3 b3718d 1d1b3d fff4e6",  # rose dusk
    "0b1533 15355a 2a6a78 7fb09a | eef7dc 2f6f7c 07131f f6f3e6",  # teal night
    "8fb3c4 bfd2d2 ecdfc9 fbeeda | fffaf0 9dbcc0 27495a fffdf8",  # morning mist
    "3d1d38 8f3b4d df7a4a f8c777 | ffe9b0 b4554c 22101f fff1dc",  # ember
    "413a6b 8877ad d9b5cd f6dcd6 | fff1e4 a58fb9 2a2148 fffaf5",  # lavender
    "17383b 4c8672 a9c593 efe7b8 | fff7d4 7fae8d 10292b fbfaec",  # forest dawn
    "0f1d49 34558f 8d9cc7 d9c6d6 | fff0dd 6f86b8 0c1734 f7f5fb",  # blue hour
    "5b3f68 b9758f eab3ab fbe0cf | fff3e2 c98fa0 38243f fffaf6",  # blossom
    "06101f 0d2b45 17525f 3c8b7c | d8ffe9 1e5a64 040b14 f1f7f0",  # north
    "2f4858 5f8a8b c9c2a0 f4dfb6 | fff4d6 8ea79a 1b2e3a fdf8ea",  # salt marsh
    "1c1b3a 4b3b78 a65a8e f09a8e | ffd9c2 774a86 110f26 fff0ec",  # plum
    "7ea6c9 b7cbdc f0d8cf fbe9dc | fff7ef a3b5cf 3a4d74 ffffff",  # porcelain
)


def choose(dice: random.Random, *, dark: bool = False) -> Palette:
    """A mood for a prompt, one of the dark ones if so asked, its hues turned by up to a twentieth of the circle."""
    moods = [mood for mood in _MOODS if not dark or luminance(parse(mood[:6])) < 60]
    first, rest = dice.choice(moods).split(" | ")
    turn = dice.uniform(-0.045, 0.045)
    sky = tuple(_turned(parse(word), turn) for word in first.split())
    light, far, near, paper = (parse(word) for word in rest.split())
    return Palette(sky, light, _turned(far, turn), _turned(near, turn), paper)


def parse(word: str) -> Rgb:
    """The colour of six hexadecimal digits."""
    return (int(word[0:2], 16), int(word[2:4], 16), int(word[4:6], 16))


def mix(a: Rgb, b: Rgb, share: float) -> Rgb:
    """From `a` (share 0) to `b` (share 1)."""
    r, g, b_ = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return (r, g, b_)


def luminance(colour: Rgb) -> float:
    """The brightness to the eye, 0 to 255."""
    return 0.2126 * colour[0] + 0.7152 * colour[1] + 0.0722 * colour[2]


def _turned(colour: Rgb, turn: float) -> Rgb:
    hue, light, strength = colorsys.rgb_to_hls(*(c / 255 for c in colour))
    r, g, b = (round(c * 255) for c in colorsys.hls_to_rgb((hue + turn) % 1, light, strength))
    return (r, g, b)
