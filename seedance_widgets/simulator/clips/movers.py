"""What moves in a scene: clouds, ridges, waves, lights, and the one thing folded from paper."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from . import emblems, shapes
from .palette import Palette, mix
from .planes import Canvas, Ink, Rgb, Stencil
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
        """How far it has sunk at a frame, in pixels."""
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
    found = []
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
        found.append(strip(stage, outline, (colour, mist), span, pace, trees=trees))
    return found


def waves(stage: Stage, horizon: float) -> list[Strip]:
    """Six rows of swell, the farthest a still line, the nearest broad and slow to rise."""
    found = []
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
        found.append(strip(stage, outline, (lit, body), span, pace, swell=swell))
    return found


def clouds(stage: Stage, highest: float) -> Strip:
    """Long thin banks of cloud, drifting."""
    pace = 0.5
    width = stage.width + int(pace * stage.frames) + 2
    top, height = int(highest * stage.height) // 2 * 2, int(0.26 * stage.height)
    small = Image.new("L", (width // 4, height // 4))
    pen = ImageDraw.Draw(small)
    for _ in range(round(7 * width / stage.unit)):
        x, y = stage.dice.uniform(0, width / 4), stage.dice.triangular(0.15, 0.85, 0.6) * height / 4
        long, thick = stage.dice.uniform(0.08, 0.3) * stage.unit / 4, stage.dice.uniform(0.004, 0.014) * stage.unit / 4
        pen.ellipse([x - long, y - thick, x + long, y + thick], stage.dice.randint(50, 120))
    soft = small.filter(ImageFilter.GaussianBlur(stage.unit / 300)).resize((width, height), Image.Resampling.BICUBIC)
    ink = Ink.colour(mix(stage.colours.sky[-1], stage.colours.light, 0.6))
    return Strip(ink, Stencil.of(soft), top, stage.width, pace, lambda x: 0.0)


def aurora(stage: Stage) -> Strip:
    """A curtain of northern light."""
    pace = stage.pace(1)
    width = stage.width + pace * stage.frames + 2
    height = int(0.5 * stage.height)
    small = Image.new("L", (width // 6, height // 6))
    pen = ImageDraw.Draw(small)
    hem = shapes.rolling(stage.dice, small.height * 0.72, small.height * 0.13, stage.unit * 0.22, 3)
    fold = shapes.rolling(stage.dice, 105, 75, stage.unit * 0.05, 3)
    for x in range(small.width):
        foot, strength = hem(x), max(0.0, min(200.0, fold(x)))
        for step in range(24):
            y = foot - (step + 1) * small.height / 34
            pen.line([(x, y), (x, y + small.height / 34)], fill=int(strength * (1 - step / 24) ** 1.6))
    soft = small.filter(ImageFilter.GaussianBlur(1.6)).resize((width, height), Image.Resampling.BICUBIC)
    ink = Ink.colour(mix(stage.colours.sky[-1], stage.colours.light, 0.45))
    return Strip(ink, Stencil.of(soft), int(0.06 * stage.height), stage.width, pace, lambda x: 0.0)


def stars(stage: Stage, sky: Image.Image) -> None:
    """Paint a quiet scatter of stars into the upper sky."""
    pen = ImageDraw.Draw(sky)
    for _ in range(90):
        x, y = stage.dice.uniform(0, stage.width), stage.dice.triangular(0, 0.55, 0.05) * stage.height
        under = sky.getpixel((int(x), int(y)))
        bright = mix(under, stage.colours.light, stage.dice.uniform(0.2, 0.8))  # type: ignore[arg-type]
        size = stage.dice.choice((0.5, 0.5, 0.9)) * stage.unit / 720
        pen.ellipse([x - size, y - size, x + size, y + size], bright)


def lights(stage: Stage, count: int) -> Floating:
    """Motes that rise slowly, swaying, and come and go."""
    sprites = []
    for _ in range(count):
        radius = max(2, round(stage.dice.triangular(0.003, 0.02, 0.005) * stage.unit))
        stencil = Stencil.of(shapes.glow(radius * 2, core=0.1, falloff=2.4)).faded(stage.dice.uniform(0.35, 0.85))
        sprites.append((stencil.fading(SHADES), _mote_path(stage)))
    return Floating(Ink.colour(stage.colours.light), sprites)


def _mote_path(stage: Stage) -> Path:
    x, y = stage.dice.uniform(0, stage.width), stage.dice.uniform(0.5, 1.02) * stage.height
    sway, rise = stage.dice.uniform(0.01, 0.03) * stage.unit, stage.dice.uniform(0.006, 0.02) * stage.unit
    turn, phase = stage.dice.uniform(3, 7), stage.dice.uniform(0, math.tau)

    def path(frame: int) -> tuple[float, float, float]:
        t = frame / FRAMES_PER_S
        swing = math.sin(math.tau * t / turn + phase)
        return x + sway * swing, y - rise * t, 0.55 + 0.45 * math.sin(math.tau * t / (turn * 0.7) + phase * 2)

    return path


def glints(stage: Stage, sun_x: float, horizon: float) -> Floating:
    """The sun's path on the water: short bright strokes that shimmer."""
    sprites = []
    for row in range(22):
        near = row / 21
        long = round((0.014 + 0.06 * near * stage.dice.uniform(0.4, 1)) * stage.unit)
        mask = shapes.glow(max(4, long), core=0.0, falloff=1.5).resize((max(8, long * 2), max(2, long // 5 * 2)))
        x = sun_x + stage.dice.gauss(0, 0.02 + 0.03 * near) * stage.unit
        y = (horizon + 0.006 + (0.46 * near**1.3) * (0.94 - horizon)) * stage.height
        sprites.append((Stencil.of(mask).fading(SHADES), _glint_path(stage, x, y)))
    return Floating(Ink.colour(stage.colours.light), sprites)


def _glint_path(stage: Stage, x: float, y: float) -> Path:
    turn, phase = stage.dice.uniform(1.2, 2.6), stage.dice.uniform(0, math.tau)
    sway = 0.004 * stage.unit

    def path(frame: int) -> tuple[float, float, float]:
        beat = math.sin(math.tau * frame / (FRAMES_PER_S * turn) + phase)
        return x + sway * beat, y, max(0.0, 0.5 + 0.45 * beat)

    return path


def boat(stage: Stage, wave: Strip) -> Folded:
    """A paper boat that rides on a wave, from left towards the middle."""
    width = round(0.15 * stage.unit)
    folded = emblems.Emblem.fold(emblems.BOAT, width, stage.colours.paper, stage.colours.near, most_degrees=9)
    start, speed = stage.dice.uniform(0.2, 0.34) * stage.width, stage.dice.uniform(0.014, 0.022) * stage.unit

    def path(frame: int) -> tuple[float, float, float]:
        x = start + speed * frame / FRAMES_PER_S
        slope = (wave.crest(x + width / 3, frame) - wave.crest(x - width / 3, frame)) / (width * 2 / 3)
        return x, wave.crest(x, frame) - width * 0.13, math.degrees(math.atan(slope)) * 1.3

    return Folded(folded, path)


def plane(stage: Stage) -> Folded:
    """A paper plane that crosses the sky in one long breath."""
    width = round(0.085 * stage.unit)
    folded = emblems.Emblem.fold(emblems.PLANE, width, stage.colours.paper, stage.colours.near, most_degrees=14)
    start, speed = stage.dice.uniform(0.16, 0.3) * stage.width, stage.dice.uniform(0.03, 0.045) * stage.unit
    level = stage.dice.uniform(0.4, 0.46) * stage.height
    turn, phase = stage.dice.uniform(5, 7), stage.dice.uniform(0, 6)

    def path(frame: int) -> tuple[float, float, float]:
        t = frame / FRAMES_PER_S
        beat = math.tau * t / turn + phase
        return start + speed * t, level + 0.02 * stage.unit * math.sin(beat), 8 * math.cos(beat) - 5

    return Folded(folded, path)


@dataclass(frozen=True, slots=True)
class Lanterns:
    """Sky lanterns, each in its own light."""

    each: Sequence[tuple[Floating, Folded]]

    def paint(self, canvas: Canvas, frame: int) -> None:
        for light, body in self.each:
            light.paint(canvas, frame)
            body.paint(canvas, frame)


def lanterns(stage: Stage) -> Lanterns:
    """Seven lanterns that rise from behind the hills."""
    each = []
    warm = mix(stage.colours.light, (255, 190, 110), 0.65)
    for number in range(7):
        width = round(stage.unit * stage.dice.uniform(0.018, 0.05))
        folded = emblems.Emblem.fold(emblems.LANTERN, width, warm, (150, 70, 40), most_degrees=0)
        path = _rise(stage, number)
        light = Stencil.of(shapes.glow(width * 2, falloff=2.0)).faded(0.55).fading(SHADES)
        each.append((Floating(Ink.colour(warm), [(light, path)]), Folded(folded, path)))
    return Lanterns(each)


def _rise(stage: Stage, number: int) -> Path:
    x = (0.1 + 0.8 * (number + stage.dice.uniform(0.1, 0.9)) / 7) * stage.width
    y, rise = stage.dice.uniform(0.42, 0.8) * stage.height, stage.dice.uniform(0.014, 0.026) * stage.unit
    turn, phase = stage.dice.uniform(6, 10), stage.dice.uniform(0, math.tau)

    def path(frame: int) -> tuple[float, float, float]:
        t = frame / FRAMES_PER_S
        beat = math.tau * t / turn + phase
        return x + 0.01 * stage.unit * math.sin(beat), y - rise * t, 0.8 + 0.2 * math.sin(beat * 3)

    return path
