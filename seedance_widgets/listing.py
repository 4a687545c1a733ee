"""A list of jobs that shows as a table and becomes a frame, and the words by which jobs are looked for."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from typing import Any, TypedDict, overload

from . import frame
from .errors import JobNotFound, SeedanceError
from .job import Job, checked_tag
from .life import Row
from .table import Column, Table, shortened, usd
from .when import When, instant

MAX_RATING = 5
EMPTY = "No such jobs."


class JobFilter(TypedDict, total=False):
    """Which jobs to list; what is left out does not matter."""

    status: str | None
    model: str | None
    text: str | None
    """Every word of it stands in the prompt, the note, a tag, the id or the request id."""
    starred: bool | None
    tag: str | None
    rating: int | None
    """This or better."""
    sweep: Any
    """A sweep, or its id."""
    since: When | None
    until: When | None


def wanted_of(asked: JobFilter) -> dict[str, Any]:
    """What the store is asked for. Raises SeedanceError for what cannot be meant."""
    if unknown := asked.keys() - JobFilter.__annotations__.keys():
        raise TypeError(f"jobs() takes {', '.join(JobFilter.__annotations__)}; not {', '.join(sorted(unknown))}")
    wanted: dict[str, Any] = dict(asked)
    for name in ("since", "until"):
        if (said := wanted.get(name)) is not None:
            wanted[name] = instant(said, name=name, end=name == "until")
    if (rating := wanted.get("rating")) is not None and (isinstance(rating, bool) or rating not in range(1, 6)):
        raise SeedanceError(f"rating takes 1 to {MAX_RATING}, not {str(rating)[:40]!r}.", charged="")
    if (tag := wanted.get("tag")) is not None:
        wanted["tag"] = checked_tag(tag)
    if (text := wanted.get("text")) is not None:
        _check_search(text)
    sweep = wanted.get("sweep")
    wanted["sweep"] = sweep if sweep is None or isinstance(sweep, str) else sweep.id
    return wanted


MAX_SEARCHED, MAX_SEARCHED_WORDS = 4_000, 100
"""Characters and words of a search: more is deeper than a database takes."""


def _check_search(text: object) -> None:
    """Raise SeedanceError for what nobody can search by."""
    if not isinstance(text, str):
        why = f"text is words to search by, not {type(text).__name__}"
    elif len(text) > MAX_SEARCHED or len(text.split()) > MAX_SEARCHED_WORDS:
        why = (
            f"A search takes at most {MAX_SEARCHED_WORDS} words and {MAX_SEARCHED:,} characters, not "
            f"{len(text.split()):,} words and {len(text):,} characters"
        )
    elif any("\ud800" <= character <= "\udfff" for character in text):
        why = "The search holds half of a character (a lone surrogate)"
    else:
        return
    raise SeedanceError(f"{why}.", charged="", next_step="Search by a few words that the job has.")


def not_one(name: str, rows: Sequence[Row], service: str, *, elsewhere: Sequence[Row]) -> JobNotFound:
    """What to raise when a name stands for no job of a service, or for several; `elsewhere` are those of others."""
    if rows:
        return JobNotFound(f"{name!r} is the beginning of several ids: {', '.join(row.id for row in rows)}.")
    services = {row.service for row in elsewhere}
    where = f" of {service}; it belongs to {', '.join(sorted(services))}" if services else ""
    return JobNotFound(f"There is no job {name[:80]!r} in the history{where}.")


class Jobs(Table[Job]):
    """Jobs in order, as `session.jobs()` returns them: a sequence, a table, and a frame."""

    def __init__(self, jobs: Iterable[Job], *, empty: str = EMPTY) -> None:
        found = tuple(jobs)
        marked = any(_marks(job) for job in found)
        super().__init__(found, (*COLUMNS, MARKS) if marked else COLUMNS, empty=empty)

    @overload
    def __getitem__(self, index: int) -> Job: ...
    @overload
    def __getitem__(self, index: slice) -> Jobs: ...
    def __getitem__(self, index: int | slice) -> Job | Jobs:
        return Jobs(self._rows[index]) if isinstance(index, slice) else self._rows[index]

    def __eq__(self, other: object) -> bool:
        return list(self) == list(other) if isinstance(other, Sequence) else NotImplemented

    __hash__ = None  # type: ignore[assignment]

    def to_frame(self) -> Any:
        """A pandas DataFrame: instants in UTC, names as categories, numbers that may be missing.

        Raises PackageMissing without pandas.
        """
        return frame.to_frame(map(_record, self), FRAME)


FRAME = {
    "id": frame.TEXT,
    "status": frame.WORD,
    "prompt": frame.TEXT,
    "model": frame.WORD,
    "duration": frame.WHOLE,
    "aspect_ratio": frame.WORD,
    "resolution": frame.WORD,
    "created_at": frame.INSTANT,
    "final_at": frame.INSTANT,
    "run_s": frame.NUMBER,
    "cost_usd": frame.NUMBER,
    "credits_charged": frame.WHOLE,
    "starred": frame.FLAG,
    "rating": frame.WHOLE,
    "tags": frame.THINGS,
    "note": frame.TEXT,
    "sweep": frame.WORD,
    "sweep_values": frame.THINGS,
    "parent": frame.TEXT,
    "request_id": frame.TEXT,
    "clip": frame.TEXT,
    "notebook": frame.WORD,
}


def _record(job: Job) -> tuple[Any, ...]:
    row, asked = job.row, job.request
    return (
        *(row.id, row.status, asked.prompt, asked.model, asked.duration, asked.aspect_ratio, asked.resolution),
        *(row.created_at, row.final_at, row.run_s, row.cost_usd, row.credits_charged, row.starred, row.rating),
        *(row.tags, row.note, row.sweep_id, row.sweep_values, row.parent_id, row.request_id, row.clip_path),
        row.notebook,
    )


def age(since: float) -> str:
    """How long ago an instant was, in one unit."""
    seconds = max(0.0, time.time() - since)
    for size, unit in ((86400, "d"), (3600, "h"), (60, "min")):
        if seconds >= size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"


def _marks(job: Job) -> str:
    """The star, the rating and the tags."""
    rated = "" if job.rating is None else f"{job.rating}/{MAX_RATING}"
    return " ".join(part for part in ("★" * job.starred, rated, ", ".join(job.tags)) if part)


COLUMNS: Sequence[Column[Job]] = (
    Column("id", lambda job: job.id),
    Column("status", lambda job: str(job.status)),
    Column("prompt", lambda job: shortened(job.request.prompt), wraps=True),
    Column("model", lambda job: job.request.model),
    Column("age", lambda job: age(job.created_at), number=True),
    Column("cost (est.)", lambda job: usd(job.cost), number=True),
    Column("clip", lambda job: "" if job.clip is None else job.clip.path.name, wraps=True),
)
MARKS: Column[Job] = Column("marks", lambda job: shortened(_marks(job)), wraps=True)
"""Only where there are any."""
