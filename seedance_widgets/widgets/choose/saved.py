"""Choose without a kernel: the pictures with their marks, each a link to its clip. Plain HTML."""

from __future__ import annotations

from collections.abc import Sequence

from ...jobs.job import Job
from ...languages.spoken import said
from ...render.html import safe_html
from ...text.printable import cut
from ..shared.html import clip_opener, poster_img
from ..shared.saved import FALLBACK_STYLE

POSTERS_BYTES = 400_000
_BOX = "margin:4px 0;font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:12px;line-height:1.4"
_WRAPPED = "display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:8px 0;padding:0"
_CELL = "width:160px;margin:0"
_PICTURE = "display:block;width:160px;height:auto;border-radius:4px"
_QUIET = "color:var(--jp-ui-font-color2,#616161)"

AGAIN = "run the cell to go on choosing"


def choose_html(clips: Sequence[tuple[Job, str, str]], heading: str) -> str:
    """The clips with their captions and their marks in words."""
    room = [POSTERS_BYTES]
    cells = "".join(f'<li style="{_CELL}">{_clip(*clip, room)}</li>' for clip in clips)
    return (
        f'<div class="sdw-views-fallback" style="{_BOX}">{FALLBACK_STYLE}<strong>{safe_html(said(heading))}</strong>'
        f' <span style="{_QUIET}">· {safe_html(said(AGAIN))}</span><ul style="{_WRAPPED}">{cells}</ul></div>'
    )


def _clip(job: Job, caption: str, marks: str, room: list[int]) -> str:
    assert job.saved_clip is not None, "only clips are chosen"
    short = cut(caption, 90)
    picture = poster_img(job, room, _PICTURE) or safe_html(job.saved_clip.path.name)
    told = f'<div dir="auto">{safe_html(short)}</div><div style="{_QUIET}">{safe_html(said(marks or "no mark"))}</div>'
    return clip_opener(job, said(f"Open the clip: {short}"), picture) + told
