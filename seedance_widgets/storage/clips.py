"""Clips in object storage: put there when they are saved, and fetched from there where somebody looks at them.

What was put is the truth. The copy here is what outputs link to; it may go at any time, and is fetched again.

home/copies/waiting/<job>.json   a clip that is whole and checked, and not put yet
home/copies/posters/             posters whose clip is not here
"""

from __future__ import annotations

import contextlib
import json
import mimetypes
import os
import tempfile
import threading
import uuid
from collections.abc import Callable
from functools import partial
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ..clips import containers, story
from ..clips.folder import VARIABLE, copies_folder
from ..clips.names import numbered
from ..clips.private_file import is_writable, write_anew
from ..errors import ClipNotFetched, MediaNotPut, PackageMissing, SeedanceError, SettingsInvalid
from ..life import Row, Saved
from ..notebook import environment
from ..request.urls import is_bucket
from ..settings.keys import Environment
from ..settings.settings import find_cache_bytes
from ..types import ClipFacts
from .bucket import Bucket, checked_url
from .copies import Copies
from .fetch import Fetch, Progress, is_whole, read_piece

ANSWER_S = 900.0
"""How long one file may be on its way, in seconds."""
POSTER_S = 20.0
"""The same of a poster, which somebody waits for."""


class Copy(NamedTuple):
    """Where the copy of a clip lies, or will lie."""

    path: Path
    is_here: bool
    poster_path: Path | None


class ClipStorage:
    """The clips that one data folder puts into buckets, and its copies of them.

    Args:
        home: The data folder.
        max_bytes: What all copies may take together; what the environment says unless given.
        folder: Where a copy is put that somebody here looks at; beside this notebook unless given.
    """

    def __init__(self, home: Path, *, max_bytes: int | None = None, folder: Callable[[], Path] | None = None) -> None:
        self.folder = folder or (lambda: copies_folder(home))
        self.copies = Copies(home / "copies", find_cache_bytes(max_bytes, Environment()))
        self._home = home / "copies"
        self._buckets: dict[tuple[str, float | None], Bucket] = {}
        self._fetches: dict[str, Fetch] = {}
        self._lock = threading.Lock()

    def folder_beside(self, notebook: str | None) -> Path:
        """Where the copy of a new clip is put: beside the notebook that its job is of, where that is here."""
        if notebook is not None and os.path.isabs(notebook) and os.path.isdir(os.path.dirname(notebook)):
            beside = Path(notebook).parent / environment.CLIPS
            if is_writable(beside):
                return beside
        return self.folder()

    # --- saving ---------------------------------------------------------------------------------------------------
    def stage(self, job_id: str, saved: Saved) -> None:
        """Note that a clip is whole here and is to be put: it is not downloaded again for that."""
        note = {"clip_path": saved.clip_path, "poster_path": saved.poster_path, "facts": saved.clip_facts}
        with contextlib.suppress(OSError):
            write_anew(self._waiting(job_id), json.dumps(note).encode())

    def staged(self, job_id: str, at: float) -> Saved | None:
        """The clip that is whole here and is to be put, as it was checked; `None` where there is none."""
        try:
            note = json.loads(self._waiting(job_id).read_bytes())
            saved = Saved(at, note["clip_path"], note["poster_path"], note["facts"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        return saved if is_whole(Path(saved.clip_path), saved.clip_facts) else None

    def unstage(self, job_id: str) -> None:
        """It was put, or stays here."""
        with contextlib.suppress(OSError):
            self._waiting(job_id).unlink()

    def _waiting(self, job_id: str) -> Path:
        return self._home / "waiting" / f"{job_id}.json"

    def put(self, place: str, saved: Saved, *, before: Row | None = None) -> Saved:
        """Put a clip that is whole here, its poster and its sidecar into a bucket, never over another file.

        Returns where they are now. Raises MediaNotPut, SettingsInvalid, PackageMissing, OSError.

        Args:
            place: The bucket.
            saved: Where they are here.
            before: The row as it is: the clip that it names there is not put again, and another one is deleted.
        """
        bucket = self._bucket(checked_url(place, VARIABLE))
        clip = Path(saved.clip_path)
        poster = None if saved.poster_path is None else Path(saved.poster_path)
        beside = [path for path in (story.path_of(clip), poster) if path is not None and path.is_file()]
        url = None if before is None else before.clip_there
        old = url.rpartition("/")[2] if url is not None and url.rpartition("/")[0] == bucket.told else None
        name = old if old is not None and bucket.is_same(old, clip) else _put(bucket, clip)
        copies, poster_url = [(clip, name)], before.poster_path if before is not None and name == old else None
        for path in beside:
            its_name = f"{PurePosixPath(name).stem}{path.suffix}"
            with contextlib.suppress(MediaNotPut):  # the clip is whole without it
                if bucket.is_same(its_name, path) or bucket.put_new(its_name, path, _type_of(path)):
                    copies.append((path, its_name))
                    poster_url = f"{bucket.told}/{its_name}" if path == poster else poster_url
        for path, its_name in reversed(copies):
            self.copies.add(f"{bucket.told}/{its_name}", path)
        if self.copies.measure()[0] > self.copies.max_bytes:  # what others are at stays instead
            for _, its_name in copies:
                self.copies.drop(f"{bucket.told}/{its_name}")
        if before is not None and url is not None and old is not None and old != name and before.id in old:
            with contextlib.suppress(MediaNotPut):  # it takes room, and nothing else
                self.delete(url, before.poster_path, before.id)
        return Saved(saved.at, f"{bucket.told}/{name}", poster_url, saved.clip_facts)

    def try_out(self, place: str) -> None:
        """Put a tiny file there, look whether it is what was put and stays so, and delete it. Raises SeedanceError."""
        bucket = self._bucket(checked_url(place, VARIABLE))
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / f"doctor-{uuid.uuid4().hex}.txt"
            path.write_bytes(b"seedance_widgets: a test of the doctor, which deletes it")
            bucket.put_new(path.name, path, "text/plain")
            is_same, is_put_over = bucket.is_same(path.name, path), bucket.put_new(path.name, path, "text/plain")
            bucket.delete(path.name)
        if not is_same or is_put_over:
            why = "lets one file be put over another" if is_put_over else "gives back something else than was put there"
            raise ClipNotFetched(f"{place} {why}.", next_step="Clips need a store that keeps to If-None-Match.")

    def _bucket(self, url: str, answer_s: float | None = None) -> Bucket:
        with self._lock:
            key = (url, answer_s)
            if key not in self._buckets:
                self._buckets[key] = Bucket(url, variable=VARIABLE, answer_s=answer_s or ANSWER_S)
            return self._buckets[key]

    # --- looking --------------------------------------------------------------------------------------------------
    def path_of(self, url: str) -> Path:
        """Where the copy of a clip lies, or will lie."""
        return self.copies.find(url) or self.folder() / _name_of(url)

    def poster_path_of(self, url: str) -> Path:
        """The same of a poster."""
        return self.copies.find(url) or self._home / "posters" / _name_of(url)

    def copy_of(self, url: str, poster_url: str | None) -> Copy | None:
        """Where the copies of a clip and of its poster lie, or will lie; `None` where an address names no file."""
        if not names_clip(url):
            return None
        poster = None
        if poster_url is not None:
            poster = Path(poster_url) if not is_bucket(poster_url) else None
            if is_bucket(poster_url) and names_clip(poster_url):
                poster = self.poster_path_of(poster_url)
        found = self.copies.find(url)
        return Copy(found or self.path_of(url), found is not None, poster)

    def fetch(self, url: str, facts: ClipFacts, progress: Progress | None = None, *, poster: str | None = None) -> Path:
        """The copy of a clip; fetched, where it is not here, with its poster if there is one. Raises ClipNotFetched."""
        path = self._found(url, facts) or self._begun(url, facts)
        if isinstance(path, Fetch):
            path = path.whole(progress)
            self._fetch_story(url, path)
        self.copies.use(url)
        if poster is not None and is_bucket(poster):
            with contextlib.suppress(ClipNotFetched):  # the clip is whole without it
                self.poster(poster)
        return path

    def _fetch_story(self, url: str, clip: Path) -> None:
        """The sidecar of a clip that has just come, where no box behind it tells its story."""
        with contextlib.suppress(OSError, ClipNotFetched):
            with open(clip, "rb") as file:
                kind = containers.container_of(file.read(containers.HEAD_BYTES))
            path, address = story.path_of(clip), f"{url.rpartition('.')[0]}{story.ENDING}"
            if (kind is not None and kind.is_iso) or path.exists() or (data := self._read(address)) is None:
                return
            with open(path, "xb") as file:
                file.write(data)
            self.copies.add(address, path)

    def piece(self, url: str, facts: ClipFacts, offset: int, length: int) -> bytes:
        """A piece of a clip, as soon as that is here; the rest is fetched meanwhile. Raises ClipNotFetched, OSError."""
        path = self._found(url, facts) or self._begun(url, facts)
        if isinstance(path, Fetch):
            return path.piece(offset, length)
        if not offset:
            self.copies.use(url)
        return read_piece(path, offset, length)

    def poster(self, url: str) -> bytes | None:
        """A poster; fetched, where it is not here. `None` where there is none. Raises ClipNotFetched."""
        if (path := self.copies.find(url)) is not None:
            with contextlib.suppress(OSError):
                return path.read_bytes()
        data = self._read(url)
        if data is not None:
            with contextlib.suppress(OSError):
                write_anew(self.poster_path_of(url), data)
                self.copies.add(url, self.poster_path_of(url))
        return data

    def _read(self, url: str) -> bytes | None:
        """A small file of a bucket; `None` where it is not there. Raises ClipNotFetched."""
        try:
            return self._bucket(checked_url(url.rpartition("/")[0], VARIABLE), POSTER_S).get(_name_of(url))
        except (MediaNotPut, SettingsInvalid, PackageMissing) as error:
            raise ClipNotFetched(error.what, next_step=error.next_step) from None

    def poster_file(self, url: str) -> Path | None:
        """The copy of a poster; fetched, where it is not here. `None` where there is none. Raises ClipNotFetched."""
        return None if self.poster(url) is None else self.copies.find(url)

    def delete(self, url: str, poster_url: str | None, job_id: str) -> list[str]:
        """Delete the clip of a job in its bucket, with what is beside it, and the copies. Says what was deleted.

        Raises MediaNotPut, SettingsInvalid, PackageMissing.
        """
        bucket, name = self._place_of(url)
        with self._lock:
            fetch = self._fetches.pop(url, None)
        if fetch is not None:
            fetch.cancel()
        sidecar = f"{PurePosixPath(name).stem}{story.ENDING}"
        names = [name, *([] if poster_url is None else [_name_of(poster_url)])]
        names += [sidecar] if _is_told_by(bucket.get(sidecar), job_id) else []
        gone = []
        for each in dict.fromkeys(names):
            bucket.delete(each)
            self.copies.drop(f"{bucket.told}/{each}")
            gone.append(f"{bucket.told}/{each}")
        return gone

    def _place_of(self, url: str) -> tuple[Bucket, str]:
        return self._bucket(checked_url(url.rpartition("/")[0], VARIABLE)), _name_of(url)

    def _found(self, url: str, facts: ClipFacts) -> Path | None:
        """The copy; also the same file of a person's own where it would lie, which is used and is no copy."""
        if (path := self.copies.find(url)) is not None:
            return path
        path = self.path_of(url)
        return path if not path.is_symlink() and is_whole(path, facts, by_hash=True) else None

    def _begun(self, url: str, facts: ClipFacts) -> Fetch | Path:
        """The fetch that is under way, or a new one; the copy, where one has just ended."""
        try:
            bucket, name = self._place_of(url)
        except SeedanceError as error:
            raise ClipNotFetched(error.what, next_step=error.next_step) from None
        with self._lock:
            fetch = self._fetches.get(url)
            if fetch is None or fetch.has_ended:
                if (copy := self.copies.find(url)) is not None:
                    return copy
                self.copies.make_room(facts["size_bytes"])
                fetch = Fetch(bucket, name, facts, self.folder(), partial(self.copies.add, url))
                self._fetches[url] = fetch
                threading.Thread(target=fetch.run, name="seedance-fetch", daemon=True).start()
            return fetch


def names_clip(url: str) -> bool:
    """Tell whether an address ends in the name of a file that may lie in a folder here."""
    try:
        return bool(_name_of(url))
    except ClipNotFetched:
        return False


def _put(bucket: Bucket, clip: Path) -> str:
    """Put a clip under its own name, or with a number behind it where another file has that; says which."""
    for each in numbered(clip.stem):
        name = f"{each}{clip.suffix}"
        if bucket.put_new(name, clip, _type_of(clip)) or bucket.is_same(name, clip):
            return name
    raise AssertionError("numbered() raises after its last name")


def _is_told_by(data: bytes | None, job_id: str) -> bool:
    """Tell whether a sidecar says that it is of a job."""
    try:
        return json.loads(data or b"null")["job_id"] == job_id  # type: ignore[no-any-return]
    except (ValueError, KeyError, TypeError):
        return False


def _name_of(url: str) -> str:
    """The name of a file in a bucket. Raises ClipNotFetched where a path could leave its folder by it."""
    name = url.rpartition("/")[2]
    if not name or name.startswith(".") or Path(name).name != name or "\\" in name or "\0" in name:
        raise ClipNotFetched(f"{url[:200]!r} names no clip.")
    return name


def _type_of(path: Path) -> str:
    more = {".mkv": "video/x-matroska", ".webm": "video/webm", ".jpg": "image/jpeg", ".json": "application/json"}
    return more.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "application/octet-stream"
