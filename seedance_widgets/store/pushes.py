"""Whether webhooks arrive at this history: noted by whoever takes one, read by whoever would look less often for it."""

from __future__ import annotations

import sqlalchemy as sa

from .engine import take_turns
from .schema import meta

_KEY = "webhooks_arrive"


def note(connection: sa.Connection, arrive: bool) -> None:
    """Note that a webhook came, or that one did not come which should have."""
    if arrive == read(connection):
        return
    take_turns(connection, _KEY)
    connection.execute(sa.delete(meta).where(meta.c.key == _KEY))
    if arrive:
        connection.execute(sa.insert(meta).values(key=_KEY, value="1"))


def read(connection: sa.Connection) -> bool:
    """Tell whether the last webhook that was to come did."""
    return connection.execute(sa.select(meta.c.value).where(meta.c.key == _KEY)).scalar() is not None
