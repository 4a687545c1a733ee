"""The media of one session: the copies of its data folder, the place from which the vendor fetches, and who was told.

The engine asks it what was given, the worker puts and signs. It knows files, and no job.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ..errors import MediaNotPut, MediaPlaceMissing
from ..request import media
from ..request.models import media_kind
from ..request.urls import is_loopback_host, is_private_host
from ..types import GenerationRequest, MediaFacts
from .places import Function, Place, Upload, lifetime_s
from .shelf import Shelf

FOLDER = "media"


class Room:
    """Where media are kept, and where they are put.

    Args:
        home: The data folder.
        url: The bucket of now, where one is set.
        public: The address by which the internet reaches this notebook server, where one is set.
        why_not_public: Why the one that is set can be none, in words; empty where it can, or none is set.
        is_here: Whether jobs go to a simulator on this machine, which fetches from loopback.
    """

    def __init__(
        self,
        home: Path,
        *,
        url: Callable[[], str | None] = lambda: None,
        public: Callable[[], str | None] = lambda: None,
        why_not_public: Callable[[], str] = lambda: "",
        is_here: bool = False,
    ) -> None:
        self.shelf = Shelf(home / FOLDER)
        self.max_bytes = media.MAX_BYTES
        """Of a picture that is sent."""
        self.upload: Upload | None = None
        """A person's own way to put a file where the vendor can fetch it."""
        self.keeps = False
        """Whether what is put somewhere stays there."""
        self._url = url
        self._public = public
        self._why_not_public = why_not_public
        self.is_here = is_here
        self._folder: Callable[[], str] = lambda: ""
        self._slowest_s: Callable[[], float] = lambda: 0.0
        self._places: dict[object, Place] = {}
        self._told: set[str] = set()
        self._lock = threading.RLock()

    def belongs_to(
        self, *, folder: Callable[[], str], needed: Callable[[], Collection[str]], slowest_s: Callable[[], float]
    ) -> None:
        """Belong to a history.

        Args:
            folder: The part of a place that is of this history alone: two of them never delete what the other needs.
            needed: The hashes of what an open job or an unfinished sweep needs.
            slowest_s: The longest that a job of it waited in a queue, in seconds.
        """
        self._folder, self._slowest_s = lru_cache(maxsize=1)(folder), slowest_s
        self.shelf.needed = needed

    # --- what was given -------------------------------------------------------------------------------------------
    def take(self, value: Any) -> tuple[str, tuple[str, ...]]:
        """A link, or the name of a medium by its content; and what became of it, in sentences. Raises MediaInvalid."""
        from .convert import Source, source_of

        source = source_of(value, max_bytes=self.max_bytes)
        if not isinstance(source, Source):
            return source, ()
        medium = self.shelf.take(source)
        return medium.reference, medium.notes

    def facts_of(self, urls: Sequence[str], *, keeps: bool = False) -> tuple[MediaFacts, ...]:
        """What a row keeps of the media of a request that are named by their content."""
        found = []
        for url in filter(media.is_reference, urls):
            facts = self.shelf.facts(url)
            if facts is None:
                ending = media.file_of(url).removeprefix(media.hash_of(url))
                facts = MediaFacts(sha256=media.hash_of(url), ending=ending, name=media.shown(url), size_bytes=0)
            facts = facts.copy()
            if (place := self._place_of(url)) is not None:
                facts["place"] = place
            if keeps or self.keeps:
                facts["kept"] = True
            found.append(facts)
        return tuple(found)

    # --- where it goes --------------------------------------------------------------------------------------------
    @property
    def has_place(self) -> bool:
        """Tell whether there is a place to put media at; it is not tried."""
        return self.upload is not None or self.is_here or self._url() is not None or self._server() is not None

    def place(self) -> Place:
        """Where media are put now. Raises MediaPlaceMissing, SettingsInvalid, PackageMissing."""
        with self._lock:
            upload, url = self.upload, self._url()
            key: object = upload if upload is not None else "here" if self.is_here and not url else url
            if key is None and (public := self._server()) is not None:
                key = ("server", public)
            if key is None:
                why = "; no notebook server with the extension has this data folder" if self._public() else ""
                if wrong := self._why_not_public():
                    why = f". The notebook server cannot give it out: {wrong}"
                raise MediaPlaceMissing(f"A file cannot be sent to the API, which takes public https links only{why}.")
            if key not in self._places:
                self._places[key] = self._made(key)
            return self._places[key]

    def _server(self) -> str | None:
        """The address of the notebook server, where it serves what lies in this data folder."""
        from .served import is_attended

        public = self._public()
        return public if public is not None and is_attended(self.shelf.folder) else None

    def _made(self, key: object) -> Place:
        if isinstance(key, tuple):
            from .served import Served

            return Served(self.shelf.folder, key[1])
        if key == "here":
            from .loopback import Loopback

            return Loopback(self._served)
        if isinstance(key, str):
            from ..storage.bucket import Bucket, checked_url

            return Bucket(checked_url(key))
        assert self.upload is not None
        return Function(self.upload)

    def _served(self, name: str) -> bytes | None:
        reference = f"{media.SCHEME}{name}"
        return self.shelf.get(reference) if media.is_reference(reference) else None

    def name_of(self, reference: str, place: Place) -> str:
        """The name of a file in a place."""
        file = media.file_of(reference)
        return f"{self._folder()}/{file}" if place.address is not None and self._folder() else file

    def _place_of(self, reference: str) -> str | None:
        try:
            place = self.place()
        except MediaPlaceMissing:
            return None
        return None if place.address is None else f"{place.address}/{self.name_of(reference, place)}"

    def bytes_of(self, reference: str) -> bytes:
        """The bytes of a medium, from the data folder or from the bucket that is ours. Raises MediaMissing."""
        data = self.shelf.get(reference)
        if data is None and (data := self._brought_back(reference)) is None:
            raise self.shelf.missing(reference)
        return data

    def _brought_back(self, reference: str) -> bytes | None:
        """From the place that a row or a clip names, where that is in our bucket: never from a stranger's."""
        import hashlib

        from .convert import Medium

        facts = self.shelf.facts(reference)
        there = "" if facts is None else facts.get("place", "")
        try:
            place = self.place()
        except MediaPlaceMissing:
            return None
        if facts is None or place.address is None or not there.startswith(f"{place.address}/") or ".." in there:
            return None
        data = place.get(there.removeprefix(f"{place.address}/"))
        if data is None or hashlib.sha256(data).hexdigest() != facts["sha256"]:
            return None
        self.shelf.put(Medium(data, facts))
        return data

    def check(self, request: GenerationRequest) -> None:
        """Raise MediaPlaceMissing or MediaMissing where its media cannot be put anywhere, before anything is sent."""
        references = media.references_in(request)
        if references:
            self.place()
        for reference in references:
            if not self.shelf.has(reference):
                self.bytes_of(reference)

    def notice(self, request: GenerationRequest) -> str | None:
        """What goes where, in a sentence, the first time that a place is used; `None` later and on this machine."""
        references = media.references_in(request)
        if not references:
            return None
        place = self.place()
        if place.is_local:
            return None
        lasts_s, longest_s = lifetime_s(self._slowest_s()), place.lifetime_s()
        if longest_s < lasts_s:
            return (
                f"The links to {place.told} live for {_told_time(longest_s)}, since the temporary credentials end: "
                "a job that waits longer in the queue fails."
            )
        with self._lock:
            if place.told in self._told:
                return None
            self._told.add(place.told)
        facts = [self.shelf.facts(reference) for reference in references]
        size = sum(each["size_bytes"] for each in facts if each is not None)
        kinds = {str(media_kind(reference)) for reference in references}
        kind = kinds.pop() if len(kinds) == 1 else "file"
        many = f"1 {kind}" if len(references) == 1 else f"{len(references)} {kind}s"
        stays = "" if self.keeps or place.address is None else ", and deleted when no job needs it"
        return f"{many}, {_told_size(size)}, to {place.told}, readable by link for {_told_time(lasts_s)}{stays}."

    def link_of(self, reference: str) -> str:
        """The link of a medium that was put, made now and kept nowhere. Raises MediaNotPut."""
        place = self.place()
        link = place.link(self.name_of(reference, place), lifetime_s(self._slowest_s()))
        parts = urlsplit(link)
        host = parts.hostname or ""
        if self.is_here and is_loopback_host(host):
            return link
        if parts.scheme != "https" or is_private_host(host):
            raise MediaNotPut(
                f"The links of {place.told} name {parts.scheme}://{host}, which the vendor cannot fetch.",
                next_step="Name an endpoint that the internet reaches by https.",
            )
        return link

    def close(self) -> None:
        """End what serves media."""
        with self._lock:
            places, self._places = list(self._places.values()), {}
        for place in places:
            place.close()


def _told_size(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1_000_000 else f"{max(1, round(size / 1e3))} kB"


def _told_time(seconds: float) -> str:
    hours = seconds / 3600
    if hours < 1:
        return f"{max(0, round(seconds / 60))} minutes"
    return f"{hours:.0f} hour{'s' * (round(hours) != 1)}" if hours < 48 else f"{hours / 24:.0f} days"
