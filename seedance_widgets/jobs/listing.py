"""A list of jobs that shows as a table and becomes a frame, and the words by which jobs are looked for."""

from __future__ import annotations

import base64
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from enum import Enum
from html import escape
from typing import Any, TypedDict, get_args, overload

from ..clips import embedding
from ..clips.clip import link_of, poster_of, video_html
from ..errors import JobNotFound, RequestInvalid, SeedanceError
from ..life import CONTINUES, TAKE, Row
from ..life.marks import checked_tag
from ..notebook import environment, presenters
from ..render import dataframe
from ..render.table import Column, Table
from ..render.text import shortened, usd
from ..request.check import nearest
from ..request.options import OPTIONS
from ..text.html import told
from ..types import OurStatus, ServerStatus
from ..values.plain import column, flag, index, is_broken, shown, text, unfit
from ..when import When, instant
from .job import Job

MAX_RATING = 5
MAX_SEARCHED, MAX_SEARCHED_WORDS = 4_000, 100
"""Characters and words of a search: more is deeper than a database takes."""
EMPTY = "No such jobs."
_CLIP_WIDTH = 240
PICTURES = 24
"""Jobs of a table that are shown with a picture: each takes a notebook some 6 kB."""
STATUSES: tuple[str, ...] = (*get_args(OurStatus), *get_args(ServerStatus))
"""Those that we know; the server may have more."""


class JobFilter(TypedDict, total=False):
    """Which jobs to list; what is left out does not matter."""

    status: str | Iterable[str] | None
    """A status, or several."""
    model: str | Iterable[str] | None
    text: str | None
    """Every word of it stands in the prompt, the note, a tag, the id or the request id."""
    starred: bool | None
    """With a star, or without; `None`: either."""
    tag: str | None
    rating: int | None
    """This or better."""
    sweep: Any
    """A sweep, or its id."""
    since: When | None
    until: When | None


class ExportFilter(JobFilter, total=False):
    """What an export takes besides the filters of a list."""

    plain: bool
    """For others: without ids and what it cost."""


def wanted_of(filters: JobFilter) -> dict[str, Any]:
    """The question to the store. Raises SeedanceError for an unusable value."""
    if unknown := filters.keys() - JobFilter.__annotations__.keys():
        raise TypeError(f"jobs() takes {', '.join(JobFilter.__annotations__)}; not {', '.join(sorted(unknown))}")
    wanted = {name: value for name, value in filters.items() if value is not None}
    for name in ("since", "until"):
        if name in wanted:
            wanted[name] = instant(wanted[name], name=name, end=name == "until")  # type: ignore[arg-type]
    for name in ("status", "model"):
        if name in wanted:
            wanted[name] = _words(name, wanted[name])
    if "text" in wanted:
        wanted["text"] = _word("text", wanted["text"])
        _check_search(wanted["text"])
    if "starred" in wanted:
        wanted["starred"] = flag(wanted["starred"], "starred")
    if "rating" in wanted:
        wanted["rating"] = _rating(wanted["rating"])
    if "tag" in wanted:
        wanted["tag"] = checked_tag(_word("tag", wanted["tag"]))
    if "sweep" in wanted:
        sweep: Any = wanted["sweep"]
        wanted["sweep"] = _word("sweep", sweep.id if hasattr(sweep, "unsent_places") else sweep)
    return {name: value for name, value in wanted.items() if not (isinstance(value, str) and not value)}


def check_statuses(wanted: Mapping[str, Any], there: Callable[[], Iterable[str]]) -> None:
    """Raise SeedanceError for a status that is neither known nor in the history, which is asked only then."""
    statuses = wanted.get("status", ())
    if unknown := {statuses} - set(STATUSES) if isinstance(statuses, str) else set(statuses) - set(STATUSES):
        stored = set(there())
        if unknown := unknown - stored:
            first = min(unknown)
            close = nearest(first, STATUSES)
            raise SeedanceError(
                f"There is no status {first[:40]!r}.",
                charged="",
                next_step=(f"Did you mean {close}? " if close else "")
                + f"The statuses are {', '.join(dict.fromkeys((*STATUSES, *sorted(stored))))}.",
            )


def _words(name: str, value: Any) -> str | list[str]:
    """One word, or several of them."""
    if isinstance(value, str | Enum) or not isinstance(value, Iterable) or isinstance(value, bytes | Mapping):
        return _word(name, value)
    cells = column(value)
    return [_word(name, each) for each in (value if cells is None else cells)]


def _word(name: str, value: Any) -> str:
    try:
        return text(value, name)
    except RequestInvalid:
        raise unfit(name, "text", value) from None


def _rating(value: Any) -> int:
    rating = index(value)
    if rating is None or not 1 <= rating <= MAX_RATING:
        raise unfit("rating", f"1 to {MAX_RATING}", value)
    return rating


def _check_search(text: object) -> None:
    """Raise SeedanceError for what nobody can search by."""
    if not isinstance(text, str):
        why = f"text is words to search by, not {type(text).__name__}"
    elif len(text) > MAX_SEARCHED or len(text.split()) > MAX_SEARCHED_WORDS:
        why = (
            f"A search takes at most {MAX_SEARCHED_WORDS} words and {MAX_SEARCHED:,} characters, not "
            f"{len(text.split()):,} words and {len(text):,} characters"
        )
    elif is_broken(text):
        why = "The search holds half of a character (a lone surrogate)"
    else:
        return
    raise SeedanceError(f"{why}.", charged="", next_step="Search by a few words that the job has.")


def not_one(name: str, rows: Sequence[Row], service: str, *, elsewhere: Sequence[Row]) -> JobNotFound:
    """The error for a name that stands for no job of a service, or for several; `elsewhere` are those of others."""
    if rows:
        return JobNotFound(f"{shown(name)} is the beginning of several ids: {', '.join(row.id for row in rows)}.")
    services = {row.service for row in elsewhere}
    where = f" of {service}; it belongs to {', '.join(sorted(services))}" if services else ""
    return JobNotFound(f"There is no job {shown(name, 80)} in the history{where}.")


class Jobs(Table[Job]):
    """Jobs in order, as `session.jobs()` returns them: a sequence, a table, and a frame."""

    def __init__(self, jobs: Iterable[Job], *, empty: str = EMPTY) -> None:
        rows = tuple(jobs)
        marked = any(_marks(job) for job in rows)
        pictured = {job.id for job in [job for job in rows if job.saved_clip is not None][:PICTURES]}
        picture: Column[Job] = Column(
            "", lambda _: "", html=lambda job: _picture(job) if job.id in pictured else "", only_html=True
        )
        columns = (picture, *COLUMNS) if pictured else COLUMNS
        more = [*([RELATION] if any(_relation(job) for job in rows) else []), *([MARKS] if marked else [])]
        super().__init__(rows, (*columns, *more), empty=empty)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Jobs: ...
    def __getitem__(self, index: int | slice) -> Job | Jobs:
        return Jobs(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def choose(self) -> Any:
        """Look through their clips one at a time, full width, and rate, star or reject each by a key."""
        return presenters.open_choose(self)

    def to_frame(self) -> Any:
        """A pandas DataFrame: instants in UTC, names as categories, numbers that may be missing.

        Raises PackageMissing without pandas.
        """
        return dataframe.to_frame(map(_record, self), FRAME)


_IN_FRAMES = {o.name: dataframe.WHOLE if o.kind == "integer" else dataframe.WORD for o in OPTIONS if o.is_plain}
FRAME = {
    "id": dataframe.TEXT,
    "status": dataframe.WORD,
    "prompt": dataframe.TEXT,
    **_IN_FRAMES,
    "created_at": dataframe.INSTANT,
    "final_at": dataframe.INSTANT,
    "run_s": dataframe.NUMBER,
    "cost_usd": dataframe.NUMBER,
    "credits_charged": dataframe.WHOLE,
    "starred": dataframe.FLAG,
    "rating": dataframe.WHOLE,
    "tags": dataframe.THINGS,
    "note": dataframe.TEXT,
    "sweep": dataframe.WORD,
    "sweep_values": dataframe.THINGS,
    "parent": dataframe.TEXT,
    "relation": dataframe.WORD,
    "request_id": dataframe.TEXT,
    "clip": dataframe.TEXT,
    "notebook": dataframe.WORD,
}


def _record(job: Job) -> tuple[Any, ...]:
    row, request = job.row, job.request
    return (
        *(row.id, row.status, request.prompt, *(getattr(request, name) for name in _IN_FRAMES)),
        *(row.created_at, row.final_at, row.run_s, row.cost_usd, row.credits_charged, row.starred, row.rating),
        *(row.tags, row.note, row.sweep_id, row.sweep_values, row.parent_id, relation_of(row)),
        *(row.request_id, row.clip_path, row.notebook),
    )


def age(since: float) -> str:
    """The time since an instant, in one unit."""
    seconds = max(0.0, time.time() - since)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def relation_of(row: Row) -> str | None:
    """What a job is of its parent; `None` where it has none."""
    return None if row.parent_id is None else row.relation


def _relation(job: Job) -> str:
    """What a job continues or takes again; a variation is the rule, and is not said."""
    relation = relation_of(job.row)
    words = {CONTINUES: "continues", TAKE: "take of"}.get(relation or "")
    return f"{words} {job.row.parent_id}" if words else ""


def _marks(job: Job) -> str:
    """The star, the rating and the tags."""
    rated = "" if job.rating is None else f"{job.rating}/{MAX_RATING}"
    return " ".join(part for part in ("★" * job.starred, rated, ", ".join(job.tags)) if part)


def _picture(job: Job) -> str:
    """The poster, small, as a link to the clip."""
    from ..clips.montage import thumbnail

    clip = job.saved_clip
    data = thumbnail(clip.poster_path) if clip is not None and clip.poster_path is not None else None
    if clip is None or data is None:
        return ""
    encoded = base64.b64encode(data).decode()
    image = f'<img alt="" src="data:image/jpeg;base64,{encoded}" style="width:96px;height:auto;border-radius:4px">'
    name = told(f"Open the clip of job {job.id}")
    return f'<a data-sdw-job="{escape(job.id)}" href="{link_of(clip.path)}" aria-label="{name}">{image}</a>'


def _file_name(job: Job) -> str:
    clip = job.saved_clip
    return "" if clip is None else clip.path.name


def _link(job: Job) -> str:
    """The clip's name, as a link to it."""
    clip = job.saved_clip
    return "" if clip is None else f'<a href="{link_of(clip.path)}">{told(clip.path.name)}</a>'


def clip_html(job: Job) -> str:
    """The clip's name, as a link to it; in a batch run, whose output is often moved, with the clip itself above it."""
    clip = job.saved_clip
    if clip is None or not environment.is_batch() or clip.size_bytes > embedding.limit_bytes():
        return _link(job)
    video, link = video_html(clip, job.request.prompt, poster_of(clip)), _link(job)
    return f'<div data-sdw-job="{escape(job.id)}" style="width:{_CLIP_WIDTH}px">{video}{link}</div>'


COLUMNS: Sequence[Column[Job]] = (
    Column("id", lambda job: job.id),
    Column("status", lambda job: str(job.status)),
    Column("prompt", lambda job: shortened(job.request.prompt), wraps=True),
    Column("model", lambda job: job.request.model),
    Column("age", lambda job: age(job.created_at), number=True),
    Column("cost (est.)", lambda job: usd(job.cost), number=True),
    Column("clip", _file_name, wraps=True, html=_link),
)
RELATION: Column[Job] = Column("relation", _relation)
MARKS: Column[Job] = Column("marks", lambda job: shortened(_marks(job)), wraps=True)
"""Only where there are any."""
