"""Many clips as one file: a contact sheet (PNG) and one film with the clips side by side (mp4), captions below each.

Clips are read frame by frame: of each, one decoded frame is held at a time. No file is ever overwritten. Captions go
through `render.picture_text`, which knows more scripts than Pillow's own font.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import MediaError
from ..render.picture_text import draw_text
from .names import claim
from .video import opened, shown_size, telling_frame

MOST_CLIPS = 36
"""Side by side: each is a decoder of its own, and beyond this no picture is large enough to see anything."""
MOST_PIXELS = 40_000_000
"""Of a contact sheet; a larger one is drawn with smaller pictures."""
WIDEST, TALLEST = 2560, 1440
"""Of the film, in pixels; every player takes that."""
TILE_WIDTH = 480
THUMBNAIL_WIDTH = 240
GAP = 12
INK, PAPER, FAINT = "#f2f2f2", "#161616", "#262626"


def contact_sheet(clips: Sequence[Path], captions: Sequence[str], columns: int, folder: Path) -> Path:
    """One frame of each clip with its caption, in rows; returns the new PNG.

    Args:
        columns: Pictures in a row, from 1.
        folder: Where the file goes; made if it is not there.

    Raises:
        MediaError: no clips, or one that cannot be read.
        OSError: the file cannot be written.
    """
    check_clips(clips, captions, most=None)
    columns = max(1, min(columns, len(clips)))
    rows = math.ceil(len(clips) / columns)
    shapes = [_shape(path) for path in clips]
    width, height = TILE_WIDTH, round(TILE_WIDTH / _typical(shapes))
    shrink = min(1.0, math.sqrt(MOST_PIXELS / (columns * rows * (width + GAP) * (height + 80))))
    width, height = max(48, round(width * shrink)), max(48, round(height * shrink))
    letters = max(9, round(18 * shrink))
    words = round(letters * 1.35) * 2 + GAP
    sheet = Image.new("RGB", (columns * (width + GAP) + GAP, rows * (height + words + GAP) + GAP), PAPER)
    for number, (path, caption) in enumerate(zip(clips, captions, strict=True)):
        left = GAP + number % columns * (width + GAP)
        top = GAP + number // columns * (height + words + GAP)
        sheet.paste(FAINT, (left, top, left + width, top + height))
        picture = _telling_frame(path)
        picture.thumbnail((width, height))
        sheet.paste(picture, (left + (width - picture.width) // 2, top + (height - picture.height) // 2))
        box = (left, top + height + 4, left + width, top + height + words)
        draw_text(sheet, caption, box, size=letters, fill=INK)
    with new_file(folder, "contact-sheet", ".png") as target:
        sheet.save(target, "PNG", optimize=True)
    return target


@lru_cache(maxsize=1024)
def thumbnail(poster: Path) -> bytes | None:
    """A picture in a few kB, or `None` where it is gone or is no picture."""
    try:
        with Image.open(poster) as image:
            image.thumbnail((THUMBNAIL_WIDTH, THUMBNAIL_WIDTH))
            buffer = io.BytesIO()
            image.convert("RGB").save(buffer, "JPEG", quality=72, optimize=True)
            return buffer.getvalue()
    except OSError:
        return None


def check_clips(clips: Sequence[Path], captions: Sequence[str], *, most: int | None) -> None:
    if len(clips) != len(captions):
        raise ValueError(f"{len(captions)} captions for {len(clips)} clips")
    if not clips:
        raise MediaError("There is no clip yet to make a picture of.", next_step="Try again when one has arrived.")
    if most is not None and len(clips) > most:
        raise MediaError(
            f"{len(clips)} clips are too many for one film, which shows at most {most}.",
            next_step="Choose some of them, or make a contact sheet, which takes any number.",
        )


def _typical(shapes: Sequence[float]) -> float:
    """The shape that most clips have, width over height."""
    return max(set(shapes), key=shapes.count)


def _shape(path: Path) -> float:
    with opened_clip(path) as container:
        video = container.streams.video[0]
        width, height = shown_size(next(container.decode(video)), video)
        return round(width / height, 3)


def _telling_frame(path: Path) -> Image.Image:
    """The frame that posters show, too: a third into the clip."""
    with _named(path):
        return telling_frame(path)


@contextlib.contextmanager
def opened_clip(path: Path) -> Iterator[Any]:
    """A clip, opened as what its first bytes say; what is wrong with it is said by its name."""
    with _named(path), opened(path) as container:
        if not container.streams.video:
            raise MediaError("The file holds no picture.")
        yield container


@contextlib.contextmanager
def _named(path: Path) -> Iterator[None]:
    try:
        yield
    except MediaError as error:
        raise MediaError(
            f"{path.name} cannot be read as a video ({error.what})".replace(".)", ")") + ".",
            next_step="If it was moved or deleted, job.download() fetches it again.",
        ) from error


@contextlib.contextmanager
def new_file(folder: Path, name: str, ending: str) -> Iterator[Path]:
    """A file under a name that nothing had before; taken away again when it cannot be finished."""
    folder.mkdir(parents=True, exist_ok=True)
    path = claim(folder, name, ending)
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise
