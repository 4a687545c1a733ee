"""The pages that people read, their code fences, and what `seedance` itself says to a command in them."""

from __future__ import annotations

import contextlib
import io
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

from seedance_widgets.cli.main import parser

ROOT = Path(__file__).parents[1]
PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "benchmarks/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
    *sorted((ROOT / "docs" / "decisions").glob("*.md")),
]
FENCE = re.compile(r"^([ \t]*)```(\S*)[^\n`]*\n(.*?)^\1```", re.M | re.S)
PROGRAM = re.compile(r"([\w~.$/-]*/)?seedance|seedance_widgets\.cli")
SHELL = ("bash", "sh", "console")
ENDS = set("();<>|&")
"""The characters that end a command, or what it is given."""


APART = {
    ("docs/adding-an-option.md", "Option("): "test_adding_an_option.py puts it where the page says",
    ("docs/server-api.md", '{"jobs": [JOB, …], "total": 10412, "limit":'): (
        "not JSON: JOB stands for the object that the page describes"
    ),
    ("docs/server-api.md", "app.serviceManager.events.stream.connect((_,"): (
        "how a handler begins, for the writer of another extension to go on with"
    ),
    ("docs/worker.md", "FROM python:3.12-slim"): "an image takes a container engine and a registry",
    ("CONTRIBUTING.md", "__init__                       the names tha"): "a map in words; test_docs.py reads it",
    ("docs/clips-in-a-bucket.md", "s3://bucket/prefix/a-paper-boat-k7m2p9qa.mp4"): "names of files",
    ("docs/provenance.md", "boats/"): "names of files",
    ("docs/sweeps.md", "axis     value  rating    stars  rejects  cl"): "a table as it is printed",
}
"""The fences that are not read or run as what they are, by page and beginning, and why."""


@dataclass(frozen=True)
class Fence:
    page: str
    language: str
    text: str

    @property
    def name(self) -> tuple[str, str]:
        """Its page, and how it begins."""
        return self.page, self.text.partition("\n")[0][:44].rstrip()


def page_id(page: Path) -> str:
    """What a test of a page is called."""
    return page.relative_to(ROOT).with_suffix("").as_posix()


def fences(path: Path) -> Iterator[Fence]:
    """The fences of a page, in their order."""
    for _, language, text in FENCE.findall(path.read_text(encoding="utf-8")):
        yield Fence(path.relative_to(ROOT).as_posix(), language, dedent(text))


def words_of(shell: str) -> Iterator[list[str]]:
    """The words of each line of a shell, without comments; what stands in quotes may go over several lines."""
    begun = ""
    for line in shell.replace("\\\n", " ").splitlines(keepends=True):
        begun += line
        lexer = shlex.shlex(begun, posix=True, punctuation_chars=True)
        lexer.whitespace_split = True
        try:
            words = list(lexer)
        except ValueError:  # a quote that the next line closes
            continue
        begun = ""
        yield words


def seedance_commands(shell: str) -> list[list[str]]:
    """What follows `seedance` wherever a shell would run it: behind `&&`, in `$(...)`, after another command's name."""
    found: list[list[str]] = []
    for words in words_of(shell):
        takes = False
        for word in words:
            if set(word) <= ENDS:
                takes = False
            elif takes:
                found[-1].append(word)
            elif PROGRAM.fullmatch(word):
                found.append([])
                takes = True
    return found


def refusal(arguments: list[str]) -> str:
    """What `seedance` says against these arguments; empty where it takes them. Runs nothing."""
    said = io.StringIO()
    try:
        with contextlib.redirect_stderr(said), contextlib.redirect_stdout(io.StringIO()):
            parser().parse_args(arguments)
    except SystemExit as end:
        return said.getvalue().strip() if end.code else ""
    return ""
