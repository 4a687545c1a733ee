"""The Jupyter server extension: it looks after open jobs while no kernel lives, and answers pages about the history.

`docs/server-api.md` has every route and event, `docs/jupyterlab.md` what it does and how to turn it off. Nothing
here is loaded but by a Jupyter server; what is heavy loads when a page asks, and in threads.
"""

from __future__ import annotations

from typing import Any


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    """Where the server finds the extension."""
    return [{"module": "seedance_widgets.server"}]


def _load_jupyter_server_extension(serverapp: Any) -> None:
    """Take part in a server: called once, while it starts."""

    def begin() -> None:
        from .loading import load

        load(serverapp)

    serverapp.io_loop.add_callback(begin)  # first of all when it serves: its start is not held up by what is loaded
