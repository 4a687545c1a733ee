"""The line after a magic's name: known options at its start and its end, text between. Pure.

    %seedance --duration 9 a paper boat in heavy rain --aspect-ratio 9:16
              ^ options    ^ the text, verbatim       ^ options

A word of two dashes and a letter that is no known option is refused wherever it stands, so that no mistyped option is
ever charged as a prompt. Two things protect text: one outer pair of quotes, and a lone `--` before it.
"""

from __future__ import annotations

import re
from json import JSONDecoder
from typing import Any, NamedTuple

from ...request.check import nearest
from ...text.lazy_pattern import lazy_pattern
from .flags import Flag, Flags, LineInvalid

_WORD = re.compile(r"--(?=[^\W\d_])[^\s=]+")
_NEXT_WORD = re.compile(r"(?<!\S)" + _WORD.pattern)
_SEPARATOR = re.compile(r"--(?!\S)")
_TOKEN = re.compile(r"\S*")
_LIST = lazy_pattern(r"""(?:(?<=[=,])(?:"[^"]*"|“[^”]*”|'(?:[^']|(?<=\w)'(?=\w))*'(?=,|\s|\Z))|\S)*""")
_SPACE = re.compile(r"\s*")
_CLOSING = {'"': lazy_pattern(r'"(?!\S)'), "'": lazy_pattern(r"'(?!\S)"), "“": lazy_pattern(r"”(?!\S)")}
_OUTER_QUOTES = lazy_pattern(  # inside single quotes an apostrophe within a word closes nothing
    r"""(?:"([^"]*)"|“([^“”]*)”|'((?:[^']|(?<=\w)'(?=\w))*)')(?=\s*\Z|\s+--[^\W\d_])"""
)
_OTHER_DASHES = lazy_pattern(r"(?<!\S)(?:[–—][-–—]?|-)([a-z][a-z-]+)(?=[\s=]|\Z)")


class Split(NamedTuple):
    """A line taken apart."""

    values: dict[str, Any]
    text: str
    verbatim: bool
    """Whether a lone `--` said that all the rest is text."""


def split(line: str, flags: Flags, *, hint: str = "") -> Split:
    """Options from the start and the end of a line, and the text between.

    Args:
        line: All that stands after the magic's name.
        flags: The options it may hold.
        hint: What to say to someone whose text merely looks like an option.

    Raises:
        LineInvalid: an option that is unknown, repeated, without its value or in the middle of the text.
        RequestInvalid: a value that is not of the option's kind.
    """
    reader = _Reader(line.strip(), flags, hint)
    reader.options()
    if separator := _SEPARATOR.match(reader.line, reader.at):
        return Split(reader.values, reader.line[separator.end() :].strip(), verbatim=True)
    text = reader.text()
    middle = _WORD.match(reader.line, reader.at)
    reader.options()
    if middle and reader.at < len(reader.line):
        raise reader.invalid(f"{middle[0]} stands inside the text; options go before or after it.")
    return Split(reader.values, text, verbatim=False)


class _Reader:
    """A place in a line, and the options read so far."""

    def __init__(self, line: str, flags: Flags, hint: str) -> None:
        self.line = line
        self.flags = flags
        self.hint = hint
        self.at = 0
        self.values: dict[str, Any] = {}
        self._given: dict[str, str] = {}

    def options(self) -> None:
        """Read options as long as they come."""
        while word := _WORD.match(self.line, self.at):
            self.at = word.end()
            self._option(self._known(word[0]))
            self._move(_SPACE)

    def text(self) -> str:
        """Read up to the next option, without one outer pair of quotes."""
        is_quoted = self.line.startswith(tuple(_CLOSING), self.at)
        quoted = _OUTER_QUOTES.match(self.line, self.at) if is_quoted else None
        if quoted:
            self.at = quoted.end()
            self._move(_SPACE)
            return str(quoted[quoted.lastindex or 0])
        option = _NEXT_WORD.search(self.line, self.at)
        start, self.at = self.at, option.start() if option else len(self.line)
        text = self.line[start : self.at].rstrip()
        self._refuse_other_dashes(text)
        return text

    def invalid(self, what: str) -> LineInvalid:
        """The refusal of something that may have been meant as text."""
        return LineInvalid(f"{what} {self.hint}".strip())

    def _option(self, flag: Flag) -> None:
        earlier = self._given.setdefault(flag.key, flag.flag)
        if earlier != flag.flag:
            raise LineInvalid(f"{earlier} and {flag.flag} exclude each other.")
        if flag.key in self.values and not flag.repeats:
            raise LineInvalid(f"{flag.flag} is given twice.")
        if flag.read is not None:
            value = flag.read(self._value(flag))
            self.values[flag.key] = self.values.get(flag.key, ()) + value if flag.repeats else value
        elif self.line.startswith("=", self.at):
            raise LineInvalid(f"{flag.flag} takes no value.")
        else:
            self.values[flag.key] = flag.constant

    def _value(self, flag: Flag) -> str:
        if self.line.startswith("=", self.at):
            self.at += 1
        else:
            self._move(_SPACE)
            if _WORD.match(self.line, self.at):
                raise LineInvalid(f"{flag.flag} needs a value: {flag.help}.")
        start = self.at
        closing = _CLOSING.get(self.line[start : start + 1])
        if closing is not None:
            return self._quoted(flag, closing)
        if not (flag.is_json and self._move_json()):
            self._move(_LIST if flag.is_list else _TOKEN)
        if self.at == start:
            raise LineInvalid(f"{flag.flag} needs a value: {flag.help}.")
        return self.line[start : self.at]

    def _quoted(self, flag: Flag, closing: re.Pattern[str]) -> str:
        end = closing.search(self.line, self.at + 1)
        if end is None:
            raise LineInvalid(f"{flag.flag}: the quotes around its value are not closed.")
        start, self.at = self.at + 1, end.end()
        return self.line[start : end.start()]

    def _known(self, word: str) -> Flag:
        if word in self.flags:
            return self.flags[word]
        close = nearest(word[2:], [flag[2:] for flag in self.flags])  # the dashes alone would make any two alike
        advice = f"Did you mean --{close}?" if close else f"The options are {', '.join(self.flags)}."
        raise self.invalid(f"There is no option {word[:40]}. {advice}")

    def _refuse_other_dashes(self, text: str) -> None:
        """A word processor makes `—duration` of `--duration`; that must not be charged as a prompt either."""
        for match in _OTHER_DASHES.finditer(text):
            flag = self.flags.get("--" + match[1])
            if flag is not None and flag.read is not None:
                raise self.invalid(f"{match[0]} looks like {flag.flag}, which takes two short dashes.")

    def _move_json(self) -> bool:
        try:
            _, end = JSONDecoder().raw_decode(self.line, self.at)
        except ValueError:
            return False
        if self.line[end : end + 1].strip():
            return False
        self.at = end
        return True

    def _move(self, over: re.Pattern[str]) -> None:
        match = over.match(self.line, self.at)
        self.at = match.end() if match else self.at
