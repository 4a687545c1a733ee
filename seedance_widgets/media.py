"""Video files: is it whole, what is in it, its poster, its tags. The only door to PyAV and Pillow.

Files come from outside, so they are only ever opened as mp4: FFmpeg's guessing would also take a playlist, which can
name other files and addresses.
"""

from __future__ import annotations

import io
import json
import struct
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import av
import av.error

from .errors import MediaError
from .types import ClipFacts

POSTER_BYTES = 15_000
"""A poster is inlined in the notebook, so it stays small."""
POSTER_WIDTH = 640
POSTER_AT = 0.35
"""The share of the clip at which the poster is taken: first frames are often black or blank."""
MAX_INDEX_BYTES = 32 << 20
"""A clip of a minute has an index of some 100 kB."""
MAX_BOXES = 10_000


def probe(path: Path) -> ClipFacts:
    """What is in a clip, read to its end.

    Raises:
        MediaError: not a video, or cut short: its first and last second must decode.
    """
    try:
        with av.open(str(path), format="mp4") as container:
            video = next(iter(container.streams.video), None)
            if video is None or not video.width:
                raise MediaError("The file holds no picture.")
            duration_s = _duration_s(container, video)
            _check_ends(container, video, duration_s)
            return ClipFacts(
                size_bytes=path.stat().st_size,
                width=video.width,
                height=video.height,
                duration_s=round(duration_s, 3),
                fps=round(float(video.average_rate or 0), 3),
                has_audio=bool(container.streams.audio),
                codec=video.codec_context.name,
            )
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"The file is not a whole video ({_reason(error)}).") from error


def poster(path: Path) -> bytes:
    """A telling frame of a clip as a JPEG of at most 15 kB. Raises MediaError."""
    try:
        with av.open(str(path), format="mp4") as container:
            video = container.streams.video[0]
            image = _frame_at(container, video, POSTER_AT * _duration_s(container, video)).to_image()
    except (av.error.FFmpegError, OSError, IndexError) as error:
        raise MediaError(f"No frame can be read from the video ({_reason(error)}).") from error
    image.thumbnail((POSTER_WIDTH, POSTER_WIDTH))
    for quality in (82, 70, 55, 40, 25, 10):
        buffer = io.BytesIO()
        image.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= POSTER_BYTES:
            break
        if quality <= 40:
            image = image.resize((max(16, image.width * 3 // 4), max(16, image.height * 3 // 4)))
    return buffer.getvalue()


def tag(source: Path, target: Path, title: str, facts: Mapping[str, Any]) -> None:
    """Copy a clip with its story in its own metadata: `title`, and `facts` as JSON in `comment`.

    Streams are copied as they are, not encoded again; the index moves to the front, so the clip plays while it loads.
    `target` must not exist.
    """
    try:
        with (
            av.open(str(source), format="mp4") as old,
            av.open(str(target), "w", format="mp4", options={"movflags": "+faststart"}) as new,
        ):
            new.metadata["title"] = title[:200]
            new.metadata["comment"] = json.dumps(facts, ensure_ascii=False, sort_keys=True)
            copies = {s.index: new.add_stream_from_template(s) for s in (*old.streams.video, *old.streams.audio)}
            for packet in old.demux(*(old.streams[index] for index in copies)):
                if packet.dts is not None:
                    packet.stream = copies[packet.stream.index]
                    new.mux(packet)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"The video cannot be copied ({_reason(error)}).") from error


def read_tags(path: Path) -> dict[str, Any]:
    """The facts that `tag` wrote, or an empty dict for a clip of another tool. Raises MediaError."""
    try:
        facts = json.loads(read_comment(path))
    except (ValueError, RecursionError):
        return {}
    return facts if isinstance(facts, dict) else {}


def read_comment(source: Path | bytes) -> str:
    """The comment in a clip's metadata, as it is; empty where there is none.

    Args:
        source: A file, of which only the index is read, or the bytes of one: its head and its index are enough.

    Raises:
        MediaError: not a video, or an index too large to be one's.
    """
    try:
        with io.BytesIO(source) if isinstance(source, bytes) else open(source, "rb") as file:
            _check_index(file)
            file.seek(0)
            with av.open(file, format="mp4") as container:
                return str(container.metadata.get("comment", ""))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise MediaError(f"{_name(source)} is not a video ({_reason(error)}).") from error


def _check_index(file: IO[bytes]) -> None:
    """Walk the boxes of an mp4 up to its index: FFmpeg would read one of any size into memory."""
    at = 0
    for _ in range(MAX_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            return
        size, kind = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        if kind == b"moov" and not 0 < size <= MAX_INDEX_BYTES:
            raise ValueError("its index is larger than that of any clip")
        if size < 8 or kind == b"moov":
            return
        at += size
    raise ValueError("it has too many parts")


def _name(source: Path | bytes) -> str:
    return "The file" if isinstance(source, bytes) else str(source)


def _duration_s(container: Any, video: Any) -> float:
    if video.duration and video.time_base:
        return float(video.duration * video.time_base)
    return float((container.duration or 0) / av.time_base)


def _check_ends(container: Any, video: Any, duration_s: float) -> None:
    """Decode the first frame and the last second. A file cut short has its index but not its end."""
    if next(container.decode(video), None) is None:
        raise MediaError("The file holds no picture.")
    container.seek(int(max(0.0, duration_s - 1.0) / video.time_base), stream=video, backward=True)
    last = deque(container.decode(video), maxlen=1)
    if not last or (last[0].time is not None and last[0].time < duration_s - 1.0):
        raise MediaError("The video ends before its stated length.")


def _frame_at(container: Any, video: Any, at_s: float) -> Any:
    container.seek(int(at_s / video.time_base), stream=video, backward=True)
    frame = None
    for frame in container.decode(video):
        if frame.time is not None and frame.time >= at_s:
            break
    if frame is None:
        raise MediaError("The file holds no picture.")
    return frame


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error)[:120]
