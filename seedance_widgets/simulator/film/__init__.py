"""Clips the simulator shows: real H.264 films of a calm landscape, a different one for every prompt.

    spec ──▶ look (palette, dice) ──▶ scene (layers painted once) ──▶ frames ──▶ film (H.264 + AAC, mp4)
                                      lettering, emblems ────────────┘            sound ──┘

Pillow and PyAV are loaded by `render`, not by importing this.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .spec import FRAMES_PER_S, ClipSpec

__all__ = ["FRAMES_PER_S", "ClipSpec", "RenderFailed", "render"]


class RenderFailed(Exception):
    """The encoder refused."""


def render(spec: ClipSpec, path: Path, *, checkpoint: Callable[[], None] = lambda: None) -> None:
    """Film a spec into an mp4 at `path`. Writes in place: hand it a temporary name and rename.

    `checkpoint` is called four times a second of film; what it raises ends the filming. Raises RenderFailed.
    """
    import av

    from . import film, scene

    try:
        film.write(spec, scene.compose(spec, film.strides(spec)), path, checkpoint)
    except av.FFmpegError as error:
        raise RenderFailed(str(error)) from error
