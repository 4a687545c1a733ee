"""Text as HTML that no page takes for markup or mathematics."""

from __future__ import annotations

from html import escape


def safe_html(text: str) -> str:
    """Text as HTML that shows exactly that text, in an output of JupyterLab too.

    Besides markup, JupyterLab looks for LaTeX in HTML outputs: `$0.05 at 480p, $0.10` would become a formula, and so
    would a prompt. Delimiters in an element of their own are no delimiters.
    """
    return escape(text).replace("\\", "<span>\\</span>").replace("$", "<span>$</span>")


_QUIET = "color:var(--jp-ui-font-color2,#616161);font-size:12px"
