"""The words on a clip: the prompt, what was asked for, and the mark that says it is only a simulator.

No font is shipped: Pillow's own scalable one sets Latin, and for other scripts a font of the machine is looked for.
What no font can set is shown as quiet bars, as designers draw text that is not there yet.
"""

from __future__ import annotations

from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFilter

from . import fonts
from .palette import Palette, mix
from .planes import Canvas, Ink, Stencil
from .spec import ClipSpec

MARK = "SIMULATOR"


@dataclass(frozen=True, slots=True)
class Printed:
    """Letters that stand still."""

    ink: Ink
    stencil: Stencil
    at: tuple[int, int]

    def paint(self, canvas: Canvas, frame: int) -> None:
        canvas.stamp(self.ink, self.stencil, *self.at)


def letter(spec: ClipSpec, colours: Palette) -> list[Printed]:
    """Everything that is written on a clip, with a breath of shadow or light behind it."""
    width, height = spec.size
    mask = Image.new("L", (width, height))
    to_left = fonts.runs_to_left(spec.prompt)
    _write_prompt(mask, spec, to_left)
    _write_mark(mask, min(spec.size), to_left)
    box = mask.getbbox() or (0, 0, 2, 2)
    left, top, right, bottom = box[0] // 2 * 2 - 16, box[1] // 2 * 2 - 16, box[2] + 16, box[3] + 16
    words = mask.crop((left, top, right, bottom))
    soft = words.filter(ImageFilter.GaussianBlur(min(spec.size) / 120))
    halo = soft.point([min(255, value * 2) * 45 // 100 for value in range(256)])
    ink, behind = _inks(colours)
    return [Printed(behind, Stencil.of(halo), (left, top)), Printed(ink, Stencil.of(words), (left, top))]


def _inks(colours: Palette) -> tuple[Ink, Ink]:
    if colours.dark_sky:
        return Ink.colour((255, 255, 255)), Ink.colour(mix(colours.sky[0], (0, 0, 0), 0.5))
    return Ink.colour(mix(colours.near, (0, 0, 0), 0.25)), Ink.colour(mix(colours.sky[0], (255, 255, 255), 0.6))


def _write_prompt(mask: Image.Image, spec: ClipSpec, to_left: bool) -> None:
    """The prompt at the top, and under it what was asked for; from the right for scripts that run that way."""
    unit = min(spec.size)
    margin = round(unit * 0.06)
    wide = spec.size[0] > spec.size[1]
    column = round(spec.size[0] * 0.6) if wide else spec.size[0] - 2 * margin
    top = margin if wide else margin + round(unit * 0.09)
    block = fonts.set_text(spec.prompt, round(unit * 0.041), column, lines=3)
    left = mask.width - margin - column if to_left else margin
    mask.paste(block.point([value * 96 // 100 for value in range(256)]), (left, top))
    facts = f"{spec.model}   ·   {spec.seconds} s   ·   {spec.aspect_ratio}   ·   {spec.resolution}"
    foot = (mask.width - margin if to_left else margin, top + block.height + round(unit * 0.012))
    small = fonts.latin(round(unit * 0.0235))
    ImageDraw.Draw(mask).text(foot, facts, fill=190, font=small, anchor="ra" if to_left else "la")


def _write_mark(mask: Image.Image, unit: int, to_left: bool) -> None:
    """The word, spaced out, in a thin rounded frame in the other upper corner."""
    font = fonts.latin(round(unit * 0.0225))
    gap, pad, margin, tall = unit * 0.0055, unit * 0.02, round(unit * 0.06), round(unit * 0.046)
    long = round(sum(font.getlength(sign) + gap for sign in MARK) - gap + 2 * pad)
    left = margin if to_left else mask.width - margin - long
    frame = Image.new("L", ((long + 4) * 4, (tall + 4) * 4))
    line = max(4, round(unit / 720 * 5))
    corners = (8, 8, frame.width - 9, frame.height - 9)
    ImageDraw.Draw(frame).rounded_rectangle(corners, radius=tall * 2, outline=200, width=line)
    mask.paste(frame.reduce(4), (left - 2, margin - 2))
    pen, x = ImageDraw.Draw(mask), left + pad
    for sign in MARK:
        pen.text((x, margin + tall / 2), sign, fill=235, font=font, anchor="lm")
        x += font.getlength(sign) + gap
