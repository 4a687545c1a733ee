"""The history: one row a job, written before anything is sent. The only door to the database.

SQLite in rollback-journal mode with `synchronous=FULL` and `BEGIN IMMEDIATE` by default, so that many kernels share one
file safely, on network homes too (WAL is not safe there). PostgreSQL by URL for a team. Every change is one
transaction: read the row, `life.advance` it, write it. A lease on a row says which kernel looks after it.

`transactions` opens the database and goes on when its file is in trouble; `rows` has the queries that many share.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any, TypeVar, Unpack

import sqlalchemy as sa

from ..errors import JobNotFound
from ..life import (
    CANCELLED_UNSENT,
    Acknowledged,
    Adopted,
    CancelAsked,
    Delayed,
    Event,
    NotSent,
    Row,
    Seen,
    Sending,
    advance,
    died,
    new_job_id,
    second_acceptance,
)
from ..life.same_request import SameRequest
from ..request.caps import Caps, Spent
from ..secret import Secret
from ..types import FINAL_STATUSES, GenerationRequest, Problem
from ..when import midnight
from . import adoption, leases, money, news, open_rows, places, pushes, rates, same_request
from .engine import (
    take_turns,
)
from .leases import LEASE_S
from .money import Sums
from .open_rows import OpenJobs
from .rows import Wanted, fitting, insert_row, newest, newest_rows, one_row, rows_of, tags_of
from .schema import columns_of, jobs, salt_of
from .sweeps import Sweeps, refuse_taken
from .trail import FORCED, KEPT
from .transactions import Transactions

T = TypeVar("T")


class Store(Transactions):
    """The rows of one database; `Transactions` has its arguments."""

    @cached_property
    def sweeps(self) -> Sweeps:
        """The sweeps of the history."""
        return Sweeps(self._write, self._read, self._trail)

    # --- writing --------------------------------------------------------------------------------------------------
    def add(
        self,
        row: Row,
        *,
        owner: str | None = None,
        caps: Caps | None = None,
        day_at: float = 0.0,
        merge_within_s: float = 0.0,
        again: bool = True,
        recorded: bool = False,
        key: Secret | None = None,
    ) -> Row:
        """Write a new row, leased to `owner` so that no other kernel takes it for abandoned.

        All of this is one transaction, so that two kernels never slip past a cap, or send one request, together.

        Args:
            caps: Write it only when they allow it. The day began at `day_at`.
            merge_within_s: A running row of the same request that was written within these seconds, by the database's
                clock, is returned instead, and nothing is written.
            again: Also when a row of the same request is `unconfirmed`.
            key: The key that it is sent with, of which the row keeps a salted hash.
            recorded: Only where it is kept beyond this process, in the history or on paper; else HistoryUnwritable.

        Raises CapExceeded, or SentBefore when its place in a sweep is taken or the same request is unconfirmed;
        nothing is written then.
        """
        until = self._clock() + LEASE_S if owner else 0.0
        written, on_paper = row, False

        def check(connection: sa.Connection) -> None:
            nonlocal written, day_at, on_paper
            written = row if key is None else replace(row, key_hash=key.hashed(salt_of(connection)))
            if behind_s := self._behind_s(connection):
                written = replace(written, created_at=row.created_at + behind_s)
                day_at = midnight(written.created_at)
            refuse_taken(connection, row)
            if merge_within_s or not again:
                take_turns(connection, "same request")
                other = same_request.find(connection, SameRequest.of(written, merge_within_s))
                if other is not None and other.status != "unconfirmed":
                    raise _Merged(other)
                if other is not None and not again:
                    raise same_request.sent_before(other)
            if caps is not None and caps.any:
                take_turns(connection, "caps")
                spent = money.spent(connection, row.service, row.session_id, day_at)
                caps.check(row.request, row.cost_usd, spent)
            if recorded and self._memory is not None:
                on_paper = self._trail.submitted(written, later=False)
                if not on_paper:
                    raise self._unrecordable()

        try:
            self._write(lambda connection: insert_row(connection, written, owner, until), first=check)
        except _Merged as merged:
            return merged.row
        if not on_paper:
            self._trail.submitted(written)
        return written

    def begin_sending(
        self,
        row: Row,
        at: float,
        *,
        owner: str,
        caps: Caps | None = None,
        day_at: float = 0.0,
        recorded: bool = False,
        key: Secret | None = None,
    ) -> Row | None:
        """Take the last step before a create leaves: say in the database that it leaves now, at `at`.

        Compare and set: only while the row is `submitting`, leased by `owner`, not sent and not cancelled. Returns the
        row as it is then, or `None` when it is not ours to send any more: nothing may be sent then. `row` has the
        price of now; a row that somebody deleted under us is written anew.

        Raises CapExceeded, counting what was sent by then, and HistoryUnwritable when it is to be `recorded` and could
        be kept in memory only; the row is as before.
        """
        until = self._clock() + LEASE_S
        unsent = sa.and_(
            jobs.c.id == row.id,
            jobs.c.status == "submitting",
            jobs.c.sent_at.is_(None),
            jobs.c.cancel_asked_at.is_(None),
            sa.or_(jobs.c.lease_owner == owner, jobs.c.lease_owner.is_(None)),  # none: built anew from the paper trail
        )
        leaves: dict[str, object] = {
            "sent_at": at,
            "not_before_at": None,
            "cost_usd": row.cost_usd,
            "rev": jobs.c.rev + 1,
            **leases.moved(owner, until),
        }

        def check(connection: sa.Connection) -> None:
            nonlocal day_at
            if caps is None or not caps.any:
                return
            if behind_s := self._behind_s(connection):
                day_at = midnight(self._clock() + behind_s)
            take_turns(connection, "caps")
            others = sa.and_(jobs.c.id != row.id, money.ACCEPTED, _LEFT)
            spent = money.spent(connection, row.service, row.session_id, day_at, counts=others)
            caps.check(row.request, row.cost_usd, spent)

        def begin(connection: sa.Connection) -> Row | None:
            if one_row(connection, jobs.c.id == row.id) is None:
                insert_row(connection, row, owner, until)
            if key is not None:  # it may have changed since the row was written
                leaves["key_hash"] = key.hashed(salt_of(connection))
            if connection.execute(sa.update(jobs).where(unsent).values(leaves)).rowcount != 1:
                return None
            must = recorded and self._memory is not None and not self._is_catching_up
            if not self._trail.happened(row.id, Sending(at), later=not must) and must:
                raise self._unrecordable()
            return one_row(connection, jobs.c.id == row.id)

        return self._write(begin, first=check)

    def cancel_unsent(self, job_id: str, at: float) -> Row:
        """Note a person's wish to cancel: what has not left never does, and of the rest it is a wish in the row.

        Returns the row as it is then: ended when it had not left. Whoever holds it sends nothing (`begin_sending`).
        """

        def cancel(connection: sa.Connection) -> Row:
            row = one_row(connection, jobs.c.id == job_id, alone=True)
            if row is None:
                raise JobNotFound(f"There is no job {job_id!r} in {self.where}.")
            if row.status != "submitting" or row.sent_at is not None:
                return self._advance(connection, job_id, CancelAsked(at))
            why = Problem(code="not_sent", message=CANCELLED_UNSENT)
            return self._advance(connection, job_id, NotSent(at, why))

        return self._write(cancel)

    def add_all(self, rows: Iterable[Row]) -> None:
        """Write many rows that have ended elsewhere, in one transaction: an import. Nobody looks after them."""
        values = [columns_of(row) for row in rows]
        if values:
            self._write(lambda connection: connection.execute(sa.insert(jobs), values))

    def apply(self, job_id: str, event: Event, *, owner: str | None = None) -> Row:
        """One step of a job's life, in one transaction. Returns the row as it is afterwards.

        A row that the server accepted after others had given it up is leased to `owner` again. Raises AdoptRefused for
        a request id that another job has.
        """
        if isinstance(event, Adopted):
            return self._adopt(job_id, event)
        if isinstance(event, FORCED):
            self._trail.happened(job_id, event)  # also when the database is locked or gone just now
        return self._write(lambda connection: self._advance(connection, job_id, event, owner))

    def seen(self, job_ids: Collection[str], at: float) -> list[str]:
        """Note that some jobs were on a visible page, in one transaction; returns those that had not been seen."""

        def note(connection: sa.Connection) -> list[str]:
            unseen = sa.and_(jobs.c.id.in_(list(job_ids)), jobs.c.seen_at.is_(None), jobs.c.removed_at.is_(None))
            ids = connection.execute(sa.select(jobs.c.id).where(unseen).order_by(jobs.c.id)).scalars().all()
            for job_id in ids:
                self._advance(connection, job_id, Seen(at))
            return list(ids)

        return self._write(note)

    def _adopt(self, job_id: str, event: Adopted) -> Row:
        """Raises AdoptRefused when another job has the request id; what was refused is in no paper trail."""

        def check(connection: sa.Connection) -> None:
            adoption.refuse_owned(connection, job_id, event.request_id)
            self._trail.happened(job_id, event)

        return self._write(lambda connection: self._advance(connection, job_id, event), first=check)

    def _advance(
        self, connection: sa.Connection, job_id: str, event: Event, owner: str | None = None, *, on_paper: bool = False
    ) -> Row:
        row = one_row(connection, jobs.c.id == job_id, alone=True)
        if row is None:
            raise JobNotFound(f"There is no job {job_id!r} in {self.where}.")
        after = advance(row, event)
        if after is not row:
            ends = after.final and not row.final
            if (ends or isinstance(event, KEPT)) and not isinstance(event, FORCED) and not on_paper:
                self._trail.happened(job_id, event)
            changed = columns_of(after)
            if after.settled and after.status != "submitting":
                changed |= {"lease_owner": None, "lease_until": 0.0}
            elif owner is not None and isinstance(event, Acknowledged):
                changed |= leases.moved(owner, self._clock() + LEASE_S)
            connection.execute(sa.update(jobs).where(jobs.c.id == job_id).values(**changed))
        elif isinstance(event, Acknowledged):
            self._keep_second(connection, row, event, owner)
        return after

    def _keep_second(self, connection: sa.Connection, row: Row, event: Acknowledged, owner: str | None) -> None:
        """Keep an acceptance whose row has another request id as a row of its own, unless one has it already."""
        second = second_acceptance(row, event, new_job_id())
        named = sa.and_(jobs.c.service == row.service, jobs.c.request_id == event.request_id)
        if second is None or one_row(connection, named) is not None:
            return
        self._trail.submitted(second)
        insert_row(connection, second, owner, self._clock() + LEASE_S if owner else 0.0)

    # --- reading --------------------------------------------------------------------------------------------------
    def get(self, job_id: str) -> Row | None:
        """The row of an id, or `None`. Also what is left of one that was deleted."""
        return self._read(lambda connection: one_row(connection, jobs.c.id == job_id))

    def find(self, name: str, *, service: str | None = None) -> list[Row]:
        """Rows of a service whose id or request id is `name`, else those whose id begins with it."""
        is_named = sa.or_(jobs.c.id == name, jobs.c.request_id == name)
        begins = jobs.c.id.startswith(name, autoescape=True)

        def find(connection: sa.Connection) -> list[Row]:
            here = fitting(connection, {"service": service})
            return newest_rows(connection, sa.and_(here, is_named), 2) or newest_rows(
                connection, sa.and_(here, begins), 5
            )

        return self._read(find)

    def find_same(self, same: SameRequest) -> Row | None:
        """A recent row of the same request, else an unconfirmed one of any age."""
        return self._read(lambda connection: same_request.find(connection, same))

    def rows(self, *, limit: int = 20, offset: int = 0, **wanted: Unpack[Wanted]) -> list[Row]:
        """The newest rows that fit all that is wanted, newest first; `offset` skips so many."""
        return self._read(lambda connection: newest_rows(connection, fitting(connection, wanted), limit, offset))

    def ended(self, job_ids: Collection[str]) -> set[str]:
        """Which of some jobs that wait for their turn never get it: final, or to be cancelled. One that is gone may."""
        wished = sa.and_(jobs.c.sent_at.is_(None), jobs.c.cancel_asked_at.is_not(None))
        ended = sa.and_(jobs.c.id.in_(list(job_ids)), sa.or_(jobs.c.status.in_(FINAL_STATUSES), wished))
        ids = self._read(lambda connection: connection.execute(sa.select(jobs.c.id).where(ended)).scalars().all())
        return set(ids)

    def children(self, job_ids: Iterable[str], *, service: str, limit: int = 500) -> list[Row]:
        """The rows that were made from any of some jobs, newest first."""
        where = sa.and_(jobs.c.service == service, jobs.c.parent_id.in_(list(job_ids)))
        return self._read(lambda connection: newest_rows(connection, where, limit))

    def count(self, **wanted: Unpack[Wanted]) -> int:
        """How many rows fit all that is wanted."""
        query = sa.select(sa.func.count()).select_from(jobs)
        return self._read(lambda c: int(c.execute(query.where(fitting(c, wanted))).scalar_one()))

    def statuses(self, service: str) -> list[str]:
        """Every status that a job of a service has."""
        query = sa.select(jobs.c.status).where(jobs.c.service == service).distinct().order_by(jobs.c.status)
        return self._read(lambda connection: [status for (status,) in connection.execute(query)])

    def tags(self, service: str) -> list[str]:
        """Every tag that a job of a service has, in the order of the alphabet; but for capitals each once."""
        return self._read(lambda connection: tags_of(connection, service))

    def open_jobs(self) -> dict[str, OpenJobs]:
        """How many jobs of each service are open, whoever looks after them; services without any are not named."""
        return self._read(open_rows.by_service)

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
        """Two numbers that change when any row of a service does: as cheap to ask with many rows as with few."""
        return self._read(lambda connection: news.read(connection, service))

    def like_durations_s(self, request: GenerationRequest, service: str, limit: int = 40) -> list[float]:
        """How long the newest jobs of the same model ran, in seconds: same resolution and duration."""
        query = (
            sa.select(jobs.c.run_s, jobs.c.request)
            .where(jobs.c.service == service, jobs.c.model == request.model)
            .where(jobs.c.status == "succeeded", jobs.c.run_s.is_not(None), jobs.c.removed_at.is_(None))
            .order_by(jobs.c.created_at.desc())
            .limit(limit * 5)
        )
        rows = self._read(lambda connection: connection.execute(query).all())
        wanted = (request.resolution, request.duration, bool(request.media_urls))
        like = [run_s for run_s, text in rows if _kind(json.loads(text)) == wanted]
        return like[:limit]

    def select(self, statement: str, values: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The lines of a SELECT of the caller's own, in one transaction; `:name` stands for a value."""
        query = sa.text(statement)
        return self._read(lambda connection: [tuple(line) for line in connection.execute(query, dict(values))])

    # --- leases ---------------------------------------------------------------------------------------------------
    def take_over(
        self,
        service: str,
        owner: str,
        *,
        holding: Collection[str] = (),
        is_gone: Callable[[str], bool] = lambda owner: False,
        limit: int = 500,
    ) -> list[Row]:
        """Lease the open rows of a service that no living worker looks after, and return them.

        Free is a lease that was given up, one whose owner `is_gone`, one that has not moved for `LEASE_S` while this
        store watched, and one of our own that is not among those that we are `holding`. What the paper trail knows of
        a row that was being sent is added to it, and a row whose sender died is closed, all in one transaction. While
        the history is kept in memory only what is known to be gone is taken: others go on with the file.
        """
        seen = self._read(lambda connection: leases.read(connection, service))
        others = [lease for lease in seen if lease.owner != owner and not leases.is_free(lease)]
        gone = {name for name in {lease.owner for lease in others} if name and is_gone(name)}
        silent = set() if self.is_in_memory else set(self._observer.silent(others))  # in a copy nobody's lease moves
        free = [
            lease
            for lease in seen
            if (lease.job_id not in holding if lease.owner == owner else leases.is_free(lease))
            or lease in silent
            or lease.owner in gone
        ]
        lines = self._trail.acceptances()
        late = self._late(service, lines)
        if not free and not late:
            self._trail.told(lines)
            return []
        learned: list[tuple[str, Event]] = []

        def learn(connection: sa.Connection, job_id: str, event: Event, *, on_paper: bool = True) -> Row:
            learned.append((job_id, event))
            return self._advance(connection, job_id, event, owner, on_paper=on_paper)

        def take(connection: sa.Connection) -> list[Row]:
            until = self._clock() + LEASE_S
            taken = [lease.job_id for lease in free[:limit] if leases.take(connection, lease, owner, until)]
            rows = {row.id: row for row in rows_of(connection, newest(jobs.c.id.in_(taken), limit))}
            sent = {row.id for row in rows.values() if row.status == "submitting"}
            left_at = {job_id: rows[job_id].sent_at for job_id in sent}
            for job_id, event in list(self._trail.events(sent)) if sent else ():
                if isinstance(event, Sending | Delayed) and left_at[job_id] is not None:
                    continue  # the database knows that it left, and of no answer
                rows[job_id] = learn(connection, job_id, event)
            for job_id in sent:
                if rows[job_id].status == "submitting":
                    rows[job_id] = learn(connection, job_id, died(rows[job_id], self._clock()), on_paper=False)
            for job_id, accepted in late:
                with contextlib.suppress(JobNotFound):  # a line of another history
                    after = learn(connection, job_id, accepted)
                    if job_id not in holding and after.request_id == accepted.request_id and not after.settled:
                        rows.setdefault(job_id, after)
            return list(rows.values())

        rows = self._run(take, reading=False)
        self._trail.told(lines)
        if self._memory is not None:
            self._unwritten += [self._again(job_id, event, owner) for job_id, event in learned]
        return rows

    def _again(self, job_id: str, event: Event, owner: str) -> Callable[[sa.Connection], object]:
        """A change that was made in memory, to make in the file."""
        return lambda connection: self._advance(connection, job_id, event, owner, on_paper=True)

    def _late(self, service: str, lines: list[tuple[str, Acknowledged]]) -> list[tuple[str, Acknowledged]]:
        """Acceptances of a service in the paper trail that their writer, who had time, has not brought any further."""
        if not lines:
            return []
        here = jobs.c.service == service
        ids = sa.select(jobs.c.id).where(here, jobs.c.id.in_([job_id for job_id, _ in lines]))
        accepted = sa.select(jobs.c.request_id).where(
            here, jobs.c.request_id.in_([each.request_id for _, each in lines])
        )
        there = set(self._read(lambda connection: connection.execute(ids).scalars().all()))
        known = set(self._read(lambda connection: connection.execute(accepted).scalars().all()))
        return [(job_id, event) for job_id, event in lines if job_id in there and event.request_id not in known]

    def lease(self, job_id: str, owner: str, *, is_gone: Callable[[str], bool] = lambda owner: False) -> bool:
        """Take the lease of one row, unless another has it whose process is not known to be gone."""
        query = sa.select(jobs.c.lease_owner).where(jobs.c.id == job_id)
        holder = self._read(lambda connection: connection.execute(query).scalar())
        gone = [holder] if holder and holder != owner and is_gone(holder) else []
        until = self._clock() + LEASE_S
        return self._run(lambda connection: leases.take_one(connection, job_id, owner, until, gone), reading=False)

    def renew(self, job_ids: Iterable[str], owner: str) -> dict[str, Row]:
        """Move the leases that are still ours; returns their rows as they are now, by id."""
        mine = leases.ours(job_ids, owner)

        def renew(connection: sa.Connection) -> dict[str, Row]:
            rows = {row.id: row for row in rows_of(connection, sa.select(jobs).where(mine))}
            leases.renew(connection, rows, owner, self._clock() + LEASE_S)
            return rows

        return self._run(renew, reading=False)

    def wishes(self, owner: str) -> list[Row]:
        """The rows leased to an owner which somebody wished to cancel, or of which a webhook told news."""
        wished = sa.or_(jobs.c.cancel_asked_at.is_not(None), jobs.c.look_asked_at.is_not(None))
        where = sa.and_(jobs.c.status.not_in(("succeeded", "failed", "cancelled")), jobs.c.lease_owner == owner, wished)
        return self._read(lambda connection: newest_rows(connection, where, 500))

    def note_webhooks(self, service: str, arrive: bool) -> None:
        """Note that a webhook of a service came to this history, or that one did not which should have."""
        self._run(lambda connection: pushes.note(connection, service, arrive), reading=False)

    def webhooks_arrive(self, service: str) -> bool:
        """Tell whether the last webhook of a service that was to come did."""
        return self._read(lambda connection: pushes.read(connection, service))

    def holds_any(self, owner: str) -> bool:
        """Whether an open row of any service is leased to an owner."""
        query = sa.select(jobs.c.id).where(jobs.c.lease_owner == owner, leases.OPEN).limit(1)
        return self._read(lambda connection: connection.execute(query).first()) is not None

    def release(self, owner: str, *, keep: Iterable[str] = ()) -> None:
        """Give up every lease but those of the rows to `keep`, so that others need not wait for them."""
        self._run(lambda connection: leases.release(connection, owner, keep), reading=False)

    # --- media ----------------------------------------------------------------------------------------------------
    def want_medium(self, place: str, sha256: str, *, kept: bool = False) -> bool:
        """Note that a medium is about to be put at a place. `False` while it is being taken away from there."""
        return self._write(lambda connection: places.want(connection, place, sha256, self._clock(), kept=kept))

    def unneeded_media(self, address: str) -> list[str]:
        """The places below an address whose medium nothing needs any more: from now on they are being taken away."""
        return self._write(lambda connection: places.unneeded(connection, address))

    def medium_gone(self, place: str) -> None:
        """A medium was taken away from its place."""
        self._write(lambda connection: places.gone(connection, place))

    def needed_media(self) -> set[str]:
        """The hashes of the media of open jobs and of unfinished sweeps."""
        return self._read(places.needed)

    def media_folder(self) -> str:
        """The name of the folder that media of this history have in a bucket: others than ours never touch it."""
        return self._write(places.folder)

    def slowest_s(self, service: str) -> float:
        """The longest that a job of a service waited until it was worked at, in seconds; 0 where none did."""
        return self._read(lambda connection: places.slowest_s(connection, service))

    def share_rate(self, wish: rates.Wish, *, leaves: bool = False) -> rates.Given:
        """Take a part of what all processes with one key may ask in a minute together; see `rates.share`."""

        def share(connection: sa.Connection) -> rates.Given:
            return rates.share(connection, wish, lambda: self._clock() + self._behind_s(connection), leaves=leaves)

        return self._run(share, reading=False)


class _Merged(Exception):
    """A row of the same request is there already."""

    def __init__(self, row: Row) -> None:
        self.row = row


_LEFT = sa.or_(jobs.c.sent_at.is_not(None), jobs.c.request_id.is_not(None), jobs.c.status == "unconfirmed")
"""Its create has left: of the rows that still wait for their turn, whichever comes first has what a cap allows."""


def _kind(request: dict[str, Any]) -> tuple[Any, Any, bool]:
    return request.get("resolution"), request.get("duration"), bool(request.get("media_urls"))
