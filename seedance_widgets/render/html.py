"""HTML of tables and charts. What shows text as text is in `text.html`."""

from __future__ import annotations

from html import escape

from ..text.html import fact as fact
from ..text.html import facts_html as facts_html
from ..text.html import facts_table as facts_table
from ..text.html import safe_html as safe_html
from ..text.html import told as told

QUIET = "color:var(--jp-ui-font-color2,#616161);font-size:12px"


_NO_PICTURE = (
    "display:flex;align-items:center;justify-content:center;box-sizing:border-box;border-radius:4px;"
    "border:1px dashed var(--jp-border-color1,#bdbdbd);color:var(--jp-ui-font-color2,#616161);"
)
_SIGNS = {"failed": "✕", "cancelled": "–", "unconfirmed": "?", "succeeded": "▶"}


def no_picture(status: str, style: str) -> str:
    """A quiet frame in the place of a picture, with a sign for why there is none: a dark box says nothing.

    Args:
        status: That of the job; of one that succeeded there is a clip, and only no picture of it.
        style: Its size.
    """
    return f'<span aria-hidden="true" style="{_NO_PICTURE}{style}">{safe_html(_SIGNS.get(status, "…"))}</span>'


def safe_svg(text: str) -> str:
    """Text as text in an SVG, as `safe_html` has it in HTML."""
    return escape(text).replace("\\", "<tspan>\\</tspan>").replace("$", "<tspan>$</tspan>")
