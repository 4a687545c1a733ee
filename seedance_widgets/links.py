"""Signed links: what signs a URL, and the URL without it. Pure; standard library only.

A signed link is sent to the server and kept nowhere. What is kept is the same link without what signs it and with a
mark in its fragment, so that whoever finds it knows that it was signed, and nobody sends it by mistake.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Any
from urllib.parse import quote, unquote

MARK = "signature-removed"
"""In the fragment of a link that was signed: no server is ever sent a fragment when a link is opened."""


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PREFIXES = ("x-amz-", "x-goog-", "x-oss-", "x-cos-", "x-tos-", "x-obs-", "x-bce-", "x-ms-", "q-")
"""How the parameters of Amazon, Google, Alibaba, Tencent (two), Volcengine, Huawei, Baidu and Microsoft begin."""

NAMES = _words(
    """
    __gda__ __token__ access_token accesskeyid accesstoken api-key api_key apikey auth auth_key auth_token authkey
    authorization authtoken awsaccesskeyid bearer client_secret credential credentials expires expiry googleaccessid
    hdnea hdntl hdnts hmac id_token jwt key-pair-id ossaccesskeyid passwd password policy pub_secret pwd
    refresh_token rlkey sas_token sastoken se secret security-token securitytoken session_token sessiontoken sig sign
    signature sp subscription-key token upload_token verify x-api-key x-bz-authorization
    """
)
"""Parameters that open a link wherever they stand: signatures, when they end and what they allow, tokens, keys."""

_WORDS = re.compile(
    r"(?:^|[-_.\[\]])(?:sig|sign|signature|token|secret|passw\w*|credentials?|expires?|jwt)(?:$|[-_.\[\]])"
)
"""The same as parts of longer names: `x-signature`, `temp_url_sig`, `private_token`, `sig[0]`."""
_COMPACT = re.compile(
    r"^(?:lk3s|tempauth|upsig|ws(?:secret|time)|txsecret|txtime|_upt|resourcekey|kssaccesskeyid|sharedaccess\w*)$"
)
"""Names of one word: of ByteDance, SharePoint, Kingsoft, Wangsu, Tencent, Upyun, Google and Azure."""

COMPANIONS: Mapping[str, frozenset[str]] = {
    "sig": _words("saoid scid sdd ses si sip sks skoid skt ske sktid skv spr sr srt ss st suoid sv"),  # Azure
    "hm": frozenset({"ex", "is", "hm"}),  # Discord
    "oh": frozenset({"oe", "oh"}),  # Meta
    "_signature": frozenset({"_signature", "_expires"}),
    "auth_key": frozenset({"timestamp"}),
}
"""Short names that belong to a signature only beside the parameter that is one."""

_SPLIT = re.compile(r"(&amp;|\\u0026|[&;])")
"""Between parameters: also as HTML and JSON write it, for links that stand in a server's text."""
_USER = re.compile(r"^([A-Za-z][A-Za-z0-9+.-]*:(?:\\?/){2})[^/?#\\]*@")
_LINK = re.compile(r"(?:https?|s3|gs):\\?/\\?/[^\s\"'<>`|)\]}]+", re.I)
_NESTED = 3
"""How deep a link in a parameter of a link is looked into."""


def without_signature(url: str) -> str:
    """The link without what signs it: signature, expiry, keys, tokens, a user name or password. The rest as it was.

    Never raises: what is no URL comes back unchanged. A link in a parameter loses its signature, too.
    """
    return _without(url, _NESTED) if _LINK.match(url) else url


def bare(url: str) -> str:
    """The link for people to read: without what signs it, and without the mark of where that was."""
    return without_signature(url).removesuffix(MARK).rstrip("#&")


def is_signed(url: str) -> bool:
    """Whether a link holds what signs it."""
    return without_signature(url) != url


def kept(url: str) -> str:
    """The link as it may be kept and shown: without what signs it, and with a mark where it was signed."""
    bare = without_signature(url)
    if bare == url:
        return url
    return bare if is_kept(bare) else f"{bare}{'&' if '#' in bare else '#'}{MARK}"


def is_kept(url: str) -> bool:
    """Whether a link was signed, and its signature was not kept: it opens nothing any more."""
    return url.partition("#")[2].endswith(MARK)


def kept_in(value: Any) -> Any:
    """A decoded JSON value in which every text that is a link is as it may be kept."""
    if isinstance(value, str):
        return kept(value) if _LINK.fullmatch(value) else kept_in_text(value)
    if isinstance(value, Mapping):
        return {kept_in(name): kept_in(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [kept_in(inner) for inner in value]
    return tuple(kept_in(inner) for inner in value) if isinstance(value, tuple) else value


def kept_in_text(text: str) -> str:
    """A server's words without what signs the links in them: it may quote what we sent."""
    return _LINK.sub(lambda found: without_signature(found[0]), text)


def shown(self: Any) -> str:
    """A `__repr__` for data classes that hold links: each as it may be shown."""
    told = ", ".join(f"{field.name}={kept_in(getattr(self, field.name))!r}" for field in fields(self))
    return f"{type(self).__qualname__}({told})"


def _without(url: str, depth: int) -> str:
    url = _USER.sub(r"\1", url)
    address, hash_, fragment = url.partition("#")
    address, mark, query = address.partition("?")
    return address + _part(mark, query, depth) + _part(hash_, fragment, depth)


def _part(mark: str, parameters: str, depth: int) -> str:
    """A query or a fragment with its mark; nothing where nothing of it is left."""
    left = _parameters(parameters, depth) if "=" in parameters else parameters
    return mark + left if left or not parameters else ""


def _parameters(query: str, depth: int) -> str:
    """A query without the parameters that sign it, and otherwise byte for byte as it was."""
    pieces = _SPLIT.split(query)
    parts, between = pieces[::2], pieces[1::2]
    names = [_name(part) for part in parts]
    besides = {each for name in names for each in COMPANIONS.get(name, ())}
    left: list[str] = []
    for number, (part, name) in enumerate(zip(parts, names, strict=True)):
        if name in NAMES or name in besides or name.startswith(PREFIXES) or _WORDS.search(name) or _COMPACT.match(name):
            continue
        if left:
            left.append(between[number - 1])
        left.append(_unsigned_value(part, depth) if depth else part)
    return "".join(left)


def _name(part: str) -> str:
    return unquote(part.partition("=")[0]).strip().lower()


def _unsigned_value(part: str, depth: int) -> str:
    name, equals, value = part.partition("=")
    plain = unquote(value)
    if not _LINK.match(plain) or (bare := _without(plain, depth - 1)) == plain:
        return part
    return f"{name}{equals}{bare if plain == value else quote(bare, safe='')}"
