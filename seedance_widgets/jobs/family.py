"""Where a job comes from: its parent, its children, what was changed between two jobs, and the family as a tree.

A job that was made from another one knows it as its parent; those of a sweep stand side by side below it. A history
may have lost a parent, and a file that somebody changed by hand may hold a circle; neither is in the way of a tree.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from ..clips.poster import as_uri
from ..errors import JobNotFound
from ..life import CONTINUES, TAKE
from ..render.html import QUIET, no_picture, safe_html
from ..render.text import shortened
from ..request.diff import Diff, marked_words
from ..request.options import OPTIONS
from ..text.printable import for_stdout, visible
from .job import Job

if TYPE_CHECKING:
    from .registry import Registry

MAX_FAMILY = 200
"""Jobs that a tree shows."""
POSTERS_BYTES = 400_000
"""What the inlined posters of a tree may take together."""
WIDTH = 100
"""Characters of a prompt in a line of a tree."""

_LIST = "list-style:none;margin:0;padding:0 0 0 18px;border-left:1px solid var(--jp-border-color2,#c7c7c7)"
_ITEM = "margin:6px 0;font-size:13px;line-height:1.45;color:var(--jp-ui-font-color1,inherit)"
_LINE = "display:flex;gap:10px;align-items:flex-start"
_SIZE = "width:96px;height:54px;flex:none"
_PICTURE = f"{_SIZE};object-fit:cover;border-radius:4px"


@dataclass(frozen=True, slots=True, repr=False)
class Family:
    """A job, or a sweep, with all that was made from it. Shows itself as a tree, in text and in HTML."""

    job: Job | None
    """The job; `None` where a sweep stands at the head."""
    children: tuple[Family, ...] = ()
    focus: str = ""
    """The id of the job that was asked about."""
    lost_parent: str | None = None
    """The job that the eldest was made from, when the history does not have it."""
    sweep: str = ""
    """The name of the sweep at the head, and its templates."""
    left_out: int = 0
    """Jobs beyond `MAX_FAMILY` that are not shown, as far as they were looked for."""

    def __iter__(self) -> Iterator[Job]:
        """Every job of the tree, parents before their children."""
        if self.job is not None:
            yield self.job
        for child in self.children:
            yield from child

    def __repr__(self) -> str:
        return for_stdout(visible("\n".join([*self._before(), *self._lines("", None), *self._after()])))

    def _repr_html_(self) -> str:
        before = "".join(f'<p style="{QUIET}">{safe_html(line)}</p>' for line in self._before())
        after = "".join(f'<p style="{QUIET}">{safe_html(line)}</p>' for line in self._after())
        eldest = self._html(None, [POSTERS_BYTES])
        tree = f'<ul role="list" style="{_LIST};border:0;padding:0">{eldest}</ul>'
        name = f"Family of job {escape(self.focus)}"
        return f'<div class="sdw-tree" role="group" aria-label="{name}">{before}{tree}{after}</div>'

    def _before(self) -> list[str]:
        return [f"made from job {self.lost_parent}, which is not in this history"] if self.lost_parent else []

    def _after(self) -> list[str]:
        return [f"… and {self.left_out} more"] if self.left_out else []

    def _lines(self, indent: str, parent: Job | None, last: bool = True, *, is_head: bool = True) -> Iterator[str]:
        branch = "" if is_head else f"{indent}{'└─ ' if last else '├─ '}"
        yield f"{branch}{visible(self._told(parent))}"
        deeper = "" if is_head else indent + ("   " if last else "│  ")
        for child in self.children:
            yield from child._lines(deeper, self.job, child is self.children[-1], is_head=False)

    def _told(self, parent: Job | None) -> str:
        if self.job is None:
            return f"sweep {self.sweep}"
        here = "  ◀" if self.job.id == self.focus else ""
        return f"{self.job.id}  {_summary(self.job, parent)}  ({self.job.status_text}){here}"

    def _html(self, parent: Job | None, budget: list[int]) -> str:
        if self.job is None:
            inner = "".join(child._html(None, budget) for child in self.children)
            words = f'<div dir="auto" style="overflow-wrap:anywhere">Sweep {safe_html(visible(self.sweep))}</div>'
            return f'<li style="{_ITEM}">{words}<ul role="list" style="{_LIST}">{inner}</ul></li>'
        poster = as_uri(self.job.saved_clip) or ""
        if len(poster) > budget[0]:
            poster = ""
        budget[0] -= len(poster)
        shown = f'<img data-sdw-job="{escape(self.job.id)}" alt="" src="{poster}" style="{_PICTURE}">'
        picture = shown if poster else no_picture(self.job.status, _SIZE)
        here = self.job.id == self.focus
        name = f"<strong>{escape(self.job.id)}</strong>" if here else escape(self.job.id)
        facts = f'<span style="{QUIET}">{name} · {safe_html(visible(self.job.status_text))}</span>'
        current = ' aria-current="true"' if here else ""
        inner = "".join(child._html(self.job, budget) for child in self.children)
        below = f'<ul role="list" style="{_LIST}">{inner}</ul>' if inner else ""
        words = _told_html(self.job, parent)
        line = f'<div style="{_LINE}">{picture}<div style="min-width:0">{words}{facts}</div></div>'
        return f'<li style="{_ITEM}"{current}>{line}{below}</li>'


def parent_of(registry: Registry, job: Job) -> Job | None:
    """The job that a job was made from; `None` where there was none, or the history does not have it."""
    return None if job.row.parent_id is None else _exactly(registry, job.row.parent_id)


def children_of(registry: Registry, job: Job) -> list[Job]:
    """The jobs that were made from a job, oldest first."""
    return _children(registry, [job.id])


def family_of(registry: Registry, job: Job) -> Family:
    """The whole family of a job: from its eldest known ancestor down. Reads the history, asks nobody."""
    eldest, seen = job, {job.id}
    while (parent := parent_of(registry, eldest)) is not None and parent.id not in seen:
        eldest = parent
        seen.add(parent.id)
    lost = eldest.row.parent_id if parent_of(registry, eldest) is None else None
    sweep = None if eldest.row.parent_id else registry.home.parent_sweep(eldest)
    heads, left_out = ([eldest], 0) if sweep is None else _cut(sweep.jobs, eldest)
    children, more = _descendants(registry, heads)

    def grow(member: Job) -> tuple[Family, ...]:
        return tuple(Family(child, grow(child), job.id) for child in children.get(member.id, ()))

    if sweep is None:
        return Family(eldest, grow(eldest), job.id, lost, left_out=more)
    title = f"{sweep.name}: {shortened(' / '.join(sweep.templates), WIDTH)}"
    return Family(None, tuple(Family(each, grow(each), job.id) for each in heads), job.id, None, title, left_out + more)


def _cut(jobs: Sequence[Job], focus: Job) -> tuple[list[Job], int]:
    """As many as a tree shows, the one that was asked about among them, and how many are left out."""
    shown = list(jobs[:MAX_FAMILY])
    if focus not in shown:
        shown = [*shown[: MAX_FAMILY - 1], focus]
    return shown, max(0, len(jobs) - len(shown))


def _descendants(registry: Registry, heads: Sequence[Job]) -> tuple[dict[str, list[Job]], int]:
    """The children of each, a generation at a time; a job that was met before is in no circle again."""
    children: dict[str, list[Job]] = {}
    generation, left_out = [head.id for head in heads], 0
    seen = set(generation)
    while generation:
        fresh = [child for child in _children(registry, generation) if child.id not in seen]
        room = MAX_FAMILY - len(seen)
        left_out += max(0, len(fresh) - room)
        fresh = fresh[: max(0, room)]
        for child in fresh:
            children.setdefault(str(child.row.parent_id), []).append(child)
        generation = [child.id for child in fresh]
        seen.update(generation)
    return children, left_out


def _children(registry: Registry, job_ids: Sequence[str]) -> list[Job]:
    rows = registry.engine.store.children(job_ids, service=registry.engine.service)
    return [registry.job_of(row) for row in reversed(rows)]


def _exactly(registry: Registry, job_id: str) -> Job | None:
    try:
        job = registry.find(job_id)
    except JobNotFound:
        return None
    return job if job.id == job_id else None


def _summary(job: Job, parent: Job | None) -> str:
    """A job in a line: what it changed of its parent, or its prompt."""
    diff = None if parent is None else Diff(parent.request, job.request)
    if diff is None:
        return "; ".join([shortened(job.request.prompt, WIDTH), *_swept(job)])
    if job.relation == CONTINUES:
        return f"continues it: {shortened(job.request.prompt, WIDTH)}"
    if diff.is_empty:
        return "another take" if job.relation == TAKE else "the same again"
    words = shortened(marked_words(diff.words), WIDTH) if diff.before.prompt != diff.after.prompt else ""
    return "; ".join(filter(None, [words, *diff.option_lines()]))


def _swept(job: Job) -> list[str]:
    """The options by which the jobs of its sweep differ: their prompts may be the same."""
    values = job.row.sweep_values or {}
    take = [f"take {values['take']}"] if job.relation == TAKE and "take" in values else []
    return [*(f"{o.label} {o.text(values[o.name])}" for o in OPTIONS if o.name in values), *take]


def _told_html(job: Job, parent: Job | None) -> str:
    if parent is None:
        prompt = safe_html(visible("; ".join([shortened(job.request.prompt, 300), *_swept(job)])))
        return f'<div dir="auto" style="overflow-wrap:anywhere">{prompt}</div>'
    diff = Diff(parent.request, job.request)
    if job.relation == CONTINUES:
        prompt = safe_html(visible(shortened(job.request.prompt, 300)))
        return (
            f'<div dir="auto" style="overflow-wrap:anywhere"><span style="{QUIET}">continues it:</span> {prompt}</div>'
        )
    same = "Another take" if job.relation == TAKE else "The same again"
    return f"<div>{same}</div>" if diff.is_empty else diff._repr_html_()
