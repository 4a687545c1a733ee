"""Catalogues: English texts with `{placeholders}`, each with its translation, by the part of the page that shows them.

A text is looked up as it is drawn, in Python here and in a page by `frontend/src/shared/words.ts`, in the same way:

- as it is; else by the first sentence with placeholders that fits it, those with more words of their own first; else
  each part of a line that is joined by ` · `. What no catalogue has stays as it is.
- `{count}`, and any name that begins so, is a number. By `{count}` a translation is chosen where there is one for each
  plural category.
- A placeholder whose name ends in `words` holds a text of ours, which is looked up in its turn.
- `{prompt}` holds a person's own text, and any other what is of one piece, without ` · `: both stay as they are.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import TypeAlias, TypedDict

Form: TypeAlias = str | Mapping[str, str]
"""A translation, or one for each plural category of the language."""

HERE = Path(__file__).parent
ENGLISH = "en"
PARTS = ("card", "clips", "studio", "grid")
"""The parts of the page. What all of them show stands in that of the card, what most of them show in that of clips."""

_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_SPECIAL = re.compile(r"[.*+?^${}()|\[\]\\]")
_NUMBER, _WHOLE, _ONE = r"[\d.,]+", ".+?", "(?:(?! · ).)+?"
_DOTS = re.compile("(^· | · | ·$)")


class Words(TypedDict, total=False):
    """What a page needs to speak a language; nothing for English. See `words.ts`, its mirror."""

    language: str
    texts: dict[str, str]
    patterns: list[tuple[str, Form]]


@cache
def languages() -> tuple[str, ...]:
    """All languages, English first."""
    return (ENGLISH, *sorted(path.stem for path in HERE.glob("*.json")))


@cache
def entries_of(language: str, parts: Sequence[str] = PARTS) -> Mapping[str, Form]:
    """The sentences of some parts; none for English."""
    if language == ENGLISH:
        return {}
    file = json.loads((HERE / f"{language}.json").read_text("utf-8"))
    return {key: form for part in parts for key, form in file[part].items()}


@cache
def words_of(language: str, parts: Sequence[str] = PARTS) -> Words:
    """What the page is sent to show some parts in a language."""
    entries = entries_of(language, parts)
    if not entries:
        return {}
    open_ones = sorted(filter(_PLACEHOLDER.search, entries), key=lambda key: -len(_PLACEHOLDER.sub("", key)))
    return {
        "language": language,
        "texts": {key: form for key, form in entries.items() if isinstance(form, str) and not _PLACEHOLDER.search(key)},
        "patterns": [(pattern_of(key), entries[key]) for key in open_ones],
    }


def pattern_of(key: str) -> str:
    """What texts look like that are such a sentence, as a regular expression of JavaScript."""
    pieces = _PLACEHOLDER.split(key)
    pieces[::2] = (_SPECIAL.sub(r"\\\g<0>", piece) for piece in pieces[::2])
    pieces[1::2] = (f"(?<{name}>{_kind_of(name)})" for name in pieces[1::2])
    return f"^{''.join(pieces)}$"


def _kind_of(name: str) -> str:
    if name.startswith("count"):
        return _NUMBER
    return _WHOLE if name == "prompt" or name.endswith("words") else _ONE


def translated(text: str, language: str) -> str:
    """A text of ours in a language, as the page has it."""
    if language == ENGLISH:
        return text
    words = words_of(language)
    found = words["texts"].get(text)
    if found is not None:
        return found
    for source, to in words["patterns"]:
        match = _compiled(source).match(text)
        if match:
            return _filled(_form_of(to, match["count"] if "count" in match.re.groupindex else ""), match, language)
    parts = _DOTS.split(text)
    if len(parts) > 1:
        parts[::2] = (translated(part, language) for part in parts[::2])
    return "".join(parts)


def _filled(form: str, given: re.Match[str], language: str) -> str:
    def fill(place: re.Match[str]) -> str:
        value = given[place[1]]
        return translated(value, language) if place[1].endswith("words") else value

    return _PLACEHOLDER.sub(fill, form)


def _form_of(to: Form, count: str) -> str:
    """The page asks `Intl.PluralRules`; here `one` is for 1, which is all that what is made here needs."""
    if isinstance(to, str):
        return to
    return to.get("one" if count == "1" else "other", to["other"])


@cache
def _compiled(source: str) -> re.Pattern[str]:
    return re.compile(source.replace("(?<", "(?P<"), re.S)
