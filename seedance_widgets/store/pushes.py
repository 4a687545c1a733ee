"""Whether webhooks arrive at this history: noted by whoever takes one, read by whoever would look less often for it."""

from __future__ import annotations

import sqlalchemy as sa

from .engine import take_turns
from .schema import meta


def note(connection: sa.Connection, service: str, arrive: bool) -> None:
    """Note that a webhook of a service came, or that one did not come which should have."""
    if arrive == read(connection, service):
        return
    take_turns(connection, "webhooks")
    connection.execute(sa.delete(meta).where(meta.c.key == _key(service)))
    if arrive:
        connection.execute(sa.insert(meta).values(key=_key(service), value="1"))


def read(connection: sa.Connection, service: str) -> bool:
    """Tell whether the last webhook of a service that was to come did."""
    return connection.execute(sa.select(meta.c.value).where(meta.c.key == _key(service))).scalar() is not None


def _key(service: str) -> str:
    return f"webhooks_arrive {service}"
