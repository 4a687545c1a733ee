"""A landscape for a prompt: layers painted once, then slid over each other, frame by frame.

    sky and sun ─▶ aurora or clouds ─▶ far layer … near layer (hills or waves) ─▶ lights ─▶ lettering

Layers move a whole number of pixels a frame: that is what makes slow motion look smooth.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from . import lettering, movers, palette, shapes
from .planes import Canvas
from .spec import ClipSpec


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
    colours = palette.choose(dice)
    stage = movers.Stage(spec, colours, dice)
    make = dice.choice((_sea, _hills, _night) if colours.dark_sky else (_sea, _hills))
    sky = shapes.grained(shapes.gradient(colours.sky, (stage.width, stage.height)), dice)
    acts = [*make(stage, sky), *lettering.letter(spec, colours)]
    return Scene(Canvas.of(sky, strides), acts)


def _sea(stage: movers.Stage, sky: Image.Image) -> list[Mover]:
    horizon = 0.60 if stage.width >= stage.height else 0.56
    sun_x, sun_y = stage.dice.uniform(0.6, 0.8) * stage.width, (horizon - stage.dice.uniform(0.02, 0.12)) * stage.height
    _hang_sun(stage, sky, sun_x, sun_y)
    acts: list[Mover] = [movers.clouds(stage, 0.34)]
    waves = movers.waves(stage, horizon)
    acts += [*waves[:3], movers.glints(stage, sun_x, horizon), movers.boat(stage, waves[3]), *waves[3:]]
    return [*acts, movers.lights(stage, 10)]


def _hills(stage: movers.Stage, sky: Image.Image) -> list[Mover]:
    _hang_sun(stage, sky, stage.dice.uniform(0.55, 0.82) * stage.width, stage.dice.uniform(0.36, 0.5) * stage.height)
    ridges = movers.ridges(stage, 0.52)
    return [movers.clouds(stage, 0.3), *ridges[:2], movers.plane(stage), *ridges[2:], movers.lights(stage, 14)]


def _night(stage: movers.Stage, sky: Image.Image) -> list[Mover]:
    movers.stars(stage, sky)
    moon = stage.dice.uniform(0.62, 0.85) * stage.width, stage.dice.uniform(0.3, 0.4) * stage.height
    _hang_sun(stage, sky, *moon, size=0.05)
    ridges = movers.ridges(stage, 0.62)
    return [movers.aurora(stage), *ridges[:2], movers.lanterns(stage), *ridges[2:], movers.lights(stage, 18)]


def _hang_sun(stage: movers.Stage, sky: Image.Image, x: float, y: float, size: float = 0.085) -> None:
    """Paint the sun or moon and the light around it into the sky."""
    light = stage.colours.light
    for radius, share in ((0.95, 0.5), (0.36, 0.5)):
        wide = round(radius * stage.unit)
        halo = shapes.glow(wide, falloff=2.2).point([int(v * share) for v in range(256)])
        sky.paste(light, (round(x) - wide, round(y) - wide), halo)
    face = shapes.disc(round(size * stage.unit), 1.0)
    corner = (round(x) - face.width // 2, round(y) - face.height // 2)
    sky.paste(palette.mix(light, (255, 255, 255), 0.35), corner, face)
