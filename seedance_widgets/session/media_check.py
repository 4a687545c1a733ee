"""The doctor's look at where media go, and with the network a tiny file that is put, fetched and deleted."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MediaPlaceMissing, SeedanceError
from ..media.places import HOUR_S, Place
from ..media.served import Served

if TYPE_CHECKING:
    from ..media.room import Room

TINY = b"seedance_widgets: a test of the doctor, which deletes it"

Found = tuple[bool | None, str, str]
"""Whether it is well, what was seen, and what to do."""


def looked_at(room: Room) -> Iterator[Found]:
    """Where media go. Asks nobody."""
    try:
        place = room.place()
    except MediaPlaceMissing as error:
        yield None, "files and pictures cannot be sent, links can", error.next_step
    except SeedanceError as error:
        yield False, error.what, error.next_step
    else:
        yield True, f"files and pictures go to {place.told}; copies in {room.shelf.folder}", ""


def tried(room: Room) -> Iterator[Found]:
    """Put a tiny file, fetch it by its link, ask for it without a signature, and delete it."""
    try:
        place = room.place()
    except SeedanceError:
        return
    if place.is_local or place.address is None:  # nothing to try on this machine; of a function nothing is deleted
        return
    if isinstance(place, Served):
        yield _served_and_ended(place, room.shelf.folder)
        return
    name = f"doctor-{secrets.token_hex(8)}.png"
    try:
        place.put(name, TINY, "image/png")
        yield _read_back(place, name)
        place.delete(name)
    except SeedanceError as error:
        yield False, error.what, error.next_step


def _served_and_ended(place: Served, copies: Path) -> Found:
    """A tiny file by the public address of the notebook server: under its path, under another one, and afterwards."""
    from ..api.reaching import status_of

    file = f"{hashlib.sha256(TINY).hexdigest()}.png"
    try:
        place.put(file, TINY, "image/png")
        link = place.link(file, HOUR_S)
        seen, guessed = status_of(link), status_of(f"{link.rpartition('/')[0][:-43]}{'0' * 43}/{file}")
        place.delete(file)
        after = status_of(link)
    except SeedanceError as error:
        return False, error.what, error.next_step
    finally:
        (copies / file).unlink(missing_ok=True)
    if (seen, guessed, after) == (200, 404, 404):
        return True, f"{place.told}: put, fetched by its path and by no other, and ended", ""
    step = "SEEDANCE_PUBLIC_URL is the https address of this Jupyter server with its base path, open without a login."
    what = f"a tiny file answers {seen}, under another path {guessed}, and after its end {after}"
    return False, f"{place.told}: {what}, not 200, 404, 404", step


def _read_back(place: Place, name: str) -> Found:
    from ..api.reaching import status_of

    link = place.link(name, HOUR_S)
    bare = link.partition("?")[0]
    if (signed := status_of(link)) != 200:
        return False, f"{place.told}: a file was put, and its signed link answers {signed}", "Look at the endpoint."
    open_ones = [
        word
        for word, url in (("read", bare), ("listed", f"{bare.removesuffix(name)}?list-type=2"), ("listed", _top(bare)))
        if status_of(url) == 200
    ]
    if open_ones:
        words = " and ".join(dict.fromkeys(open_ones))
        return (
            False,
            f"{place.told}: signed links work, and what lies there can be {words} without a signature, by anybody",
            "Take public access from the bucket; a link of ours opens one file for a while.",
        )
    return True, f"{place.told}: put, signed, fetched; nothing can be read or listed without a signature", ""


def _top(url: str) -> str:
    """The address by which a bucket is listed, where its name is the first part of the path."""
    scheme, _, rest = url.partition("://")
    host, _, path = rest.partition("/")
    return f"{scheme}://{host}/{path.partition('/')[0]}?list-type=2"
