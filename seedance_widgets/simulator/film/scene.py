"""A landscape for a prompt: layers painted once, then slid over each other, frame by frame.

    sky and sun ─▶ aurora or clouds ─▶ far layer … near layer (hills or waves) ─▶ lights, rain ─▶ lettering

A prompt's own words choose the landscape where they name one; chance does otherwise. Layers move a whole number of
pixels a frame: that is what makes slow motion look smooth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from . import captions, layers, lights, palette, paper, shapes, sky
from .planes import Canvas
from .spec import ClipSpec
from .stage import Stage


class Mover(Protocol):
    """Something that paints itself where it is at a frame."""

    def paint(self, canvas: Canvas, frame: int) -> None: ...


@dataclass(frozen=True, slots=True)
class Scene:
    """A backdrop and what moves before it, from far to near."""

    backdrop: Canvas
    movers: Sequence[Mover]

    def frame(self, number: int) -> Canvas:
        """A fresh canvas with everything where it is at that frame."""
        canvas = self.backdrop.copy()
        for mover in self.movers:
            mover.paint(canvas, number)
        return canvas


def compose(spec: ClipSpec, strides: tuple[int, int]) -> Scene:
    """The scene of a spec. `strides`: bytes a row of the encoder's luma and chroma planes."""
    dice = spec.dice("look")
    hinted = next((make for make, hint in _HINTS.items() if hint.search(spec.prompt)), None)
    colours = palette.choose(dice, dark=hinted is _night)
    stage = Stage(spec, colours, dice)
    backdrop = shapes.grained(shapes.gradient(colours.sky, (stage.width, stage.height)), dice)
    by_chance = dice.choice((_sea, _hills, _night) if colours.dark_sky else (_sea, _hills))
    acts = (hinted or by_chance)(stage, backdrop)
    acts += [make(stage) for make, hint in _WEATHER.items() if hint.search(spec.prompt)][:1]
    return Scene(Canvas.of(backdrop, strides), [*acts, *captions.letter(spec, colours)])


def _sea(stage: Stage, backdrop: Image.Image) -> list[Mover]:
    horizon = 0.60 if stage.width >= stage.height else 0.56
    sun_x, sun_y = stage.dice.uniform(0.6, 0.8) * stage.width, (horizon - stage.dice.uniform(0.02, 0.12)) * stage.height
    _hang_sun(stage, backdrop, sun_x, sun_y)
    waves = layers.waves(stage, horizon)
    glints = lights.glints(stage, sun_x, horizon)
    far: list[Mover] = [sky.clouds(stage, 0.34), *waves[:3], glints]
    return [*far, paper.boat(stage, waves[3]), *waves[3:], lights.motes(stage, 10)]


def _hills(stage: Stage, backdrop: Image.Image) -> list[Mover]:
    sun = stage.dice.uniform(0.55, 0.82) * stage.width, stage.dice.uniform(0.36, 0.5) * stage.height
    _hang_sun(stage, backdrop, *sun)
    ridges = layers.ridges(stage, 0.52)
    return [sky.clouds(stage, 0.3), *ridges[:2], paper.plane(stage), *ridges[2:], lights.motes(stage, 14)]


def _night(stage: Stage, backdrop: Image.Image) -> list[Mover]:
    sky.stars(stage, backdrop)
    moon = stage.dice.uniform(0.62, 0.85) * stage.width, stage.dice.uniform(0.3, 0.4) * stage.height
    _hang_sun(stage, backdrop, *moon, size=0.05)
    ridges = layers.ridges(stage, 0.62)
    return [sky.aurora(stage), *ridges[:2], paper.lanterns(stage), *ridges[2:], lights.motes(stage, 18)]


_HINTS: Mapping[Callable[[Stage, Image.Image], list[Mover]], re.Pattern[str]] = {
    _sea: re.compile(r"\b(boat|ship|sail|sea|ocean|lake|river|water|wave|harbou?r|lighthouse|puddle)", re.I),
    _night: re.compile(r"\b(night|midnight|star|moon|lantern|aurora|neon|firefl)", re.I),
    _hills: re.compile(r"\b(mountain|hill|valley|forest|tree|pine|plane|bird|meadow)", re.I),
}
_WEATHER: Mapping[Callable[[Stage], Mover], re.Pattern[str]] = {
    sky.rain: re.compile(r"\b(rain(?!bow)|storm|drizzl|monsoon|downpour)", re.I),
    sky.snow: re.compile(r"\b(snow|winter|blizzard)", re.I),
}


def _hang_sun(stage: Stage, backdrop: Image.Image, x: float, y: float, size: float = 0.085) -> None:
    """Paint the sun or moon and the light around it into the backdrop."""
    light = stage.colours.light
    for radius, share in ((0.95, 0.5), (0.36, 0.5)):
        wide = round(radius * stage.unit)
        halo = shapes.glow(wide, falloff=2.2).point([int(v * share) for v in range(256)])
        backdrop.paste(light, (round(x) - wide, round(y) - wide), halo)
    face = shapes.disc(round(size * stage.unit), 1.0)
    corner = (round(x) - face.width // 2, round(y) - face.height // 2)
    backdrop.paste(palette.mix(light, (255, 255, 255), 0.35), corner, face)
