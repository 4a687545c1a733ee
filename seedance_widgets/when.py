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
from .text.lazy_pattern import lazy_pattern
from .values.plain import is_missing, shown

When = float | datetime | date | timedelta | str
"""What `since` and `until` take; also `numpy.datetime64` and `pandas.Timestamp`."""

_AGO = lazy_pattern(r"(\d{1,6})\s*(min|h|d|w)", re.ASCII)
_UNIT_S = {"min": 60, "h": 3600, "d": 86_400, "w": 604_800}


def instant(value: When, *, name: str, end: bool = False, now: float | None = None) -> float:
    """Seconds since 1970.

    Args:
        value: A number is that instant; `7d` or a timedelta of it is a week ago (also `min`, `h`, `w`); a day is its
            beginning; `Z` at the end is UTC.
        name: What to call it when it cannot be understood.
        end: Take the end of a day instead, so that `until="2026-11-01"` has all of that day.
        now: The present instant; a test passes its own.

    Raises SeedanceError for what names no instant.
    """
    now = time.time() if now is None else now
    seconds = _read(value, now, end)
    if seconds is None or not math.isfinite(seconds):
        raise SeedanceError(
            f"{name} does not take {shown(value)}.",
            charged="",
            next_step="It takes today, yesterday, an age such as 7d, 12h or 30min, a day such as 2026-11-01, "
            "2026-11-01T10:00:00Z, a datetime, a timedelta, or seconds since 1970.",
        )
    return seconds


def midnight(now: float, days: int = 0) -> float:
    """When the day of an instant began here; `days` later with those."""
    return _begin(datetime.fromtimestamp(now).date() + timedelta(days=days))


def awake_s() -> float:
    """Seconds of a clock that is never set and runs on while the machine sleeps, where the system has one."""
    clock = getattr(time, "CLOCK_BOOTTIME", None)  # on Linux `monotonic` stands still during a suspend
    return time.monotonic() if clock is None else time.clock_gettime(clock)


def _read(value: When, now: float, end: bool) -> float | None:
    value = _of_numpy(value)
    if is_missing(value) or isinstance(value, bool) or not isinstance(value, str | float | int | date | timedelta):
        return None
    try:
        if isinstance(value, float | int):
            return float(value)
        if isinstance(value, timedelta):
            return now - value.total_seconds()
        if isinstance(value, datetime):
            return value.timestamp()
        if isinstance(value, date):
            return _begin(value + timedelta(days=int(end)))
        return _read_text(value.strip().lower(), now, end)
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


def _of_numpy(value: Any) -> Any:
    """A scalar of numpy's as Python has it; of an instant finer than a microsecond it would make a bare number."""
    kind = type(value).__name__
    if kind in ("datetime64", "timedelta64") and not is_missing(value):
        plain = value.item()
        return value.astype(f"{kind}[us]").item() if isinstance(plain, int) else plain
    if isinstance(value, Enum):
        return value.value
    item = getattr(value, "item", None)
    return item() if callable(item) and getattr(value, "ndim", None) == 0 else value


def _begin(day: date) -> float:
    return datetime(day.year, day.month, day.day).timestamp()
