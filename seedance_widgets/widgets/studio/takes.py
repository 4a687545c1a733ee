"""Several takes of one request: a sweep, which is sent at once at the price that the page showed."""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from ...life.plan import Plan
from ...request.braces import TAKE, literal
from ...session.session import Session
from ...text.printable import cut
from .origin import options_of

if TYPE_CHECKING:
    from ...sweep import Sweep

MOST_TAKES = 4
NAME_SHOWN = 44


def takes_in(value: object) -> int:
    """The number of takes that a page asks for; 1 for what makes no sense."""
    return value if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MOST_TAKES else 1


def send_takes(session: Session, plan: Plan, many: int, shown_usd: float | None, click_id: str) -> Sweep:
    """Start the same so many times. **Spends credits.** Returns at once.

    Args:
        session: Where the jobs go.
        plan: One of them, checked and priced.
        many: How many.
        shown_usd: The price of all that the page showed: it is not sent for more. `None` where it showed none.
        click_id: The click that asks for it: another click makes other takes.

    Raises SeedanceError; nothing was sent then.
    """
    sweep_plan = session.plan_sweep(literal(plan.request.prompt), axes={**options_of(plan.request), TAKE: many})
    shown = None if shown_usd is None else shown_usd / many
    places = tuple(replace(place, cost_usd=shown) for place in sweep_plan.places)
    mark = sha256(click_id.encode("utf-8", "replace")).hexdigest()[:8]
    words = cut(" ".join(plan.request.prompt.split()), NAME_SHOWN)
    return session.sweep(replace(sweep_plan, places=places), name=f"{words}, {many} takes ({mark})")
