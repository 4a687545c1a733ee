"""The ground of a scene: ranges of hills, rows of waves."""

from __future__ import annotations

import math
from collections.abc import Sequence

from . import shapes
from .palette import mix
from .planes import Ink, Rgb, Stencil
from .stage import Stage, Strip


def strip(
    stage: Stage,
    outline: shapes.Outline,
    colours: Sequence[Rgb],
    span: tuple[float, float],
    pace: float,
    *,
    trees: float = 0.0,
    swell: float = 0.0,
) -> Strip:
    """A layer under a crest, its paint going through `colours`; `span` is the highest and lowest row it shows."""
    top = max(0, int(span[0]) // 2 * 2)
    height = min(stage.height, math.ceil(span[1])) - top + math.ceil(swell)
    width = stage.width + int(pace * stage.frames) + 2
    extra = shapes.pines(outline, width, trees, stage.dice) if trees else ()
    mask = shapes.below(outline, (width, height), top, extra)
    paint = shapes.grained(shapes.gradient(colours, (stage.width, height)), stage.dice)
    return Strip(
        Ink.picture(paint), Stencil.of(mask), top, stage.width, pace, outline, swell, stage.dice.uniform(0, math.tau)
    )


def ridges(stage: Stage, highest: float) -> list[Strip]:
    """Five ranges of hills, mist between them, firs on the nearest."""
    strips = []
    for depth in range(5):
        near = depth / 4
        base = (highest + (0.95 - highest) * near**1.15) * stage.height
        swing = (0.055 - 0.02 * near) * stage.unit
        outline = shapes.rolling(stage.dice, base, swing, stage.unit * (0.9 + 0.5 * near), 4 if depth < 3 else 2)
        colour = mix(stage.colours.far, stage.colours.near, near**0.9)
        mist = mix(colour, stage.colours.sky[-1], 0.42 * (1 - near) + 0.06)
        trees = stage.unit * 0.085 * near if depth >= 3 else 0.0
        step = (0.95 - highest) * stage.height / 4
        span = (base - swing * 2.3 - trees, base + step * 1.5 + swing * 2.3)
        pace = 0.5 if depth == 0 else stage.pace((0.5, 1, 1, 2, 3)[depth])
        strips.append(strip(stage, outline, (colour, mist), span, pace, trees=trees))
    return strips


def waves(stage: Stage, horizon: float) -> list[Strip]:
    """Six rows of swell, the farthest a still line, the nearest broad and slow to rise."""
    strips = []
    for depth in range(6):
        near = depth / 5
        base = (horizon + (0.94 - horizon) * near**1.1) * stage.height
        swing = (0.002 + 0.026 * near) * stage.unit
        outline = shapes.rolling(stage.dice, base, swing, stage.unit * (0.32 + 0.75 * near), 2)
        body = mix(stage.colours.far, stage.colours.near, near)
        lit = mix(body, stage.colours.sky[-1], 0.30 - 0.16 * near)
        swell = 0.009 * near * stage.unit
        step = (0.94 - horizon) * stage.height / 5
        span = (base - swing * 1.9 - swell, base + step * 1.6 + swing * 2 + swell)
        pace = 0.5 if depth == 0 else stage.pace((0.5, 1, 1, 2, 2, 3)[depth])
        strips.append(strip(stage, outline, (lit, body), span, pace, swell=swell))
    return strips
