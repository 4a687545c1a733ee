"""Where the vendor delivers: open to everybody, so it does one thing only, and that for signed words alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from jupyter_server.auth.decorator import allow_unauthenticated
from tornado import web

from ..errors import SeedanceError, WebhookInvalid
from ..settings.keys import Environment
from .answers import Answer
from .telling import Refusal

if TYPE_CHECKING:
    from .rows import Rows

SECRET = "SEEDANCE_WEBHOOK_SECRET"
MARK = "x-seedance-webhook"
"""By this header `seedance doctor --network` knows that it is this extension which answers."""


@web.stream_request_body
class Webhook(Answer):
    """`POST webhook`: look at a job now."""

    def set_default_headers(self) -> None:
        """Marked, refusals too: an error begins its answer with these headers."""
        super().set_default_headers()
        self.set_header(MARK, "1")

    def check_xsrf_cookie(self) -> None:
        """A server on the internet has no cookie of ours; it has the secret."""

    def check_origin(self, origin_to_satisfy_tornado: str = "") -> bool:
        """Nor does it come from a page."""
        return True

    @allow_unauthenticated
    async def post(self) -> None:
        """Verify the signature over the raw bytes, then ask for a look. What it claims is not believed."""
        if not (Environment().get(SECRET) or "").strip():
            message = f"{SECRET} is not set where this server was started, so no webhook is taken."
            raise Refusal(404, SeedanceError(message, charged=""))
        body, signature = bytes(self._received), self.request.headers.get("x-seedance-signature", "")
        await self.extension.in_thread(_take, await self.extension.rows(), body, signature)
        self.extension.look_soon()
        self.set_status(204)
        self.finish()

    def finish(self, *args: Any, **kwargs: Any) -> Any:
        """An empty answer has no type."""
        if self.get_status() == 204:
            kwargs["set_content_type"] = ""
        return super().finish(*args, **kwargs)


def _take(rows: Rows, body: bytes, signature: str) -> None:
    from ..api.webhook import verify_webhook

    try:
        event = verify_webhook(body, signature, Environment().get(SECRET) or "")
    except WebhookInvalid as error:
        raise Refusal(401, error) from None
    rows.look(event.request_id)
