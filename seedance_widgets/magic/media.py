"""The media of a `%seedance` line: a link, a file, a `{variable}` of the notebook or a job, as `Session` takes them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import JobNotFound
from ..request.media import is_reference
from .reading.flags import LineInvalid

if TYPE_CHECKING:
    from ..session.session import Session

NAME = "media_urls"


def with_media(session: Session, options: dict[str, Any], there: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a line with what its `--media` names; unchanged where all of it are links.

    Args:
        there: The variables of the notebook.

    Raises LineInvalid for what is nothing of it.
    """
    given = options.get(NAME) or ()
    if all(isinstance(each, str) and _is_link(each) for each in given):
        return options
    if any(isinstance(each, list | tuple) for each in given):  # an axis: each value is the media of one job
        named: list[Any] = [[_named(session, each, there) for each in several] for several in given]
    else:
        named = [_named(session, each, there) for each in given]
    return {name: value for name, value in options.items() if name != NAME} | {"media": named}


def _named(session: Session, text: Any, there: Mapping[str, Any]) -> Any:
    """What a word of the line stands for. Raises LineInvalid."""
    if not isinstance(text, str) or _is_link(text):
        return text
    if text.startswith("{") and text.endswith("}"):
        name = text[1:-1].strip()
        if name not in there:
            raise LineInvalid(f"--media: there is no variable {name[:40]} in this notebook.")
        return there[name]
    if _is_file(text):
        return Path(text)
    if not any(each in text for each in "./\\ ") and (job := _job(session, text)) is not None:
        return job
    raise LineInvalid(f"--media: {text[:80]!r} is no link, no file, no {{variable}} and no job.")


def _is_link(text: str) -> bool:
    return "://" in text or is_reference(text)


def _is_file(text: str) -> bool:
    try:
        return Path(text).expanduser().is_file()
    except (OSError, ValueError, RuntimeError):  # a name that no file can have
        return False


def _job(session: Session, name: str) -> Any:
    try:
        return session.job(name)
    except JobNotFound:
        return None
