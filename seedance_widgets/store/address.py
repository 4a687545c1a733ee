"""The address of a team's database: what of it is secret goes to the driver at each connection, and nowhere else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

import sqlalchemy as sa

from ..secret import Secret
from ..text.secret_names import names_secret, words_of

_FILES = frozenset({"ssl_key", "sslkey"})
"""Parameters that are named like keys and name files."""
_GIVEN = re.compile(r"([^\s=;,&#?]+)\s*=")
"""What is given a value within a value: `-c my.password=…` of `options`, or what stands behind a stray `;` or `#`."""


@dataclass(frozen=True)
class Address:
    """A database's address in two halves."""

    url: sa.URL
    """Without anything secret: this may be shown."""
    secrets: dict[str, Secret] = field(repr=False)
    """The arguments of the driver that are secret, by name."""
    _text: Secret = field(repr=False)

    def tells(self, text: str) -> bool:
        """Whether a driver's words hold something secret, however it is written."""
        return any(form in text for form in self._forms() if form)

    def _forms(self) -> Iterator[str]:
        user = re.match(r"[^:/]+://[^:/@]*:(.*)@", self._text.reveal(), re.S)  # also of an address that was misread
        plain = [each.reveal() for each in self.secrets.values()]
        for each in (*plain, *([user[1]] if user else [])):
            yield from (each, unquote_plus(each), quote(each, safe=""), quote_plus(each), repr(each)[1:-1])


def read_address(text: Secret) -> Address:
    """Raises ValueError, ArgumentError or another of SQLAlchemy's errors, whose words may hold what is secret."""
    text.reveal().encode()  # half a character is no text to a driver, and its error would hold all of it
    if "\0" in text.reveal():
        raise ValueError("an address has no NUL")
    url = sa.make_url(text.reveal())
    if "@" in (url.host or ""):
        raise ValueError("the second half of a password would be shown as a host")
    if any(_gives_secret(part) for part in (url.username, url.host, url.database) if part):
        raise ValueError("a parameter that stands outside of the query would be shown as a name")
    if url.drivername in ("postgres", "postgresql"):
        url = url.set(drivername="postgresql+psycopg")
    secrets: dict[str, Secret] = {}
    if url.password is not None:
        secrets["password"] = Secret(str(url.password))
    for name, value in url.query.items():
        values = (value,) if isinstance(value, str) else value
        if _is_secret(name) or any(map(_gives_secret, values)):
            secrets[name] = Secret(values[-1])
    bare = url.set(query={name: value for name, value in url.query.items() if name not in secrets})
    return Address(bare._replace(password=None), secrets, text)


def has_secrets(text: Secret) -> bool:
    """Whether an address holds a password; also where it cannot be read, since it may stand anywhere in it then."""
    try:
        return bool(read_address(text).secrets)
    except (sa.exc.SQLAlchemyError, ValueError):
        return True


def _is_secret(name: str) -> bool:
    words = words_of(name)
    return names_secret(name) or (words.split("_")[-1] == "key" and words not in _FILES)


def _gives_secret(text: str) -> bool:
    return any(_is_secret(name) for name in _GIVEN.findall(text))


def hand_over(engine: sa.Engine, secrets: dict[str, Secret]) -> None:
    """Give the driver what is secret whenever it connects; the engine itself never has it."""

    @sa.event.listens_for(engine, "do_connect")
    def _on_connect(_dialect: Any, _record: Any, _arguments: Any, named: dict[str, Any]) -> None:
        named.update({name: secret.reveal() for name, secret in secrets.items()})
