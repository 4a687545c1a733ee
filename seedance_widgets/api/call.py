"""A call of the API as data: what is sent, how its answer is read, and what stands in an answer whatever the call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Generic, Literal, TypeVar

from ..text import links

EXCERPT_BYTES = 2_000


MAX_JSON_BYTES = 1 << 20
"""A megabyte of 1,048,576 bytes: a reason of a million characters fits with what is around it."""


T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """HTTP that came back, as plain values. `received_at` lets a `Retry-After` date be read without a clock."""

    status_code: int
    headers: Mapping[str, str]
    """Names in lower case."""
    body: bytes
    received_at: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Call(Generic[T]):
    """One request to the API, ready to send."""

    method: str
    path: str
    read: Callable[[Answer], T]
    repeatable: bool
    """Whether sending it twice does no harm. False for create only: it spends credits and has no idempotency key."""
    body: bytes | None = None
    kind: Literal["look", "create", "other"] = "other"
    """In which line it waits for its turn, see `limiter`."""


def excerpt(body: bytes) -> str:
    """The first 2 kB of a body as text, for the record; a link that it quotes is without what signs it."""
    text = links.kept_in_text(body[: 8 * EXCERPT_BYTES].decode("utf-8", "replace"))
    return text.encode()[:EXCERPT_BYTES].decode("utf-8", "replace")


def retry_after_s(answer: Answer) -> float | None:
    """The wait that an answer asks for, in seconds: a number or an HTTP date. `None` for nonsense or none.

    A date is read by the server's own clock, its `Date` header; one that has passed asks for nothing.
    """
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    until = _instant(text)
    if until is None:
        return None
    said_at = _instant(answer.headers.get("date", ""))
    wait_s = until - (answer.received_at if said_at is None else said_at)
    return wait_s if wait_s > 0 else None


def _instant(text: str) -> float | None:
    """An HTTP date in seconds since 1970; one without a zone is UTC."""
    try:
        date = parsedate_to_datetime(text.strip())
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
