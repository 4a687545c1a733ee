"""Kinds of files, recognised by their first bytes from a closed list; and where our story stands behind an ISO file.

Nothing here opens or decodes anything. FFmpeg is never left to guess: its guessing would also take a playlist or an
image sequence, which name other files and addresses.
"""

from __future__ import annotations

import struct
from typing import IO, NamedTuple

HEAD_BYTES = 4096
"""How much of a file is enough to tell what it is."""
MAX_BOXES = 10_000
"""Of an ISO file, side by side: a minute in fragments of a tenth of a second has 1,200."""
MARK = b"seedance-widgets"
"""What a box of ours ends with, before its size: the last 20 bytes of a file tell whether a story stands there."""
MAX_STORY_BYTES = 1 << 20
"""A story that is longer was not written here."""
_FOOT = len(MARK) + 4


ENDINGS = (".mp4", ".mov", ".m4v", ".3gp", ".3g2", ".webm", ".mkv", ".ts", ".m2ts", ".gif", ".avi", ".flv")
"""Of the files that are clips, where they could be checked."""


class Container(NamedTuple):
    """A kind of file that can be a clip."""

    format: str
    """FFmpeg's name of the reader, the only one that it may use."""
    ending: str
    """The honest ending of a file name."""

    @property
    def is_iso(self) -> bool:
        """Tell whether it is made of boxes (ISO/IEC 14496-12), so that a `free` box may stand behind it."""
        return self.format == "mp4"


def container_of(head: bytes) -> Container | None:
    """The container of a file with these first bytes; `None` for what is not in the list, text among it."""
    if head[4:8] in _ISO_BEGINNINGS and struct.unpack(">I", head[:4])[0] not in range(2, 8):
        return Container("mp4", _iso_ending(head))
    if head.startswith(b"\x1aE\xdf\xa3"):  # the EBML header names the document type
        return Container("matroska", ".webm" if b"\x42\x82\x84webm" in head[:256] else ".mkv")
    if head.startswith((b"GIF87a", b"GIF89a")):
        return Container("gif", ".gif")
    if head[:4] == b"RIFF" and head[8:12] in (b"AVI ", b"AVIX", b"AVI\x19"):
        return Container("avi", ".avi")
    if head.startswith(b"FLV\x01"):
        return Container("flv", ".flv")
    for first, step, ending in ((0, 188, ".ts"), (4, 192, ".m2ts")):  # a packet is 188 bytes; Blu-ray puts 4 before it
        syncs = head[first : first + 5 * step : step]
        if len(syncs) >= 2 and set(syncs) == {0x47}:
            return Container("mpegts", ending)
    return None


def ending_of(head: bytes) -> str:
    """An honest ending for a file of any kind, `.bin` where nothing is known. Never one that a system would run."""
    known = container_of(head)
    if known is not None:
        return known.ending
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return "." + head[8:12].decode().lower().replace("wave", "wav")
    return next((ending for magic, ending in _OTHERS if head.startswith(magic)), ".bin")


def is_text(head: bytes) -> bool:
    """Tell whether a file is text or nothing, and so no clip: a web page, XML, JSON, a playlist, a list of files.

    Text has no control characters but those of white space. UTF-16 and UTF-32 are recognised by their byte order mark.
    """
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")):
        return True
    return not set(head[:1024]) & _NOT_TEXT


def is_packed(head: bytes, encodings: str) -> bool:
    """Tell whether a body is compressed, as its `Content-Encoding` says, and as its bytes do not deny.

    Only gzip, br, deflate and zstd compress. An empty word, `identity`, `aws-chunked` and `binary` do not, and a body
    that begins like a file that is known is one, whatever its header says.
    """
    return bool(compressions(encodings)) and ending_of(head) in (".bin", ".gz", ".zst")


def compressions(encodings: str) -> set[str]:
    """The compressions that a `Content-Encoding` names."""
    return {word.strip().lower().removeprefix("x-") for word in encodings.split(",")} & _COMPRESSIONS


def has_end(file: IO[bytes], size_bytes: int) -> bool:
    """Tell whether a box may stand behind an ISO file: its boxes fill it exactly, and none runs to the end.

    Not behind an `mfra` either: players find that one by the file's last bytes, and before it the vendor's bytes would
    no longer stand first.
    """
    at = 0
    for _ in range(MAX_BOXES):
        if at == size_bytes:
            return True
        box = _box_at(file, at)
        if box is None or box.size < 8 or (box.kind == b"mfra" and at + box.size == size_bytes):
            return False
        at += box.size
        if at > size_bytes:
            return False
    return False


def story_box(story: bytes) -> bytes:
    """A `free` box that holds a story, to stand behind an ISO file: every player passes over it."""
    size = 8 + len(story) + _FOOT
    return struct.pack(">I4s", size, b"free") + story + MARK + struct.pack(">I", size)


def read_story(file: IO[bytes]) -> bytes | None:
    """The story in the box of ours that a file ends with, `None` where there is none: by its foot, in two reads."""
    end = file.seek(0, 2)
    file.seek(max(0, end - _FOOT))
    foot = file.read(_FOOT)
    if len(foot) < _FOOT or not foot.startswith(MARK):
        return None
    size = struct.unpack(">I", foot[-4:])[0]
    if not 8 + _FOOT <= size <= min(end, MAX_STORY_BYTES + 8 + _FOOT):
        return None
    file.seek(end - size)
    box = file.read(size)
    return box[8:-_FOOT] if box[:8] == struct.pack(">I4s", size, b"free") else None


def index_bytes(file: IO[bytes]) -> int | None:
    """The length of the index of an ISO file, `None` where none is found. Looks at the heads of boxes only.

    Raises ValueError for a file of endless parts.
    """
    at, end = 0, file.seek(0, 2)
    for _ in range(MAX_BOXES):
        box = _box_at(file, at)
        if box is None or (box.kind != b"moov" and box.size < 8):
            return None
        if box.kind == b"moov":
            return box.size or end - at
        at += box.size
    raise ValueError("it has too many parts")


class _Box(NamedTuple):
    kind: bytes
    size: int
    """With its head; 0 for one that runs to the end of the file."""


def _box_at(file: IO[bytes], at: int) -> _Box | None:
    file.seek(at)
    head = file.read(16)
    if len(head) < 8:
        return None
    size, kind = struct.unpack(">I4s", head[:8])
    if size == 1:
        size = struct.unpack(">Q", head[8:])[0] if len(head) == 16 else 2
        size = size if 16 <= size < 1 << 62 else 2  # no size that a box can have
    return _Box(kind, size)


def _iso_ending(head: bytes) -> str:
    brand = head[8:12] if head[4:8] in (b"ftyp", b"styp") else b""
    if brand in _BRANDS:
        return _BRANDS[brand]
    if brand[:3] in (b"3gp", b"3g2"):
        return "." + brand[:3].decode()
    return ".mov" if not brand and head[4:8] not in (b"moof", b"sidx") else ".mp4"  # QuickTime's own needs no brand


_ISO_BEGINNINGS = frozenset(b"ftyp moov mdat free skip wide pnot styp moof sidx uuid emsg prft pdin mfra".split())
_BRANDS = {
    b"qt  ": ".mov",
    b"M4V ": ".m4v",
    b"M4A ": ".m4a",
    b"avif": ".avif",
    b"avis": ".avif",
    b"heic": ".heic",
    b"mif1": ".heic",
}
_COMPRESSIONS = {"gzip", "br", "deflate", "zstd", "compress"}
_NOT_TEXT = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b") | {0x7F}
_OTHERS = (
    (b"OggS", ".ogv"),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", ".wmv"),
    (b"\x89PNG\r\n\x1a\n", ".png"),
    (b"\xff\xd8\xff", ".jpg"),
    (b"\x00\x00\x01\xba", ".mpg"),
    (b"\x00\x00\x01\xb3", ".mpg"),
    (b"\x06\x0e\x2b\x34", ".mxf"),
    (b"DKIF", ".ivf"),
    (b"YUV4MPEG2", ".y4m"),
    (b"ID3", ".mp3"),
    (b"PK\x03\x04", ".zip"),
    (b"\x1f\x8b", ".gz"),
    (b"\x28\xb5\x2f\xfd", ".zst"),
)
