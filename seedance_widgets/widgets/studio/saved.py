"""A saved Studio without its kernel: its last jobs and posters, as plain HTML in an output of its own.

A widget whose kernel is gone reads "model not found", whatever else its own output holds. So the Studio is displayed as
two outputs: itself, and this fallback, which hides while the Studio before it is alive and hides that message when not.
"""

from __future__ import annotations

from ...jobs.job import Job
from ...languages.spoken import said
from ...render.html import no_picture, safe_html
from ...session.session import Session
from ...text.printable import cut
from ..shared.html import clip_opener, poster_uri
from ..shared.saved_style import hiding
from ..shared.words import options_of

SHOWN = 6
POSTERS_BYTES = 85_000
"""What the inlined posters of the newest jobs may take together: a saved Studio stays under 100 kB."""

AGAIN = "run the cell to open it again"

_STYLE = hiding("sdw-studio", "sdw-fallback")
_BOX = "margin:4px 0;font-family:var(--jp-ui-font-family,system-ui,sans-serif)"
_GRID = "display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:8px 0;padding:0"
_ITEM = "width:196px;font-size:12px;line-height:1.4;color:var(--jp-ui-font-color1,inherit)"
_SIZE = "width:196px;height:110px"
_PICTURE = f"display:block;{_SIZE};object-fit:cover;border-radius:4px"
_QUIET = "color:var(--jp-ui-font-color2,#616161)"


def fallback_bundle(session: Session) -> dict[str, str]:
    """The fallback of a Studio. Reads the store."""
    return {"text/html": fallback_html(session), "text/plain": fallback_text(session)}


def fallback_html(session: Session) -> str:
    """The newest jobs of a session. Reads the store."""
    left, items = POSTERS_BYTES, ""
    for job in session.jobs(limit=SHOWN):
        poster = poster_uri(job) or ""
        fits = len(poster) <= left
        left -= len(poster) if fits else 0
        items += _item(job, poster if fits else "")
    empty = f'<p style="{_QUIET}">{safe_html(said("No jobs yet."))}</p>'
    return (
        f'<div class="sdw-fallback" style="{_BOX}">{_STYLE}<strong>Seedance Studio</strong>'
        f' <span style="{_QUIET}">· {safe_html(said(f"{session.label} · {AGAIN}"))}</span>'
        + (f'<ul style="{_GRID}">{items}</ul>' if items else empty)
        + "</div>"
    )


def fallback_text(session: Session) -> str:
    """The same in a line."""
    return f"Seedance Studio ({session.label}); run the cell to open it."


def _item(job: Job, poster: str) -> str:
    prompt = cut(job.request.prompt, 90)
    picture = f'<img alt="" src="{poster}" style="{_PICTURE}">' if poster else no_picture(job.status, _SIZE)
    picture = clip_opener(job, said("Open the clip"), picture)
    facts = " · ".join([job.status_text, *(value for _, value in options_of(job))])
    words = f'<span translate="no">{safe_html(prompt)}</span><div style="{_QUIET}">{safe_html(said(facts))}</div>'
    return f'<li style="{_ITEM}">{picture}{words}</li>'
