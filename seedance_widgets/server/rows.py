"""What the handlers do with the history. Everything here may wait, so it runs in a thread."""

from __future__ import annotations

import os.path
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from .. import life
from ..errors import JobNotFound, SeedanceError, StoreError
from ..jobs.costs import CostLine, costs
from ..jobs.listing import check_statuses, wanted_of
from ..life.marks import check_room, checked_note, checked_rating, checked_tags
from ..request.caps import read as read_cap
from ..request.urls import is_bucket
from ..settings.keys import Environment
from ..store import Store
from ..values.plain import flag
from ..when import midnight
from .looking import Entry
from .place import Place
from .records import record_of
from .telling import Conflict
from .watching import Watch

MOST_LINES = 400
"""Lines of costs that an answer has of each service."""
CAP_VARIABLE = "SEEDANCE_CAP_PER_DAY_USD"


@dataclass(frozen=True, slots=True)
class _Books:
    store: Store
    service: str


class Rows:
    """The jobs of one history, as pages ask for them.

    Args:
        root: The folder that the server shows.
    """

    def __init__(self, place: Place, watch: Watch, root: Path | None) -> None:
        self._place = place
        self._watch = watch
        self._root = root
        self._store: Store | None = None

    # --- asking ---------------------------------------------------------------------------------------------------
    def listed(self, filters: Mapping[str, Any], *, limit: int, offset: int, is_open: bool) -> dict[str, Any]:
        """A part of the list. Raises SeedanceError for an unusable value."""
        service = filters.get("service")
        wanted = wanted_of({name: value for name, value in filters.items() if name != "service"})  # type: ignore[arg-type]
        wanted |= {"service": service} if service else {}
        changes = self._watch.state.seen.changes
        rows: list[life.Row] = []
        total = 0
        if (store := self._to_read()) is not None:
            check_statuses(wanted, lambda: [status for (status,) in store.select(_STATUSES, {})])
            if is_open:
                ids = [entry.id for entry in self._watch.state.seen.open]
                total, some = len(ids), (store.get(job_id) for job_id in ids[offset : offset + limit])
                rows = [row for row in some if row is not None and not row.is_removed]
            else:
                rows, total = store.rows(limit=limit, offset=offset, **wanted), store.count(**wanted)
        entries = self._entries()
        jobs = [self._record(row, entries) for row in rows]
        return {"jobs": jobs, "total": total, "limit": limit, "offset": offset, "changes": changes}

    def one(self, job_id: str) -> dict[str, Any]:
        """A job with everything. Raises JobNotFound."""
        return {"job": self._record(self.row(job_id), self._entries(), whole=True)}

    def row(self, job_id: str) -> life.Row:
        """The row of an id. Raises JobNotFound, also for one that was deleted."""
        store = self._to_read()
        return _there(None if store is None else store.get(job_id), job_id)

    def costs(self, by: str) -> dict[str, Any]:
        """What was spent, of each service apart. Raises SeedanceError for a group that there is not."""
        services = []
        cap = read_cap(Environment().get(CAP_VARIABLE) or "", CAP_VARIABLE)
        if (store := self._to_read()) is not None:
            for service, _ in store.select(_SERVICES, {}):
                summary = costs(_Books(store, service), by, since=None, until=None)
                today = store.charged(service, None, midnight(time.time()))
                lines = list(summary)
                if len(lines) > MOST_LINES:
                    lines = lines[-MOST_LINES:] if by == "day" else lines[:MOST_LINES]
                services.append(
                    {
                        "service": service,
                        "today_usd": today.day_usd,
                        "today_unknown": today.day_unknown,
                        "cap_per_day_usd": cap,
                        "usd_per_credit": summary.usd_per_credit,
                        "lines": [_line(line) for line in lines],
                        "total": _line(summary.total),
                    }
                )
        elif by not in ("day", "model", "sweep", "notebook"):
            raise SeedanceError("costs are told by day, model, sweep or notebook.", charged="")
        return {"by": by, "services": services}

    # --- wishes ---------------------------------------------------------------------------------------------------
    def cancel(self, job_id: str) -> dict[str, Any]:
        """Note the wish to cancel; what has not left never does."""
        row = self._for_change(job_id)
        if row.status == "unconfirmed":
            raise Conflict(
                f"Job {row.id} is unconfirmed: without the server's name for it, it cannot be cancelled.",
                charged="You may have been charged.",
                next_step="Look in the vendor's dashboard; %seedance_adopt brings it back, then cancel it.",
            )
        return self._told(row if row.final else self._to_write().cancel_unsent(row.id, time.time()))

    def download(self, job_id: str) -> dict[str, Any]:
        """Note the wish to fetch the clip again: the row goes on, and whoever looks after rows takes it."""
        row = self._for_change(job_id)
        if row.status != "succeeded":
            raise Conflict(f"Job {row.id} has no video: {self._record(row, self._entries())['status_text'].lower()}.")
        there = row.clip_there
        keeps = there is not None and (is_bucket(there) or os.path.isfile(there))
        return self._told(self._to_write().apply(row.id, life.SaveAsked(time.time(), keeps=keeps)))

    def look(self, request_id: str) -> int:
        """Note for the jobs of a request id that there is news at the server; returns how many there are."""
        if self._to_read() is None:
            return 0
        rows = [row for row in self._to_write().find(request_id) if row.request_id == request_id]
        for row in rows:
            self._to_write().apply(row.id, life.LookAsked(time.time()))
            self._to_write().note_webhooks(row.service, True)
        return len(rows)

    # --- a person's own words -------------------------------------------------------------------------------------
    def mark(self, job_id: str, marks: Mapping[str, Any]) -> dict[str, Any]:
        """Star it, rate it, tag it, write a note on it. Raises SeedanceError; nothing is changed then."""
        if unknown := marks.keys() - {"starred", "rating", "note", "tags"}:
            raise SeedanceError(
                f"A mark is starred, rating, note or tags; not {min(unknown)[:40]!r}.",
                charged="",
                next_step="Nothing was changed.",
            )
        starred, note, tags = marks.get("starred"), marks.get("note"), marks.get("tags")
        rating = checked_rating(marks["rating"]) if marks.get("rating") is not None else None
        words = None if tags is None else checked_tags(tags)
        check_room(words or ())
        event = life.Marked(
            starred=None if starred is None else flag(starred, "starred"),
            note=None if note is None else checked_note(note),
            rating=0 if "rating" in marks and rating is None else rating,
            tags=words,
        )
        row = self._for_change(job_id)
        return self._told(self._to_write().apply(row.id, event))

    def seen(self, job_ids: list[str]) -> dict[str, Any]:
        """Note that some jobs were on a visible page."""
        if self._to_read() is None:
            return {"seen": []}
        return {"seen": self._to_write().seen(job_ids, time.time())}

    def check_deletable(self, job_id: str, *, force: bool) -> life.Row:
        """The row, if it may be deleted. Raises JobNotFound, Conflict."""
        row = self._for_change(job_id)
        if row.status == "unconfirmed" and not force:
            raise Conflict(
                f"Job {row.id} is unconfirmed: it may have been paid for, so nothing was deleted.",
                next_step="Look in the vendor's dashboard; %seedance_adopt or %seedance_discard settles it.",
            )
        if row.status != "unconfirmed" and not (row.final and row.settled):
            raise Conflict(
                f"Job {row.id} is still at work ({row.status}), so nothing was deleted.",
                next_step="Wait for it, or cancel it.",
            )
        return row

    # --- the history ----------------------------------------------------------------------------------------------
    def _to_read(self) -> Store | None:
        """The history, or `None` where there is none: asking makes none."""
        if not self._place.is_there():
            return None
        if self._store is None or self._store.is_in_memory:  # what is in memory is a copy, and grows old
            self._store = self._place.store()
        return self._store

    def _to_write(self) -> Store:
        """The history, where it can be written. Raises StoreError: nothing is kept in the memory of a server."""
        store = self._to_read()
        assert store is not None, "there is a row in it"
        if not store.is_writable():
            self._store = None
            raise StoreError(
                "The history cannot be written, so nothing was changed.",
                next_step="Check the data folder's rights and space, then try again.",
            )
        return store

    def _for_change(self, job_id: str) -> life.Row:
        row = self.row(job_id)
        self._to_write()
        return row

    def _told(self, row: life.Row) -> dict[str, Any]:
        return {"job": self._record(_there(row, row.id), self._entries(), whole=True)}

    def _entries(self) -> dict[str, Entry]:
        """What the last look found of each job."""
        return {entry.id: entry for entry in self._watch.state.seen.rows}

    def _record(self, row: life.Row, entries: Mapping[str, Entry], *, whole: bool = False) -> dict[str, Any]:
        state, entry = self._watch.state, entries.get(row.id)
        is_new = entry is not None and row.seen_at is None and state.is_new(entry, self._watch.notes.since)
        needs_key = row.id in state.needs_key and not row.settled
        return record_of(row, root=self._root, needs_key=needs_key, is_new=is_new, whole=whole)


_STATUSES = "SELECT DISTINCT status FROM jobs"
_SERVICES = "SELECT service, max(created_at) AS newest FROM jobs GROUP BY service ORDER BY newest DESC"


def _there(row: life.Row | None, job_id: str) -> life.Row:
    if row is None or row.is_removed:
        was = "" if row is None else " It was deleted."
        raise JobNotFound(
            f"There is no job {job_id!r} in the history.{was}", next_step="The list of jobs has what there is."
        )
    return row


def _line(line: CostLine) -> dict[str, Any]:
    return {field.name: getattr(line, field.name) for field in fields(line)}
