"""Pictures of every kind for the tests of media, made in memory."""

from __future__ import annotations

import io
from typing import Any

from PIL import Image, ImageCms


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Red at the top left, blue at the bottom right, so that a turn shows."""
    image = Image.new("RGB", size, (20, 120, 60))
    image.paste((220, 30, 30), (0, 0, size[0] // 2, size[1] // 2))
    image.paste((30, 30, 220), (size[0] // 2, size[1] // 2, size[0], size[1]))
    return image if mode == "RGB" else image.convert(mode)


def encoded(image: Image.Image, kind: str = "PNG", **options: Any) -> bytes:
    """The picture as a file."""
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def opened(data: bytes) -> Image.Image:
    """A file as a picture."""
    return Image.open(io.BytesIO(data))


def animation(kind: str = "GIF") -> bytes:
    """Three pictures in one file."""
    pictures = [Image.new("RGB", (32, 32), (shade, 0, 0)) for shade in (1, 90, 200)]
    return encoded(pictures[0], kind, save_all=True, append_images=pictures[1:])


def turned_by_exif() -> bytes:
    """A JPEG that lies on its side and says so, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "CanaryCamera"
    exif.get_ifd(0x8825)[2] = (48.0, 51.0, 29.0)
    return encoded(picture((64, 48)), "JPEG", quality=95, exif=exif)


def lab_profile() -> bytes:
    """A profile that is not of RGB."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
