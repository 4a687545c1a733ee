"""Links with and without what signs them. Pure; standard library only."""

from __future__ import annotations

from urllib.parse import urlsplit, urlunsplit

_PREFIXES = ("x-amz-", "x-goog-", "x-oss-", "x-cos-")
_NAMES = frozenset(
    (
        "awsaccesskeyid", "expires", "googleaccessid", "key-pair-id", "ossaccesskeyid", "policy", "signature", "token",
        "se", "sig", "sip", "skoid", "sks", "skt", "sktid", "ske", "skv", "sp", "spr", "sr", "srt", "ss", "st", "sv",
    )
)  # fmt: skip
"""Amazon, Google, Alibaba and Tencent sign by prefixes and these names; from `se` on they are Azure's."""


def without_signature(url: str) -> str:
    """A link without the query parameters that sign it: the same for one that was signed anew. Any other text as it is.

    Order and spelling of what stays are kept.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    if not (parts.scheme and parts.netloc and parts.query):
        return url
    kept = [each for each in parts.query.split("&") if not _signs(each.partition("=")[0].lower())]
    return urlunsplit(parts._replace(query="&".join(kept)))


def _signs(name: str) -> bool:
    return name in _NAMES or name.startswith(_PREFIXES)
