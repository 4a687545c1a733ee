"""Webhooks that somebody's server received for us: a reason to look at a job, and never believed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..settings.keys import Environment
from ..types import WebhookEvent

if TYPE_CHECKING:
    from .registry import Registry

SECRET_VARIABLE = "SEEDANCE_WEBHOOK_SECRET"


def handle(registry: Registry, body: bytes, signature: str, secret: str | None) -> WebhookEvent:
    """Verify a delivered webhook and look at its job now. Raises WebhookInvalid, JobNotFound."""
    from ..api.webhook import verify_webhook

    left_out = secret is None or (isinstance(secret, str) and not secret)
    event = verify_webhook(body, signature, (Environment().get(SECRET_VARIABLE) or "") if left_out else secret)  # type: ignore[arg-type]
    registry.engine.look_now(registry.find(event.request_id).id)
    return event
