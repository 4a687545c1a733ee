"""A person's marks on a job: tags, a rating, a note. Checked here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from .. import life
from ..errors import SeedanceError
from ..values.plain import column, index, is_broken, shown, unfit

MAX_TAG = 100

REJECTED = "rejected"
"""The tag of a job that was rejected. A tag and no column: `jobs(tag="rejected")` and exports know it already."""


def checked_tag(tag: object) -> str:
    """A tag on one line, without the white space around it. Raises SeedanceError."""
    words = " ".join(tag.split()) if isinstance(tag, str) else ""
    if not words or len(words) > MAX_TAG or not words.isprintable():
        raise SeedanceError(
            f"A tag is a word or a few, up to {MAX_TAG} characters; not {shown(tag)}.",
            charged="",
            next_step="Nothing was changed.",
        )
    return words


def checked_note(note: object) -> str:
    if isinstance(note, str) and len(note) <= life.MAX_NOTE and not is_broken(note):
        return note
    if not isinstance(note, str):
        why = f"not {type(note).__name__}"
    elif len(note) > life.MAX_NOTE:
        why = f"at most {life.MAX_NOTE:,} characters long; this one has {len(note):,}"
    else:
        why = "of whole characters; this one holds half of one (a lone surrogate)"
    raise SeedanceError(f"A note is text, {why}.", charged="", next_step="Nothing was changed.")


def check_room(tags: Iterable[str]) -> None:
    many = len(set(tags))
    if many > life.MAX_TAGS:
        raise SeedanceError(
            f"A job has at most {life.MAX_TAGS} tags; it would have {many}.",
            charged="",
            next_step="Nothing was changed; job.untag(...) makes room.",
        )


def checked_tags(tags: Iterable[str]) -> tuple[str, ...]:
    if not isinstance(tags, str) and (not isinstance(tags, Iterable) or isinstance(tags, bytes | Mapping)):
        raise unfit("tags", "a list of words", tags, next_step="Nothing was changed.")
    cells = None if isinstance(tags, str) else column(tags)
    return tuple(map(checked_tag, [tags] if isinstance(tags, str) else tags if cells is None else cells))


def checked_rating(rating: object) -> int:
    number = index(rating)
    if number is None or not 1 <= number <= 5:
        raise SeedanceError(
            f"A rating is a whole number from 1 to 5, not {shown(rating)}.",
            charged="",
            next_step="Nothing was changed; rate(None) takes a rating away.",
        )
    return number
