"""A transform that puts right for prompts what IPython does to a cell before a magic sees it.

Three of its steps damage a prompt, each for a good reason of its own:

- A statement that ends in `?` is a call for help, so `%seedance can a cat fly?` would never reach the magic.
- Leading `... ` or `>>> ` is taken for a pasted shell prompt, and blank lines lose their spaces, in cell bodies too.
- A line is whatever `str.splitlines` says, so a prompt with U+2028 or a form feed in it would be cut in two.

Only `%seedance` with a prompt and `%%seedance` are touched; `%seedance?`, other magics and Python never are. The line
is found in Python's tokens, so one inside a string stays a string. Source: IPython.core.inputtransformer2.
"""

from __future__ import annotations

import re
import tokenize
from typing import TYPE_CHECKING

from IPython.core.inputtransformer2 import (
    EscapedCommand,
    MagicAssign,
    TokenTransformBase,
    assemble_continued_line,
    find_end_of_continued_line,
)

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

# Compiled on first use, and only for cells that name the magic: most cells do not.
_LINE = r"(?s)%seedance\s+(\S.*)"
_CELL = r"(?s)(?:[ \t]*\r?\n)*([ \t]*)%%seedance(?:[^\S\n]+([^\n]*))?\r?\n(.*)"
_TRUE_LINE = r"[^\r\n]*(?:\r\n|\n|\r)|[^\r\n]+"

Tokens = list[tokenize.TokenInfo]


class PromptLine(TokenTransformBase):
    """`%seedance PROMPT`, alone or after `name =`, whatever the prompt ends in."""

    priority = 1  # before HelpEnd, which has 5

    def __init__(self, start: tuple[int, int], percent: tuple[int, int]) -> None:
        super().__init__(start)  # type: ignore[no-untyped-call]
        self.percent = percent
        """Where the `%` stands: row and column, both from 0."""

    @classmethod
    def find(cls, tokens_by_line: list[Tokens]) -> PromptLine | None:
        """The first `%seedance` that is a statement or the right side of an assignment."""
        for tokens in tokens_by_line:
            percent = _percent(tokens)
            if percent is not None:
                return cls(tokens[0].start, percent)
        return None

    def transform(self, lines: list[str]) -> list[str]:
        """The lines with this one turned into a call. Raises SyntaxError to leave the line to IPython."""
        row, column = self.percent
        end = find_end_of_continued_line(lines, row)
        match = re.match(_LINE, assemble_continued_line(lines, self.percent, end))
        if match is None:
            raise SyntaxError("no prompt: IPython's own rules hold")
        magic, text = ("pinfo", "%seedance") if match[1] in ("?", "??") else ("seedance", match[1])
        call = f"get_ipython().run_line_magic({magic!r}, {text!r})\n"
        return [*lines[:row], lines[row][:column] + call, *lines[end + 1 :]]


def _percent(tokens: Tokens) -> tuple[int, int] | None:
    """Where `%seedance` begins in a logical line, counted from 0."""
    for kind in (EscapedCommand, MagicAssign):
        command = kind.find([tokens])  # type: ignore[no-untyped-call]
        if command is None:
            continue
        start = (command.start_line + 1, command.start_col)
        at = next(i for i, token in enumerate(tokens) if token.start == start and token.string)
        after = tokens[at + 1] if at + 1 < len(tokens) else None
        if tokens[at].string == "%" and after and after.string == "seedance" and after.start == tokens[at].end:
            return command.start_line, command.start_col
    return None


def prompt_cell(lines: list[str]) -> list[str]:
    """A `%%seedance` cell as one call with its body byte for byte; any other cell as it is.

    A cell that is indented as a whole loses that indent, as every cell does.
    """
    text = "".join(lines)
    match = re.fullmatch(_CELL, text) if "%%seedance" in text else None
    if match is None:
        return lines
    indent, options, body = match.groups(default="")
    if indent:
        body = re.sub(f"(?m)^{indent}", "", body)
    # IPython refuses an empty body before the magic is asked; one empty line lets the magic say what to do.
    return [f"get_ipython().run_cell_magic('seedance', {options.strip()!r}, {body or chr(10)!r})\n"]


# Not for the question "is this input complete?": the terminal needs to see `%%` to wait for the body.
prompt_cell.has_side_effects = True  # type: ignore[attr-defined]


def true_lines(lines: list[str]) -> list[str]:
    """The same text in lines that end where Python ends them, when it holds a `%seedance`."""
    text = "".join(lines)
    return re.findall(_TRUE_LINE, text) if "%seedance" in text else lines


def install(shell: InteractiveShell) -> None:
    """Add the three to the shell's input machinery."""
    manager = shell.input_transformer_manager
    manager.cleanup_transforms.insert(0, prompt_cell)
    manager.cleanup_transforms.append(true_lines)
    manager.token_transformers.append(PromptLine)


def uninstall(shell: InteractiveShell) -> None:
    """Take them out again, also those of an earlier import of this module."""
    manager = shell.input_transformer_manager
    for steps in (manager.cleanup_transforms, manager.token_transformers):
        steps[:] = [step for step in steps if getattr(step, "__module__", "") != __name__]
