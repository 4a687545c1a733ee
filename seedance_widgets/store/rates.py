"""How the processes that ask with one key share what may be asked in a minute: agreed in the history they share.

Each process has a row: how many turns it may have counted at a time (`turns`: on their way, or younger than a minute),
and how many it wants. In one transaction it reads what the others have, and takes no more than is left. All `turns`
of a key together are never more than the limit, so no minute anywhere holds more requests than that. A process whose
row has not moved for `VOID_S` has sent nothing for at least a minute, so its turns are free again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from ..secret import Secret
from .engine import take_turns
from .schema import rates, salt_of

VALID_S = 20.0
"""How long a process may use what it was given, without asking again. By its own clock, from before it asked."""
WINDOW_S = 60.0
FLIGHT_S = 10.0
"""How long a request whose process died may still take to reach the server."""
VOID_S = VALID_S + WINDOW_S + FLIGHT_S


@dataclass(frozen=True, slots=True)
class Wish:
    """What a process has of a minute's requests, and what it wants."""

    key: Secret
    service: str
    holder: str
    kept: int
    """What it still uses of what it was given: all of its turns that count, at least."""
    wanted: int
    """What it would use if it had it. With nothing kept and nothing wanted its row goes."""
    limit: int
    """Its own `requests_per_minute`; the least of all holds for all."""


@dataclass(frozen=True, slots=True)
class Given:
    """What it has from now on."""

    turns: int
    """What it may use: less than what counts already, where it must give some back."""
    held: int
    """What is written down for it: all that counts, at least."""
    fair: int
    """What it may have when everybody takes what is theirs."""


def fair(wanted: Sequence[int], limit: int) -> int:
    """The most that each may have so that all together have no more than the limit: who wants less leaves the rest."""
    left, many = limit, len(wanted)
    for each in sorted(wanted):
        if each * many > left:
            return max(1, left // many)
        left, many = left - each, many - 1
    return limit


def share(connection: sa.Connection, wish: Wish, now: Callable[[], float], *, leaves: bool = False) -> Given:
    """Take a part of what all may ask together, or give it back. One transaction, in turn with all others.

    Args:
        now: The instant, by a clock that all who share the database have.
        leaves: It asks no more: what it kept is free as soon as it is older than a minute.
    """
    take_turns(connection, "rate")
    at, salt = now(), salt_of(connection)
    name = Secret(f"{wish.service} {wish.key.reveal()}").hashed(salt)
    ours = sa.and_(rates.c.name == name, rates.c.holder == wish.holder)
    is_void = sa.and_(rates.c.name == name, rates.c.synced_at < at - VOID_S)
    connection.execute(sa.delete(rates).where(sa.or_(ours, is_void)))
    late = sa.and_(rates.c.name == name, rates.c.synced_at > at + VOID_S)  # the clock was set back since
    connection.execute(sa.update(rates).where(late).values(synced_at=at))
    others = connection.execute(sa.select(rates).where(rates.c.name == name)).all()
    limit = min([wish.limit, *(each.most for each in others)])
    level = fair([wish.wanted, *(each.wanted for each in others)], limit)
    left = max(0, limit - sum(each.turns for each in others))
    turns = 0 if leaves else min(wish.wanted, level, left)
    held = max(wish.kept, turns)
    at = at - VALID_S - FLIGHT_S + 1.0 if leaves else at
    if held or wish.wanted:
        row = {"turns": held, "wanted": 0 if leaves else wish.wanted, "most": wish.limit, "synced_at": at}
        connection.execute(sa.insert(rates).values(name=name, holder=wish.holder, **row))
    return Given(turns, held, level)
