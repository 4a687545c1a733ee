"""Signatures of the links in a text, and the text without them. Pure; standard library only.

A link is cut into parts at all that may stand between them, raw or percent-encoded at any depth, as JSON or as HTML
writes it. So a link within a parameter of a link is met by the same walk, however deep it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from .lazy_pattern import lazy_pattern
from .secret_names import names_secret, plain, words_of


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


PREFIXES = ("x_amz_", "x_goog_", "x_oss_", "x_cos_", "x_tos_", "x_obs_", "x_bce_", "x_ms_", "q_")
"""How the parameters of Amazon, Google, Alibaba, Tencent (two), Volcengine, Huawei, Baidu and Microsoft begin."""

NAMES = _words(
    """
    awsaccesskeyid google_access_id googleaccessid kssaccesskeyid ossaccesskeyid key_pair_id
    expire expires expiration expiry policy se sp verify
    gda hdnea hdntl hdnts lk3s resourcekey rlkey sign tempauth upsig upt
    jsessionid phpsessid session_id sessionid sessid tx_time txtime ws_time wstime
    """
)
"""What opens a link beside that which `secret_names` knows: whose key, until when and what for, and names of one vendor
only (ByteDance, SharePoint, Kingsoft, Wangsu, Tencent, Upyun, Google, Akamai). As `words_of` writes them."""

PARTS = frozenset({"expire", "expires", "expiration", "expiry", "sign", "sharedaccess"})
"""The same as one word of a longer name."""

TELLS_BY_VALUE = frozenset({"code", "session", "sid"})
"""Names that are harmless (`?code=TH`) but for a value that nobody would type: a key of Azure Functions, a session."""

COMPANIONS: Mapping[str, frozenset[str]] = {
    "sig": _words("saoid scid sdd ses si sip sks skoid skt ske sktid skv spr sr srt ss st suoid sv"),  # Azure
    "hm": frozenset({"ex", "is", "hm"}),  # Discord
    "oh": frozenset({"oe", "oh"}),  # Meta
    "auth_key": frozenset({"timestamp"}),
}
"""Short names that belong to a signature only beside the parameter that is one."""

_KEY = lazy_pattern(r"AIza[\w-]{10}|eyJ[\w-]{5,}\.[\w-]+\.")
"""How a key of Google's and a JSON Web Token begin: secret under any name, such as `key`."""


_UNTYPED = lazy_pattern(r"(?=[\w-]*\d)(?=[\w-]*[a-z])[\w-]{16,}", re.I)
"""A value that no person would type: sixteen characters or more, letters and digits mixed, as keys are written."""


def _written(sign: str) -> str:
    """A pattern for a character as it is, percent-encoded at any depth, or as JSON and HTML write it."""
    code = ord(sign)
    raw = re.escape(sign) + {"&": "(?!#x?[0-9a-f]{2,4};)"}.get(sign, "")
    entity = rf"&#(?:0*{code}|x0*{code:x});" + ("|&amp;" if sign == "&" else "")
    before = "(?<!&)" if sign == "#" else ""
    return rf"(?:{entity}|\\{{1,8}}(?:u00|x){code:02x}|%(?:25){{0,8}}{code:02x}|{before}\\{{0,8}}{raw})"


_SIGNS = {"and": "&", "query": "?", "fragment": "#", "semicolon": ";", "slash": "/"}
_BETWEEN = lazy_pattern("|".join(f"(?P<{kind}>{_written(sign)})" for kind, sign in _SIGNS.items()), re.I)
_EQUALS = lazy_pattern(_written("="), re.I)
_SCHEME = rf"{_written(':')}(?:{_written('/')}|\\|%(?:25){{0,8}}5c){{2,4}}"
_ENDS_AUTHORITY = "|".join(_written(sign) for sign in "/?#&")
_USER = lazy_pattern(rf"({_SCHEME})(?:(?!{_ENDS_AUTHORITY}).)*{_written('@')}", re.I | re.S)
"""A user name, perhaps with a password, in a link of any kind."""
_NO_PORT = lazy_pattern(r"(:[\\/]{2,4})[^/?#@\\\[:]*:(?!\d*(?:[/?#\\]|$))")
"""Where a password holds what ends it: `https://me:pass/word@host/` would be read as the host `me`."""

_MAY_SIGN = lazy_pattern(rf"{_EQUALS.pattern}|{_written('@')}", re.I)
_IN_TEXT = lazy_pattern(r"[^\s\"<>`]+")
_IS_LINK = lazy_pattern(rf"{_SCHEME}|[a-z]{_written(':')}{_written('/')}|{_written('?')}|{_written('&')}", re.I)
_NAME_IN_JSON = lazy_pattern(r"[\"']([^\"']{1,80})[\"']\s*:")
"""A parameter may be a whole object: `?options={"token": "…"}`."""
_CLOSES = lazy_pattern(r"[)\]}'.,:;!\\]+$")
"""What may stand behind a link in a sentence, and is no part of it."""


def without_signatures(text: str) -> str:
    """A text in which no link has what signs it, nor a user name or a password; the rest byte for byte as it was."""
    return _IN_TEXT.sub(lambda match: _in_words(match[0]), text) if _MAY_SIGN.search(text) else text


def of_link(link: str) -> str:
    """The same of a text that is one link, from its first to its last character."""
    if not _MAY_SIGN.search(link):
        return link
    link = _USER.sub(r"\1", link)
    if (misread := _NO_PORT.search(link)) is not None and "@" in (rest := link[misread.end() :]):
        link = link[: misread.end(1)] + rest.rpartition("@")[2]
    return _joined(list(_parts(link)))


def _in_words(run: str) -> str:
    """The pieces between blanks of a text: a link, or a word."""
    if not _IS_LINK.search(run):
        return run
    behind = _CLOSES.search(run)
    end = len(run) if behind is None else behind.start()
    return of_link(run[:end]) + run[end:]


class _Part(NamedTuple):
    """A piece of a link with what stands before it."""

    kind: str
    """Of what stands before it, see `_SIGNS`; empty at the beginning."""
    between: str
    depth: int
    """How often that is percent-encoded."""
    text: str
    is_parameter: bool
    """Whether it stands behind a `?` or `#` of its link, where a slash is part of a value."""

    @property
    def name(self) -> str | None:
        """In words, of what has a value."""
        equals = _EQUALS.search(self.text)
        return words_of(self.text[: equals.start()]) if equals else None

    def goes_on_with(self, later: _Part) -> bool:
        """Tell whether what stands behind this parameter still belongs to its value."""
        if later.depth > self.depth or (later.kind == "semicolon" and later.name is None):
            return True
        return self.is_parameter and later.kind in ("slash", "query")


def _parts(link: str) -> Iterator[_Part]:
    separators = list(_BETWEEN.finditer(link))
    ends = [*(each.start() for each in separators), len(link)]
    behind: set[int] = set()  # the depths at which a ? or a # was met
    text = link[: ends[0]]
    yield _Part("", "", 0, text, True)
    for each, end in zip(separators, ends[1:], strict=True):
        depth = each[0].count("25") + 1 if each[0].startswith("%") else 0
        if each.lastgroup in ("query", "fragment"):
            behind.add(depth)
        elif each.lastgroup == "slash" and _ENDS_SCHEME.search(text):
            behind -= {deep for deep in behind if deep >= depth}
        text = link[each.end() : end]
        yield _Part(str(each.lastgroup), each[0], depth, text, depth in behind)


_ENDS_SCHEME = lazy_pattern(rf"{_written(':')}$", re.I)


def _joined(parts: list[_Part]) -> str:
    """The parts that sign nothing, with what stands between them."""
    beside = {each for part in parts for each in COMPANIONS.get(part.name or "", ())}
    left: list[str] = []
    secret: _Part | None = None
    opening: _Part | None = None  # a part that was left out, whose ? the next one needs
    for part in parts:
        if secret is not None and secret.goes_on_with(part):
            continue
        secret = part if _signs(part, beside) else None
        if secret is not None:
            opening = part if part.kind in ("", "query", "fragment") else opening
            continue
        takes = opening is not None and part.kind in ("and", "semicolon") and part.depth == opening.depth
        left += [opening.between if takes and opening is not None else part.between, part.text]
        opening = None
    return "".join(left)


def _signs(part: _Part, beside: frozenset[str] | set[str]) -> bool:
    name = part.name
    if name is None:
        return False
    if name in NAMES or name in beside or name.startswith(PREFIXES) or not PARTS.isdisjoint(name.split("_")):
        return True
    value = _EQUALS.split(part.text, maxsplit=1)[1]
    named = _NAME_IN_JSON.findall(plain(value))
    if name in TELLS_BY_VALUE and _UNTYPED.match(plain(value)) is not None:
        return True
    return names_secret(name) or _KEY.match(value) is not None or any(map(names_secret, named))
