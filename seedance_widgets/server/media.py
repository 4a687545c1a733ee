"""Where the vendor fetches a file: open to everybody who has its path, so it gives that one file and nothing else.

The path is made by a kernel (`media/served.py`) and ends with its job. GET and HEAD only, no login, no cookie.
"""

from __future__ import annotations

import time
from pathlib import Path

from jupyter_server.auth.decorator import allow_unauthenticated
from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from .files import FoundFile


class Medium(FoundFile):
    """`GET media/TOKEN/FILE`: the file that a kernel has put under this token."""

    SUPPORTED_METHODS = ("GET", "HEAD")

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

    def _log(self) -> None:
        """Nothing is said of it: the path opens the file."""
