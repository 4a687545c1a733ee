"""Ids of jobs: what they are made of, and how one stands in the name of a clip's file. Pure; standard library only."""

from __future__ import annotations

from .lazy_pattern import lazy_pattern

LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""Letters and digits without look-alikes."""
LENGTH = 8

_ID = lazy_pattern(rf"[{LETTERS}]{{{LENGTH}}}")
_AT_THE_END = lazy_pattern(rf"(?:^|-)([{LETTERS}]{{{LENGTH}}})(?:-\d{{1,3}})?\Z")


def is_job_id(text: str) -> bool:
    """Tell whether a text may be the id of a job."""
    return _ID.fullmatch(text) is not None


def job_id_in(stem: str) -> str | None:
    """The id of the job in the name of its clip, "boat-ejembk86" or "boat-ejembk86-2"; `None` where it has none."""
    found = _AT_THE_END.search(stem)
    return found[1] if found else None
