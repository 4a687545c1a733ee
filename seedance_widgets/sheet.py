"""Many clips as one file: a contact sheet (PNG) and one film with the clips side by side (mp4), captions below each.

Clips are read frame by frame: of each, one decoded frame is held at a time. No file is ever overwritten. Captions go
through `lettering`, which knows more scripts than Pillow's own font.
"""

from __future__ import annotations

import contextlib
import io
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from pathlib import Path
from typing import Any

import av
import av.error
from PIL import Image

from .errors import MediaError
from .lettering import draw_text
from .media import opened, shown_size, telling_frame, upright

MOST_CLIPS = 36
"""Side by side: each is a decoder of its own, and beyond this no picture is large enough to see anything."""
MOST_PIXELS = 40_000_000
"""Of a contact sheet; a larger one is drawn with smaller pictures."""
WIDEST, TALLEST = 2560, 1440
"""Of the film, in pixels; every player takes that."""
FASTEST_FPS = 30
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
    _check(clips, captions, most=None)
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
    with _new_file(folder, "contact-sheet", ".png") as target:
        sheet.save(target, "PNG", optimize=True)
    return target


def side_by_side(
    clips: Sequence[Path], captions: Sequence[str], folder: Path, *, columns: int | None = None, sound: bool = False
) -> Path:
    """One film (H.264) of all clips at once, of the same height, each with its caption below; returns the new mp4.

    A clip that ends early holds its last frame.

    Args:
        columns: Clips in a row; up to four stand in one row when left out.
        sound: With the sound of the first clip; silent when left out.

    Raises:
        MediaError: no clips, too many, or one that cannot be read.
        OSError: the file cannot be written.
    """
    _check(clips, captions, most=MOST_CLIPS)
    columns = columns or (len(clips) if len(clips) <= 4 else math.ceil(math.sqrt(len(clips))))
    columns = max(1, min(columns, len(clips)))
    with _new_file(folder, "side-by-side", ".mp4") as target, ExitStack() as open_files:
        reels = [open_files.enter_context(_reel(path)) for path in clips]
        try:
            _write_film(reels, captions, columns, target, clips[0] if sound else None)
        except (av.error.FFmpegError, ValueError) as error:
            raise MediaError(f"The film cannot be written ({str(error)[:120]}).") from error
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


@dataclass
class _Reel:
    """A clip that is read in step with others; the one frame it holds is the one to show."""

    width: int
    height: int
    duration_s: float
    fps: float
    frames: Iterator[Any]
    video: Any
    begins_s: float = 0.0
    at_s: float = -1.0
    frame: Any = None

    def turn_to(self, at_s: float) -> bool:
        """Hold the frame of an instant, the last one after the end. Returns whether it is another than before."""
        turned = False
        while self.at_s < at_s - 1e-6:
            self.frame = None  # before the next is decoded: one at a time
            found = next(self.frames, None)
            if found is None:
                self.at_s = math.inf
                break
            self.frame, turned = found, True
            self.at_s = self.at_s + 1 / self.fps if found.time is None else found.time - self.begins_s
        return turned


@contextlib.contextmanager
def _reel(path: Path) -> Iterator[_Reel]:
    with _opened(path) as container:
        video = container.streams.video[0]
        width, height = shown_size(next(container.decode(video)), video)
        container.seek(0)
        fps = float(video.average_rate or 24)
        begins = float((video.start_time or 0) * (video.time_base or 0))
        length = float(video.duration * video.time_base) if video.duration else float(container.duration or 0) / 1e6
        frames = (frame for frame in container.decode(video) if frame.time is None or frame.time >= begins)
        yield _Reel(width, height, length, fps, frames, video, begins)


def _write_film(reels: list[_Reel], captions: Sequence[str], columns: int, target: Path, sounding: Path | None) -> None:
    boxes, size = _places(reels, columns)
    letters = max(12, boxes[0][3] // 22)
    words = round(letters * 1.35) * 2 + GAP
    rows = math.ceil(len(reels) / columns)
    canvas = Image.new("RGB", (size[0], _even(size[1] + rows * words)), PAPER)
    for number, (caption, (left, top, width, height)) in enumerate(zip(captions, boxes, strict=True)):
        top += number // columns * words
        boxes[number] = (left, top, width, height)
        box = (left, top + height + 6, left + width, top + height + words)
        draw_text(canvas, caption, box, size=letters, fill=INK)
    rate = min(FASTEST_FPS, max(1, round(max(reel.fps for reel in reels))))
    with ExitStack() as opened:
        film = opened.enter_context(av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}))
        stream = film.add_stream("libx264", rate=rate, options={"crf": "20", "preset": "veryfast"})
        stream.width, stream.height, stream.pix_fmt = *canvas.size, "yuv420p"
        sound = _Sound(opened.enter_context(_opened(sounding)), film) if sounding else None
        for number in range(max(1, math.ceil(max(reel.duration_s for reel in reels) * rate - 0.01))):
            at_s = number / rate
            for reel, (left, top, width, height) in zip(reels, boxes, strict=True):
                if reel.turn_to(at_s) and reel.frame is not None:
                    picture = upright(reel.frame, reel.video, (width, height))
                    canvas.paste(picture, (left, top))
            if sound is not None:
                sound.write_until(at_s, film)
            frame = av.VideoFrame.from_image(canvas)  # type: ignore[no-untyped-call]
            frame.pts, frame.time_base = number, Fraction(1, rate)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


class _Sound:
    """The first clip's sound, copied as it is, a little at a time; a clip without sound gives none."""

    def __init__(self, container: Any, film: Any) -> None:
        source = next(iter(container.streams.audio), None)
        self._copy = None if source is None else film.add_stream_from_template(source)
        self._packets = iter(()) if source is None else container.demux(source)
        self._next: Any = None

    def write_until(self, at_s: float, film: Any) -> None:
        while self._copy is not None:
            packet = self._next or next(self._packets, None)
            if packet is None or packet.dts is None:
                self._copy = None
            elif float(packet.dts * packet.time_base) > at_s + 0.5:
                self._next = packet
                return
            else:
                self._next, packet.stream = None, self._copy
                film.mux(packet)


def _places(reels: Sequence[_Reel], columns: int) -> tuple[list[tuple[int, int, int, int]], tuple[int, int]]:
    """Left, top, width and height of each clip, without captions, and the size of all; every clip equally high."""
    rows = [reels[first : first + columns] for first in range(0, len(reels), columns)]
    lowest = min(reel.height for reel in reels)
    widest = max(sum(reel.width / reel.height for reel in row) for row in rows)
    wide_enough = (WIDEST - GAP * (columns + 1)) / widest
    tall_enough = (TALLEST - GAP * (len(rows) + 1)) / len(rows) * 0.9  # captions need the rest
    height = max(32, _even(min(lowest, wide_enough, tall_enough)))
    boxes, most = [], 0
    for number, row in enumerate(rows):
        left = GAP
        for reel in row:
            width = max(16, _even(height * reel.width / reel.height))
            boxes.append((left, GAP + number * (height + GAP), width, height))
            left += width + GAP
        most = max(most, left)
    return boxes, (_even(most), GAP + len(rows) * (height + GAP))


def _even(length: float) -> int:
    """H.264 with colours at half the resolution takes even lengths only."""
    return int(length) // 2 * 2


def _check(clips: Sequence[Path], captions: Sequence[str], *, most: int | None) -> None:
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
    with _opened(path) as container:
        video = container.streams.video[0]
        width, height = shown_size(next(container.decode(video)), video)
        return round(width / height, 3)


def _telling_frame(path: Path) -> Image.Image:
    """The frame that posters show, too: a third into the clip."""
    with _named(path):
        return telling_frame(path)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[Any]:
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
def _new_file(folder: Path, name: str, ending: str) -> Iterator[Path]:
    """A file under a name that nothing had before; taken away again when it cannot be finished."""
    folder.mkdir(parents=True, exist_ok=True)
    for count in range(1, 10_000):
        path = folder / (f"{name}{ending}" if count == 1 else f"{name}-{count}{ending}")
        try:
            open(path, "xb").close()
        except FileExistsError:
            continue
        break
    else:
        raise FileExistsError(17, f"ten thousand files are named {name}")
    try:
        yield path
    except BaseException:
        path.unlink(missing_ok=True)
        raise
