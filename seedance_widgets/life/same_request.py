"""The same request: what a cell that was run twice, or a second click, would pay for again.

The one definition of it. The store asks it of rows in its transaction, `jobs.reuse` also of jobs that are not written
yet, for cells and for the Studio.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..types import GenerationRequest
from .row import Row

RECENT_S = 10.0
"""The same request within this time is taken for the same intent, until a person says otherwise."""


class SameRequest(NamedTuple):
    """A request that is about to be sent, as rows are compared with it.

    Two requests are the same when they are equal: defaults are filled in by then, a prompt counts byte for byte, media
    in their order, and what signs a link does not count. A request has no seed; `metadata` can tell two apart.
    """

    request: GenerationRequest
    service: str
    at: float
    """When it is sent: seconds since 1970, by the clock of the rows."""
    within_s: float
    """How far from that a row may have been created; 0: only unconfirmed rows count."""
    succeeded: bool = False
    """Whether a row that has succeeded counts, too."""
    row_id: str | None = None
    """Its own row, which is no other."""

    @classmethod
    def of(cls, row: Row, within_s: float) -> SameRequest:
        """The request of a row that is about to be written."""
        return cls(request=row.request, service=row.service, at=row.created_at, within_s=within_s, row_id=row.id)

    def is_recent(self, row: Row) -> bool:
        """Tell whether a row is this request, was made lately, and goes on: it is not settled, nor to be cancelled."""
        if not (self._is_asked_by(row) and self.within_s and abs(row.created_at - self.at) <= self.within_s):
            return False
        if self.succeeded and row.status == "succeeded":
            return True
        goes_on = row.status == "submitting" or not row.settled
        return goes_on and row.cancel_asked_at is None

    def is_unconfirmed(self, row: Row) -> bool:
        """Tell whether a row is this request and may have been charged, at any time, without anybody knowing."""
        return self._is_asked_by(row) and row.status == "unconfirmed"

    def first_of(self, rows: Iterable[Row]) -> Row | None:
        """Of rows, newest first: the first recent one, else the first unconfirmed one."""
        unconfirmed = None
        for row in rows:
            if self.is_recent(row):
                return row
            if unconfirmed is None and self.is_unconfirmed(row):
                unconfirmed = row
        return unconfirmed

    def _is_asked_by(self, row: Row) -> bool:
        is_here = row.service == self.service and row.id != self.row_id and not row.is_removed
        return is_here and row.request == self.request
