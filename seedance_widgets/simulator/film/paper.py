"""The one thing in each scene that is folded from paper: a boat, a plane, lanterns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from . import emblems, shapes
from .palette import mix
from .planes import Canvas, Ink, Stencil
from .spec import FRAMES_PER_S
from .stage import SHADES, Floating, Folded, Path, Stage, Strip


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
