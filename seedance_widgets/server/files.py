"""The clip and the poster of a job, by its id: whole, in ranges, or not again where the page has it already."""

from __future__ import annotations

import mimetypes
import os
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from ..errors import ClipNotFetched, SeedanceError
from ..request.urls import is_bucket
from .answers import checked_id
from .route import Route
from .telling import Refusal

if TYPE_CHECKING:
    from ..life import Row
    from .extension import Extension

_POSTERS = (".jpg", ".jpeg")
PIECE_BYTES = 4 << 20
"""A page gets so much of a clip at once while that is on its way from a bucket."""


class FoundFile(Route, web.StaticFileHandler):
    """A file that was looked up, in `_file`. No part of a path comes from whoever asks; nothing in it is run."""

    def initialize(self, extension: Extension) -> None:  # type: ignore[override]
        """Begin without a file."""
        Route.initialize(self, extension)
        web.StaticFileHandler.initialize(self, path=os.sep)
        self._file: Path | None = None

    def validate_absolute_path(self, root: str, absolute_path: str) -> str:
        """The file that was found, whatever was asked for."""
        assert self._file is not None, "get() has found it"
        return str(self._file)

    @property
    def content_security_policy(self) -> str:
        """Nothing in it is run."""
        return f"{super().content_security_policy}; sandbox"


class File(FoundFile):
    """A file that a row names."""

    auth_resource = "seedance"

    @web.authenticated
    @authorized
    async def get(  # type: ignore[override]
        self, text: str, which: str, include_body: bool = True
    ) -> None:
        """Send it."""
        await self._send(text, which, include_body)

    async def _send(self, text: str, which: str, include_body: bool) -> None:
        self.check_xsrf_cookie()  # of a GET: that another page does not embed it
        job_id = checked_id(text)
        ask = await self.extension.rows()
        row = await self.extension.in_thread(ask.row, job_id)
        url = row.clip_there if which == "clip" else row.poster_path
        if url is not None and is_bucket(url):
            part = _part_of(self.request.headers.get("Range", ""))
            if which == "clip" and part is not None and include_body and await self._send_piece(row, url, *part):
                return
            self._file = await self.extension.fetching(self._fetched, row, url, which)
        else:
            self._file = await self.extension.in_thread(file_of, row, which)
        await super(JupyterHandler, self).get(text, include_body)

    async def _send_piece(self, row: Row, url: str, start: int, length: int) -> bool:
        """Send a piece of a clip that is on its way from its bucket; says whether it is on its way."""
        clips, facts = self.extension.clips, row.clip_facts
        assert facts is not None, "there is a clip"
        check_stored(row, url, "clip")
        size = facts["size_bytes"]
        if clips.copies.find(url) is not None or start >= size:
            return False
        try:
            data = await self.extension.fetching(clips.piece, url, facts, start, length)
        except (ClipNotFetched, OSError) as error:
            raise _not_fetched(row, error) from None
        self._file = Path(url.rpartition("/")[2])
        self.set_status(206)
        self.set_header("Content-Type", self.get_content_type())
        self.set_header("Content-Range", f"bytes {start}-{start + len(data) - 1}/{size}")
        self.set_header("Accept-Ranges", "bytes")
        self.set_extra_headers("")
        self.finish(data)
        return True

    def _fetched(self, row: Row, url: str, which: str) -> Path:
        """The copy of a clip or a poster that lies in a bucket; fetched, where it is not here. Raises Refusal."""
        clips, facts = self.extension.clips, row.clip_facts
        assert facts is not None, "there is a clip"
        check_stored(row, url, which)
        try:
            path = clips.fetch(url, facts) if which == "clip" else clips.poster_file(url)
        except ClipNotFetched as error:
            raise _not_fetched(row, error) from None
        if path is None:
            raise Refusal(404, SeedanceError(f"Job {row.id} has no poster here.", charged=""))
        return path

    @web.authenticated
    @authorized
    async def head(self, text: str, which: str) -> None:  # type: ignore[override]
        """Tell how large it is."""
        await self._send(text, which, include_body=False)

    def get_content_type(self) -> str:
        """By its ending; never something that a page would run."""
        return type_of(self._file) or "application/octet-stream"

    def compute_etag(self) -> str | None:
        """By its facts: a clip is large, and to read it all would hold up everybody."""
        if self._file is None:
            return None
        file_stat = self._file.stat()
        return f'"{file_stat.st_size:x}-{file_stat.st_mtime_ns:x}"'

    def set_extra_headers(self, path: str) -> None:
        """It may be asked for again, and is this person's alone."""
        self.set_header("Cache-Control", "private, no-cache")
        self.set_header("X-Content-Type-Options", "nosniff")


def file_of(row: Row, which: str) -> Path:
    """The clip or the poster of a row: a plain file, no link, that bears the job's id. Raises Refusal."""
    stored_path: str | None = row.clip_there if which == "clip" else row.poster_path
    path = None if stored_path is None else Path(stored_path)
    if path is None or row.id not in path.name or not _is_plain(path) or type_of(path) is None:
        what = "has no clip here" if which == "clip" else "has no poster here"
        why = "" if stored_path is None else ": its file is gone, or is not one of ours"
        step = "" if row.status != "succeeded" else "Download fetches the clip again, free of charge."
        raise Refusal(404, SeedanceError(f"Job {row.id} {what}{why}.", charged="", next_step=step))
    if (which == "poster") != (path.suffix.lower() in _POSTERS):
        raise Refusal(404, SeedanceError(f"Job {row.id} has no {which} here.", charged=""))
    return path


def check_stored(row: Row, url: str, which: str) -> None:
    """Raise Refusal for an address in a bucket that is none of this job's clip or poster."""
    name = Path(url.rpartition("/")[2])
    is_poster = name.suffix.lower() in _POSTERS
    if row.id not in name.name or type_of(name) is None or (which == "poster") != is_poster:
        raise Refusal(404, SeedanceError(f"Job {row.id} has no {which} here.", charged=""))


def _not_fetched(row: Row, error: ClipNotFetched | OSError) -> Refusal:
    if isinstance(error, OSError):
        error = ClipNotFetched(f"The clip of job {row.id} cannot be kept here ({error.strerror or error}).")
    return Refusal(502, error)


def _part_of(text: str) -> tuple[int, int] | None:
    """Where a part begins that a page asks for, and how long it is at most: of `bytes=4096-` or `bytes=4096-8191`."""
    found = re.fullmatch(r"bytes=(\d{1,18})-(\d{0,18})", text.strip())
    if found is None:
        return None
    start = int(found[1])
    length = int(found[2]) - start + 1 if found[2] else PIECE_BYTES
    return (start, min(length, PIECE_BYTES)) if length > 0 else None


def _is_plain(path: Path) -> bool:
    try:
        return stat.S_ISREG(os.lstat(path).st_mode)
    except (OSError, ValueError):
        return False


_MORE = {
    ".mkv": "video/x-matroska",
    ".ts": "video/mp2t",
    ".webm": "video/webm",
    ".mp4": "video/mp4",
    ".m4v": "video/mp4",
}


def type_of(path: Any) -> str | None:
    """The kind of a file, if it is a film or a picture of one."""
    ending = path.suffix.lower()
    if ending in _POSTERS:
        return "image/jpeg"
    media_type = _MORE.get(ending) or mimetypes.guess_type(path.name)[0] or ""
    return media_type if media_type.startswith("video/") else None
