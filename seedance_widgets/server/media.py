"""Where the vendor fetches a file: open to everybody who has its path, so it gives that one file and nothing else.

The path is made by a kernel (`media/served.py`) and ends with its job. GET and HEAD only, no login, no cookie.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .answers import Answer

if TYPE_CHECKING:
    from .extension import Extension


class Medium(JupyterHandler, web.StaticFileHandler):
    """`GET media/TOKEN/FILE`: the file that a kernel has put under this token."""

    SUPPORTED_METHODS = ("GET", "HEAD")
    _track_activity = False
    write_error = Answer.write_error
    log_exception = Answer.log_exception

    def initialize(self, extension: Extension) -> None:  # type: ignore[override]
        """Know whom to ask."""
        super().initialize(path=os.sep)
        self.extension = extension
        self._file: Path | None = None

    def check_xsrf_cookie(self) -> None:
        """Who fetches has no cookie of ours; it has the path."""

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Nor does it come from a page."""
        return True

    @allow_unauthenticated
    async def get(self, token: str, file: str, include_body: bool = True) -> None:  # type: ignore[override]
        """Send it."""
        self._file = await self.extension.in_thread(self._found, token, file)
        if self._file is None:
            raise web.HTTPError(404)
        await super(JupyterHandler, self).get(file, include_body)

    @allow_unauthenticated
    async def head(self, token: str, file: str) -> None:  # type: ignore[override]
        """Tell how large it is."""
        await self.get(token, file, include_body=False)

    def _found(self, token: str, file: str) -> Path | None:
        from ..media.served import found

        return found(self.extension.media_folder, token, file, time.time())

    def validate_absolute_path(self, root: str, absolute_path: str) -> str:
        """The file that was found, whatever was asked for."""
        assert self._file is not None, "get() has found it"
        return str(self._file)

    def get_content_type(self) -> str:
        """By its ending, of which there are few."""
        from ..request.media import CONTENT_TYPES

        return CONTENT_TYPES.get("" if self._file is None else self._file.suffix, "application/octet-stream")

    def compute_etag(self) -> str | None:
        """Its name is its hash."""
        return None if self._file is None else f'"{self._file.stem}"'

    def set_extra_headers(self, path: str) -> None:
        """No cache between here and there keeps it."""
        self.set_header("Cache-Control", "private, no-store")
        self.set_header("X-Content-Type-Options", "nosniff")
        self.set_header("Referrer-Policy", "no-referrer")

    @property
    def content_security_policy(self) -> str:
        """Nothing in it is run."""
        return f"{super().content_security_policy}; sandbox"

    def _log(self) -> None:
        """Nothing is said of it: the path opens the file."""
