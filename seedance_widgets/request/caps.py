"""Caps on what may be spent, in estimated dollars: for one job, for a session, for a day. Pure.

The store checks them where it writes the row of a new job, in the same transaction, so that no way in forgets them and
no two kernels slip past one together.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, fields, replace
from typing import Any

from ..errors import CapExceeded, SettingsInvalid
from ..render.html import facts_html
from ..render.text import shortened, usd
from ..types import GenerationRequest
from ..values.plain import number, shown

MICROS = 1_000_000
"""Sums are made of whole millionths of a dollar: floating numbers would not add up."""
MOST_USD = 1_000_000_000.0
"""No estimate counts for more, and no amount that is compared is larger: every sum of them stays a whole number."""


def micros(amount_usd: float) -> int:
    """Dollars as whole millionths."""
    return round(min(amount_usd, MOST_USD) * MICROS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caps:
    """What may be spent, in US dollars; `None` is no cap. Raises SettingsInvalid for what is no amount."""

    per_job_usd: float | None = None
    per_session_usd: float | None = None
    per_day_usd: float | None = None
    """From midnight to midnight where the kernel runs, over every notebook on the same history."""

    def __post_init__(self) -> None:
        for field in fields(self):
            object.__setattr__(self, field.name, checked(getattr(self, field.name), f"cap_{field.name}"))

    def _repr_html_(self) -> str:
        names = {"per_job_usd": "For one job", "per_session_usd": "For a session", "per_day_usd": "For a day"}
        amounts = ((words, getattr(self, name)) for name, words in names.items())
        return facts_html("Caps on spending", ((words, usd(cap) or "no cap") for words, cap in amounts))

    @property
    def any(self) -> bool:
        """Whether there is one."""
        return self != Caps()

    def with_(self, **changes: float | None) -> Caps:
        """These caps with others in their place."""
        return replace(self, **changes)

    def left_usd(self, spent: Spent) -> float | None:
        """What may still be spent before a cap of the session or the day is reached; `None` where there is none."""
        pairs = ((self.per_session_usd, spent.session_usd), (self.per_day_usd, spent.day_usd))
        left = [max(0, micros(cap) - micros(gone)) / MICROS for cap, gone in pairs if cap is not None]
        return min(left) if left else None

    def check(self, request: GenerationRequest, cost_usd: float | None, spent: Spent) -> None:
        """Raise CapExceeded where a job of this cost does not fit any more."""
        cost_usd = None if cost_usd is None or not 0 <= cost_usd < math.inf else cost_usd
        for cap, cap_usd, gone in (
            ("job", self.per_job_usd, 0.0),
            ("session", self.per_session_usd, spent.session_usd),
            ("day", self.per_day_usd, spent.day_usd),
        ):
            if cap_usd is None:
                continue
            if cost_usd is None or not micros(gone) + micros(cost_usd) <= micros(cap_usd):
                raise CapExceeded(
                    _what(cap, cap_usd, gone, cost_usd, request),
                    cap=cap,
                    cap_usd=cap_usd,
                    spent_usd=gone,
                    cost_usd=cost_usd,
                    request=request,
                    next_step=_next_step(cap, cap_usd, gone, cost_usd),
                )


@dataclass(frozen=True, slots=True)
class Spent:
    """Money that counts towards the caps, estimated, in dollars."""

    session_usd: float = 0.0
    day_usd: float = 0.0
    day_unknown: int = 0
    """Jobs of the day without a known price: they are in no sum."""


def checked(value: Any, name: str) -> float | None:
    """An amount of dollars above zero, or `None`. Raises SettingsInvalid."""
    if value is None:
        return None
    amount = number(value)
    if amount is None or not (amount > 0 and math.isfinite(amount)):
        raise SettingsInvalid(
            f"{name} is a number of dollars above 0, not {shown(value)}.", next_step="None sets no cap."
        )
    return amount


def read(text: str | None, name: str) -> float | None:
    """The amount that a variable of the environment holds. Raises SettingsInvalid."""
    if text is None or not text.strip():
        return None
    try:
        return checked(float(text), name)
    except ValueError:
        return checked(text, name)


def _what(cap: str, cap_usd: float, gone: float, cost_usd: float | None, request: GenerationRequest) -> str:
    named = {"job": "for one job", "session": "for this session", "day": "a day"}[cap]
    if cost_usd is None:
        return f"{shortened(request.model, 40)} names no price for this, and there is a cap of {usd(cap_usd)} {named}."
    if cap == "job":
        return f"This would cost {usd(cost_usd)} (estimate), more than the cap of {usd(cap_usd)} {named}."
    return (
        f"This would cost {usd(cost_usd)} (estimate), and {usd(gone)} of the cap of {usd(cap_usd)} {named} "
        "is spent or on its way."
    )


def _next_step(cap: str, cap_usd: float, gone: float, cost_usd: float | None) -> str:
    name = f"per_{cap}_usd"
    if cost_usd is None:
        return (
            f"Choose a model with a price, or take the cap away: %config SeedanceMagics.cap_{name} = None, "
            f"session.caps = session.caps.with_({name}=None), or Caps in the Studio."
        )
    enough = max(math.ceil(round((gone + cost_usd) * 100, 6)) / 100, cap_usd)
    return (
        f"Raise it: %config SeedanceMagics.cap_{name} = {enough:g}, "
        f"session.caps = session.caps.with_({name}={enough:g}), or Caps in the Studio."
    )
