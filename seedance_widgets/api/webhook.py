"""Webhooks: the signature is checked before anything is read."""

from __future__ import annotations

import hashlib
import hmac

from pydantic import ValidationError

from ..errors import WebhookInvalid
from ..secret import why_no_webhook_secret
from ..types import WebhookEvent
from .open_api import GenerationBody, decode, generation_of

MAX_WEBHOOK_BYTES = 64_000


SECRET_STEP = "Copy it from the vendor's dashboard into SEEDANCE_WEBHOOK_SECRET; until then answer webhooks with 400."


def verify_webhook(body: bytes, signature: str, secret: str) -> WebhookEvent:
    """The event in a delivered webhook, if the vendor signed it with our secret.

    The scheme is the vendor's own and no other is accepted: `x-seedance-signature` is the lower-case hex HMAC-SHA256
    of the raw body, keyed with the secret. Even a genuine event may be a replay: treat it as a reason to look now.

    Args:
        body: The raw bytes as they came, before any decoding; at most 64 kB.
        signature: The value of the `x-seedance-signature` header.
        secret: The webhook secret of the API key, as the vendor's dashboard shows it; at least 6 characters.

    Raises:
        WebhookInvalid: what cannot be a secret, a wrong or missing signature, too large, or not this API's event.
    """
    why = why_no_webhook_secret(secret)
    if why is not None:
        del secret
        raise WebhookInvalid(f"{why}, so no webhook can be trusted.", next_step=SECRET_STEP)
    if not isinstance(body, bytes | bytearray | memoryview):
        raise WebhookInvalid("The webhook's body must be the raw bytes: a decoded body cannot be verified.")
    raw = bytes(body)
    if len(raw) > MAX_WEBHOOK_BYTES:
        raise WebhookInvalid(f"The webhook has {len(raw)} bytes; an event of this API has at most {MAX_WEBHOOK_BYTES}.")
    signed = isinstance(signature, str) and _is_signed(raw, signature, secret)
    del secret  # a traceback may show what is in a frame
    if not signed:
        raise WebhookInvalid("The webhook's signature does not match its body.")
    try:
        generation = generation_of(GenerationBody.model_validate(decode(raw)))
    except (ValidationError, ValueError, RecursionError) as error:
        raise WebhookInvalid("The webhook is signed, but it is not an event of this API.") from error
    return WebhookEvent(
        request_id=generation.request_id,
        status=generation.status,
        output_url=generation.output_url,
        problem=generation.problem,
        extra=generation.extra,
    )


def _is_signed(raw: bytes, signature: str, secret: str) -> bool:
    wanted = hmac.new(secret.encode(), raw, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), signature.encode("utf-8", "replace"))
