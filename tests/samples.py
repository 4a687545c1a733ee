"""Samples that tests make for themselves: an instant, a clock that is set by hand, a small clip; and how to wait."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

NOW = 1_800_000_000.0


class Clock:
    """Seconds since 1970 that pass only when told to."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += seconds


def until(reached: Callable[[], Any], deadline_s: float = 60.0) -> Any:
    """Wait until something is true, and return it. The deadline only ends what would hang.

    It rests four times as long as it looked: a look at a whole history takes what the test waits for away from it.
    """
    end = time.monotonic() + deadline_s
    while True:
        began = time.monotonic()
        if found := reached():
            return found
        now = time.monotonic()
        assert now < end, "it did not come to pass"
        time.sleep(min(max(0.01, 4 * (now - began)), 0.25))


def make_clip(path: Path, *, seconds: float = 2.0, size: tuple[int, int] = (160, 96), sound: bool = True) -> Path:
    """A small H.264 clip that moves, with its index in front, as the API's own are."""
    import av
    from PIL import Image

    rate = 12
    with av.open(str(path), "w", format="mp4", options={"movflags": "+faststart"}) as container:
        video = container.add_stream("libx264", rate=rate, options={"crf": "30", "g": str(rate)})
        video.width, video.height, video.pix_fmt = *size, "yuv420p"
        audio = container.add_stream("aac", rate=44_100, layout="mono") if sound else None
        for number in range(math.ceil(seconds * rate)):
            image = Image.effect_noise(size, 60).convert("RGB")
            image.paste((200, 60, 20), (number * 3 % size[0], 10, number * 3 % size[0] + 20, 30))
            container.mux(video.encode(av.VideoFrame.from_image(image)))
        container.mux(video.encode(None))
        if audio is not None:
            for number in range(int(seconds * 44_100) // 1024):
                frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
                frame.planes[0].update(bytes(1024 * 4))
                frame.sample_rate, frame.pts, frame.time_base = 44_100, number * 1024, Fraction(1, 44_100)
                container.mux(audio.encode(frame))
            container.mux(audio.encode(None))
    return path


def tag_as_0_1_0(source: Path, target: Path, title: str, facts: Mapping[str, Any]) -> None:
    """A copy of a clip with its story in its own metadata, as version 0.1.0 wrote every clip anew."""
    import av

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
