"""A picture out of a clip: its first, its last, or the one at an instant, as a player shows it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image

from ..errors import MediaError
from . import video

BEFORE_S = 2.0
"""How far before the end, in seconds, the search for the last picture begins: key frames are rarely further apart."""
_NEAR_S = 1e-4


def first(path: Path) -> Image.Image:
    """The first picture of a clip. Raises MediaError."""
    return at(path, 0.0)


def at(path: Path, at_s: float) -> Image.Image:
    """The picture that is shown at an instant, in seconds from the start. Raises MediaError."""
    with video.opened(path) as container:
        stream, begins_s, length_s = _facts_of(container)
        if not 0.0 <= at_s <= length_s:
            raise MediaError(f"The clip is {length_s:.2f} s long: there is no picture at {at_s:g} s.")
        if at_s > 0:
            container.seek(int((begins_s + at_s) / stream.time_base), stream=stream, backward=True)
        chosen = None
        for frame in container.decode(stream):
            if chosen is not None and frame.time is not None and frame.time > begins_s + at_s + _NEAR_S:
                break
            chosen = frame
        return _shown(chosen, stream)


def last(path: Path) -> Image.Image:
    """The last picture of a clip. Raises MediaError."""
    with video.opened(path) as container:
        stream, begins_s, length_s = _facts_of(container)
        if length_s > BEFORE_S:
            container.seek(int((begins_s + length_s - BEFORE_S) / stream.time_base), stream=stream, backward=True)
        chosen = _last_of(container.decode(stream))
        if chosen is None:  # the seek went past the end: from the beginning, then
            container.seek(0)
            chosen = _last_of(container.decode(stream))
        return _shown(chosen, stream)


def _facts_of(container: Any) -> tuple[Any, float, float]:
    """The film, where it begins and how long it is, in seconds."""
    stream = next(iter(container.streams.video), None)
    if stream is None:
        raise MediaError("The file holds no picture.")
    begins_s = float((stream.start_time or 0) * stream.time_base)
    own = stream.duration * stream.time_base if stream.duration else (container.duration or 0) / 1_000_000
    return stream, begins_s, float(own)


def _last_of(frames: Iterator[Any]) -> Any:
    chosen = None
    for frame in frames:
        if chosen is None or frame.time is None or frame.time >= chosen.time:
            chosen = frame
    return chosen


def _shown(frame: Any, stream: Any) -> Image.Image:
    if frame is None:
        raise MediaError("The file holds no picture that can be read.")
    return video.upright(frame, stream)
