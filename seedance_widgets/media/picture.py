"""A picture as it is sent: upright, sRGB, opaque, within bounds, and with nothing of its file but pixels."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from ..errors import MediaInvalid

MAX_SIDE = 2048
"""Pixels of the long side; ours, since the API names no limit."""
MIN_SIDE = 16
"""Pixels of the short side: below that there is nothing to see."""
MAX_PIXELS = 250_000_000
"""Of a picture that is read at all: a header may claim any size."""
QUALITIES = (95, 90, 85, 75)
THUMBNAIL_SIDE = 64
WHITE = (255, 255, 255)

_SIXTEEN_BITS = ("I;16", "I;16L", "I;16B", "I;16N", "I")


@dataclass(frozen=True, slots=True)
class Encoded:
    """A picture in a file of its own."""

    data: bytes
    ending: str
    width: int
    height: int
    thumbnail: str
    """A small JPEG, as base64."""
    notes: tuple[str, ...] = ()
    """What became of it that a person may not expect."""


def read(data: bytes, name: str) -> Image.Image:
    """A picture from the bytes of a file. Raises MediaInvalid that says what is wrong with it."""
    try:
        image = Image.open(io.BytesIO(data))
        check_size(image.size, name)
        if (many := int(getattr(image, "n_frames", 1))) > 1 and image.format != "MPO":  # that is of a phone
            raise MediaInvalid(
                f"{name} holds {many} pictures, and a reference is one picture or a film.",
                next_step="Give one of its pictures, or make an .mp4 of it.",
            )
        image.load()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError, MemoryError) as error:
        if isinstance(error, UnidentifiedImageError):
            raise MediaInvalid(f"{name} is not a picture, a film or a sound that is known here.") from None
        raise MediaInvalid(f"{name} is a damaged picture ({_reason(error)}).") from None
    return image


def check_size(size: tuple[int, int], name: str) -> None:
    """Raise MediaInvalid for a picture that is too small or beyond reason."""
    width, height = size
    if width * height > MAX_PIXELS:
        raise MediaInvalid(f"{name} claims {width} x {height} pixels, more than any picture that is read here.")
    if min(width, height) < MIN_SIDE:
        raise MediaInvalid(
            f"{name} is {width} x {height} pixels, which is too small to see anything.",
            next_step=f"A reference has at least {MIN_SIDE} pixels on each side.",
        )


def encode(image: Image.Image, name: str, *, max_bytes: int, lossless: bool = True) -> Encoded:
    """A picture as it is sent: PNG where it fits in and was lossless, else a JPEG of high quality.

    Raises MediaInvalid.
    """
    check_size(image.size, name)
    image, notes = plain(image)
    if max(image.size) > MAX_SIDE:
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        check_size(image.size, name)
    data, ending, image = _within(image, max_bytes, lossless=lossless)
    small = image.copy()
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    thumbnail = base64.b64encode(_jpeg(small, 70)).decode()
    return Encoded(data, ending, *image.size, thumbnail, notes)


def plain(image: Image.Image) -> tuple[Image.Image, tuple[str, ...]]:
    """The same picture upright, as eight bits of sRGB without transparency; and what a person should know of that."""
    notes: list[str] = []
    image = _eight_bits(ImageOps.exif_transpose(image))
    profile = image.info.get("icc_profile")
    if "transparency" in image.info or image.mode in ("LA", "La", "PA", "RGBa"):
        image = image.convert("RGBA")
    elif image.mode == "P":
        image = image.convert("RGB")
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    coloured = image.convert("RGB") if alpha is not None else image
    rgb = _to_srgb(coloured, profile) if profile else coloured.convert("RGB")
    if alpha is not None and _extremes(alpha)[0] < 255:
        white = Image.new("RGB", rgb.size, WHITE)
        white.paste(rgb, mask=alpha)
        rgb = white
        notes.append("Its transparent parts are white now: a film has none.")
    bare = Image.new("RGB", rgb.size)
    bare.paste(rgb)  # nothing of the file comes along: no EXIF, no place, no comment
    return bare, tuple(notes)


def _eight_bits(image: Image.Image) -> Image.Image:
    if image.mode in _SIXTEEN_BITS:
        wide = image.convert("I")
        scale = 1 / 256 if _extremes(wide)[1] > 255 else 1.0
        return wide.point(lambda value: value * scale).convert("L")
    if image.mode == "F":
        scale = 255.0 if _extremes(image)[1] <= 1.0 else 1.0
        return image.point(lambda value: value * scale + 0.5).convert("L")
    return image.convert("L") if image.mode == "1" else image


def _extremes(image: Image.Image) -> tuple[float, float]:
    extremes: Any = image.getextrema()
    return float(extremes[0]), float(extremes[1])


def _to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """By its own profile; without, where the profile is not one of this kind of picture."""
    try:
        return ImageCms.profileToProfile(
            image, ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB"), outputMode="RGB"
        ) or image.convert("RGB")
    except (ImageCms.PyCMSError, OSError, TypeError, ValueError):
        return image.convert("RGB")


def _within(image: Image.Image, max_bytes: int, *, lossless: bool) -> tuple[bytes, str, Image.Image]:
    if lossless:
        buffer = io.BytesIO()
        image.save(buffer, "PNG")
        if buffer.tell() <= max_bytes:
            return buffer.getvalue(), ".png", image
    while True:
        for quality in QUALITIES:
            data = _jpeg(image, quality)
            if len(data) <= max_bytes:
                return data, ".jpg", image
        if min(image.size) * 3 // 4 < MIN_SIDE:
            raise MediaInvalid(f"The picture does not fit into {max_bytes:,} bytes.", next_step="Raise that bound.")
        image = image.resize((image.width * 3 // 4, image.height * 3 // 4), Image.Resampling.LANCZOS)


def _jpeg(image: Image.Image, quality: int) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=quality, subsampling=0)  # `optimize` fails on noise
    return buffer.getvalue()


def _reason(error: BaseException) -> str:
    return str(error)[:120] or type(error).__name__
