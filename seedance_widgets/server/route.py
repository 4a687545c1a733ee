"""What every route has in common, files too: how an error is sent, and what the server's log gets of a request."""

from __future__ import annotations

import json
from http.client import responses
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import JupyterHandler
from tornado import web

from ..errors import SeedanceError
from .log import address_of, trace_of
from .telling import Refusal, status_of, told_of

if TYPE_CHECKING:
    from .extension import Extension

MAX_BODY_BYTES = 64_000

_MESSAGES = {
    400: ("The request cannot be read.", "docs/server-api.md says what this route takes."),
    403: (
        "This request is not signed in, or comes from another page.",
        "Sign in to this server again and reload the page; a program sends the server's token.",
    ),
    404: ("There is no such address here.", "docs/server-api.md lists them."),
    405: ("This address does not take that method.", "docs/server-api.md lists them."),
    413: (f"The request is larger than {MAX_BODY_BYTES:,} bytes.", "Nothing was changed."),
}


class Route(JupyterHandler):
    """A handler that answers errors in JSON, and of which no word, path or key reaches the server's log."""

    def initialize(self, extension: Extension) -> None:
        """Know whom to ask, and take what must not be logged off the request.

        What the server logs of a request that fails is its address, here and there. Its arguments are read by then.
        """
        self.extension = extension
        self.request.path = address_of(self.request.path, f"{self.base_url.rstrip('/')}/seedance/")
        self.request.uri = self.request.path

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Every error in the same words' places."""
        cause = (kwargs.get("exc_info") or (None, None, None))[1]
        if isinstance(cause, Refusal):
            status_code, error = cause.status, cause.error
        elif isinstance(cause, SeedanceError):
            status_code, error = status_of(cause), cause
        elif status_code in _MESSAGES:
            error = SeedanceError(_MESSAGES[status_code][0], charged="", next_step=_MESSAGES[status_code][1])
        else:
            what = responses.get(status_code, "Unknown error")
            error = SeedanceError(f"The server answers: {what}.", charged="", next_step="Its log may say why.")
        self.set_status(status_code)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(told_of(error), ensure_ascii=False))

    def log_exception(self, typ: Any, value: Any, tb: Any) -> None:
        """What is raised on purpose goes to the client only; of anything else the log gets where it was."""
        if not isinstance(value, Refusal | SeedanceError | web.HTTPError):
            self.log.error("seedance_widgets: %s %s: %s", self.request.method, self.request.path, trace_of(value))

    def _log(self) -> None:
        """The server's own line, without the page that asked: its address names a notebook."""
        self.request.headers.pop("Referer", None)
        super()._log()
