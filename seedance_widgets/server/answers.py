"""What every route of JSON has in common: who may ask, how much may be sent, and how parameters are read."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from jupyter_server.base.handlers import APIHandler
from tornado import web

from ..errors import JobNotFound, SeedanceError
from .route import MAX_BODY_BYTES, Route
from .telling import Refusal

if TYPE_CHECKING:
    from .extension import Extension

MAX_IDS = 500
_ID = re.compile(r"[a-z0-9]{1,40}", re.ASCII)


def checked_id(text: str) -> str:
    """The id of a job. Raises Refusal for what can be none, a path for example."""
    if _ID.fullmatch(text):
        return text
    error = JobNotFound(f"{text[:60]!r} is not the id of a job.", next_step="An id is eight letters and digits.")
    raise Refusal(404, error)


@web.stream_request_body
class Answer(Route, APIHandler):
    """A route: signed in, with the server's own check of forged requests, in JSON, bounded."""

    auth_resource = "seedance"
    _track_activity = False
    """Whether a Hub takes it for a person's activity: what a page asks for by itself must not keep a server up."""

    def initialize(self, extension: Extension) -> None:
        """Begin with an empty body."""
        super().initialize(extension)
        self._received = bytearray()

    async def prepare(self) -> None:  # type: ignore[override]
        """Before the body is read: refuse who may not ask, and what is too large."""
        await super().prepare()
        if int(self.request.headers.get("Content-Length") or 0) > MAX_BODY_BYTES:
            raise web.HTTPError(413)

    def data_received(self, chunk: bytes) -> None:
        """Take in a part of the body; a body that did not say how large it is is cut, too."""
        if len(self._received) + len(chunk) > MAX_BODY_BYTES:
            raise web.HTTPError(413)
        self._received += chunk

    def body(self) -> dict[str, Any]:
        """The body, an object. Raises Refusal."""
        try:
            body = json.loads(self._received.decode("utf-8")) if self._received else {}
        except (ValueError, RecursionError):
            body = None
        if not isinstance(body, dict):
            raise Refusal(
                400, SeedanceError("The body is not a JSON object.", charged="", next_step="Nothing was changed.")
            )
        return body

    def ids(self) -> list[str]:
        """The ids in the body. Raises Refusal."""
        ids = self.body().get("ids")
        if not isinstance(ids, list) or len(ids) > MAX_IDS or not all(isinstance(each, str) for each in ids):
            message = f"`ids` is a list of at most {MAX_IDS} ids."
            raise Refusal(400, SeedanceError(message, charged="", next_step="Nothing was changed."))
        return [checked_id(each) for each in ids]

    def one_of(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        """A parameter that takes one of a few words. Raises Refusal."""
        value: str = self.get_query_argument(name, default)
        if value not in allowed:
            message = f"{name} takes {', '.join(allowed)}; not {value[:40]!r}."
            raise Refusal(400, SeedanceError(message, charged=""))
        return value

    def number(self, name: str, default: int, least: int, most: int) -> int:
        """A whole number within bounds. Raises Refusal."""
        text = self.get_query_argument(name, str(default))
        if re.fullmatch(r"[0-9]{1,9}", text, re.ASCII) and least <= int(text) <= most:
            return int(text)
        message = f"{name} takes a whole number from {least} to {most}; not {text[:40]!r}."
        raise Refusal(400, SeedanceError(message, charged=""))

    def tell(self, answer: dict[str, Any], status: int = 200) -> None:
        """Answer in JSON, which no cache keeps."""
        self.set_status(status)
        self.set_header("Cache-Control", "no-store")
        self.finish(json.dumps(answer, ensure_ascii=False, default=str))


class NoSuch(Answer):
    """Whatever else is asked for."""

    async def prepare(self) -> None:  # type: ignore[override]
        """There is nothing."""
        await super().prepare()
        raise web.HTTPError(404)

    @web.authenticated
    async def get(self, rest: str) -> None:
        """Never reached."""
