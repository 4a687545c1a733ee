"""Setting text in any language, as far as the fonts of this machine allow."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from PIL import Image, ImageDraw, ImageFont

from ...render.picture_text import FONTS, own_font, system_font

Font = ImageFont.FreeTypeFont


@lru_cache(maxsize=16)
def latin(size: int) -> Font:
    """Pillow's own font. Sizes in pixels."""
    font = own_font(size)
    if not isinstance(font, ImageFont.FreeTypeFont):
        raise RuntimeError("Pillow was built without FreeType, which the simulator's lettering needs.")
    return font


def set_text(text: str, size: int, column: int, *, lines: int) -> Image.Image:
    """A mask of text broken to a column, at most so many lines, the last ending in … if there is more. In pixels."""
    plain = _printable(text)
    font = font_for(plain, size)
    rows = _broken(plain, font, column, lines)
    leading = round(size * 1.32)
    mask = Image.new("L", (column, leading * max(1, len(rows))))
    for number, row in enumerate(rows):
        _set_row(mask, row, font, number * leading, to_left=runs_to_left(plain))
    return mask


def runs_to_left(text: str) -> bool:
    """Tell whether a text is written from right to left, by its first letter."""
    return next((unicodedata.bidirectional(sign) in ("R", "AL") for sign in text if sign.isalpha()), False)


def font_for(text: str, size: int) -> Font:
    """The font that has most of the characters: Pillow's own when it has them all."""
    wanted = {sign for sign in text if not sign.isspace()}
    best, most = latin(size), _known(latin(size), wanted)
    for name in FONTS if most < len(wanted) else ():
        font = system_font(name, size)
        if font is not None and (known := _known(font, wanted)) > most:
            best, most = font, known
        if most == len(wanted):
            break
    return best


def has(font: Font, sign: str) -> bool:
    """Tell whether a font draws a character as itself, not as the box that stands for a missing one."""
    if unicodedata.combining(sign) or unicodedata.category(sign) in ("Mn", "Cf"):
        return True
    return bytes(font.getmask(sign)) != _missing(font)


@lru_cache(maxsize=64)
def _missing(font: Font) -> bytes:
    return bytes(font.getmask("\U0010fffd"))


def _known(font: Font, wanted: Iterable[str]) -> int:
    return sum(has(font, sign) for sign in wanted)


def _printable(text: str) -> str:
    """One line without control characters and pictographs, cut to what could ever fit."""
    kept = (" " if sign.isspace() else sign for sign in text[:600])
    dropped = ("Cc", "Cs", "Co", "Cn", "So", "Sk")
    return " ".join("".join(s for s in kept if unicodedata.category(s) not in dropped and s != "\ufe0f").split())


def _broken(text: str, font: Font, column: int, most: int) -> list[str]:
    """Lines no wider than the column: broken at spaces, or anywhere in a word that is wider by itself."""
    rows, row = [], ""
    for piece in _pieces(text, font, column):
        if font.getlength((row + piece).strip()) <= column:
            row += piece
            continue
        rows.append(row.strip())
        row = piece
        if len(rows) > most:
            break
    rows.append(row.strip())
    rows = [r for r in rows if r]
    if len(rows) > most:
        rows = rows[:most]
        while rows[-1] and font.getlength(rows[-1] + "…") > column:
            rows[-1] = rows[-1].rpartition(" ")[0] or rows[-1][:-1]
        rows[-1] += "…"
    return rows


def _pieces(text: str, font: Font, column: int) -> Iterable[str]:
    for word in text.split(" "):
        if font.getlength(word) <= column:
            yield word + " "
        else:
            yield from word
            yield " "


def _set_row(mask: Image.Image, row: str, font: Font, top: int, *, to_left: bool) -> None:
    """One line: as a whole where the font has every character, else word by word, with bars for what it lacks."""
    pen = ImageDraw.Draw(mask)
    anchor = "ra" if to_left else "la"
    if _sets(font, row):
        pen.text((mask.width if to_left else 0, top), row, fill=255, font=font, anchor=anchor)
        return
    x = 0.0
    for word in row.split():
        if _sets(font, word):
            pen.text((mask.width - x if to_left else x, top), word, fill=255, font=font, anchor=anchor)
            x += font.getlength(word + " ")
        else:
            x = _set_bars(pen, word, font.size, x, top, mask.width, to_left=to_left)


def _set_bars(
    pen: ImageDraw.ImageDraw, word: str, size: float, x: float, top: int, column: int, *, to_left: bool
) -> float:
    """Bars in place of a word, six characters each at most; where the next word begins."""
    for start in range(0, len(word), 6):  # some scripts have no spaces between words
        long = min(size * 0.62 * len(word[start : start + 6]), column - x)
        left = column - x - long if to_left else x
        if long > size / 2:
            bar = (left, top + size * 0.36, left + long, top + size * 0.84)
            pen.rounded_rectangle(bar, radius=size * 0.24, fill=135)
        x += long + size * 0.38
    return x


def _sets(font: Font, text: str) -> bool:
    return all(has(font, sign) for sign in text if not sign.isspace())
