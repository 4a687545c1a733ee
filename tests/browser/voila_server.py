"""Voila by itself: one notebook for every visitor, and no token."""

from __future__ import annotations

import urllib.request
from contextlib import suppress
from typing import Any
from urllib.error import HTTPError

from lab_server import KERNEL, LabServer
from notebook_page import write_notebook

NOTEBOOK = "app/notebook.ipynb"
SERVES_CLIPS = r"['.*\.mp4', '.*\.jpg', '.*\.png']"
"""What `docs/where-it-works.md` names for links to clips."""


class VoilaServer(LabServer):
    """Shows a notebook of the given cells; every load of the page runs them in a kernel of its own."""

    def __init__(self, *cells: str) -> None:
        self._cells = cells
        super().__init__()

    def url(self, path: str) -> str:
        """The address of a page of this server; that of its notebook is empty."""
        return f"http://127.0.0.1:{self._port}/{path}"

    def ask(self, path: str, method: str = "GET") -> Any:
        """It has no REST API and answers nothing; before it is up this fails, as that of other servers does."""
        with suppress(HTTPError), urllib.request.urlopen(self.url("voila/files/none.png"), timeout=20):
            pass

    def _command(self) -> list[str]:
        notebook = self.root / NOTEBOOK
        write_notebook(notebook, self._cells, KERNEL)
        self.share_films(notebook.parent / "seedance-home")
        return [
            *(self.server_python, "-m", "voila", str(notebook), "--no-browser", f"--port={self._port}"),
            *("--Voila.ip=127.0.0.1", f"--VoilaConfiguration.file_allowlist={SERVES_CLIPS}"),
        ]
