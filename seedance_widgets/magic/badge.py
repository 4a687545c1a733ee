"""A line that is seen: a word on a coloured ground, and a sentence behind it."""

from __future__ import annotations

from dataclasses import dataclass

from ..render import html

_PILL = (
    "background:var(--jp-warn-color1,#b26a00);color:var(--jp-layout-color0,#fff);border-radius:9px;padding:1px 8px;"
    "font-weight:600"
)


@dataclass(frozen=True, slots=True)
class Badge:
    """Shown above a card, and kept in the notebook."""

    word: str
    sentence: str

    def __repr__(self) -> str:
        return f"{self.word}: {self.sentence}"

    def _repr_html_(self) -> str:
        sentence = html.told(self.sentence)
        return f'<p style="margin:4px 0"><span style="{_PILL}">{html.told(self.word)}</span> {sentence}</p>'
