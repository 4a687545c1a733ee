"""Places that people made, and woods: skylines with their windows, a street, tall trees."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw

from . import layers, shapes
from .palette import mix
from .planes import Ink, Rgb, Stencil
from .shapes import Point
from .spec import FRAMES_PER_S
from .stage import SHADES, Floating, Path, Stage, Strip


def skyline(stage: Stage, foot: float, tallest: float, near: float, pace: float) -> list[Strip]:
    """A row of houses and its lit windows. `foot` and `tallest` are shares of the height, `near` 0 (far) to 1."""
    width = stage.width + int(pace * stage.frames) + 2
    top, bottom = int((foot - tallest) * stage.height) // 2 * 2, stage.height
    houses: list[list[Point]] = []
    windows = Image.new("L", (width, bottom - top))
    pen = ImageDraw.Draw(windows)
    x = -stage.dice.uniform(0, 0.05) * stage.unit
    while x < width:
        wide = stage.dice.uniform(0.05, 0.13) * stage.unit * (0.7 + 0.6 * near)
        roof = (foot - tallest * stage.dice.uniform(0.3, 1.0)) * stage.height
        houses.append(_house(stage, x, wide, roof))
        _light(stage, pen, (x, roof - top, wide), foot * stage.height - top, near)
        x += wide * stage.dice.uniform(0.98, 1.25)
    colour = mix(stage.colours.far, stage.colours.near, near)
    haze = mix(colour, stage.colours.sky[-1], 0.4 * (1 - near) + 0.05)
    mask = shapes.below(_level(foot * stage.height), (width, bottom - top), top, houses)
    paint = shapes.grained(shapes.gradient((colour, haze), (stage.width, bottom - top)), stage.dice)
    flat = _level(foot * stage.height)
    walls = Strip(Ink.picture(paint), Stencil.of(mask), top, stage.width, pace, flat)
    glass = Ink.colour(mix(stage.colours.light, (255, 214, 140), 0.5))
    return [walls, Strip(glass, Stencil.of(windows), top, stage.width, pace, flat)]


def _level(y: float) -> shapes.Outline:
    return lambda _: float(y)


def _house(stage: Stage, x: float, wide: float, roof: float) -> list[Point]:
    foot = float(stage.height)
    kind = stage.dice.random()
    if kind < 0.2:  # a gable
        return [(x, foot), (x, roof), (x + wide / 2, roof - wide * 0.35), (x + wide, roof), (x + wide, foot)]
    if kind < 0.35:  # a mast
        middle, thin = x + wide / 2, wide * 0.03
        mast = [(middle - thin, roof), (middle, roof - wide * 0.6), (middle + thin, roof)]
        return [(x, foot), (x, roof), *mast, (x + wide, roof), (x + wide, foot)]
    return [(x, foot), (x, roof), (x + wide, roof), (x + wide, foot)]


def _light(stage: Stage, pen: ImageDraw.ImageDraw, house: tuple[float, float, float], foot: float, near: float) -> None:
    """Light some of a house's windows: many at night, few by day."""
    x, roof, wide = house
    pane, share = max(2.0, stage.unit * (0.006 + 0.006 * near)), 0.42 if stage.colours.dark_sky else 0.12
    for row in range(int((foot - roof) / (pane * 2.6))):
        for column in range(int(wide / (pane * 2.2)) - 1):
            if stage.dice.random() < share:
                left, high = x + pane * (1.1 + column * 2.2), roof + pane * (1.4 + row * 2.6)
                pen.rectangle([left, high, left + pane, high + pane * 1.3], stage.dice.randint(90, 220))


def road(stage: Stage) -> tuple[Strip, list[Strip]]:
    """The pavement that people walk on, and the road before it with its marks."""
    pace = stage.pace(3)
    width = stage.width + pace * stage.frames + 2
    dark = mix(stage.colours.near, (20, 20, 26), 0.4)

    def band(top: float, colours: Sequence[Rgb]) -> Strip:
        span = (top * stage.height, float(stage.height))
        return layers.strip(stage, _level(top * stage.height), colours, span, pace)

    top = int(0.9 * stage.height) // 2 * 2
    marks = Image.new("L", (width, max(2, stage.height // 90)))
    pen = ImageDraw.Draw(marks)
    dash = round(0.1 * stage.unit)
    for x in range(0, width, dash * 2):
        pen.rectangle([x, 0, x + dash, marks.height], 170)
    lines = Strip(Ink.colour(stage.colours.paper), Stencil.of(marks), top, stage.width, pace, _level(top))
    pavement = band(
        0.78, (mix(stage.colours.near, stage.colours.far, 0.35), mix(stage.colours.near, stage.colours.far, 0.2))
    )
    return pavement, [band(0.83, (dark, mix(dark, stage.colours.near, 0.5))), lines]


def cars(stage: Stage, count: int) -> Floating:
    """Headlights that pass along the road, both ways."""
    sprites = []
    for number in range(count):
        radius = max(3, round(stage.unit * stage.dice.uniform(0.02, 0.032)))
        light = Stencil.of(shapes.glow(radius * 2, core=0.16, falloff=2.2)).fading(SHADES)
        start, back = stage.dice.uniform(-0.2, 1.2) * stage.width, number % 2 == 1
        y = (0.87 if back else 0.94) * stage.height
        for ahead in (0.0, 0.05 * stage.unit):
            sprites.append((light, _passing(stage, start + ahead, y, -1 if back else 1)))
    return Floating(Ink.colour(mix(stage.colours.light, (255, 240, 205), 0.5)), sprites)


def _passing(stage: Stage, start: float, y: float, way: int) -> Path:
    speed = way * 0.28 * stage.unit

    def path(frame: int) -> tuple[float, float, float]:
        return (start + speed * frame / FRAMES_PER_S) % (1.5 * stage.width) - 0.2 * stage.width, y, 0.9

    return path


def trees(stage: Stage) -> list[Strip]:
    """Four rows of firs, the nearest higher than the picture's middle, each with its ground."""
    rows = []
    for depth in range(4):
        near = depth / 3
        base = (0.6 + 0.3 * near**1.2) * stage.height
        swing = 0.018 * stage.unit
        outline = shapes.rolling(stage.dice, base, swing, stage.unit * 1.3, 2)
        colour = mix(stage.colours.far, stage.colours.near, near)
        mist = mix(colour, stage.colours.sky[-1], 0.45 * (1 - near) + 0.04)
        tall = (0.2 + 0.42 * near) * stage.unit
        span = (base - tall - swing * 2, base + 0.2 * stage.height + swing * 2)
        pace = stage.pace((1, 1, 2, 3)[depth])
        rows.append(layers.strip(stage, outline, (colour, mist), span, pace, trees=tall))
    return rows


def beams(stage: Stage, sky: Image.Image) -> None:
    """Paint shafts of light between the trees into the backdrop."""
    mask = Image.new("L", sky.size)
    pen = ImageDraw.Draw(mask)
    for _ in range(5):
        x, wide = stage.dice.uniform(0, 1) * stage.width, stage.dice.uniform(0.04, 0.12) * stage.unit
        lean = math.tan(0.35) * stage.height
        pen.polygon([(x, 0), (x + wide, 0), (x + wide * 2 - lean, stage.height), (x - lean, stage.height)], 26)
    sky.paste(stage.colours.light, (0, 0), mask)
