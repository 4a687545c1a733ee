"""No text of a server comes near what would take it for HTML or for a path: read from the code itself."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2] / "seedance_widgets"
DISPLAYS = {
    *("HTML", "Image", "Video", "Audio", "Markdown", "Javascript", "Latex", "Math", "SVG", "IFrame", "FileLink"),
    *("FileLinks", "DisplayObject", "HTMLMath", "Pretty", "JSON", "GeoJSON"),
}
"""Classes of IPython.display and ipywidgets that take a text for markup, a URL or a path, as it happens to look."""
SAFE_CALLS = {
    *("safe_html", "escape", "clip_link", "link_of", "video_html", "facts_html", "size_text", "join", "format", "len"),
    *("safe_svg", "told", "facts_table", "_jobs", "_picture", "_clip", "hiding", "state_html"),
}
NUMBERS_AND_MARKS = {"clip.width", "clip.height", "marks[check.ok]"}
TAG = re.compile(r"</?[a-z][a-z0-9]*[ >]")


def trees() -> Iterator[tuple[Path, ast.AST]]:
    for path in ROOT.rglob("*.py"):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def display_calls(tree: ast.AST) -> list[str]:
    """Calls of what guesses, and imports of it."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            found.append(ast.unparse(node.func).rpartition(".")[2])
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith(("IPython.display", "ipywidgets")):
            found += [alias.name for alias in node.names]
    return [name for name in found if name in DISPLAYS]


def raw_values(tree: ast.AST) -> list[str]:
    """What stands in an f-string of HTML without having been made safe: attributes and calls of anything else."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.JoinedStr):
            continue
        text = "".join(str(part.value) for part in node.values if isinstance(part, ast.Constant))
        for part in node.values if TAG.search(text) else ():
            if isinstance(part, ast.FormattedValue) and not _is_safe(part.value):
                found.append(ast.unparse(part.value))
    return found


def _is_safe(value: ast.expr) -> bool:
    if isinstance(value, ast.Name | ast.Constant) or ast.unparse(value) in NUMBERS_AND_MARKS:
        return True
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add | ast.Sub | ast.Mult | ast.Div):
        return _is_safe(value.left) and _is_safe(value.right)
    if isinstance(value, ast.IfExp):
        return _is_safe(value.body) and _is_safe(value.orelse)
    return isinstance(value, ast.Call) and ast.unparse(value.func).rpartition(".")[2] in SAFE_CALLS


def test_nothing_is_shown_by_what_guesses_whether_a_text_is_a_path_or_markup() -> None:
    found = {str(path.relative_to(ROOT)): calls for path, tree in trees() if (calls := display_calls(tree))}
    found.pop("simulator/clips.py", None)  # draws its pictures with Pillow
    assert found == {}


def test_every_value_in_html_was_made_safe() -> None:
    assert {path.name: values for path, tree in trees() if (values := raw_values(tree))} == {}


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("HTML(job.request.prompt)", ["HTML"]),
        ("from IPython.display import Video as V", ["Video"]),
        ("display.Markdown(text)", ["Markdown"]),
        ("widgets.HTML(value=text)", ["HTML"]),
        ("display(job)", []),
    ],
)
def test_the_walk_finds_what_guesses(code: str, found: list[str]) -> None:
    assert display_calls(ast.parse(code)) == found


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("f'<p>{job.request.prompt}</p>'", ["job.request.prompt"]),
        ("f'<p>{str(prompt)}</p>'", ["str(prompt)"]),
        ("f'<p>{safe_html(job.request.prompt)}</p>'", []),
        ("f'{job.id} < 5'", []),
    ],
)
def test_the_walk_finds_what_was_not_made_safe(code: str, found: list[str]) -> None:
    assert raw_values(ast.parse(code)) == found
