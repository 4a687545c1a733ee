"""The words of a text in every script, and which words of a few prompts differ. Text in, text out; never markup."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from itertools import groupby
from typing import Literal, NamedTuple

from .lazy_pattern import lazy_pattern

Change = Literal["same", "gone", "new"]

MOST_WORDS = 3000
"""In a prompt that is compared word by word; of a longer one, what comes after counts as one word."""

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Japanese, Chinese
)
_JOINED = r"[^\W\d_]|[\d_]"
_PIECE = lazy_pattern(rf"\s+|[{_UNSPACED}]|(?:(?![{_UNSPACED}])(?:{_JOINED}))+(?:['’\-](?:{_JOINED})+)*|.", re.S)


class Span(NamedTuple):
    """A stretch of a prompt, and whether it is not in all the others."""

    text: str
    marked: bool


def marked(texts: Sequence[str]) -> list[list[Span]]:
    """Each text as spans that add up to it; marked is what at least one of the others does not have there."""
    split = [_cut_short(pieces(text)) for text in texts]
    words = [[piece.casefold() for piece in parts if not piece.isspace()] for parts in split]
    return [_spans(parts, _shared(number, words)) for number, parts in enumerate(split)]


def _shared(number: int, words: Sequence[list[str]]) -> list[bool]:
    """For each word of one text, whether every other one has it in the same order."""
    shared = [True] * len(words[number])
    for other in range(len(words)):
        if other == number:
            continue
        # The same way round for both: what one has marked the other has, too.
        first, second = sorted((number, other))
        blocks = SequenceMatcher(None, words[first], words[second], autojunk=False).get_matching_blocks()
        kept = {at + step for a, b, size in blocks for at in [a if number == first else b] for step in range(size)}
        shared = [is_shared and index in kept for index, is_shared in enumerate(shared)]
    return shared


def _spans(parts: Sequence[str], shared: Sequence[bool]) -> list[Span]:
    marks: list[bool | None] = []
    flags = iter(shared)
    for piece in parts:
        marks.append(None if piece.isspace() else not next(flags))
    for index, mark in enumerate(marks):
        if mark is None:  # a space is marked between two marked words
            around = marks[index - 1 : index] + marks[index + 1 : index + 2]
            marks[index] = len(around) == 2 and all(around)
    pairs = zip(parts, marks, strict=True)
    return [Span("".join(p for p, _ in run), bool(mark)) for mark, run in groupby(pairs, key=lambda pair: pair[1])]


def pieces(text: str) -> list[str]:
    """Words, spaces and other signs. A language without spaces is compared sign by sign, marks with their letter."""
    parts: list[str] = []
    for match in _PIECE.finditer(text):
        piece = match[0]
        glued = parts and not parts[-1].isspace() and (_is_mark(piece) or parts[-1].endswith("\u200d"))
        if glued:
            parts[-1] += piece
        else:
            parts.append(piece)
    return parts


def changes(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[Change, str]]:
    """The pieces of two texts in reading order: what is the same, what is gone and what is new.

    Words that were replaced one after the other are one change: "heavy rain" for "falling snow", and not word by word.
    """
    gone = new = ""
    blocks = SequenceMatcher(None, before, after, autojunk=False).get_opcodes()
    for place, (tag, i, j, k, m) in enumerate(blocks):
        if tag != "equal":
            gone, new = gone + "".join(before[i:j]), new + "".join(after[k:m])
            continue
        same = "".join(after[k:m])
        if gone and new and same.isspace() and place + 1 < len(blocks) and blocks[place + 1][0] == "replace":
            gone, new = gone + same, new + same
            continue
        yield from _changed(gone, new)
        gone = new = ""
        yield "same", same
    yield from _changed(gone, new)


def _changed(gone: str, new: str) -> Iterator[tuple[Change, str]]:
    if gone:
        yield "gone", gone
    if new:
        yield "new", new


def _cut_short(parts: list[str]) -> list[str]:
    return parts if len(parts) <= MOST_WORDS else [*parts[:MOST_WORDS], "".join(parts[MOST_WORDS:])]


def _is_mark(piece: str) -> bool:
    return len(piece) == 1 and (unicodedata.category(piece)[0] == "M" or piece == "\u200d" or "🏻" <= piece <= "🏿")
