"""What a saved Studio shows without its kernel: its last jobs and posters, as plain HTML in an output of its own.

A widget whose kernel is gone reads "model not found", whatever else its own output holds. So the Studio is displayed as
two outputs: itself, and this twin, which hides while the Studio before it is alive and hides that message when not.
"""

from __future__ import annotations

from uuid import uuid4

from IPython.display import DisplayHandle, display

from .. import notebook
from ..errors import SeedanceError
from ..job import Job
from ..notebook import safe_html
from ..session import Session
from ..visible import cut
from .beside import hiding
from .durable import clip_link
from .view import poster_uri
from .words import options_of

SHOWN = 6
POSTERS_BYTES = 85_000
"""What the inlined posters of the newest jobs may take together: a saved Studio stays under 100 kB."""

_STYLE = hiding("sdw-studio", "sdw-twin")
_BOX = "margin:4px 0;font-family:var(--jp-ui-font-family,system-ui,sans-serif)"
_GRID = "display:flex;flex-wrap:wrap;gap:12px;list-style:none;margin:8px 0;padding:0"
_ITEM = "width:196px;font-size:12px;line-height:1.4;color:var(--jp-ui-font-color1,inherit)"
_PICTURE = "display:block;width:196px;height:110px;object-fit:cover;border-radius:4px;background:#222"
_QUIET = "color:var(--jp-ui-font-color2,#616161)"


class Twins:
    """The twins of one Studio, one for each time that it was displayed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._shown: dict[DisplayHandle, dict[str, str]] = {}
        self._dirty = False
        self._in_batch = False

    def show(self) -> None:
        """Display one more. It is empty until the next `draw`, which is not in the way of the cell."""
        twin = DisplayHandle(f"seedance-studio-{uuid4().hex[:8]}")
        bundle = {"text/html": "", "text/plain": ""}
        self._in_batch = not notebook.is_watched()  # a batch run may end with this cell
        if self._in_batch:
            bundle = self._bundle()
        display(bundle, raw=True, display_id=twin.display_id)
        self._shown[twin] = bundle
        self._dirty = True

    def on_end(self) -> None:
        """A job has ended: only then there is something new to keep."""
        self._dirty = True
        if self._in_batch:
            self.draw()  # before those who wait go on: the run may end with them

    def draw(self) -> None:
        """Bring them up to date. What has not changed is not sent again: with its posters it may be 100 kB."""
        if not self._shown or not self._dirty:
            return
        self._dirty = False
        try:
            bundle = self._bundle()
        except SeedanceError:
            self._dirty = True
            return
        for twin, before in list(self._shown.items()):
            if bundle != before:
                self._shown[twin] = bundle
                twin.update(bundle, raw=True)

    def _bundle(self) -> dict[str, str]:
        return {"text/html": twin_html(self._session), "text/plain": twin_text(self._session)}


def twin_html(session: Session) -> str:
    """The newest jobs of a session. Reads the store."""
    left, items = POSTERS_BYTES, ""
    for job in session.jobs(limit=SHOWN):
        poster = poster_uri(job) or ""
        fits = len(poster) <= left
        left -= len(poster) if fits else 0
        items += _item(job, poster if fits else "")
    empty = f'<p style="{_QUIET}">No jobs yet.</p>'
    return (
        f'<div class="sdw-twin" style="{_BOX}">{_STYLE}<strong>Seedance Studio</strong>'
        f' <span style="{_QUIET}">· {safe_html(session.label)} · run the cell to open it again</span>'
        + (f'<ul style="{_GRID}">{items}</ul>' if items else empty)
        + "</div>"
    )


def twin_text(session: Session) -> str:
    """The same in a line."""
    return f"Seedance Studio ({session.label}); run the cell to open it."


def _item(job: Job, poster: str) -> str:
    prompt = cut(job.request.prompt, 90)
    picture = f'<img alt="" src="{poster}" style="{_PICTURE}">' if poster else f'<div style="{_PICTURE}"></div>'
    if job.clip is not None:
        picture = f'<a href="{clip_link(str(job.clip.path))}" aria-label="Open the clip">{picture}</a>'
    facts = " · ".join([job.status_text, *(value for _, value in options_of(job))])
    return f'<li style="{_ITEM}">{picture}{safe_html(prompt)}<div style="{_QUIET}">{safe_html(facts)}</div></li>'
