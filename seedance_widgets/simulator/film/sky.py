"""The sky: clouds, northern lights, stars, rain."""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from . import shapes
from .palette import mix
from .planes import Canvas, Ink, Stencil
from .stage import Stage, Strip


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


@dataclass(frozen=True, slots=True)
class Falling:
    """Rain or snow: one tall curtain that falls through the picture, over and over."""

    light: int
    """Of luma only: it is too faint to have a colour."""
    curtain: Image.Image
    """Twice as tall as the picture."""
    pace: int

    def paint(self, canvas: Canvas, frame: int) -> None:
        height = self.curtain.height // 2
        start = height - self.pace * frame % height
        window = self.curtain.crop((0, start, self.curtain.width, start + height))
        canvas.y.paste(self.light, (0, 0, window.width, height), window)


def rain(stage: Stage) -> Falling:
    """Thin, slanting, half seen."""
    return _falling(stage, drops=90, pace=22, long=0.055, strength=(16, 46))


def snow(stage: Stage) -> Falling:
    """Small flakes, in no hurry."""
    return _falling(stage, drops=170, pace=2, long=0.0, strength=(60, 150))


def _falling(stage: Stage, *, drops: int, pace: int, long: float, strength: tuple[int, int]) -> Falling:
    """`long`: of a streak, as a share of the picture's shorter side; `strength`: least and most, of 255."""
    width, height = stage.width, stage.height
    tile = Image.new("L", (width * 2, height * 2))
    pen = ImageDraw.Draw(tile)
    for _ in range(round(drops * width * height / stage.unit**2)):
        x, y = stage.dice.uniform(0, width * 2), stage.dice.uniform(0, height * 2)
        size, bright = stage.dice.uniform(0.5, 1), stage.dice.randint(*strength)
        fall, dot = long * size * stage.unit * 2, size * stage.unit / 240
        for around in (0, -height * 2):  # what leaves below comes in above
            if long:
                pen.line([(x, y + around), (x - fall * 0.16, y + around + fall)], bright, round(stage.unit / 300))
            else:
                pen.ellipse([x - dot, y + around - dot, x + dot, y + around + dot], bright)
    once = tile.reduce(2).filter(ImageFilter.GaussianBlur(stage.unit / 1100))
    twice = Image.new("L", (width, height * 2))
    twice.paste(once)
    twice.paste(once, (0, height))
    return Falling(225, twice, stage.pace(pace))
