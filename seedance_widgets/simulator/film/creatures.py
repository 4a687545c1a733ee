"""Animals and people, folded from paper like the boat: they walk on a layer, fly, or leap from the water."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from . import emblems
from .emblems import Facet
from .planes import Canvas
from .spec import FRAMES_PER_S
from .stage import Path, Stage, Strip

Facets = tuple[Facet, ...]

STEP = 7  # frames between two steps


@dataclass(frozen=True, slots=True)
class Moving:
    """Something that is folded in a few ways, one after the other, on its path."""

    poses: Sequence[emblems.Emblem]
    path: Path

    def paint(self, canvas: Canvas, frame: int) -> None:
        """Stamp the pose of a frame where it is then."""
        self.poses[frame // STEP % len(self.poses)].stamp(canvas, *self.path(frame))


def _leg(x: float, foot: float, top: float, shade: float) -> Facet:
    return shade, [(x - 0.035, top), (x + 0.045, top), (foot + 0.02, 0.4), (foot - 0.02, 0.4)]


def _beast(*, neck: float = 0.0, ear: float = 0.1, tail: float = 0.22, bulk: float = 0.0) -> tuple[Facets, Facets]:
    """An animal on four legs that looks to the right, in two steps; all in shares of its length."""
    up = -0.12 - bulk - neck
    body: list[Facet] = [
        (0.34, [(-0.26, -0.1 - bulk), (-0.28 - tail, -0.2), (-0.26 - tail * 0.7, -0.02), (-0.24, 0.02)]),
        (0.10, [(-0.28, -0.1 - bulk), (0.02, -0.15 - bulk), (-0.02, 0.14), (-0.26, 0.1)]),
        (0.22, [(0.02, -0.15 - bulk), (0.2, -0.12 - bulk / 2), (0.16, 0.12), (-0.02, 0.14)]),
        (0.16, [(0.06, -0.13), (0.14, up - 0.04), (0.26, up), (0.2, 0.0)]),
        (0.00, [(0.12, up - 0.02), (0.2, up - 0.15), (0.32, up - 0.1), (0.46, up + 0.05), (0.24, up + 0.1)]),
        (0.42, [(0.17, up - 0.1), (0.17, up - 0.16 - ear), (0.25, up - 0.12)]),
    ]
    steps = ((0.06, -0.05), (-0.05, 0.06))
    return tuple(  # type: ignore[return-value]
        (
            _leg(-0.14, -0.14 - there, 0.06, 0.62),
            _leg(0.06, 0.06 - there, 0.08, 0.62),
            *body,
            _leg(-0.2, -0.2 + here, 0.04, 0.4),
            _leg(0.12, 0.12 + here, 0.06, 0.4),
        )
        for here, there in steps
    )


def _person(step: float, arm: float) -> Facets:
    head = [(0.055 * math.cos(k * math.pi / 4), -0.4 + 0.06 * math.sin(k * math.pi / 4)) for k in range(8)]
    return (
        (0.62, [(0.0, 0.06), (0.05, 0.06), (0.03 - step, 0.46), (-0.03 - step, 0.46)]),
        (0.40, [(-0.05, 0.06), (0.02, 0.06), (0.03 + step, 0.46), (-0.03 + step, 0.46)]),
        (0.10, [(-0.1, -0.3), (0.0, -0.33), (0.02, 0.12), (-0.12, 0.1)]),
        (0.28, [(0.0, -0.33), (0.09, -0.28), (0.1, 0.1), (0.02, 0.12)]),
        (0.48, [(-0.02, -0.26), (0.03, -0.26), (0.05 + arm, 0.04), (0.01 + arm, 0.05)]),
        (0.00, head),
    )


def _bird(wing: float) -> Facets:
    return (
        (0.30, [(-0.12, 0.0), (0.12, -0.02), (-0.06, wing)]),
        (0.00, [(-0.34, 0.02), (0.1, -0.05), (0.4, 0.0), (0.1, 0.08)]),
        (0.14, [(-0.08, 0.0), (0.16, 0.0), (0.06, wing * 1.1)]),
        (0.45, [(-0.34, 0.02), (-0.5, -0.06), (-0.46, 0.08)]),
    )


FISH: Facets = (
    (0.35, [(-0.28, 0.0), (-0.5, -0.16), (-0.42, 0.0), (-0.5, 0.16)]),
    (0.00, [(-0.3, 0.0), (0.04, -0.17), (0.42, 0.0)]),
    (0.22, [(-0.3, 0.0), (0.04, 0.15), (0.42, 0.0)]),
    (0.50, [(-0.02, -0.15), (0.12, -0.26), (0.14, -0.12)]),
)

_BEASTS: Mapping[str, tuple[float, tuple[Facets, Facets]]] = {
    r"hares?|rabbits?|bunn(y|ies)|mouse|mice|squirrels?": (0.12, _beast(ear=0.24, tail=0.05)),
    r"horses?|deers?|stags?|giraffes?|llamas?|camels?|unicorns?": (0.26, _beast(neck=0.2, ear=0.06, tail=0.14)),
    r"bears?|elephants?|cows?|bulls?|pandas?|rhinos?|sheep|pigs?": (0.26, _beast(bulk=0.1, ear=0.05, tail=0.03)),
    r"fox(es)?|cats?|kittens?|dogs?|pupp(y|ies)|wol(f|ves)|tigers?|lions?|leopards?|animals?|creatures?|dragons?": (
        0.19,
        _beast(),
    ),
}
"""Animals that walk, with their length as a share of the shorter side."""
_WALKERS = {re.compile(rf"\b({words})\b", re.I): beast for words, beast in _BEASTS.items()}
_FLYERS = re.compile(r"\b(birds?|owls?|gulls?|seagulls?|eagles?|hawks?|cranes?|swans?|crows?|ravens?|parrots?)\b", re.I)
_SWIMMERS = re.compile(r"\b(fish(es)?|whales?|dolphins?|sharks?|koi)\b", re.I)
_PEOPLE = re.compile(
    r"\b(people|persons?|m[ae]n|wom[ae]n|girls?|boys?|child(ren)?|kids?|crowds?|couples?|friends?|dancers?|runners?"
    r"|walkers?|pedestrians?|astronauts?|chefs?|samurai)\b",
    re.I,
)
_MANY = re.compile(r"\b(people|crowds?|children|men|women|kids|pedestrians|dancers|friends)\b", re.I)


def walks(prompt: str) -> bool:
    """Tell whether somebody in a prompt needs ground to walk on."""
    return _PEOPLE.search(prompt) is not None or any(words.search(prompt) for words in _WALKERS)


def of(stage: Stage, prompt: str, ground: Strip | None, water: Strip | None) -> list[Moving]:
    """The creatures that a prompt names, as far as they have something to stand on, to fly over or to leap from."""
    here: list[Moving] = []
    if ground is not None:
        beast = next((beast for words, beast in _WALKERS.items() if words.search(prompt)), None)
        if beast is not None:
            here.append(_walking(stage, ground, beast[1], beast[0], at=stage.dice.uniform(0.3, 0.42)))
        if _PEOPLE.search(prompt):
            places = (0.12, 0.3, 0.46, 0.64, 0.8) if _MANY.search(prompt) else (0.46,)
            poses = (_person(0.09, -0.08), _person(-0.09, 0.08))
            here += [_walking(stage, ground, poses, stage.dice.uniform(0.19, 0.22), at=at) for at in places]
    if _FLYERS.search(prompt):
        here += [_flying(stage, place) for place in range(3)]
    if water is not None and _SWIMMERS.search(prompt):
        here.append(_leaping(stage, water))
    return here


def _folded(stage: Stage, poses: Sequence[Facets], width: int, degrees: float) -> list[emblems.Emblem]:
    colours = stage.colours
    return [emblems.Emblem.fold(each, width, colours.paper, colours.near, most_degrees=degrees) for each in poses]


def _walking(stage: Stage, ground: Strip, poses: Sequence[Facets], size: float, *, at: float) -> Moving:
    """Goes slowly to the right on the edge of a layer, a little up and down with each step."""
    width = round(size * stage.unit)
    start, speed = at * stage.width, stage.dice.uniform(0.02, 0.03) * stage.unit
    phase = stage.dice.uniform(0, math.tau)

    def path(frame: int) -> tuple[float, float, float]:
        x = start + speed * frame / FRAMES_PER_S
        bob = 0.012 * width * math.sin(math.pi * frame / STEP + phase)
        return x, ground.crest(x, frame) - 0.37 * width + bob, 0.0

    return Moving(_folded(stage, poses, width, 0.0), path)


def _flying(stage: Stage, place: int) -> Moving:
    width = round(stage.unit * (0.16 - 0.035 * place))
    x, y = (0.3 - 0.11 * place) * stage.width, (0.36 - 0.05 * place) * stage.height
    speed, phase = stage.dice.uniform(0.045, 0.055) * stage.unit, stage.dice.uniform(0, math.tau)

    def path(frame: int) -> tuple[float, float, float]:
        t = frame / FRAMES_PER_S
        return x + speed * t, y + 0.012 * stage.unit * math.sin(math.tau * t / 1.7 + phase), 0.0

    return Moving(_folded(stage, [_bird(wing) for wing in (-0.36, -0.12, 0.2, -0.12)], width, 0.0), path)


def _leaping(stage: Stage, water: Strip) -> Moving:
    """Leaps out of the water in an arc, again and again."""
    width = round(0.16 * stage.unit)
    start, every_s, far = stage.dice.uniform(0.24, 0.36) * stage.width, 2.4, 0.34 * stage.unit

    def path(frame: int) -> tuple[float, float, float]:
        share = frame / FRAMES_PER_S / every_s % 1.0
        high = 4 * share * (1 - share)
        x = start + far * share
        return x, water.crest(x, frame) + 0.12 * stage.unit - 0.34 * stage.unit * high, 50 * (2 * share - 1)

    return Moving(_folded(stage, [FISH], width, 50.0), path)
