"""An instant as people say it: `today`, `7d`, `2026-11-01`, a date, a datetime, seconds since 1970; and a clock.

What names no time zone is meant where the person is.
"""

from __future__ import annotations

import math
import re
import time
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from .errors import SeedanceError
from .values.plain import is_missing, shown

When = float | datetime | date | timedelta | str
"""What `since` and `until` take; also `numpy.datetime64` and `pandas.Timestamp`."""

_AGO = re.compile(r"(\d{1,6})\s*(min|h|d|w)", re.ASCII)
_UNIT_S = {"min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def instant(said: When, *, name: str, end: bool = False, now: float | None = None) -> float:
    """Seconds since 1970.

    Args:
        said: A number is that instant; `7d` or a timedelta of it is a week ago (also `min`, `h`, `w`); a day is its
            beginning; `Z` at the end is UTC.
        name: What to call it when it cannot be understood.
        end: Take the end of a day instead, so that `until="2026-11-01"` has all of that day.
        now: The present instant; a test passes its own.

    Raises SeedanceError for what names no instant.
    """
    now = time.time() if now is None else now
    found = _read(said, now, end)
    if found is None or not math.isfinite(found):
        raise SeedanceError(
            f"{name} does not take {shown(said)}.",
            charged="",
            next_step="It takes today, yesterday, an age such as 7d, 12h or 30min, a day such as 2026-11-01, "
            "2026-11-01T10:00:00Z, a datetime, a timedelta, or seconds since 1970.",
        )
    return found


def midnight(now: float, days: int = 0) -> float:
    """When the day of an instant began here; `days` later with those."""
    return _begin(datetime.fromtimestamp(now).date() + timedelta(days=days))


def awake_s() -> float:
    """Seconds of a clock that is never set and runs on while the machine sleeps, where the system has one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # on Linux `monotonic` stands still during a suspend
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def _read(said: When, now: float, end: bool) -> float | None:
    said = _of_numpy(said)
    if is_missing(said) or isinstance(said, bool) or not isinstance(said, str | float | int | date | timedelta):
        return None
    try:
        if isinstance(said, float | int):
            return float(said)
        if isinstance(said, timedelta):
            return now - said.total_seconds()
        if isinstance(said, datetime):
            return said.timestamp()
        if isinstance(said, date):
            return _begin(said + timedelta(days=int(end)))
        return _read_text(said.strip().lower(), now, end)
    except (ValueError, OverflowError, OSError):  # the platform's clock has bounds of its own
        return None


def _read_text(text: str, now: float, end: bool) -> float | None:
    if text in ("now", "today", "yesterday"):
        return now if text == "now" else midnight(now, int(end) - int(text == "yesterday"))
    if ago := _AGO.fullmatch(text):
        return now - int(ago[1]) * _UNIT_S[ago[2]]
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text, re.ASCII):
        return _begin(date.fromisoformat(text) + timedelta(days=int(end)))
    return datetime.fromisoformat(text.upper()).timestamp()  # of Z it knows the capital only


def _of_numpy(said: Any) -> Any:
    """A scalar of numpy's as Python has it; of an instant finer than a microsecond it would make a bare number."""
    kind = type(said).__name__
    if kind in ("datetime64", "timedelta64") and not is_missing(said):
        plain = said.item()
        return said.astype(f"{kind}[us]").item() if isinstance(plain, int) else plain
    if isinstance(said, Enum):
        return said.value
    item = getattr(said, "item", None)
    return item() if callable(item) and getattr(said, "ndim", None) == 0 else said


def _begin(day: date) -> float:
    return datetime(day.year, day.month, day.day).timestamp()
