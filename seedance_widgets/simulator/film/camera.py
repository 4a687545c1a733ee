"""What the camera does, where the prompt says so: the finished picture is seen through a window that moves."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from PIL import Image

from .planes import Canvas
from .stage import Stage

View = tuple[float, float, float]
"""Which part is seen: its middle as shares of the picture, and how much of it (1: all)."""

Move = Callable[[float], View]
"""By the share of the film that is over, 0 to 1."""


def _eased(t: float) -> float:
    return t * t * (3 - 2 * t)


def _along(begin: View, end: View) -> Move:
    def move(t: float) -> View:
        share = _eased(t)
        x, y, seen = (a + (b - a) * share for a, b in zip(begin, end, strict=True))
        return x, y, seen

    return move


def _handheld(t: float) -> View:
    return 0.5 + 0.012 * math.sin(math.tau * t * 3.1), 0.5 + 0.014 * math.sin(math.tau * t * 4.3 + 1), 0.94


def _orbit(t: float) -> View:
    return 0.5 - 0.06 * math.cos(math.pi * t), 0.5, 0.86 + 0.04 * math.sin(math.pi * t)


MOVES: Mapping[re.Pattern[str], Move] = {
    re.compile(rf"\b({words})", re.I): move
    for words, move in (
        (
            r"zoom(s|ing)? out|pull(s|ing)? (back|out)|dolly(ing)? out|drone|aerial",
            _along((0.5, 0.5, 0.72), (0.5, 0.5, 1.0)),
        ),
        (r"zoom|push(es|ing)? in|dolly|close[- ]?up|macro", _along((0.5, 0.5, 1.0), (0.56, 0.56, 0.72))),
        (r"pan(s|ning)? left", _along((0.58, 0.5, 0.84), (0.42, 0.5, 0.84))),
        (r"pan(s|ning)?\b|track(s|ing)? shot", _along((0.42, 0.5, 0.84), (0.58, 0.5, 0.84))),
        (r"tilt(s|ing)? down|crane down", _along((0.5, 0.42, 0.84), (0.5, 0.58, 0.84))),
        (r"tilt|crane (up|shot)", _along((0.5, 0.58, 0.84), (0.5, 0.42, 0.84))),
        (r"orbit|arc shot", _orbit),
        (r"hand[- ]?held|shak(y|ing)", _handheld),
    )
}
"""What moves the camera, the first that is named."""


@dataclass(frozen=True, slots=True)
class Lens:
    """Shows a part of all that was painted before it, as large as the picture."""

    move: Move
    width: int
    height: int
    frames: int

    def paint(self, canvas: Canvas, frame: int) -> None:
        """Replace the picture by what the camera sees at a frame."""
        x, y, seen = self.move(frame / max(1, self.frames - 1))
        left, top = x - seen / 2, y - seen / 2
        for plane, shrunk in ((canvas.y, 1), (canvas.u, 2), (canvas.v, 2)):
            width, height = self.width // shrunk, self.height // shrunk
            box = (left * width, top * height, (left + seen) * width, (top + seen) * height)
            plane.paste(plane.resize((width, height), Image.Resampling.BILINEAR, box))


def lens(stage: Stage, prompt: str) -> list[Lens]:
    """The camera of a prompt; none where it says nothing of one."""
    move = next((move for words, move in MOVES.items() if words.search(prompt)), None)
    return [] if move is None else [Lens(move, stage.width, stage.height, stage.frames)]
