"""Where a medium is put so that the vendor can fetch it: a person's bucket, a function of theirs, or this machine.

A link is made when a request leaves, and kept nowhere.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol

from ..errors import MediaNotPut, RequestInvalid
from ..request.media import LONGEST_S
from ..request.models import media_kind
from ..request.urls import check_public_url

HOUR_S = 3600.0
SHORTEST_S = HOUR_S
"""A link lives at least so long."""
MARGIN_S = HOUR_S / 2
"""How much longer than the slowest queue that was seen."""

Upload = Callable[[str, bytes, str], str]
"""A person's own way: name, data and content type to a public https link."""


class Place(Protocol):
    """Somewhere that a file can be fetched from by a link. Its methods may block, and raise MediaNotPut."""

    @property
    def told(self) -> str:
        """What a person calls it: no link, no secret."""

    @property
    def address(self) -> str | None:
        """The beginning of the names of what is put there; `None` where nothing is found again by its name."""

    @property
    def is_local(self) -> bool:
        """Whether nothing leaves this machine."""

    def put(self, name: str, data: bytes, content_type: str) -> None:
        """Put a file there, unless it is there."""

    def link(self, name: str, lifetime_s: float) -> str:
        """A link by which it can be fetched for so long, in seconds."""

    def get(self, name: str) -> bytes | None:
        """The file, where it is there."""

    def delete(self, name: str) -> None:
        """Take it away, if it is there."""

    def lifetime_s(self) -> float:
        """The longest that a link can live, in seconds."""

    def close(self) -> None:
        """End what it runs."""


def lifetime_s(slowest_s: float) -> float:
    """How long a link lives, by the slowest queue that was seen."""
    return min(max(SHORTEST_S, slowest_s + MARGIN_S), LONGEST_S)


class Function:
    """A function of the person's, asked once a file and again when its link may have grown old."""

    told = "your upload function"
    address = None
    is_local = False
    FRESH_S = 600.0
    """How long a link of it is taken again, in seconds: a sweep asks once for a picture that all of its jobs have."""

    def __init__(self, upload: Upload) -> None:
        self.upload = upload
        self._links: dict[str, tuple[float, str]] = {}
        self._lock = threading.Lock()

    def put(self, name: str, data: bytes, content_type: str) -> None:
        with self._lock:
            known = self._links.get(name)
            if known is not None and time.monotonic() - known[0] < self.FRESH_S:
                return
        try:
            link = self.upload(name, data, content_type)
        except Exception as error:
            raise MediaNotPut(
                f"Your upload function raised {type(error).__name__}: {str(error)[:200]}.",
                next_step="It takes name, data and content_type, and returns a public https link.",
            ) from error
        self._check(link, name)
        with self._lock:
            self._links[name] = (time.monotonic(), link)

    def _check(self, link: object, name: str) -> None:
        try:
            url = check_public_url(link, field="upload", what="The link of your upload function")
        except RequestInvalid as error:
            raise MediaNotPut(error.what, next_step="It returns a public https link to what it put.") from None
        if media_kind(url) != media_kind(name):
            raise MediaNotPut(
                "The link of your upload function does not end as the name that it was given.",
                next_step=f"The API knows the kind by the ending: keep the {name[-4:]} of the name.",
            )

    def link(self, name: str, lifetime_s: float) -> str:
        return self._links[name][1]

    def get(self, name: str) -> bytes | None:
        return None

    def delete(self, name: str) -> None:
        """What a function put somewhere is the person's own to take away."""

    def lifetime_s(self) -> float:
        return LONGEST_S

    def close(self) -> None:
        self._links.clear()
