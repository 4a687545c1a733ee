"""Many clips in one film, side by side."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import av.error
from PIL import Image

from ..errors import MediaError
from ..render.picture_text import draw_text
from .montage import GAP, INK, MOST_CLIPS, PAPER, TALLEST, WIDEST, check_clips, new_file, opened_clip
from .video import shown_size, upright

FASTEST_FPS = 30


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
    check_clips(clips, captions, most=MOST_CLIPS)
    columns = columns or (len(clips) if len(clips) <= 4 else math.ceil(math.sqrt(len(clips))))
    columns = max(1, min(columns, len(clips)))
    with new_file(folder, "side-by-side", ".mp4") as target, ExitStack() as open_files:
        reels = [open_files.enter_context(_reel(path)) for path in clips]
        try:
            _write_film(reels, captions, columns, target, clips[0] if sound else None)
        except (av.error.FFmpegError, ValueError) as error:
            raise MediaError(f"The film cannot be written ({str(error)[:120]}).") from error
    return target


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
            frame = next(self.frames, None)
            if frame is None:
                self.at_s = math.inf
                break
            self.frame, turned = frame, True
            self.at_s = self.at_s + 1 / self.fps if frame.time is None else frame.time - self.begins_s
        return turned


@contextlib.contextmanager
def _reel(path: Path) -> Iterator[_Reel]:
    with opened_clip(path) as container:
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
        sound = _Sound(opened.enter_context(opened_clip(sounding)), film) if sounding else None
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
