"""Small lights: motes in the air, the sun's path on the water."""

from __future__ import annotations

import math

from . import shapes
from .planes import Ink, Stencil
from .spec import FRAMES_PER_S
from .stage import SHADES, Floating, Path, Stage


def motes(stage: Stage, count: int) -> Floating:
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
