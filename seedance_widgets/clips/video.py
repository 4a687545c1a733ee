"""Video files: is it whole, what is in it, its poster, its tags. The only door to PyAV and Pillow.

Files come from outside, so FFmpeg reads each as what its first bytes say, by that name and with the file protocol only:
its guessing would also take a playlist, which can name other files and addresses.
"""

from __future__ import annotations

import contextlib
import io
import json
import math
import os
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import av
import av.error
from PIL import Image

from ..errors import MediaError
from ..types import ClipFacts
from . import containers
from .containers import HEAD_BYTES, Container

POSTER_BYTES = 15_000
"""A poster is inlined in the notebook, so it stays small."""
POSTER_WIDTH = 640
POSTER_AT = 0.35
"""The share of the clip at which the poster is taken: first frames are often black or blank."""
MAX_INDEX_BYTES = 32 << 20
"""A clip of a minute has an index of some 100 kB; FFmpeg would read one of any size into memory."""
MAX_PIXELS = 16_384 * 16_384
"""Of one frame: beyond that a header was made up."""
CHECK_S = 60.0
"""How long we look for the end of a clip, in seconds; one that takes longer is taken as it is."""
_SQUARE_ENOUGH = (1 / 16, 16)
"""Shapes of a pixel, width over height, beyond which a header was made up."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Facts that could be learned of a file, whatever it holds."""

    facts: ClipFacts
    """Zeros where nothing is known."""
    picture: bytes | None
    """A poster, where a picture can be read."""
    problem: str | None
    """Why it could not be checked, or is not whole; `None` when all is well."""


def inspect(path: Path) -> Findings:
    """All about a clip, read to its end. Never raises for what a file holds; OSError where it cannot be read at all."""
    facts = ClipFacts(size_bytes=path.stat().st_size, width=0, height=0, duration_s=0.0, fps=0.0, has_audio=False)
    problem = picture = None
    try:
        with opened(path) as container:
            _describe(container, facts)
            is_whole = _check_ends(container, facts, seek=True)
        if not is_whole:  # where a seek does not land on a whole picture: all of it, from the beginning
            with opened(path) as container:
                is_whole = _check_ends(container, facts, seek=False)
        problem = None if is_whole else "The video ends before its stated length."
    except MediaError as error:
        problem = error.what
    with contextlib.suppress(MediaError):
        picture = poster(path)
    return Findings(facts, picture, problem)


def probe(path: Path) -> ClipFacts:
    """Read a clip to its end, and tell what is in it.

    Raises:
        MediaError: not a video, or cut short: its first and last second must decode.
    """
    with _reading(path, "is not a whole video"):
        findings = inspect(path)
    if findings.problem is not None:
        raise MediaError(findings.problem)
    return findings.facts


def poster(path: Path) -> bytes:
    """A telling frame of a clip as a JPEG of at most 15 kB, as a player shows it. Raises MediaError."""
    image = telling_frame(path)
    image.thumbnail((POSTER_WIDTH, POSTER_WIDTH))
    for quality in (82, 70, 55, 40, 25, 10):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= POSTER_BYTES:
            break
        if quality <= 40:
            image = image.resize((max(16, image.width * 3 // 4), max(16, image.height * 3 // 4)))
    return buffer.getvalue()


def telling_frame(path: Path) -> Image.Image:
    """The frame that a poster shows. Raises MediaError."""
    try:
        return _frame_at(path, POSTER_AT)
    except MediaError:
        return _frame_at(path, 0.0)  # of a file that cannot be sought in, or that is broken further on


def _frame_at(path: Path, share: float) -> Image.Image:
    """The frame at a share of a clip's length, upright and with square pixels. Raises MediaError."""
    with opened(path) as container:
        video = _video(container)
        begins_s = float((video.start_time or 0) * video.time_base)
        at_s = begins_s + share * _duration_s(container, video)
        if share:
            container.seek(int(at_s / video.time_base), stream=video, backward=True)
        until, last = time.monotonic() + CHECK_S, None
        for frame in container.decode(video):
            last = frame
            if frame.time is None or frame.time >= at_s - 1e-6 or time.monotonic() > until:
                break
        if last is None:
            raise MediaError("The file holds no picture that can be read.")
        return upright(last, video)


@contextlib.contextmanager
def opened(path: Path) -> Iterator[Any]:
    """A clip, open for PyAV as what its first bytes say. Whatever goes wrong in the block is a MediaError."""
    with _reading(path, "is not a whole video"):
        kind = kind_of(path)
        name, options = f"file:{os.path.abspath(path)}", {"protocol_whitelist": "file"}
        with av.open(name, format=kind.format, options=options, metadata_errors="replace") as it:
            yield it


def kind_of(path: Path) -> Container:
    """The container of a file. Raises MediaError for none that we know, or one with a made-up index; OSError."""
    with open(path, "rb") as file:
        return _kind_of(file, "The file")


def upright(frame: Any, video: Any, size: tuple[int, int] | None = None) -> Image.Image:
    """A decoded frame as a player shows it: turned by its display matrix, its pixels square.

    Args:
        size: Its width and height in pixels, where it is wanted in another than its own.
    """
    swapped, left_right, top_bottom = _turns(frame)
    width, height = size or shown_size(frame, video)
    lying = (height, width) if swapped else (width, height)
    if lying == (frame.width, frame.height):
        image: Image.Image = frame.to_image()
    else:
        image = frame.reformat(width=lying[0], height=lying[1], format="rgb24").to_image()
    if swapped:
        image = image.transpose(Image.Transpose.TRANSPOSE)
    if left_right:
        image = image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    if top_bottom:
        image = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM)
    return image


def shown_size(frame: Any, video: Any) -> tuple[int, int]:
    """Width and height of a frame as a player shows it."""
    size = max(1, round(frame.width * _pixel_shape(video))), int(frame.height)
    return size[::-1] if _turns(frame)[0] else size


def read_tags(path: Path) -> dict[str, Any]:
    """The story that a clip tells itself, or an empty dict for a clip of another tool. Raises MediaError."""
    try:
        facts = json.loads(read_comment(path))
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def read_comment(source: Path | bytes) -> str:
    """The text in a clip, as it is: the story behind it, or else the comment in its index; empty for neither.

    Version 0.1.0 wrote the story into the index.

    Args:
        source: A file, of which only the index and the end are read, or bytes of one: its story alone is enough, and so
            are its head and its index.

    Raises:
        MediaError: not a video, or an index too large to be one's.
    """
    name = "The file" if isinstance(source, bytes) else str(source)
    with (
        _reading(name, "is not a video"),
        io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file,
    ):
        story = containers.read_story(file)
        if story is not None:
            return story.decode("utf-8", "replace")
        if not _kind_of(file, name).is_iso:
            return ""
        with av.open(file, format="mp4", metadata_errors="replace") as container:
            return str(container.metadata.get("comment", ""))


def _kind_of(file: IO[bytes], name: str) -> Container:
    file.seek(0)
    head = file.read(HEAD_BYTES)
    kind = None if containers.is_text(head) else containers.container_of(head)
    if kind is None:
        raise MediaError(f"{name} is not a video that is known here.")
    if kind.is_iso and (containers.index_bytes(file) or 0) > MAX_INDEX_BYTES:
        raise MediaError(f"{name} is not a video (its index is larger than that of any clip).")
    file.seek(0)
    return kind


@contextlib.contextmanager
def _reading(path: Path | str, fails: str) -> Iterator[None]:
    """Turn what a strange file makes PyAV raise into a MediaError."""
    name = path if isinstance(path, str) else "The file"
    try:
        yield
    except MediaError:
        raise
    except Exception as error:
        raise MediaError(f"{name} {fails} ({_reason(error)}).") from error


def _video(container: Any) -> Any:
    video = next(iter(container.streams.video), None)
    if video is None:
        raise MediaError("The file holds no picture.")
    if not 0 < (video.width or 0) * (video.height or 0) <= MAX_PIXELS:
        raise MediaError("The file holds no picture of a size that can be.")
    return video


def _describe(container: Any, facts: ClipFacts) -> None:
    """Fill in what the index says, most certain things first: what is known before something raises stays."""
    facts["has_audio"] = bool(container.streams.audio)
    video = next(iter(container.streams.video), None)
    if video is not None and video.codec_context is None:
        raise MediaError("The file's pictures are in a format that is not known here.")
    video = _video(container)
    facts["codec"] = str(video.codec_context.codec.canonical_name)
    facts["width"], facts["height"] = max(1, round(video.width * _pixel_shape(video))), int(video.height)
    facts["fps"] = round(_finite(video.average_rate or video.guessed_rate), 3)
    facts["duration_s"] = round(_duration_s(container, video), 3)


def _check_ends(container: Any, facts: ClipFacts, *, seek: bool) -> bool:
    """Tell whether the first frame and the last second decode. A file cut short has its index but not its end.

    Raises MediaError for what no other way of reading could mend.
    """
    video = _video(container)
    first = next(container.decode(video), None)
    if first is None:
        raise MediaError("The file holds no picture that can be read.")
    facts["width"], facts["height"] = shown_size(first, video)
    begins_s = float((video.start_time or 0) * video.time_base)
    ends_s = begins_s + _duration_s(container, video)
    if seek:
        try:
            container.seek(int(max(begins_s, ends_s - 1.0) / video.time_base), stream=video, backward=True)
        except av.error.FFmpegError:
            return False
    until, reached_s, decoded = time.monotonic() + CHECK_S, -math.inf, not seek
    for packet in container.demux(video):
        if packet.is_corrupt:
            raise MediaError("The video is cut short.")
        if packet.pts is not None:
            reached_s = max(reached_s, float((packet.pts + (packet.duration or 0)) * packet.time_base))
        decoded = bool(packet.decode()) or decoded
        if time.monotonic() > until:
            return True
    reached_s = max(reached_s, _finite(first.time))
    return decoded and reached_s >= ends_s - 1.0


def _duration_s(container: Any, video: Any) -> float:
    if video.duration and video.time_base:
        return max(0.0, _finite(video.duration * video.time_base))
    return max(0.0, _finite((container.duration or 0) / av.time_base))


def _finite(number: Any) -> float:
    number = float(number or 0)
    return number if math.isfinite(number) else 0.0


def _pixel_shape(video: Any) -> float:
    """Width of a pixel over its height; 1 where nothing sensible is said."""
    across = _finite(video.sample_aspect_ratio)
    return across if _SQUARE_ENOUGH[0] <= across <= _SQUARE_ENOUGH[1] else 1.0


def _turns(frame: Any) -> tuple[bool, bool, bool]:
    """The turn of a frame by its display matrix: width and height swapped, then left-right, top-bottom."""
    matrix = next((bytes(data) for data in frame.side_data if data.type.name == "DISPLAYMATRIX"), b"")
    if len(matrix) < 36:
        return False, False, False
    a, b, _, c, d, *_ = struct.unpack("=9i", matrix[:36])
    if abs(a) + abs(d) >= abs(b) + abs(c):
        return False, a < 0, d < 0
    return True, c < 0, b < 0


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error or type(error).__name__)[:120]
