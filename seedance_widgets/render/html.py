"""HTML of tables and charts. What shows text as text is in `text.html`."""

from __future__ import annotations

from html import escape

from ..text.html import fact as fact
from ..text.html import facts_html as facts_html
from ..text.html import facts_table as facts_table
from ..text.html import safe_html as safe_html
from ..text.html import told as told

QUIET = "color:var(--jp-ui-font-color2,#616161);font-size:12px"


def safe_svg(text: str) -> str:
    """Text as text in an SVG, as `safe_html` has it in HTML."""
    return escape(text).replace("\\", "<tspan>\\</tspan>").replace("$", "<tspan>$</tspan>")
