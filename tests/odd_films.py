"""Videos as vendors might send them, each made in a moment: odd containers, codecs, boxes, shapes and times."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

TICKS = 12_288
INDEX_FIRST = {"movflags": "+faststart"}
LABEL = {"AIGC": '{"Label": "1"}', "copyright": "(c) 2026 Studio", "comment": "made by a vendor", "title": "theirs"}

FILMS: dict[str, dict[str, Any]] = {
    "plain.mp4": {"options": INDEX_FIRST},
    "index-last.mp4": {},
    "fragmented.mp4": {"options": {"movflags": "frag_keyframe+empty_moov+default_base_moof"}},
    "uneven.mp4": {"uneven": True},
    "odd-size.mp4": {"size": (161, 91), "pix_fmt": "yuv444p"},
    "ten-bit.mp4": {"pix_fmt": "yuv420p10le", "codec_options": {"profile": "high10"}},
    "hevc-hvc1.mp4": {"codec": "libx265", "tag": "hvc1", "codec_options": {"x265-params": "log-level=none"}},
    "av1.mp4": {"codec": "libsvtav1", "codec_options": {"preset": "12"}},
    "av1.webm": {"codec": "libsvtav1", "container": "webm", "codec_options": {"preset": "12"}},
    "vp8.webm": {"codec": "libvpx", "container": "webm"},
    "vp9.webm": {"codec": "libvpx-vp9", "container": "webm"},
    "prores.mov": {"codec": "prores_ks", "container": "mov", "pix_fmt": "yuv422p10le"},
    "h264.mov": {"container": "mov"},
    "h264.m4v": {"container": "ipod"},
    "matroska.mkv": {"container": "matroska"},
    "stream.ts": {"container": "mpegts"},
    "bluray.m2ts": {"container": "mpegts", "options": {"mpegts_m2ts_mode": "1"}},
    "mpeg4.avi": {"codec": "mpeg4", "container": "avi"},
    "h264.flv": {"container": "flv"},
    "phone.3gp": {"codec": "mpeg4", "container": "3gp"},
    "picture.gif": {"codec": "gif", "container": "gif", "pix_fmt": "rgb8", "fps": 10},
    "one-frame.mp4": {"count": 1},
    "slow.mp4": {"fps": 1, "count": 3},
    "late.mp4": {"start_s": 7_500},
    "wide-pixels.mp4": {"pixel": Fraction(2, 1)},
    "labelled.mp4": {"options": {"movflags": "+faststart+use_metadata_tags"}, "metadata": LABEL},
}


def film(folder: Path, name: str) -> Path:
    """One of `FILMS`, or of those made of another one below."""
    path = folder / name
    if name in FILMS:
        _make(path, **FILMS[name])
    else:
        path.write_bytes(_CHANGED[name](film(folder, "plain.mp4").read_bytes()))
    return path


def boxes(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Kind and bytes of each box of an ISO file."""
    at = 0
    while at + 8 <= len(data):
        size = struct.unpack(">I", data[at : at + 4])[0] or len(data) - at
        if size == 1:
            size = struct.unpack(">Q", data[at + 8 : at + 16])[0]
        assert size >= 8, "no box"
        yield data[at + 4 : at + 8], data[at : at + size]
        at += size


def _make(
    path: Path,
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (160, 96),
    count: int = 12,
    fps: int = 12,
    pix_fmt: str = "yuv420p",
    container: str | None = None,
    options: dict[str, str] | None = None,
    start_s: float = 0,
    uneven: bool = False,
    metadata: dict[str, str] | None = None,
    codec_options: dict[str, str] | None = None,
    tag: str | None = None,
    pixel: Fraction | None = None,
) -> None:
    import av
    from PIL import Image

    with av.open(str(path), "w", format=container, options=options or {}) as film:
        film.metadata.update(metadata or {})
        stream: Any = film.add_stream(codec, rate=fps)
        stream.width, stream.height, stream.pix_fmt = *size, pix_fmt
        if container not in ("avi", "3gp"):
            stream.time_base = stream.codec_context.time_base = Fraction(1, TICKS)
        if tag:
            stream.codec_context.codec_tag = tag
        if pixel:
            stream.codec_context.sample_aspect_ratio = pixel
        stream.options = codec_options or {}
        at = start_s * TICKS
        for number in range(count):
            image = Image.new("RGB", size, (200, 0, 0))
            image.paste((0, 220, 0), (0, 0, size[0] // 4, size[1] // 2))
            image.paste((255, 255, 255), (number * 4, 0, number * 4 + 6, size[1]))
            frame = av.VideoFrame.from_image(image).reformat(format=pix_fmt)
            if container in ("avi", "3gp"):
                frame.pts, frame.time_base = number, Fraction(1, fps)
            else:
                frame.pts, frame.time_base = int(at), Fraction(1, TICKS)
            at += TICKS / fps * ((1, 1, 1, 8)[number % 4] if uneven else 1)
            film.mux(stream.encode(frame))
        film.mux(stream.encode(None))


def _turned(data: bytes) -> bytes:
    """A display matrix of 90 degrees: a phone's portrait clip."""
    at = data.index(struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 1 << 30), data.index(b"tkhd"))
    matrix = struct.pack(">9i", 0, 65536, 0, -65536, 0, 0, 96 << 16, 0, 1 << 30)
    return data[:at] + matrix + data[at + 36 :]


def _without_a_codec_name(data: bytes) -> bytes:
    at = data.index(b"avc1", data.index(b"stsd"))
    return data[:at] + b"zzz9" + data[at + 4 :]


def _to_the_end(data: bytes) -> bytes:
    """The last box has size 0: it runs to the end of the file."""
    *_, (kind, last) = boxes(data)
    assert kind == b"mdat"
    return data[: -len(last)] + bytes(4) + last[4:]


def _large_size(data: bytes) -> bytes:
    """The last box has its size in 64 bits; the one before makes room for that, so that the index stays right."""
    *_, (_, spare), (_, last) = boxes(data)
    assert spare[4:8] == b"free"
    before = data[: -len(last) - len(spare)]
    return before + struct.pack(">I4sQ", 1, b"mdat", len(last) + 8) + last[8:] if len(spare) == 8 else data


_CHANGED = {
    "turned.mp4": _turned,
    "codec-without-a-name.mp4": _without_a_codec_name,
    "to-the-end.mp4": _to_the_end,
    "large-size.mp4": _large_size,
    "uuid-last.mp4": lambda data: (
        data + struct.pack(">I4s", 40, b"uuid") + b"\xd8\xfe\xc3\xd6\x1b\x0e\x48\x3c" + bytes(24)
    ),
    "free-last.mp4": lambda data: data + struct.pack(">I4s", 108, b"free") + bytes(100),
    "latin-1.mp4": lambda data: data.replace(b"Lavf", b"L\xe9vf"),
    "junk-last.mp4": lambda data: data + b"\x00\x01\x02",
    "truncated.mp4": lambda data: data[:-100],
    "only-a-head.mp4": lambda data: data[:32],
}
NAMES = [*FILMS, *_CHANGED]
