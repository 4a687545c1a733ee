"""A landscape for a prompt: layers painted once, then slid over each other, frame by frame.

    sky and sun ─▶ aurora or clouds ─▶ far layers ─▶ creatures ─▶ near layers ─▶ lights, rain ─▶ camera ─▶ lettering

A prompt's own words choose the place (sea, hills, forest, city, street, night), who is in it, the weather and what the
camera does, where they name one; chance does otherwise. Layers move a whole number of
pixels a frame: that is what makes slow motion look smooth.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from PIL import Image

from . import camera, captions, creatures, layers, lights, palette, paper, places, shapes, sky
from .planes import Canvas
from .spec import ClipSpec
from .stage import Stage, Strip


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


@dataclass(frozen=True, slots=True)
class Place:
    """What a place is made of, from far to near, and where creatures are in it."""

    far: Sequence[Mover]
    near: Sequence[Mover]
    """What stands before its creatures."""
    ground: Strip | None = None
    """What they walk on."""
    water: Strip | None = None
    """What they leap from."""


Make = Callable[[Stage, Image.Image], Place]


def compose(spec: ClipSpec, strides: tuple[int, int]) -> Scene:
    """The scene of a spec. `strides`: bytes a row of the encoder's luma and chroma planes."""
    dice = spec.dice("look")
    prompt = spec.prompt
    hinted = next((make for make, hint in _HINTS.items() if hint.search(prompt)), None)
    colours = palette.choose(dice, dark=_DARK.search(prompt) is not None)
    stage = Stage(spec, colours, dice)
    backdrop = shapes.grained(shapes.gradient(colours.sky, (stage.width, stage.height)), dice)
    walked = hinted is None and creatures.walks(prompt)  # nobody walks on the sea
    by_chance = dice.choice(
        (_hills, _forest, _city) if walked else (_sea, _hills, _night) if colours.dark_sky else (_sea, _hills)
    )
    place = (hinted or by_chance)(stage, backdrop)
    acts: list[Mover] = [*place.far, *creatures.of(stage, prompt, place.ground, place.water), *place.near]
    acts += [make(stage) for make, hint in _WEATHER.items() if hint.search(prompt)][:1]
    return Scene(Canvas.of(backdrop, strides), [*acts, *camera.lens(stage, prompt), *captions.letter(spec, colours)])


def _sea(stage: Stage, backdrop: Image.Image) -> Place:
    horizon = 0.60 if stage.width >= stage.height else 0.56
    sun_x, sun_y = stage.dice.uniform(0.6, 0.8) * stage.width, (horizon - stage.dice.uniform(0.02, 0.12)) * stage.height
    _hang_sun(stage, backdrop, sun_x, sun_y)
    waves = layers.waves(stage, horizon)
    glints = lights.glints(stage, sun_x, horizon)
    far: list[Mover] = [sky.clouds(stage, 0.34), *waves[:3], glints, paper.boat(stage, waves[3])]
    return Place(far, [*waves[3:], lights.motes(stage, 10)], water=waves[4])


def _hills(stage: Stage, backdrop: Image.Image) -> Place:
    sun = stage.dice.uniform(0.55, 0.82) * stage.width, stage.dice.uniform(0.36, 0.5) * stage.height
    _hang_sun(stage, backdrop, *sun)
    ridges = layers.ridges(stage, 0.52)
    far: list[Mover] = [sky.clouds(stage, 0.3), *ridges[:2], paper.plane(stage), *ridges[2:3]]
    return Place(far, [*ridges[3:], lights.motes(stage, 14)], ground=ridges[3])


def _night(stage: Stage, backdrop: Image.Image) -> Place:
    sky.stars(stage, backdrop)
    moon = stage.dice.uniform(0.62, 0.85) * stage.width, stage.dice.uniform(0.3, 0.4) * stage.height
    _hang_sun(stage, backdrop, *moon, size=0.05)
    ridges = layers.ridges(stage, 0.62)
    far: list[Mover] = [sky.aurora(stage), *ridges[:2], paper.lanterns(stage), *ridges[2:3]]
    return Place(far, [*ridges[3:], lights.motes(stage, 18)], ground=ridges[3])


def _forest(stage: Stage, backdrop: Image.Image) -> Place:
    _hang_sun(stage, backdrop, stage.dice.uniform(0.5, 0.75) * stage.width, 0.3 * stage.height, size=0.06)
    places.beams(stage, backdrop)
    rows = places.trees(stage)
    floor = layers.ridges(stage, 0.6)[4]
    return Place(rows, [floor, lights.motes(stage, 26)], ground=floor)


def _city(stage: Stage, backdrop: Image.Image) -> Place:
    far = _skylines(stage, backdrop, 0.82)
    roofs = places.skyline(stage, 0.98, 0.2, 1.0, stage.pace(2))
    return Place(far, [*roofs, lights.motes(stage, 10)], ground=roofs[0])


def _street(stage: Stage, backdrop: Image.Image) -> Place:
    far = _skylines(stage, backdrop, 0.8)
    pavement, road = places.road(stage)
    return Place([*far, pavement], [*road, places.cars(stage, 4), lights.motes(stage, 8)], ground=road[0])


def _skylines(stage: Stage, backdrop: Image.Image, foot: float) -> list[Mover]:
    """The sky over a town, and its houses in three rows."""
    if stage.colours.dark_sky:
        sky.stars(stage, backdrop)
    _hang_sun(stage, backdrop, stage.dice.uniform(0.58, 0.82) * stage.width, 0.3 * stage.height, size=0.06)
    rows = [
        places.skyline(stage, foot, tallest, near, pace)
        for tallest, near, pace in ((0.4, 0.1, 0.5), (0.34, 0.45, stage.pace(1)), (0.26, 0.8, stage.pace(2)))
    ]
    return [sky.clouds(stage, 0.3), *(strip for row in rows for strip in row)]


_HINTS: Mapping[Make, re.Pattern[str]] = {
    _street: re.compile(
        r"\b(street|road|alley|avenue|traffic|taxi|car|cars|bus|tram|market|crosswalk|sidewalk)\b", re.I
    ),
    _city: re.compile(
        r"\b(city|cities|town|skyline|skyscraper|building|tower|rooftop|urban|downtown|metropolis|cyberpunk"
        r"|tokyo|paris|london|new york)",
        re.I,
    ),
    _sea: re.compile(
        r"\b(boat|ship|sail|sea\b|ocean|lake|river|water|wave|harbou?r|lighthouse|puddle|pond|beach|fish|whale|dolphin"
        r"|shark|underwater)",
        re.I,
    ),
    _forest: re.compile(r"\b(forest|wood|woods|tree|pine|jungle|grove|fern)", re.I),
    _night: re.compile(r"\b(night|midnight|star|moon|lantern|aurora|neon|firefl)", re.I),
    _hills: re.compile(r"\b(mountain|hill|valley|plane|bird|meadow|field|desert|savanna|steppe)", re.I),
}
"""What a prompt's words choose, the first that fits."""
_DARK = re.compile(r"\b(night|midnight|star|moon|lantern|aurora|neon|firefl|cyberpunk|dark)", re.I)
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
