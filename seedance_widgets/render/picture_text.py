"""Text drawn into pictures: words in every script that this machine has a font for, boxes for the rest.

Pillow brings a font of its own for Latin letters. For any other character the fonts of the system are asked, in order;
one that none of them has is drawn as a box, so that nothing is left out in silence.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from PIL import Image, ImageDraw, ImageFont

FONTS = (
    # Widely read scripts first; each name is looked for in the folders that the system keeps fonts in.
    *("NotoSans-Regular.ttf", "DejaVuSans.ttf", "segoeui.ttf", "Arial.ttf", "LiberationSans-Regular.ttf"),
    *("NotoSansCJK-Regular.ttc", "NotoSansSC-Regular.otf", "NotoSansSC-Regular.ttf", "SourceHanSansSC-Regular.otf"),
    *("PingFang.ttc", "Hiragino Sans GB.ttc", "msyh.ttc", "YuGothM.ttc", "malgun.ttf"),
    *("wqy-zenhei.ttc", "wqy-microhei.ttc", "DroidSansFallbackFull.ttf", "DroidSansFallback.ttf"),
    *("NotoSansThai-Regular.ttf", "Thonburi.ttf", "leelawui.ttf", "Garuda.ttf", "Loma.ttf"),
    *("NotoSansArabic-Regular.ttf", "NotoSansDevanagari-Regular.ttf", "NotoSansHebrew-Regular.ttf"),
    *("NotoEmoji-Regular.ttf", "Symbola.ttf", "seguiemj.ttf", "Arial Unicode.ttf", "unifont.ttf"),
    *("AppleSDGothicNeo.ttc", "GeezaPro.ttc", "Thonburi.ttc", "LeelawUI.ttf", "Nirmala.ttc", "arial.ttf"),
)
"""Fonts by the names of their files, which are the same on every machine that has them."""
_NOWHERE = "\U000f1234"
"""For private use: no font has a picture of it, so it shows how a font draws what it does not have."""
_UNSEEN = {"\u200b", "\u200c", "\u200d", "\u2060", "\ufe0e", "\ufe0f", "\ufeff"}
"""Joiners and variants: without the font that they are meant for, they are nothing to see."""

Run = tuple[str, Any]
"""Characters that one font draws; `None` for the box of a character that no font has."""


def draw_text(image: Image.Image, text: str, box: tuple[int, int, int, int], *, size: int, fill: str) -> None:
    """Draw a text into a box of a picture, broken into lines and cut with an ellipsis where it ends.

    Args:
        box: Left, top, right and bottom, in pixels.
        size: Of the letters, in pixels.
    """
    left, top, right, bottom = box
    leading = round(size * 1.35)
    canvas = ImageDraw.Draw(image)
    for number, line in enumerate(fitted(text, right - left, max(1, (bottom - top) // leading), size)):
        x = float(left)
        base = top + number * leading + size
        for characters, font in _runs(line, size):
            if font is None:
                edge = size * 0.62
                canvas.rectangle((x + 1, base - edge, x + edge - 1, base), outline=fill)
            else:
                canvas.text((x, base), characters, font=font, fill=fill, anchor="ls")
            x += _width_of((characters, font), size)


def fitted(text: str, width: int, lines: int, size: int) -> list[str]:
    """A text as so many lines at most, none wider than so many pixels; the last one ends in "…" if more was there."""
    left = " ".join(text.split())
    rows: list[str] = []
    while left and len(rows) < lines:
        count = _most(left, width, size)
        if count < len(left) and len(rows) == lines - 1:
            rows.append(left[: max(1, _most(left, width - round(size * 0.9), size))].rstrip() + "…")
            return rows
        space = left.rfind(" ", 0, count + 1) if count < len(left) else -1
        count = space if space > count // 2 else count
        rows.append(left[:count].rstrip())
        left = left[count:].lstrip()
    return rows


def _most(text: str, width: int, size: int) -> int:
    """The number of characters of a text that fit; at least one."""
    x = 0.0
    for count, character in enumerate(text):
        x += _advance(character, size)
        if x > width:
            return max(1, count)
    return len(text)


def _runs(text: str, size: int) -> list[Run]:
    runs: list[Run] = []
    for character in text:
        if character in _UNSEEN:
            continue
        font = _font_for(character, size)
        if runs and font is not None and runs[-1][1] is font:
            runs[-1] = (runs[-1][0] + character, font)
        else:
            runs.append((character, font))
    return runs


def _width_of(run: Run, size: int) -> float:
    characters, font = run
    return size * 0.62 * len(characters) if font is None else float(font.getlength(characters))


def _advance(character: str, size: int) -> float:
    return 0.0 if character in _UNSEEN else _width_of((character, _font_for(character, size)), size)


@cache
def _font_for(character: str, size: int) -> Any:
    """The first font that has a picture of a character, or `None`."""
    if character.isspace():
        return own_font(size)
    fonts = (own_font(size), *(system_font(name, size) for name in FONTS))
    return next((font for font in fonts if font is not None and _has(font, character)), None)


@cache
def own_font(size: int) -> Any:
    """Pillow's own font, of so many pixels."""
    return ImageFont.load_default(size)


@cache
def system_font(name: str, size: int) -> Any:
    """A font of this machine by the name of its file, or `None` where there is none."""
    try:
        return ImageFont.truetype(name, size)
    except OSError:  # not on this machine, or of pictures of one size only
        return None


def _has(font: Any, character: str) -> bool:
    drawn, missing = font.getmask(character), font.getmask(_NOWHERE)
    return bool(drawn.size != missing.size or bytes(drawn) != bytes(missing))
