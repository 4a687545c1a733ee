"""The names by which a person asks for a job, a sweep or a request of the server's."""

from __future__ import annotations

from ..errors import JobNotFound
from ..values.plain import index, shown, unfit

MAX_NAME = 500
"""Characters of an id: of a request it is the server's word, and no longer."""
MAX_BITS = 128
"""Of an id that is given as a number: a larger one is none, and would take long to write out."""


def checked_name(name: object, *, what: str = "job") -> str:
    """The name of a job or a sweep, as the history can be asked for it. Raises JobNotFound."""
    next_step = None if what == "job" else "session.sweeps() lists what there is."
    if name is None or (isinstance(name, str) and not name):
        raise JobNotFound(f"No {what} id was given.", next_step=next_step)
    words = _words(name)
    if words is None or len(words) > MAX_NAME:
        raise JobNotFound(f"There is no {what} {shown(name)}.", next_step=next_step)
    return words.encode("utf-8", "replace").decode()  # half a character is in no id


def checked_request_id(request_id: object) -> str:
    """A request id as a person found it, without the white space around it. Raises SeedanceError."""
    words = (_words(request_id) or "").strip()
    if not words or len(words) > MAX_NAME or not words.isprintable():
        raise unfit(
            "adopt()", "a request id", request_id, next_step="The vendor's dashboard shows it. Nothing was changed."
        )
    return words


def _words(name: object) -> str | None:
    """A name as text; people give numbers, too. `None` where it cannot be one."""
    number = index(name)
    if number is not None:
        return str(number) if number.bit_length() <= MAX_BITS else None
    return name if isinstance(name, str) else None
