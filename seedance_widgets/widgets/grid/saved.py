"""A saved grid without its kernel: its clips' pictures in a table, each a link to its clip. Plain HTML."""

from __future__ import annotations

from collections.abc import Sequence

from ...jobs.job import Job
from ...languages.spoken import said
from ...render.html import safe_html
from ...render.text import shortened
from ...text.printable import cut
from ..shared.html import clip_opener, poster_img
from ..shared.saved import FALLBACK_STYLE
from .arrange import Axes, Group, Item, Unsent, caption_of

POSTERS_BYTES = 400_000
"""What all pictures of a grid may take together; beyond it, words stand for them."""

_BOX = "margin:4px 0;font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:12px;line-height:1.4"
_TABLE = "border-collapse:separate;border-spacing:8px;margin:0 -8px;font-size:12px"
_HEAD = "text-align:left;vertical-align:top;font-weight:600;max-width:160px;padding:2px 0"
_CELL = "vertical-align:top;text-align:left;width:160px;max-width:200px;padding:0"
_PICTURE = "display:block;width:160px;height:auto;border-radius:4px"
_WRAPPED = "display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:8px 0;padding:0"
_QUIET = "color:var(--jp-ui-font-color2,#616161)"

AGAIN = "run the cell to open the grid again"


def grid_html(groups: Sequence[Group], axes: Axes, heading: str, label: str) -> str:
    """The groups as tables, with posters as they are on disk."""
    room = [POSTERS_BYTES]
    parts = "".join(_group(group, axes, room) for group in groups)
    return (
        f'<div class="sdw-views-fallback" style="{_BOX}">{FALLBACK_STYLE}<strong>{safe_html(said(heading))}</strong>'
        f' <span style="{_QUIET}">· {safe_html(said(f"{label} · {AGAIN}"))}</span>{parts}</div>'
    )


def grid_text(jobs: Sequence[tuple[Job, str]], heading: str, label: str) -> str:
    """The same in lines."""
    lines = [f"{job.id}  {job.status_text}  {shortened(caption, 100)}" for job, caption in jobs]
    return "\n  ".join([f"{heading} ({label})", *lines])


def _group(group: Group, axes: Axes, room: list[int]) -> str:
    heading = f'<p style="margin:10px 0 0"><strong>{safe_html(group.heading)}</strong></p>' if group.heading else ""
    if not group.columns:
        cells = (_jobs(cell, axes, room, in_table=False) for row in group.rows for cell in row.cells)
        return f'{heading}<ul style="{_WRAPPED}">' + "".join(f'<li style="{_CELL}">{c}</li>' for c in cells) + "</ul>"
    head = "".join(f'<th scope="col" style="{_HEAD}">{safe_html(column)}</th>' for column in group.columns)
    rows = "".join(
        f'<tr><th scope="row" style="{_HEAD}">{safe_html(row.heading)}</th>'
        + "".join(f'<td style="{_CELL}">{_jobs(cell, axes, room, in_table=True)}</td>' for cell in row.cells)
        + "</tr>"
        for row in group.rows
    )
    corner = f'<td style="{_QUIET}">{safe_html(group.corner)}</td>'
    return f'{heading}<table style="{_TABLE}"><thead><tr>{corner}{head}</tr></thead><tbody>{rows}</tbody></table>'


def _jobs(jobs: Sequence[Item], axes: Axes, room: list[int], *, in_table: bool) -> str:
    return "".join(_item(job, caption_of(job, axes), room, in_table=in_table) for job in jobs) or "–"


def _item(item: Item, caption: str, room: list[int], *, in_table: bool) -> str:
    short = cut(caption, 90)
    if isinstance(item, Unsent):
        words = [said(item.words)] if in_table else [short, said(item.words)]
        return "".join(f'<div style="{_QUIET}">{safe_html(word)}</div>' for word in words)
    return _job(item, short, room, in_table=in_table)


def _job(job: Job, short: str, room: list[int], *, in_table: bool) -> str:
    picture = poster_img(job, room, _PICTURE)
    clip = job.saved_clip
    if clip is not None:
        picture = clip_opener(job, said(f"Open the clip: {short}"), picture or safe_html(clip.path.name))
    error = job.error
    words = [] if in_table else [safe_html(short)]
    if clip is None:
        words.append(safe_html(error.what if error else said(job.status_text)))
    lines = "".join(f"<div>{word}</div>" for word in words)
    starred = safe_html(f" · ★ {said('starred')}") if job.row.starred else ""
    return f'{picture}{lines}<div style="{_QUIET}">{safe_html(job.id)}{starred}</div>'
