"""The clip and the poster of a job, by its id: whole, in ranges, or not again where the page has it already."""

from __future__ import annotations

import mimetypes
import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import authorized
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from ..errors import SeedanceError
from .answers import Answer, checked_id
from .telling import Refusal

if TYPE_CHECKING:
    from ..life import Row
    from .extension import Extension

_POSTERS = (".jpg", ".jpeg")


class FoundFile(JupyterHandler, web.StaticFileHandler):
    """A file that was looked up, in `_file`. No part of a path comes from whoever asks; nothing in it is run."""

    write_error = Answer.write_error
    log_exception = Answer.log_exception

    def initialize(self, extension: Extension) -> None:  # type: ignore[override]
        """Know whom to ask."""
        super().initialize(path=os.sep)
        self.extension = extension
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
        self._file = await self.extension.in_thread(file_of, row, which)
        await super(JupyterHandler, self).get(text, include_body)

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
