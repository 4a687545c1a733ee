"""Text as HTML that no page takes for markup or mathematics. Pure; standard library only."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from .printable import visible

_CELL = "text-align:left;vertical-align:top;padding:3px 10px"  # JupyterLab sets cells to the right


def safe_html(text: str) -> str:
    """Text as HTML that shows exactly that text, in an output of JupyterLab too.

    Besides markup, JupyterLab looks for LaTeX in HTML outputs: `$0.05 at 480p, $0.10` would become a formula, and so
    would a prompt. Delimiters in an element of their own are no delimiters.
    """
    return escape(text).replace("\\", "<span>\\</span>").replace("$", "<span>$</span>")


def told(text: str) -> str:
    """Text from outside as HTML, with what a terminal would obey, or what would turn it around, shown escaped."""
    return safe_html(visible(text))


def fact(name: str, html: str, *, mark: str = "", means: str = "") -> str:
    """A row of `facts_table`: a name, what is to be said of it as HTML, and before it a mark, with its meaning."""
    first = f'<td style="{_CELL}" aria-label="{escape(means)}">{told(mark)}</td>' if mark else ""
    return f'<tr>{first}<th style="{_CELL}" scope="row">{told(name)}</th><td style="{_CELL}">{html}</td></tr>'


def facts_table(facts: Iterable[str], css_class: str) -> str:
    """Facts one below the other, their names on the left."""
    return f'<table class="{css_class}"><tbody>{"".join(facts)}</tbody></table>'


def facts_html(title: str, facts: Iterable[tuple[str, str]]) -> str:
    """A heading, and names with their values below it: how a plain object shows itself. All of it is text."""
    rows = (fact(name, f'<span dir="auto" style="white-space:pre-wrap">{told(value)}</span>') for name, value in facts)
    return f'<div class="sdw-object"><strong>{told(title)}</strong>{facts_table(rows, "sdw-facts")}</div>'
