"""Compare without a kernel."""

from __future__ import annotations

from collections.abc import Sequence

from ...jobs.job import Job
from ...languages.spoken import said
from ...render.html import safe_html
from ...render.text import shortened
from ...text.words import marked
from ..shared.html import clip_opener, poster_img
from ..shared.saved import FALLBACK_STYLE
from .view import LETTERS, differences

_BOX = "margin:4px 0;font-family:var(--jp-ui-font-family,system-ui,sans-serif);font-size:12px;line-height:1.4"
_ROW = "display:flex;flex-wrap:wrap;gap:12px;margin:8px 0"
_SIDE = "flex:1 1 200px;max-width:320px;margin:0"
_PICTURE = "display:block;width:100%;height:auto;border-radius:4px"
_QUIET = "color:var(--jp-ui-font-color2,#616161)"

AGAIN = "run the cell to play them in sync again"


def compare_text(jobs: Sequence[Job], winner: Job | None) -> str:
    """The clips and what is different about them, in lines."""
    lines = [f"{letter}  {job.id}  {_file(job)}" for letter, job in zip(LETTERS, jobs, strict=False)]
    lines += [f"{each['label']}: {' | '.join(each['values'])}" for each in differences(jobs)[0]]
    if winner is not None:
        lines.append(f"Winner: {winner.id}")
    return "\n  ".join([f"Compared: {len(jobs)} clips", *lines])


def compare_html(jobs: Sequence[Job], winner: Job | None) -> str:
    """The part that stays in the notebook: pictures, prompts with their marked words, options, the winner."""
    room = [200_000]
    prompts = marked([job.request.prompt for job in jobs])
    figures = ""
    for letter, job, spans in zip(LETTERS, jobs, prompts, strict=False):
        words = "".join(f"<mark>{safe_html(s.text)}</mark>" if s.marked else safe_html(s.text) for s in spans)
        won = f" · <strong>{safe_html(said('★ winner'))}</strong>" if job is winner else ""
        picture = poster_img(job, room, _PICTURE) or safe_html(_file(job) or "no clip")
        picture = clip_opener(job, said(f"Open clip {letter}: {shortened(job.request.prompt, 90)}"), picture)
        figures += (
            f'<figure style="{_SIDE}">{picture}<figcaption>'
            f'<strong>{letter}</strong> <span style="{_QUIET}">{safe_html(job.id)}</span>{won}'
            f'<div dir="auto" translate="no">{words}</div></figcaption></figure>'
        )
    listed = "".join(
        f"<li>{safe_html(said(each['label']))}: {safe_html(' | '.join(each['values']))}</li>"
        for each in differences(jobs)[0]
    )
    heading = f"{len(jobs)} clips compared"
    return (
        f'<div class="sdw-views-fallback" style="{_BOX}">{FALLBACK_STYLE}<strong>{safe_html(said(heading))}</strong>'
        f' <span style="{_QUIET}">· {safe_html(said(AGAIN))}</span><div style="{_ROW}">{figures}</div>'
        + (f"<ul>{listed}</ul>" if listed else "")
        + "</div>"
    )


def _file(job: Job) -> str:
    return job.saved_clip.path.name if job.saved_clip else ""
