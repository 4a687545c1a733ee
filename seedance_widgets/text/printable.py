"""Text from outside as a terminal may be given it. Standard library only.

A server's words, a stranger's clip or a pasted prompt may hold what a terminal obeys: escape sequences that paint, move
the cursor or write to the clipboard, a carriage return that overwrites the line, controls that reverse the order of
letters. They are shown as Python writes them, such as `\\x1b`, and never dropped: that they were there is news.
"""

from __future__ import annotations

import re
import sys

from .lazy_pattern import lazy_pattern

_OBEYED = lazy_pattern(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls but for tab and line end; 80 to 9f are escape sequences of one character
    r"\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"  # bidirectional controls
    r"\u2028\u2029"  # line ends to some
    r"\ufff9-\ufffb"  # annotations, which hide what they annotate
    r"\ud800-\udfff]"  # halves of a character, which no output takes
)


def visible(text: str) -> str:
    """The text with everything that a terminal would obey shown escaped; line ends and tabs stay."""
    return _OBEYED.sub(_escaped, text.replace("\r\n", "\n"))


def one_line(text: str) -> str:
    """The same on one line: every run of white space is one space."""
    return " ".join(visible(text).split())


def cut(text: str, width: int) -> str:
    """The beginning of a text, ending in "…" where more was there. Never ends within an escape that `visible` made."""
    return text if len(text) <= width else _BROKEN.sub("", text[: width - 1]).rstrip() + "…"


def for_stdout(text: str) -> str:
    """Text as the output of this process takes it: on a narrow code page rules become plain, and the rest escaped.

    Without it `print(session.jobs())` would raise UnicodeEncodeError there.
    """
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_PLAIN).encode(encoding, "backslashreplace").decode(encoding)
    except LookupError:  # an encoding that Python does not know
        return text.translate(_PLAIN).encode("ascii", "backslashreplace").decode()
    return text


def print_visible(text: str) -> None:
    """Print text from outside, whatever the output of this process takes, at once."""
    print(for_stdout(visible(text)), flush=True)


_BROKEN = lazy_pattern(r"\\(?:x[0-9a-f]?|u[0-9a-f]{0,3})?$|[\ud800-\udfff]$")
"""An escape of which the end is missing, or half of a character."""
_PLAIN = str.maketrans(
    {"─": "-", "│": "|", "├": "+", "└": "+", "…": "...", "★": "*", "·": "-", "–": "-", "≈": "~", "×": "x", "→": "->"}
)


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode()
