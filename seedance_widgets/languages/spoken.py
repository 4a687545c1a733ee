"""The language of this kernel's pages: `%config SeedanceMagics.language`, else what a page said last, else English."""

from __future__ import annotations

from .catalogue import ENGLISH, PARTS, Words, languages, translated, words_of

_configured: str | None = globals().get("_configured")  # a reload of the module keeps both
_heard: str = globals().get("_heard", ENGLISH)
_TRADITIONAL = ("hant", "tw", "hk", "mo")


def configure(language: str | None) -> None:
    """Set it for every page; `None` goes back to what the page is in. For `%config`.

    Raises ValueError for one that there is no catalogue of.
    """
    global _configured
    if language is not None and language not in languages():
        raise ValueError(f"language is one of {', '.join(languages())}, or None; not {language!r}")
    _configured = language


def hear(tag: object) -> None:
    """Take note of the language that a page is in, as it names it: `zh-CN`, `th`."""
    global _heard
    if isinstance(tag, str) and tag:
        _heard = nearest(tag)


def language() -> str:
    """The language of what is shown next."""
    return _configured or _heard


def nearest(tag: str) -> str:
    """The language of ours that a page with such a language tag is shown in."""
    name, *more = tag.lower().replace("_", "-").split("-")
    if name == "zh" and not {"hans", "cn"}.intersection(more) and set(_TRADITIONAL).intersection(more):
        return ENGLISH  # we have simplified Chinese only
    return name if name in languages() else ENGLISH


def said(text: str) -> str:
    """A text of ours in that language; what no catalogue has stays as it is."""
    return translated(text, language())


def words_for(*parts: str) -> Words:
    """What a page needs to show some parts of `catalogue.PARTS` in that language; nothing for English."""
    assert set(parts) <= set(PARTS), parts
    return words_of(language(), parts)
