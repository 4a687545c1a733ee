"""A magic's no: short, in the words the person typed, and so that Run All stops.

What is wrong with the line itself becomes IPython's own `UsageError`, one line without a traceback. What went wrong
later keeps its own class, so that `except InsufficientCredits` works around a magic, and shows only its text.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager

from IPython.core.error import UsageError

from ..errors import RequestInvalid, SeedanceError
from ..request.options import OPTION
from ..text.printable import one_line, visible
from .reading.flags import LineInvalid


@contextmanager
def short_errors(*, configured: Collection[str] = (), tail: str = "") -> Iterator[None]:
    """Let errors of the package out in their short form. Interrupts and bugs pass untouched.

    Args:
        configured: Options whose value comes from `%config`, so that the message can say so.
        tail: What to add to a refused line, such as "Nothing was sent."
    """
    try:
        yield
    except LineInvalid as error:
        raise UsageError(one_line(f"{error} {tail}")) from None
    except RequestInvalid as error:
        raise UsageError(one_line(_by_flag(error, configured))) from None
    except SeedanceError as error:
        say_shortly(error, str(error))
        raise


def _by_flag(error: RequestInvalid, configured: Collection[str]) -> str:
    option = OPTION.get(error.field)
    if option is None:
        return str(error)
    where = f" (from %config SeedanceMagics.{option.name})" if option.name in configured else ""
    message = str(error)
    return message if message.startswith(option.flag) else f"{option.flag}{where}: {message}"


def say_shortly(error: BaseException, text: str) -> None:
    """Let IPython show this text instead of a traceback, for this one error."""
    lines = [f"{type(error).__name__}: {visible(text)}"]
    vars(error)["_render_traceback_"] = lambda: lines  # the name that IPython asks for
