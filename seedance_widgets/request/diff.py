"""Two requests side by side: what changed."""

from __future__ import annotations

from dataclasses import dataclass

from ..render.html import QUIET, safe_html
from ..text.printable import for_stdout, visible
from ..text.words import Change, changes, pieces
from ..types import GenerationRequest, Json
from .options import OPTIONS, Option

MAX_WORDS = 4_000
"""Words of two prompts that are compared one by one; longer ones are shown as a whole."""
KINSHIP = 1 / 3
"""The share of words that a prompt keeps of another one to count as made from it."""
_GONE = "background:rgba(211,47,47,.16);color:inherit"
_NEW = "background:rgba(46,125,50,.2);color:inherit;text-decoration:underline dotted"


@dataclass(frozen=True, slots=True, repr=False)
class Diff:
    """What was changed between two jobs, from the first to the second. Shows itself as text and as HTML."""

    before: GenerationRequest
    after: GenerationRequest
    relation: str = ""
    """What the second is of the first where it was made from it: a `variation`, what `continues` it, or a `take`."""

    @property
    def options(self) -> dict[str, tuple[Json, Json]]:
        """The options that differ: from what, to what; `None` where one was not given."""
        pairs = {o.name: (getattr(self.before, o.name), getattr(self.after, o.name)) for o in OPTIONS}
        return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}

    @property
    def words(self) -> list[tuple[Change, str]]:
        """The prompts in pieces, spaces included: what is the same, what is gone and what is new, in reading order."""
        old, new = pieces(self.before.prompt), pieces(self.after.prompt)
        if old == new:
            return [("same", self.after.prompt)] if new else []
        if len(old) + len(new) > MAX_WORDS:
            return [("gone", self.before.prompt), ("new", self.after.prompt)]
        return list(changes(old, new))

    @property
    def is_empty(self) -> bool:
        """Whether both jobs asked for the same."""
        return self.before == self.after

    def __bool__(self) -> bool:
        return not self.is_empty

    def __repr__(self) -> str:
        if self.is_empty:
            return "another take of the same request" if self.relation == "take" else "the same request"
        prompt = marked_words(self.words) if self.before.prompt != self.after.prompt else ""
        return for_stdout(visible("\n".join(filter(None, [self._relation(), prompt, *self.option_lines()]))))

    def _relation(self) -> str:
        return "begins with the last picture of the first" if self.relation == "continues" else ""

    def option_lines(self) -> list[str]:
        """The options that differ, a line each."""
        return [f"{o.label}: {_value(o, *self.options[o.name])}" for o in OPTIONS if o.name in self.options]

    def _repr_html_(self) -> str:
        if self.is_empty:
            return f"<p>{'Another take of the' if self.relation == 'take' else 'The'} same request.</p>"
        relation = f'<div style="{QUIET}">{safe_html(self._relation())}</div>' if self._relation() else ""
        lines = "".join(f'<div style="{QUIET}">{safe_html(visible(line))}</div>' for line in self.option_lines())
        words = prompt_html(self) if self.before.prompt != self.after.prompt else ""
        return f'<div class="sdw-diff">{relation}{words}{lines}</div>'


def prompt_html(diff: Diff) -> str:
    """The second prompt with what is gone struck out and what is new marked."""
    tags = {"same": "{}", "gone": f'<del style="{_GONE}">{{}}</del>', "new": f'<ins style="{_NEW}">{{}}</ins>'}
    marked, before = "", ""
    for kind, text in diff.words:
        apart = " " if kind == "new" and before and not (before + text).isspace() else ""  # not "heavyfalling"
        marked += apart + tags[kind].replace("{}", safe_html(visible(text)))
        before = text if kind == "gone" else ""
    return f'<div dir="auto" style="white-space:pre-wrap;overflow-wrap:anywhere">{marked}</div>'


def is_made_from(prompt: str, earlier: str) -> bool:
    """Tell whether a prompt keeps enough words of another one to count as made from it, and not as a new one."""
    mine, theirs = _word_set(prompt), _word_set(earlier)
    return prompt == earlier or len(mine & theirs) >= KINSHIP * max(1, min(len(mine), len(theirs)))


def marked_words(words: list[tuple[Change, str]]) -> str:
    marks = {"same": "{}", "gone": "[-{}-]", "new": "[+{}+]"}
    return "".join(marks[kind].replace("{}", text) for kind, text in words)


def _value(option: Option, before: Json, after: Json) -> str:
    return f"{option.text(before)} → {option.text(after)}"


def _word_set(text: str) -> set[str]:
    return {word.casefold() for word in pieces(text) if word.strip() and (word[0].isalnum() or len(word) > 1)}
