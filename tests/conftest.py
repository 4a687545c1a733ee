"""What several test files share: a request, a row, a real clip, a clock that is set by hand."""

from __future__ import annotations

import math
import os
import ssl
from collections.abc import Callable, Iterator
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from seedance_widgets.life import Row
from seedance_widgets.types import GenerationRequest

for name in ("API_KEY", "BASE_URL", "HOME", "DATABASE_URL", "WEBHOOK_SECRET"):
    os.environ.pop(f"SEEDANCE_{name}", None)  # no test may ever meet a real account

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("repeatable")

NOW = 1_800_000_000.0


class Clock:
    """Seconds since 1970 that pass only when told to."""

    def __init__(self, now: float = NOW) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def pass_s(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture(scope="session")
def shared_certificates() -> Iterator[None]:
    """Certificates are read once and not for each client: a hundred clients on loopback need none."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ssl, "create_default_context", cache(ssl.create_default_context))
        yield


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def request_of() -> Callable[..., GenerationRequest]:
    """A request with our defaults; keywords change it."""

    def make(**changes: Any) -> GenerationRequest:
        plain = GenerationRequest(
            prompt="A paper boat crosses a puddle",
            model="seedance-2.0",
            duration=5,
            aspect_ratio="16:9",
            resolution="720p",
        )
        return replace(plain, **changes)

    return make


@pytest.fixture
def row_of(request_of: Callable[..., GenerationRequest]) -> Callable[..., Row]:
    """A row that was just written; keywords change it."""

    def make(**changes: Any) -> Row:
        plain = Row(id="abcd2345", service="simulator", request=request_of(), created_at=NOW)
        return replace(plain, **changes)

    return make


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


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of two seconds, 160 x 96, with sound. Do not change it: tests share it."""
    return make_clip(tmp_path_factory.mktemp("clip") / "whole.mp4")
