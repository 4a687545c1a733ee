"""The durable output: what stays in the notebook when a job has ended. Needs no kernel, no widget, no network.

Plain HTML with everything from outside escaped; the poster inlined, the video by a path relative to the notebook, in
`<video src>`: JupyterLab's sanitiser takes the `src` of a `<source>` away in notebooks that are not trusted.
"""

from __future__ import annotations

from html import escape

from ...clips.clip import notes_on, video_html
from ...jobs.job import Job
from ...languages.spoken import said
from ...render.html import safe_html
from ...text.printable import cut
from ..shared.html import clip_link, poster_base64
from ..shared.words import cost_text, credits_text, options_of, size_text, title_of

_QUIET = "color:var(--jp-ui-font-color2,#616161);font-size:12px;line-height:1.6"
_SENTENCE = "color:var(--jp-ui-font-color1,inherit);font-size:13px;line-height:1.5"
_STRONG = "margin:8px 0 2px;font-size:14px;line-height:1.45;color:var(--jp-ui-font-color1,inherit)"
_PROMPT = f"{_STRONG};white-space:pre-wrap;overflow-wrap:anywhere"
# Plain grey first: in notebooks that are not trusted, JupyterLab's sanitiser drops every declaration with a var().
_BOX = (
    "margin:4px 0;padding:12px 14px;max-width:608px;border:1px solid #9e9e9e;border-left:3px solid #9e9e9e;"
    "border-color:var(--jp-border-color2,#c7c7c7);border-left-color:{accent};border-radius:6px;"
    "font-family:var(--jp-ui-font-family,system-ui,sans-serif)"
)
_FIGURE = "margin:4px 0;max-width:{width}px;font-family:var(--jp-ui-font-family,system-ui,sans-serif)"


def durable_bundle(job: Job, mark: str = "", *, in_console: bool = False) -> dict[str, str]:
    """The output of a job as it stands, as a mime bundle: `text/html`, `text/plain`, and the poster as `image/jpeg`.

    Args:
        job: Whose output it is.
        mark: One more class for its element, by which a page finds it.
        in_console: Whether it is for a console, which would open a window for a poster.
    """
    name = f"sdw-durable {mark}".rstrip()
    html = clip_html(job, name) if job.saved_clip else state_html(job, name)
    bundle = {"text/plain": plain_text(job), "text/html": html}
    poster = poster_base64(job)
    if poster is None or in_console:
        return bundle
    return {**bundle, "image/jpeg": poster}


def clip_html(job: Job, name: str = "sdw-durable") -> str:
    """The video with its poster and its story."""
    clip, poster = job.saved_clip, poster_base64(job)
    assert clip is not None, "only a job with a clip comes here"
    link = clip_link(str(clip.path))
    width = 640 if clip.width >= clip.height else 360
    file = f'<a href="{link}" download>{safe_html(clip.path.name)}</a> · {size_text(clip.size_bytes)}'
    lines = [*(safe_html(said(line)) for line in _facts(job)), file]
    lines += (safe_html(said(line)) for line in notes_on(clip))
    story = "".join(f'<div style="{_QUIET}">{line}</div>' for line in lines)
    return (
        f'<figure class="{name}" data-sdw-job="{escape(job.id)}" style="{_FIGURE.format(width=width)}">'
        f"{video_html(clip, job.request.prompt, poster)}<figcaption>"
        f'<p dir="auto" translate="no" style="{_PROMPT}">{safe_html(job.request.prompt)}</p>'
        f"{story}</figcaption></figure>"
    )


def state_html(job: Job, name: str = "sdw-durable") -> str:
    """A job without a clip: what happened, whether credits were charged, what to do."""
    error = job.error
    accent = "var(--jp-error-color1,#d32f2f)" if error else "var(--jp-brand-color1,#1976d2)"
    if job.status == "cancelled":
        accent = "var(--jp-border-color1,#9e9e9e)"
    title = title_of(error) if error else job.status_text
    later = f"So it stood when this was written; %seedance_show {job.id} shows how it stands now."
    sentences = [error.what, error.charged, error.next_step] if error else [later]
    lines = [f'<div style="{_SENTENCE}">{safe_html(said(line))}</div>' for line in sentences if line]
    facts = "".join(f"<div>{safe_html(said(line))}</div>" for line in _facts(job))
    lines.append(f'<div style="{_QUIET};margin-top:8px">{facts}</div>')
    shows = f' data-sdw-job="{escape(job.id)}"' if job.ending else ""  # else it ends later, and not here
    return (
        f'<div class="{name}"{shows} style="{_BOX.format(accent=accent)}">'
        f'<p style="{_STRONG};margin-top:0"><strong>{safe_html(said(title))}</strong></p>'
        f'<p dir="auto" translate="no" style="{_PROMPT};margin-bottom:8px">{safe_html(job.request.prompt)}</p>'
        f"{''.join(lines)}</div>"
    )


def plain_text(job: Job) -> str:
    """The same in text, for terminals, logs and diffs."""
    prompt = " ".join(job.request.prompt.split())
    lines = [f"Seedance job {job.id}: {job.status_text}", cut(prompt, 100)]
    lines += _facts(job)
    if job.saved_clip is not None:
        lines.append(f"{job.saved_clip.path} ({size_text(job.saved_clip.size_bytes)})")
    if job.error is not None:
        lines.append(str(job.error))
    return "\n  ".join(lines)


def _facts(job: Job) -> list[str]:
    """Three short lines: what was asked for, what it cost and where, and the names to find it by."""
    options = [value if label != "Reference media" else f"media: {value}" for label, value in options_of(job)]
    money = [*filter(None, (cost_text(job), credits_text(job))), job.session.label]
    names = [f"job {job.id}", *([f"request {job.request_id}"] if job.request_id else [])]
    return [" · ".join(part) for part in (options, money, names)]
