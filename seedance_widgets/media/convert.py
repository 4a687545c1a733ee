"""Anything that is a picture, a film or a sound, as the file that is sent. Sends nothing.

What a person gives is told apart by what it is, not by a name: no library is imported to ask. Every refusal is one
sentence, before anything has left.
"""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..clips import containers
from ..clips.clip import Clip, ClipFrame
from ..errors import MediaError, MediaInvalid
from ..request import media
from ..request.urls import check_public_url
from ..types import MediaFacts
from ..values.plain import shown

if TYPE_CHECKING:
    from PIL import Image

MAX_INPUT_BYTES = 100_000_000
"""Of anything that is read."""

_RAW = "Pictures are H x W x 3, of uint8 or of numbers from 0 to 1."


@dataclass(frozen=True, slots=True)
class Medium:
    """A file that can be sent, and what is kept of it."""

    data: bytes
    facts: MediaFacts
    notes: tuple[str, ...] = ()
    """What became of it that a person may not expect, in sentences."""

    @property
    def reference(self) -> str:
        """How a request names it."""
        return media.reference_of(self.facts["sha256"], self.facts["ending"])


@dataclass(frozen=True, slots=True)
class Source:
    """Something that was given, read but not converted yet."""

    key: str
    """A hash of what was given: the same is converted once."""
    name: str
    make: Callable[[], Medium]
    """Raises MediaInvalid."""


def source_of(value: Any, *, max_bytes: int = media.MAX_BYTES) -> Source | str:
    """What was given, read; a link or a medium that is known by its content as its text. Raises MediaInvalid."""
    if isinstance(value, Clip):
        return _of_clip(value)
    if isinstance(value, ClipFrame):
        return _of_frame(value, max_bytes)
    if isinstance(value, str):
        return _of_text(value, max_bytes)
    if isinstance(value, bytes | bytearray | memoryview):
        return _of_bytes(bytes(value), "The data", max_bytes)
    if isinstance(value, os.PathLike):
        return _of_path(Path(os.fsdecode(value)), max_bytes)
    if (kind := _kind_of(value)) is not None:
        return _OTHERS[kind](value, max_bytes)
    if callable(getattr(value, "read", None)):
        return _of_bytes(_read_from(value), _file_name(value), max_bytes)
    if type(value).__name__.lower().endswith("url"):  # of pydantic, httpx, yarl
        return _of_text(str(value), max_bytes)
    raise MediaInvalid(
        f"{shown(value)} is no picture, film or sound.",
        next_step="A link, a path, bytes, an open file, a picture of Pillow's, an array, a figure, a clip, "
        "clip.last_frame or a job is.",
    )


def _kind_of(value: Any) -> str | None:
    """Which library's picture it is, asked without importing any."""
    for each in type(value).__mro__:
        top = each.__module__.partition(".")[0]
        if top == "PIL" and each.__name__ == "Image":
            return "picture"
        if top == "numpy" and each.__name__ == "ndarray":
            return "array"
        if top == "torch" and each.__name__ == "Tensor":
            return "tensor"
        if top == "matplotlib" and each.__name__ == "FigureBase":
            return "figure"
        if top == "IPython" and each.__name__ == "Image":
            return "display"
    figure = getattr(value, "figure", None)
    if figure is not None and type(value).__module__.startswith("matplotlib."):
        return "axes"
    return None


# --- what it may be -----------------------------------------------------------------------------------------------
def _of_text(text: str, max_bytes: int) -> Source | str:
    if media.is_reference(text):
        return text
    if "://" in text or text.startswith("data:"):
        return check_public_url(text, field="media", what="The media URL")
    if not text.strip():
        raise MediaInvalid("The path of a medium is empty.")
    return _of_path(Path(text), max_bytes)


def _of_path(path: Path, max_bytes: int) -> Source:
    try:
        path = path.expanduser()
        if path.is_dir():
            raise MediaInvalid(f"{str(path)[:200]} is a folder.", next_step="Give a file in it.")
        size = path.stat().st_size
        _check_bytes(size, path.name)
        data = path.read_bytes()
    except (OSError, ValueError, RuntimeError) as error:  # a name that no file can have, or a `~` of nobody
        if isinstance(error, FileNotFoundError):
            raise MediaInvalid(f"There is no file {str(path)[:200]!r}.") from None
        why = getattr(error, "strerror", None) or str(error)
        raise MediaInvalid(f"{str(path)[:200]!r} cannot be read ({why}).") from None
    return _of_bytes(data, path.name, max_bytes)


def _of_bytes(data: bytes, name: str, max_bytes: int) -> Source:
    _check_bytes(len(data), name)

    def make() -> Medium:
        ending = _film_or_sound(data, name)
        if ending is not None:
            return _as_it_is(data, ending, name)
        from . import picture

        image = picture.read(data, name)
        return _medium(image, name, max_bytes, lossless=image.format not in ("JPEG", "MPO"))

    return Source(_hash("bytes", data), name, make)


def _of_picture(image: Image.Image, max_bytes: int) -> Source:
    name = Path(str(getattr(image, "filename", "") or "")).name or "a picture"
    try:
        raw = image.tobytes()
    except (OSError, ValueError) as error:
        raise MediaInvalid(f"The picture cannot be read ({str(error)[:120]}).") from None
    facts = repr((image.mode, image.size, sorted(image.info.items(), key=lambda each: str(each[0]))))
    return Source(
        _hash("picture", facts.encode("utf-8", "replace"), raw), name, lambda: _medium(image, name, max_bytes)
    )


def _of_array(array: Any, max_bytes: int) -> Source:
    return _of_pixels(array, "an array", max_bytes)


def _of_tensor(tensor: Any, max_bytes: int) -> Source:
    return _of_pixels(tensor.detach().cpu().numpy(), "a tensor", max_bytes)


def _of_pixels(array: Any, name: str, max_bytes: int) -> Source:
    pixels = _eight_bits(array, name)
    raw = pixels.tobytes()

    def make() -> Medium:
        from PIL import Image

        height, width, channels = pixels.shape
        return _medium(Image.frombytes("RGB" if channels == 3 else "RGBA", (width, height), raw), name, max_bytes)

    return Source(_hash("pixels", repr(pixels.shape).encode(), raw), name, make)


def _eight_bits(array: Any, name: str) -> Any:
    """An array of numpy's as H x W x 3 (or 4) of uint8. Raises MediaInvalid."""
    shape, kind = tuple(array.shape), array.dtype.kind
    if len(shape) != 3 or shape[2] not in (3, 4) or 0 in shape:
        words = " x ".join(map(str, shape)) or "a single number"
        step = _RAW
        if len(shape) == 3 and shape[0] in (3, 4):
            step += " Its colours stand first: x.transpose(1, 2, 0), or permute for a tensor, puts them last."
        elif len(shape) == 2:
            step += " A grey one is numpy.stack([x] * 3, axis=-1)."
        elif len(shape) == 4:
            step += " Give one of them: x[0]."
        raise MediaInvalid(f"The shape of {name} is {words}.", next_step=step)
    if array.dtype.name == "uint8":
        return array
    if kind != "f":
        raise MediaInvalid(f"{name.capitalize()} of {array.dtype.name} is no picture.", next_step=_RAW)
    if not bool((array == array).all()):
        raise MediaInvalid(f"{name.capitalize()} holds NaN, which is no colour.", next_step="Fill it in first.")
    low, high = float(array.min()), float(array.max())
    if low < 0 or high > 1:
        raise MediaInvalid(
            f"The numbers of {name} go from {low:.4g} to {high:.4g}.",
            next_step=f"{_RAW} What goes to 255 is x.astype('uint8').",
        )
    return (array * 255 + 0.5).astype("uint8")


def _of_figure(figure: Any, max_bytes: int) -> Source:
    if not figure.axes:
        raise MediaInvalid("The figure has no axes, so there is nothing to see.", next_step="Draw on it first.")
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata={"Software": None})
    return _renamed(_of_bytes(buffer.getvalue(), "a figure", max_bytes), "a figure")


def _of_axes(axes: Any, max_bytes: int) -> Source:
    return _of_figure(axes.figure, max_bytes)


def _of_display(image: Any, max_bytes: int) -> Source | str:
    data = getattr(image, "data", None)
    if isinstance(data, str) and "://" not in data:
        import base64
        import binascii

        try:
            data = base64.b64decode(data, validate=True)
        except (ValueError, binascii.Error):
            raise MediaInvalid("The displayed image holds no picture.") from None
    if isinstance(data, bytes) and data:
        return _of_bytes(data, Path(str(getattr(image, "filename", None) or "a displayed image")).name, max_bytes)
    url = getattr(image, "url", None) or data
    if isinstance(url, str) and url:
        return _of_text(url, max_bytes)
    raise MediaInvalid("The displayed image holds no picture.")


_OTHERS: dict[str, Callable[[Any, int], Source | str]] = {
    "picture": _of_picture,
    "array": _of_array,
    "tensor": _of_tensor,
    "figure": _of_figure,
    "axes": _of_axes,
    "display": _of_display,
}


def _of_clip(clip: Clip) -> Source:
    """The vendor's bytes: our story behind them is nobody's business."""
    data = _bytes_of_clip(clip)[: clip.vendor_bytes]
    name = clip.path.name

    def make() -> Medium:
        ending = _film_or_sound(data, name)
        if ending is None:
            raise MediaInvalid(
                f"The clip {name} is in a container that the API does not take.",
                next_step="It takes .mp4, .mov and .m4v; clip.last_frame is a picture.",
            )
        return _as_it_is(data, ending, name)

    return Source(_hash("bytes", data), name, make)


def _of_frame(frame: ClipFrame, max_bytes: int) -> Source:
    clip, at_s = frame.clip, frame.at_s
    if at_s is not None and (isinstance(at_s, bool) or not isinstance(at_s, int | float) or not at_s >= 0):
        raise MediaInvalid(f"A picture of a clip is at a number of seconds from 0, not at {shown(at_s)}.")
    which = "last picture" if at_s is None else f"picture at {at_s:g} s" if at_s else "first picture"
    name = f"{which} of {clip.path.name}"
    data = _bytes_of_clip(clip)

    def make() -> Medium:
        from ..clips import frames

        try:
            image = frames.last(clip.path) if at_s is None else frames.at(clip.path, float(at_s))
        except MediaError as error:
            raise MediaInvalid(f"The {name} cannot be read. {error.what}") from None
        return _medium(image, name, max_bytes)

    return Source(_hash("frame", data[: clip.vendor_bytes], repr(at_s).encode()), name, make)


def _bytes_of_clip(clip: Clip) -> bytes:
    try:
        _check_bytes(clip.path.stat().st_size, clip.path.name)
        return clip.path.read_bytes()
    except FileNotFoundError:
        raise MediaInvalid(
            f"The clip {clip.path.name} was deleted or moved.", next_step="job.download() fetches it again, free."
        ) from None
    except OSError as error:
        raise MediaInvalid(f"The clip {clip.path.name} cannot be read ({error.strerror}).") from None


# --- what becomes of it -------------------------------------------------------------------------------------------
def _medium(image: Image.Image, name: str, max_bytes: int, *, lossless: bool = True) -> Medium:
    from . import picture

    made = picture.encode(image, name, max_bytes=max_bytes, lossless=lossless)
    facts = _facts(made.data, made.ending, name)
    facts |= {"width": made.width, "height": made.height, "thumbnail": made.thumbnail}
    return Medium(made.data, facts, tuple(f"{name}: {note}" for note in made.notes))


def _as_it_is(data: bytes, ending: str, name: str) -> Medium:
    return Medium(data, _facts(data, ending, name))


def _facts(data: bytes, ending: str, name: str) -> MediaFacts:
    return MediaFacts(
        sha256=hashlib.sha256(data).hexdigest(), ending=ending, name=_kept_name(name), size_bytes=len(data)
    )


def _kept_name(name: str) -> str:
    text = "".join(character if character.isprintable() else "?" for character in name)
    return text.encode("utf-8", "replace").decode()[:120]


def _film_or_sound(data: bytes, name: str) -> str | None:
    """The ending of a film or a sound that the API takes; `None` for what may be a picture. Raises MediaInvalid."""
    if data[:3] == b"ID3" or (data[:1] == b"\xff" and data[1:2] in (b"\xfb", b"\xf3", b"\xf2")):
        return ".mp3"
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return ".wav"
    if data[4:12] in _PICTURES_IN_BOXES or data[:4] in (b"GIF8", b"RIFF"):
        return None
    kind = containers.container_of(data[: containers.HEAD_BYTES])
    if kind is None:
        return None
    if not kind.is_iso:
        raise MediaInvalid(
            f"{name} is a film of a kind that the API does not take.", next_step="It takes .mp4, .mov and .m4v."
        )
    return ".mov" if data[8:12] == b"qt  " else ".mp4"


_PICTURES_IN_BOXES = (b"ftypavif", b"ftypavis", b"ftypheic", b"ftypheix", b"ftypmif1")


def _check_bytes(size: int, name: str) -> None:
    if size == 0:
        raise MediaInvalid(f"{name} is empty: 0 bytes.")
    if size > MAX_INPUT_BYTES:
        raise MediaInvalid(
            f"{name} is {size / 1e6:.0f} MB, and at most {MAX_INPUT_BYTES / 1e6:.0f} MB are read.",
            next_step="Make it smaller, or put it on a server and give its link.",
        )


def _read_from(file: Any) -> bytes:
    try:
        data = file.read(MAX_INPUT_BYTES + 1)
    except (OSError, ValueError) as error:
        raise MediaInvalid(f"The file cannot be read ({str(error)[:120]}).") from None
    if isinstance(data, str):
        raise MediaInvalid("The file is open as text.", next_step='Open it with "rb", or give its path.')
    if not isinstance(data, bytes | bytearray):
        raise MediaInvalid(f"read() of what was given gives {type(data).__name__}, not bytes.")
    return bytes(data)


def _file_name(file: Any) -> str:
    name = getattr(file, "name", None)
    return Path(name).name if isinstance(name, str) and name else "The file"


def _renamed(source: Source | str, name: str) -> Source:
    assert isinstance(source, Source), "bytes are no link"
    return Source(source.key, name, source.make)


def _hash(kind: str, *parts: bytes) -> str:
    digest = hashlib.sha256(kind.encode())
    for part in parts:
        digest.update(len(part).to_bytes(8, "big"))
        digest.update(part)
    return digest.hexdigest()


def is_picture_of_a_library(value: object) -> bool:
    """Tell whether it is one picture although it can be walked through: an array is no list of media."""
    return _kind_of(value) is not None
