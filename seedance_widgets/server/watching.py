"""The watch over a history: whether it changed, what is known of it now, and what is news since the last look."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

from ..errors import SeedanceError
from .looking import NEEDS_KEY, SIMULATOR, TOLD, Entry, Seen, Unreadable, read, read_file, read_some
from .notes import Notes
from .place import Place

OPEN_S, IDLE_S = 0.5, 5.0
"""Between looks at the file's own facts (`os.stat`), while jobs are open and while none is."""
DATABASE_S, DATABASE_IDLE_S = 5.0, 30.0
"""The same for a database, which is asked a question each time; not before a page asked."""
LOCKED_S = 10.0
"""How long a history may be locked before it is reported."""
LEFT_S = 40.0
"""A lease that has not moved for so long is of one who has died."""
KEY_S = 30.0
"""How long it holds whether there is a key: a keyring may be slow."""
MOST_CHANGED, MOST_NEW = 100, 200
"""Jobs that an event and an answer name."""
ReadMore: TypeAlias = Callable[[Iterable[str]], list[Entry]]
"""Reads some more rows, by their ids."""

API = 1
"""The version of docs/server-api.md."""


@dataclass(frozen=True, slots=True)
class State:
    """What is known of a history now."""

    history: str = "none"
    """`ok`, `none` or `trouble`."""
    said: str | None = None
    seen: Seen = field(default_factory=Seen)
    needs_key: frozenset[str] = frozenset()
    """Jobs that wait for a key which nobody here has."""

    def kind(self, entry: Entry) -> str:
        """What has become of a job."""
        return entry.kind(entry.id in self.needs_key)

    def is_new(self, entry: Entry, since: float) -> bool:
        """Whether a person is to be notified of it and has not seen it."""
        kind = self.kind(entry)
        if kind not in TOLD or entry.seen_at is not None:
            return False
        return kind == "needs_key" or (entry.final_at or entry.created_at) > since

    @property
    def workable(self) -> frozenset[str]:
        """The open jobs for which a worker that has no other key than this server can do something."""
        return frozenset(entry.id for entry in self.seen.open if self.kind(entry) == "open")


class Watch:
    """Looks when the history changed. Thread-safe; every look is made in a thread that may wait.

    Args:
        place: The history.
        notes: When the extension first ran, and what was reported.
        has_key: Whether this server has a key for the API.
        clock: Seconds of a clock that is never set.
    """

    def __init__(
        self, place: Place, notes: Notes, has_key: Callable[[], bool], *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._place = place
        self.notes = notes
        self._has_key = has_key
        self._clock = clock
        self._lock = threading.Lock()
        self._stat: tuple[int, ...] | None = None
        self._looked_at: float | None = None
        self._locked_since: float | None = None
        self._key: tuple[float, bool] | None = None
        self._leases: dict[str, tuple[tuple[object, ...], float]] = {}
        self._last_kinds: dict[str, tuple[str, bool]] | None = None
        """The kind of each row at the last event, and whether it was new, by id."""
        self._events_left: tuple[object, ...] = ()
        self.is_asked = False
        """Whether a page has asked: a database is left alone before."""
        self.state = State()

    # --- from the thread that serves ------------------------------------------------------------------------------
    @property
    def pause_s(self) -> float:
        """How long to wait before the next `is_due`."""
        return OPEN_S if self.state.seen.open or self._locked_since is not None else IDLE_S

    def is_due(self) -> bool:
        """Whether a look may bring something. Costs one `os.stat`."""
        if self._place.file is None:
            every_s = DATABASE_S if self.state.seen.open else DATABASE_IDLE_S
            return self.is_asked and (self._looked_at is None or self._clock() - self._looked_at >= every_s)
        return self._stat_of() != self._stat or self._locked_since is not None or self._may_need_key()

    def _may_need_key(self) -> bool:
        return any(entry.service != SIMULATOR for entry in self.state.seen.open)

    # --- in a thread that may wait --------------------------------------------------------------------------------
    def look(self) -> dict[str, Any] | None:
        """Look, where the history changed; returns the event for it, or `None` without any news."""
        with self._lock:
            if not self.is_due() and self._looked_at is not None and self._place.file is not None:
                return None
            before, read_more = self.state, self._look()
            self._looked_at = self._clock()
            return self._event(before, read_more)

    def _look(self) -> ReadMore:
        """Take in what there is; returns a way to read what is of no interest any more."""
        stat = self._stat_of()
        read_more: ReadMore = self._read_nothing
        if not self._place.is_there():
            self._stat, self.state = stat, State()
            return read_more
        since = self.notes.since
        try:
            if self._place.file is not None and stat == self._stat and self.state.history == "ok":
                seen = self.state.seen
            elif self._place.file is not None:
                seen, read_more = read_file(self._place.file, since)
            else:
                store = self._place.store()
                seen, read_more = read(store.select, since), partial(read_some, store.select)
        except (Unreadable, SeedanceError) as error:
            self._note_trouble(error, stat)
            return read_more
        self._stat, self._locked_since = stat, None
        self.state = State("ok", None, seen, self._needing_key(seen))
        return read_more

    def _read_nothing(self, job_ids: Iterable[str]) -> list[Entry]:
        return []

    def _note_trouble(self, error: Exception, stat: tuple[int, ...] | None) -> None:
        passes = isinstance(error, Unreadable) and error.passes
        if passes and (self._locked_since is None or self._clock() - self._locked_since < LOCKED_S):
            self._locked_since = self._locked_since or self._clock()
            return
        if not passes:
            self._stat, self._locked_since = stat, None
        message = error.what if isinstance(error, SeedanceError) else str(error)
        self.state = State("trouble", message, self.state.seen if passes else Seen())

    def _needing_key(self, seen: Seen) -> frozenset[str]:
        """The jobs of which nobody that lives has the key."""
        now = self._clock()
        open_ones = [entry for entry in seen.open if entry.service != SIMULATOR]
        leases = {entry.id: (entry.lease_owner, entry.lease_until) for entry in open_ones if entry.is_held}
        self._leases = {
            job_id: known if (known := self._leases.get(job_id)) and known[0] == lease else (lease, now)
            for job_id, lease in leases.items()
        }
        left = [e for e in open_ones if e.id not in self._leases or now - self._leases[e.id][1] > LEFT_S]
        left = [entry for entry in left if entry.look_problem not in NEEDS_KEY]
        return frozenset(entry.id for entry in left) if left and not self._key_is_there(now) else frozenset()

    def _key_is_there(self, now: float) -> bool:
        if self._key is None or now - self._key[0] > KEY_S:
            self._key = (now, self._has_key())
        return self._key[1]

    def _stat_of(self) -> tuple[int, ...] | None:
        if self._place.file is None:
            return None
        try:
            file_stat = os.stat(self._place.file)
        except OSError:
            return None
        return file_stat.st_mtime_ns, file_stat.st_size, file_stat.st_ino

    # --- events ---------------------------------------------------------------------------------------------------
    def _event(self, before: State, read_more: ReadMore) -> dict[str, Any] | None:
        state, since = self.state, self.notes.since
        now = {entry.id: (state.kind(entry), state.is_new(entry, since)) for entry in state.seen.rows}
        entries = {entry.id: entry for entry in state.seen.rows}
        known, self._last_kinds = self._last_kinds, now
        if known is None:
            self._events_left = self._rest(state)
            return None  # the first look: whoever wants to know asks
        vanished = [job_id for job_id in known if job_id not in now]
        try:
            gone = read_more(vanished[:MOST_CHANGED])
        except (Unreadable, SeedanceError):
            gone = []
        changed = [entries[job_id] for job_id, each in now.items() if known.get(job_id) != each]
        self.notes.forget(entry.id for entry in changed if state.kind(entry) == "open")
        rest, self._events_left = self._events_left, self._rest(state)
        if not changed and not vanished and rest == self._events_left:
            return None
        summaries = [_told(entry, state.kind(entry), now[entry.id][1]) for entry in changed]
        summaries += [_told(entry, _kind_of_gone(entry), False) for entry in gone]
        return {
            "api": API,
            "history": state.history,
            "changes": state.seen.changes,
            "open": len(state.seen.open),
            "statuses": state.seen.statuses,
            "new_count": sum(is_new for _, is_new in now.values()),
            "changed": summaries[:MOST_CHANGED],
            "more": max(0, len(changed) + len(vanished) - len(summaries[:MOST_CHANGED])),
        }

    def _rest(self, state: State) -> tuple[object, ...]:
        return state.history, state.seen.changes

    def answer(self, version: str) -> dict[str, Any]:
        """What `GET new` answers, as of the last look."""
        state, since = self.state, self.notes.since
        new = [entry for entry in state.seen.rows if state.is_new(entry, since)]
        return {
            "version": version,
            "api": API,
            "history": state.history,
            "said": state.said,
            "changes": state.seen.changes,
            "open": len(state.seen.open),
            "statuses": state.seen.statuses,
            "new": [
                {"id": e.id, "status": e.status, "kind": state.kind(e), "at": e.final_at or e.created_at}
                for e in new[:MOST_NEW]
            ],
            "more": max(0, len(new) - MOST_NEW),
        }


def _kind_of_gone(entry: Entry) -> str:
    kind = entry.kind()
    return "seen" if entry.seen_at is not None and kind in TOLD else kind


def _told(entry: Entry, kind: str, is_new: bool) -> dict[str, Any]:
    return {"id": entry.id, "status": entry.status, "kind": kind, "is_new": is_new}
