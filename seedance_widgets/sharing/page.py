"""The page of an export: plain HTML and CSS, links to the files beside it, and a small script to search and sort.

It asks for nothing: a policy in it forbids every network. All that comes from outside is text. What must stay on this
machine is not on it: no key, no path, no webhook, no notes.
"""

from __future__ import annotations

import base64
import hashlib
from datetime import UTC, datetime
from html import escape
from urllib.parse import quote

from ..clips.story import shareable
from ..jobs.job import Job
from ..render.text import estimate, shortened
from ..request.code import as_magic, as_python
from ..request.options import OPTIONS

_SCRIPT = """
const list = document.querySelector("main"), items = [...list.children], count = document.querySelector("output");
const [words, order, starred] = document.querySelectorAll("form :is(input, select)");
const keys = {
  new: e => -e.dataset.at, old: e => +e.dataset.at, cost: e => -e.dataset.cost, model: e => e.dataset.model,
};
function draw() {
  const wanted = words.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let shown = 0;
  for (const item of items) {
    const text = item.textContent.toLowerCase();
    item.hidden = !wanted.every(word => text.includes(word)) || (starred.checked && !item.dataset.starred);
    shown += !item.hidden;
    if (item.hidden) item.querySelector("video")?.pause();
  }
  count.textContent = shown === items.length ? "" : shown + " of " + items.length;
}
function sort() {
  const key = keys[order.value];
  list.append(...[...items].sort((a, b) => (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0)));
}
words.oninput = starred.onchange = draw;
order.onchange = sort;
document.forms[0].onsubmit = event => event.preventDefault();
document.forms[0].hidden = false;
"""

_STYLE = """
:root { color-scheme: light dark; --text: #1a1a1a; --quiet: #5c5c5c; --line: #d6d6d6; --back: #fafafa; --box: #fff; }
@media (prefers-color-scheme: dark) {
  :root { --text: #ececec; --quiet: #a8a8a8; --line: #3a3a3a; --back: #161616; --box: #202020; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1400px; padding: 24px 20px 48px; font: 15px/1.5 system-ui, sans-serif;
  color: var(--text); background: var(--back); }
h1 { margin: 0; font-size: 24px; line-height: 1.25; }
header p { margin: 4px 0 0; color: var(--quiet); }
form { display: flex; flex-wrap: wrap; gap: 10px 14px; align-items: center; margin-top: 18px; }
form[hidden], article[hidden] { display: none; }
input[type=search], select { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line);
  border-radius: 6px; padding: 6px 10px; }
input[type=search] { flex: 1 1 220px; max-width: 420px; min-width: 0; }
output { color: var(--quiet); }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr)); gap: 18px;
  margin-top: 20px; align-items: start; }
article { background: var(--box); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
video { display: block; width: 100%; height: auto; max-height: min(60vh, 380px); background: #111;
  object-fit: contain; }
.words { padding: 12px 14px 14px; }
.prompt { margin: 0 0 8px; font-size: 15px; font-weight: 500; white-space: pre-wrap; overflow-wrap: anywhere;
  max-height: 12em; overflow: auto; }
.facts { margin: 0; color: var(--quiet); font-size: 13px; overflow-wrap: anywhere; }
.star { color: #8a5a00; font-size: 13px; }
.tag { display: inline-block; margin: 6px 6px 0 0; padding: 0 8px; border: 1px solid var(--line); border-radius: 99px;
  font-size: 12px; }
.why { margin: 0; padding: 14px 14px 0; font-weight: 600; }
details { margin-top: 10px; font-size: 13px; }
summary { cursor: pointer; color: var(--quiet); }
summary:focus-visible, a:focus-visible, video:focus-visible { outline: 2px solid #1976d2; outline-offset: 2px; }
pre { margin: 6px 0 0; padding: 8px 10px; max-height: 16em; overflow: auto; white-space: pre-wrap;
  overflow-wrap: anywhere; border: 1px solid var(--line); border-radius: 6px; font-size: 12px; }
a { color: #0b62b8; }
@media (prefers-color-scheme: dark) { a { color: #7cb8ff; } .star { color: #f0b93a; } }
@media (max-width: 480px) { body { padding: 14px 10px 32px; } main { gap: 12px; } }
@media print { form, details { display: none; } article { break-inside: avoid; } }
"""


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


_POLICY = (
    f"default-src 'none'; script-src {_hash(_SCRIPT)}; style-src {_hash(_STYLE)}; img-src 'self' file:; "
    "media-src 'self' file:; base-uri 'none'; form-action 'none'"
)

TAIL = f"</main>\n<script>{_SCRIPT}</script>\n</body>\n</html>\n"


def head(label: str, clips: int, without: int, at: float, *, is_plain: bool = False) -> str:
    """The page down to its first job.

    Args:
        label: Where the jobs were made, as the session says it.
        clips: Jobs with a clip.
        without: Jobs that are listed without one.
        at: When it was exported: seconds since 1970.
        is_plain: For others: without ids and what it cost.
    """
    day = _day(at)
    counted = _counted(clips, "clip") + (f", {_counted(without, 'job')} without a clip" if without else "")
    options = [("new", "Newest first"), ("old", "Oldest first"), ("model", "By model")]
    if not is_plain:
        options.insert(2, ("cost", "Most expensive first"))
    where = "" if is_plain else f" · {label}"
    choices = "".join(f'<option value="{value}">{words}</option>' for value, words in options)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n'
        f"<title>Seedance clips, {escape(day)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<header><h1>Seedance clips</h1><p>{counted} · exported {escape(day)}{escape(where)}</p>\n"
        '<form hidden role="search">'
        '<input type="search" aria-label="Search" placeholder="Search prompts, models, tags">'
        f'<select aria-label="Order">{choices}</select>'
        '<label><input type="checkbox"> Starred only</label><output aria-live="polite"></output></form></header>\n'
        "<main>\n"
    )


def entry(job: Job, name: str | None, has_poster: bool, *, is_plain: bool = False) -> str:
    """A job on the page.

    Args:
        job: The job.
        name: Its files relative to the page, without their ending; `None` for a job without a clip.
        has_poster: Whether there is a poster among them.
        is_plain: For others: without ids and what it cost.
    """
    row = job.row
    cost = "" if is_plain else f' data-cost="{job.cost or 0:g}"'
    own = "" if is_plain else f' id="{escape(job.id)}"'
    at = f'data-at="{row.created_at:.3f}"{cost} data-model="{escape(job.request.model)}"'
    star = ' data-starred="1"' if row.starred else ""
    top = f'<p class="why">{escape(_why(job))}</p>' if name is None else _video(job, quote(name), has_poster)
    marks = ['<span class="star">★ Starred</span>'] if row.starred else []
    if row.rating:
        rating, stars = f"{row.rating} of 5", "★" * row.rating
        marks.append(f'<span class="star" role="img" aria-label="{escape(rating)}">{escape(stars)}</span>')
    facts = [" · ".join(map(escape, line)) for line in _facts(job, is_plain=is_plain)]
    again = _again(job, name)
    tags = "".join(f'<span class="tag" dir="auto">{escape(tag)}</span>' for tag in row.tags)
    return (
        f'<article{own} {at}{star}>{top}<div class="words">'
        f'<p class="prompt" dir="auto" tabindex="0">{escape(job.request.prompt)}</p>'
        f'<p class="facts">{"<br>".join([*marks, *facts])}</p>{tags}{again}</div></article>\n'
    )


def _video(job: Job, link: str, has_poster: bool) -> str:
    clip = job.saved_clip
    assert clip is not None, "only a job with a clip comes here"
    poster = f' poster="{link}.jpg"' if has_poster else ""
    label = escape(shortened(job.request.prompt, 200))
    if not clip.width or not clip.height:  # no player would read it
        return '<p class="why">Kept as it came; it could not be checked. Its file is below.</p>'
    size = f' width="{clip.width}" height="{clip.height}"'
    source = f'src="{link}{quote(clip.path.suffix)}"'
    if clip.path.suffix == ".gif":
        return f'<img{size} alt="{label}" {source}>'
    return f'<video controls playsinline loop preload="metadata"{size} aria-label="{label}"{poster} {source}></video>'


def _again(job: Job, name: str | None) -> str:
    """The code that makes it again, as a person may share it."""
    request = shareable(job.request)
    link = quote(name) if name else ""
    ending = quote(job.saved_clip.path.suffix) if job.saved_clip else ""
    files = (
        f'<p><a href="{link}{ending}" download>Clip</a> · <a href="{link}.json">Its metadata as JSON</a></p>'
        if name
        else ""
    )
    return (
        f"<details><summary>Show code</summary><pre>{escape(as_magic(request))}</pre>"
        f"<pre>{escape(as_python(request))}</pre>{files}</details>"
    )


def _facts(job: Job, *, is_plain: bool) -> list[list[str]]:
    request = shareable(job.request)
    options = []
    for option in OPTIONS:
        value = getattr(request, option.name)
        if value not in (None, ()) and option.kind != "json":
            options.append(option.text(value))
    when = datetime.fromtimestamp(job.created_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    if is_plain:
        return [options, [when]]
    money = [estimate(job.cost)]
    if job.credits_charged is not None:
        what = "simulated credits" if job.session.is_simulated else "credits charged"
        money.append(f"{job.credits_charged} {what}")
    names = [f"job {job.id}", *([f"request {job.request_id}"] if job.request_id else [])]
    names += [f"made from {job.row.parent_id}"] if job.row.parent_id else []
    return [options, [when, *money], names]


def _why(job: Job) -> str:
    """Why there is no clip, without a path: our own sentences about saving name folders of this machine."""
    if job.saved_clip is not None:
        return "Succeeded, but the clip is no longer where it was saved"
    problem = job.row.problem
    if job.status == "failed" and job.request_id and problem is not None and problem.message:
        return f"{job.status_text}: {problem.message}"
    return job.status_text


def _counted(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _day(at: float) -> str:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d")
