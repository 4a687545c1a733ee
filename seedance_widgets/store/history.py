"""The history: one row a job, written before anything is sent. The only door to the database.

SQLite in rollback-journal mode with `synchronous=FULL` and `BEGIN IMMEDIATE` by default, so that many kernels share one
file safely, on network homes too (WAL is not safe there). PostgreSQL by URL for a team. Every change is one
transaction: read the row, `life.advance` it, write it. A lease on a row says which kernel looks after it.

What happens when the file is damaged, deleted or cannot be written is in `recovery`; `Store.notice` tells a person.
"""

from __future__ import annotations

import contextlib
import json
import threading
import time
import weakref
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, TypedDict, TypeVar, Unpack

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from ..caps import Caps, Spent
from ..errors import JobNotFound, SeedanceError, SentBefore, StoreError
from ..life import Adopted, Event, Row, advance
from ..shelter import sheltered
from ..types import GenerationRequest
from . import adoption, money, recovery, search
from .engine import file_engine, memory_engine, shared_engine, take_turns
from .money import Sums
from .recovery import Trouble
from .schema import columns_of, jobs, migrate, row_of
from .sweeps import Sweeps, refuse_taken
from .trail import FORCED, KEPT, Trail

T = TypeVar("T")

LEASE_S = 30.0
"""A kernel that has not renewed its lease for this long is taken for dead."""
BACK_TO_FILE_S = 30.0
"""Between tries to write to the file again, while the history is kept in memory."""

_OPEN = sa.or_(
    jobs.c.status.not_in(("succeeded", "failed", "cancelled", "unconfirmed")),
    sa.and_(jobs.c.status == "succeeded", jobs.c.clip_path.is_(None), jobs.c.removed_at.is_(None)),
)


class Wanted(TypedDict, total=False):
    """What rows to find; what is left out does not matter."""

    service: str | None
    status: str | list[str] | None
    model: str | list[str] | None
    text: str | None
    """Every word of it stands in the prompt, the note, a tag, the id or the request id."""
    starred: bool | None
    """With a star, or without."""
    tag: str | None
    """One of its tags, as it was given but for capitals."""
    rating: int | None
    """At least this."""
    sweep: str | None
    """The id of its sweep."""
    since: float | None
    """Created at or after this instant."""
    until: float | None
    """Created before this instant."""


class Store:
    """The rows of one database. Thread-safe; cheap to open, the first use creates file and folder (0700).

    Args:
        url: A SQLAlchemy URL, or the path of a SQLite file.
        trail: The paper trail; `submissions.jsonl` beside the file unless told otherwise.
        clock: Seconds since 1970; a test passes its own.
    """

    def __init__(self, url: str | Path, *, trail: Path | None = None, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._path = None if isinstance(url, str) and "://" in url else Path(url)
        self._engine = file_engine(self._path) if self._path else shared_engine(str(url))
        self._trail = Trail(trail or (self._path.with_name("submissions.jsonl") if self._path else None))
        self._ready = False
        self._lock = threading.RLock()
        self._memory: sa.Engine | None = None
        self._tried_file_at = 0.0
        self._unwritten: list[Callable[[sa.Connection], object]] = []
        self.sweeps = Sweeps(self._write, self._read, self._trail)
        self.notice: str | None = None
        """What a person should know about the history: rebuilt, or kept in memory. `None` while all is well."""

    @property
    def where(self) -> str:
        """The file, or the database's address without its password."""
        return str(self._path) if self._path else self._engine.url.render_as_string(hide_password=True)

    @property
    def is_in_memory(self) -> bool:
        """Whether the file cannot be written, so that this kernel's changes are kept in memory for now."""
        return self._memory is not None

    # --- writing --------------------------------------------------------------------------------------------------
    def add(self, row: Row, *, owner: str | None = None, caps: Caps | None = None, day_at: float = 0.0) -> Row:
        """Write a new row, leased to `owner` so that no other kernel takes it for abandoned.

        With `caps` only when they allow it, counted in the same transaction: two kernels never slip past one together.
        The day began at `day_at`. Raises CapExceeded, or SentBefore when its place in a sweep is taken; nothing is
        written then.
        """
        until = self._clock() + LEASE_S if owner else 0.0

        def check(connection: sa.Connection) -> None:
            refuse_taken(connection, row)
            if caps is not None and caps.any:
                take_turns(connection, "caps")
                spent = money.spent(connection, row.service, row.session_id, day_at)
                caps.check(row.request, row.cost_usd, spent)

        self._write(lambda connection: _insert(connection, row, owner, until), first=check)
        self._trail.submitted(row)
        return row

    def add_all(self, rows: Iterable[Row]) -> None:
        """Write many rows that have ended elsewhere, in one transaction: an import. Nobody looks after them."""
        values = [columns_of(row) for row in rows]
        if values:
            self._write(lambda connection: connection.execute(sa.insert(jobs), values))

    def apply(self, job_id: str, event: Event) -> Row:
        """One step of a job's life, in one transaction. Returns the row as it is afterwards.

        Raises AdoptRefused for a request id that another job has.
        """
        if isinstance(event, Adopted):
            return self._adopt(job_id, event)
        if isinstance(event, FORCED):
            self._trail.happened(job_id, event)  # also when the database is locked or gone just now
        return self._write(lambda connection: self._advance(connection, job_id, event))

    def _adopt(self, job_id: str, event: Adopted) -> Row:
        """Raises AdoptRefused when another job has the request id; what was refused is in no paper trail."""

        def check(connection: sa.Connection) -> None:
            adoption.refuse_owned(connection, job_id, event.request_id)
            self._trail.happened(job_id, event)

        return self._write(lambda connection: self._advance(connection, job_id, event), first=check)

    def _advance(self, connection: sa.Connection, job_id: str, event: Event) -> Row:
        row = _one(connection, jobs.c.id == job_id, alone=True)
        if row is None:
            raise JobNotFound(f"There is no job {job_id!r} in {self.where}.")
        after = advance(row, event)
        if after is not row:
            ends = after.final and not row.final
            if (ends or isinstance(event, KEPT)) and not isinstance(event, FORCED):
                self._trail.happened(job_id, event)
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**columns_of(after)))
        return after

    # --- reading --------------------------------------------------------------------------------------------------
    def get(self, job_id: str) -> Row | None:
        """The row of an id, or `None`. Also what is left of one that was deleted."""
        return self._read(lambda connection: _one(connection, jobs.c.id == job_id))

    def find(self, name: str, *, service: str | None = None) -> list[Row]:
        """Rows of a service whose id or request id is `name`, else those whose id begins with it."""
        is_named = sa.or_(jobs.c.id == name, jobs.c.request_id == name)
        begins = jobs.c.id.startswith(name, autoescape=True)

        def find(connection: sa.Connection) -> list[Row]:
            here = _where(connection, {"service": service})
            return _all(connection, sa.and_(here, is_named), 2) or _all(connection, sa.and_(here, begins), 5)

        return self._read(find)

    def rows(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[Wanted]) -> list[Row]:
        """The newest rows that fit all that is wanted, newest first; `offset` skips so many."""
        return self._read(lambda connection: _all(connection, _where(connection, wanted), limit, offset))

    def children(self, job_ids: Iterable[str], *, service: str, limit: int = 500) -> list[Row]:
        """The rows that were made from any of some jobs, newest first."""
        where = sa.and_(jobs.c.service == service, jobs.c.parent_id.in_(list(job_ids)))
        return self._read(lambda connection: _all(connection, where, limit))

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many rows fit all that is wanted."""
        query = sa.select(sa.func.count()).select_from(jobs)
        return self._read(lambda c: int(c.execute(query.where(_where(c, wanted))).scalar_one()))

    def statuses(self, service: str) -> list[str]:
        """Every status that a job of a service has."""
        query = sa.select(jobs.c.status).where(jobs.c.service == service).distinct().order_by(jobs.c.status)
        return self._read(lambda connection: [status for (status,) in connection.execute(query)])

    def spent_usd(self, service: str, *since: float) -> list[tuple[float, int]]:
        """The estimated cost of what was accepted since each instant, and how many of it had no known price.

        Read in one transaction: what is accepted meanwhile counts in all or in none.
        """
        return self._read(lambda connection: [money.spent_since(connection, service, each) for each in since])

    def spent(self, service: str, session_id: str | None, day_at: float) -> Spent:
        """What counts towards the caps of a session and of the day that began at `day_at`."""
        return self._read(lambda connection: money.spent(connection, service, session_id, day_at))

    def charged(self, service: str, session_id: str | None, day_at: float) -> Spent:
        """What was accepted in a session and on the day that began at `day_at`; what is on its way does not count."""
        return self._read(lambda connection: money.spent(connection, service, session_id, day_at, counts=money.CHARGED))

    def sums(self, service: str, by: str, since: float | None = None, until: float | None = None) -> list[Sums]:
        """All jobs of a service by `day`, `model`, `sweep` or `notebook`, added up; deleted ones too."""
        return self._read(lambda connection: money.sums(connection, service, by, since, until))

    def usd_per_credit(self, service: str) -> tuple[float | None, int]:
        """What a credit has cost in most jobs, and how many jobs tell; `None` where too few do."""
        return self._read(lambda connection: money.usd_per_credit(connection, service))

    def news(self, service: str) -> tuple[int, int]:
        """Two numbers that change when any row of a service does: cheap to ask often."""
        query = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(jobs.c.rev), 0))
        many, revs = self._read(lambda connection: connection.execute(query.where(jobs.c.service == service)).one())
        return int(many), int(revs)

    def like_durations_s(self, request: GenerationRequest, service: str, limit: int = 40) -> list[float]:
        """How long the newest jobs of the same model ran, in seconds: same resolution and duration."""
        query = (
            sa.select(jobs.c.run_s, jobs.c.request)
            .where(jobs.c.service == service, jobs.c.model == request.model)
            .where(jobs.c.status == "succeeded", jobs.c.run_s.is_not(None), jobs.c.removed_at.is_(None))
            .order_by(jobs.c.created_at.desc())
            .limit(limit * 5)
        )
        found = self._read(lambda connection: connection.execute(query).all())
        wanted = (request.resolution, request.duration, bool(request.media_urls))
        like = [run_s for run_s, text in found if _kind(json.loads(text)) == wanted]
        return like[:limit]

    # --- leases ---------------------------------------------------------------------------------------------------
    def take_over(
        self, service: str, owner: str, *, is_dead: Callable[[str], bool] = lambda owner: False, limit: int = 500
    ) -> list[Row]:
        """Lease the open rows of a service that no living kernel looks after, and return them.

        A lease that has run out is free, and so is one whose owner `is_dead`, as far as this machine can tell. What
        the paper trail knows of a row that was being sent is added to it: its kernel may have died between the two.
        """
        now = self._clock()
        held = sa.select(jobs.c.lease_owner).where(_OPEN, jobs.c.service == service).distinct()
        owners = [name for (name,) in self._read(lambda connection: connection.execute(held).all())]
        dead = [name for name in owners if name and name != owner and is_dead(name)]
        unheld = sa.or_(_free(now), jobs.c.lease_owner.in_(dead))

        def take(connection: sa.Connection) -> list[Row]:
            free = _newest(sa.and_(_OPEN, jobs.c.service == service, unheld), limit)
            rows = _rows(connection, free.with_for_update(skip_locked=True))  # what another takes just now is its own
            _lease(connection, [row.id for row in rows], owner, now + LEASE_S)
            sent = {row.id for row in rows if row.status == "submitting"}
            known = {row.id: row for row in rows}
            for job_id, event in self._trail.events(sent) if sent else ():
                known[job_id] = self._advance(connection, job_id, event)
            return list(known.values())

        return self._run(take, reading=False)

    def lease(self, job_id: str, owner: str) -> bool:
        """Take the lease of one row, unless another living kernel has it."""
        now = self._clock()
        free = sa.or_(_free(now), jobs.c.lease_owner == owner)
        query = sa.update(jobs).where(jobs.c.id == job_id, free).values(lease_owner=owner, lease_until=now + LEASE_S)
        return self._run(lambda connection: connection.execute(query).rowcount > 0, reading=False)

    def renew(self, job_ids: Iterable[str], owner: str) -> set[str]:
        """Renew the leases that are still ours; returns their ids."""
        mine = sa.and_(jobs.c.id.in_(list(job_ids)), jobs.c.lease_owner == owner)

        def renew(connection: sa.Connection) -> set[str]:
            found = {found for (found,) in connection.execute(sa.select(jobs.c.id).where(mine))}
            _lease(connection, found, owner, self._clock() + LEASE_S)
            return found

        return self._run(renew, reading=False)

    def release(self, owner: str) -> None:
        """Give up every lease, so that the next session need not wait for them to run out."""
        query = sa.update(jobs).where(jobs.c.lease_owner == owner).values(lease_until=0.0)
        self._run(lambda connection: connection.execute(query), reading=False)

    def close(self) -> None:
        """Close the connections. The store may be used again."""
        sheltered(self._close)

    def _close(self) -> None:
        with self._lock:
            if self._memory is not None:
                self._back_to_file()
            self._engine.dispose()

    # --- one transaction ------------------------------------------------------------------------------------------
    def _write(
        self, work: Callable[[sa.Connection], T], *, first: Callable[[sa.Connection], None] = lambda connection: None
    ) -> T:
        """Change rows; a change that is made in memory is made again in the file later, without what comes `first`."""

        def do(connection: sa.Connection) -> T:
            first(connection)
            if self._memory is not None:
                self._unwritten.append(work)
            return work(connection)

        return self._run(do, reading=False)

    def _read(self, work: Callable[[sa.Connection], T]) -> T:
        return self._run(work, reading=True)

    def _run(self, work: Callable[[sa.Connection], T], *, reading: bool) -> T:
        """Do it in one transaction, which an interrupt does not cut in two."""
        return sheltered(lambda: self._transact(work, reading=reading))

    def _transact(self, work: Callable[[sa.Connection], T], *, reading: bool) -> T:
        """Do it in one transaction; where the file is in trouble, mend that and do it once more."""
        for again in (True, False):
            try:
                self._prepare()
                turn = self._lock if self._memory is not None else contextlib.nullcontext()
                with turn, (self._memory or self._engine).connect() as connection:
                    connection = connection.execution_options(seedance_read=reading)
                    with connection.begin():
                        return work(connection)
            except (SQLAlchemyError, OverflowError) as error:
                if recovery.is_of_a_value(error):
                    raise SeedanceError(
                        "The history was given something that it cannot hold or look for "
                        f"({str(getattr(error, 'orig', None) or error)[:200]}).",
                        charged="",
                        next_step="It takes text, numbers and True or False; nothing is wrong with its file.",
                    ) from error
                if isinstance(error, OverflowError) or not (again and self._mend(error)):
                    cause = getattr(error, "orig", None) or error
                    raise StoreError(
                        f"The history at {self.where} cannot be used ({type(cause).__name__}: {str(cause)[:200]}).",
                        next_step="Check the folder's rights and space, or set SEEDANCE_HOME to another one.",
                    ) from error
        raise AssertionError("the second try returns or raises")

    def _prepare(self) -> None:
        if self._ready and self._memory is None:
            return
        with self._lock:
            if self._memory is not None:
                if self._clock() - self._tried_file_at > BACK_TO_FILE_S:
                    self._back_to_file()
                return
            if self._path is not None:
                try:
                    self._make_file()
                except OSError as error:
                    self._go_on_in_memory(error.strerror or str(error))
                    return
            with self._engine.begin() as connection:
                migrate(connection, self.where)
            self._ready = True

    def _make_file(self) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        recovery.make_folder(self._path.parent)
        if recovery.is_missing(self._path) and (many := recovery.build(self._path, self._trail)):
            self.notice = f"The history {self._path} was missing; {_jobs(many)} read back from {self._trail.name}."

    # --- trouble --------------------------------------------------------------------------------------------------
    def _mend(self, error: SQLAlchemyError) -> bool:
        """Do what an error of the file asks for. Returns whether it is worth trying again."""
        if self._path is None or self._memory is not None:
            return False
        with self._lock:
            trouble = recovery.trouble_of(error, self._path)
            if trouble is Trouble.OTHER:
                return False
            if trouble is Trouble.UNWRITABLE:
                self._go_on_in_memory(str(getattr(error, "orig", error)))
                return True
            self._ready = False
            if trouble is Trouble.DAMAGED:
                try:
                    self._rebuild()
                except OSError as refused:
                    self._go_on_in_memory(refused.strerror or str(refused))
            return True

    def _rebuild(self) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        aside, many = recovery.rebuild(self._path, self._trail)
        if aside is not None:
            self.notice = (
                f"The history {self._path} was damaged. It is kept as {aside.name}, and {_jobs(many)} read back from "
                f"{self._trail.name}."
            )

    def _go_on_in_memory(self, why: str) -> None:
        assert self._path is not None, "a shared database is not ours to mend"
        memory = memory_engine()
        weakref.finalize(self, memory.dispose)
        recovery.copy_into(memory, self._path, self._trail)
        self._memory, self._unwritten, self._tried_file_at = memory, [], self._clock()
        self.notice = (
            f"The history {self._path} cannot be written ({why}). Jobs are kept in memory, and written as soon as that "
            "works again; until then a restart of the kernel loses them. Make room, or set SEEDANCE_HOME to a folder "
            "that you may write to."
        )

    def _back_to_file(self) -> None:
        """Try the file again, with all that was changed in the meantime in one transaction."""
        assert self._memory is not None, "only while in memory"
        self._tried_file_at = self._clock()
        try:
            self._make_file()
            with self._engine.begin() as connection:
                migrate(connection, self.where)
                for change in self._unwritten:
                    with contextlib.suppress(JobNotFound, SentBefore):
                        change(connection)
        except (SQLAlchemyError, OSError):
            return
        self._memory.dispose()
        self._memory, self._unwritten, self.notice, self._ready = None, [], None, True


def _jobs(many: int) -> str:
    return "1 job was" if many == 1 else f"{many} jobs were"


def _insert(connection: sa.Connection, row: Row, owner: str | None, until: float) -> None:
    connection.execute(sa.insert(jobs).values(**columns_of(row), lease_owner=owner, lease_until=until))


def _one(connection: sa.Connection, where: sa.ColumnElement[bool], *, alone: bool = False) -> Row | None:
    """The row that fits. `alone` keeps others from changing it until the transaction ends, on a team's database too."""
    query = sa.select(jobs).where(where)
    found = connection.execute(query.with_for_update() if alone else query).first()
    return None if found is None else row_of(found)


def _where(connection: sa.Connection, wanted: Wanted) -> sa.ColumnElement[bool]:
    found: list[sa.ColumnElement[bool]] = [jobs.c.removed_at.is_(None)]
    for name, column in (("service", "service"), ("status", "status"), ("model", "model"), ("sweep", "sweep_id")):
        if (value := wanted.get(name)) is not None and value != "":
            found.append(jobs.c[column].in_(value) if isinstance(value, list) else jobs.c[column] == value)
    if (starred := wanted.get("starred")) is not None:
        found.append(jobs.c.starred if starred else sa.not_(jobs.c.starred))
    if (since := wanted.get("since")) is not None:
        found.append(jobs.c.created_at >= since)
    if (until := wanted.get("until")) is not None:
        found.append(jobs.c.created_at < until)
    if tag := wanted.get("tag"):
        found.append(jobs.c.tags.icontains(json.dumps(tag, ensure_ascii=False), autoescape=True))
    if rating := wanted.get("rating"):
        found.append(jobs.c.rating >= rating)
    if text := wanted.get("text"):
        found.append(search.holds(connection, jobs, text))
    return sa.and_(*found)


def _all(connection: sa.Connection, where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> list[Row]:
    return _rows(connection, _newest(where, limit, offset))


def _newest(where: sa.ColumnElement[bool], limit: int, offset: int = 0) -> sa.Select[Any]:
    return sa.select(jobs).where(where).order_by(jobs.c.created_at.desc(), jobs.c.id).limit(limit).offset(offset)


def _rows(connection: sa.Connection, query: sa.Select[Any]) -> list[Row]:
    rows = []
    for found in connection.execute(query):
        with contextlib.suppress(KeyError, TypeError, ValueError):  # a row of another hand must not hide the rest
            rows.append(row_of(found))
    return rows


def _free(now: float) -> sa.ColumnElement[bool]:
    """Whether a lease has run out, or ends further ahead than any can: then the clock was set back since."""
    return sa.or_(jobs.c.lease_until < now, jobs.c.lease_until > now + 2 * LEASE_S)


def _lease(connection: sa.Connection, ids: Iterable[str], owner: str, until: float) -> None:
    query = sa.update(jobs).where(jobs.c.id.in_(list(ids))).values(lease_owner=owner, lease_until=until)
    connection.execute(query)


def _kind(request: dict[str, Any]) -> tuple[Any, Any, bool]:
    return request.get("resolution"), request.get("duration"), bool(request.get("media_urls"))
