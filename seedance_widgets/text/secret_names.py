"""Which names are names of secrets, wherever they stand: in a link, in metadata, in the address of a database. Pure.

One list for all, so that a name that is a secret in one place is none in no other. Where a place has more of its own
(what makes a link expire, the address of a webhook), it stands with that place.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from urllib.parse import unquote

from .lazy_pattern import lazy_pattern

_ANYWHERE = lazy_pattern(
    r"passw|passphrase|passcode|secret|token|credential|signature|authoriz|bearer|cookie|hmac"
    r"|(?:api|access|account|auth|client|encryption|master|private|shared|signing|subscription)_?keys?(?:_|$)"
)
"""Anywhere in a name, however long: `sslpassword`, `max-tokens` (to be on the safe side), `X-Api-Key`."""
_WORDS = frozenset({"apikey", "auth", "authkey", "jwt", "otp", "pass", "pwd", "sas", "scram", "sig"})
"""As a whole word of a name: `temp_url_sig`, `dbPass`, and not `design` or `passenger`."""

_ESCAPED = lazy_pattern(r"\\{1,8}(?:u([0-9a-f]{4})|x([0-9a-f]{2}))", re.I)
_CAMEL = lazy_pattern(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DEEPEST = 5
"""How often a name may have been percent-encoded."""


def names_secret(name: str) -> bool:
    """Tell whether what has this name is secret. Never raises."""
    words = words_of(name)
    return bool(_ANYWHERE.search(words)) or not _WORDS.isdisjoint(words.split("_"))


@lru_cache(maxsize=4_096)
def words_of(name: str) -> str:
    """A name's words in small letters with `_` between: `X-Api-Key`, `xApiKey` and `x%2Dapi%2Dkey` are `x_api_key`."""
    cased = _CAMEL.sub("_", plain(name)).lower()
    return "_".join(re.findall(r"[^\W_]+", cased))


def plain(name: str) -> str:
    """A name without its disguises: percent-encoding, escapes of JSON, odd forms of letters, what is not seen."""
    name = _ESCAPED.sub(lambda match: chr(int(match[1] or match[2], 16)), name)
    for _ in range(_DEEPEST):
        name, before = unquote(name), name
        if name == before:
            break
    return "".join(each for each in unicodedata.normalize("NFKC", name) if each.isprintable() and not each.isspace())
