"""Which sweep a call means: one that the history has, or a new one. Its name decides, or else what it asks for."""

from __future__ import annotations

import base64
import hashlib
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from ..errors import JobNotFound, PriceChanged, RequestInvalid
from ..jobs.names import checked_name
from ..life import Row
from ..life.plan import has_risen, price_rise
from ..notebook import environment
from ..request.braces import Mode
from ..types import SweepRow
from ..values.plain import shown, whole
from .plan import SweepPlan, make_plan, plan_of, priced
from .question import agreed
from .runner import AT_ONCE, check_at_once
from .sweep import Sweep

if TYPE_CHECKING:
    from ..jobs.registry import Registry

MAX_NAME = 80
MOST_COMPARED = 500
"""Sweeps among which one of 0.1.0 is looked for whose links were signed otherwise: the newest."""


def start(
    registry: Registry,
    prompts: Any,
    given: Mapping[str, Any],
    *,
    name: str | None = None,
    mode: Mode = "product",
    at_once: int = AT_ONCE,
    skip_invalid: bool = False,
) -> Sweep:
    """Begin a sweep, or go on with the one that it is. **Spends credits.** Returns at once.

    Raises:
        RequestInvalid: a combination that its model does not take, a name that another sweep has; nothing was sent.
    """
    check_at_once(at_once)
    if name is not None:
        _check_name(name)
    if isinstance(prompts, SweepPlan):
        if given:
            raise RequestInvalid(f"A plan has its values; {', '.join(given)} cannot be added.", field=next(iter(given)))
        plan = prompts
    else:
        plan = make_plan(registry.home, prompts, given, mode=mode, skip_invalid=skip_invalid)
    plan.check()
    if not isinstance(prompts, SweepPlan):
        return keep(registry, plan, name).send({}, at_once)
    earlier = known(registry, plan, name)
    check_still(registry, plan, earlier)
    sweep = earlier or keep(registry, plan, name)
    return sweep.send(agreed(sweep.places, plan.places), at_once)


def check_still(registry: Registry, plan: SweepPlan, earlier: Sweep | None) -> None:
    """Raise PriceChanged where what is left of a plan costs more than it shows. Asks the server what it costs now."""
    left = None if earlier is None else {place.key for place in earlier.refresh().unsent}
    before = [place for place in plan.places if left is None or place.key in left]
    now = priced(before, registry.engine.models_now())
    if any(has_risen(was.cost_usd, place.cost_usd) for was, place in zip(before, now, strict=True)):
        afters = [place.cost_usd for place in now]
        shown_usd = sum(place.cost_usd or 0.0 for place in before)
        now_usd = None if None in afters else sum(cost or 0.0 for cost in afters)
        raise PriceChanged(
            price_rise(shown_usd, now_usd),
            shown_usd=shown_usd,
            now_usd=now_usd,
            plan=plan.at_prices_of(registry.engine.known_models()),
            next_step="session.sweep(error.plan) sends it at the price of now.",
        )


def keep(registry: Registry, plan: SweepPlan, name: str | None = None) -> Sweep:
    """The sweep of a plan, which is in the history from now on. Sends nothing."""
    sweep = known(registry, plan, name)
    if sweep is not None:
        return sweep
    row = SweepRow(
        id=_id_of(registry.engine.service, plan.digest, name),
        service=registry.engine.service,
        name=name,
        digest=plan.digest,
        created_at=time.time(),
        plan=plan.as_json(),
        notebook=environment.path(),
    )
    kept = registry.engine.store.sweeps.add(row)
    _check_same(kept, plan)  # another kernel may have been faster
    return _handle(registry, kept).take_plan(plan)


def known(registry: Registry, plan: SweepPlan, name: str | None = None) -> Sweep | None:
    """The sweep that a plan goes on with: that of its name, or without one that which asks for the same.

    Raises RequestInvalid when the name belongs to a sweep that asks for something else.
    """
    if name is not None:
        _check_name(name)
    digests = (plan.digest, plan.digest_0_1) if name is None else (plan.digest,)
    rows = (registry.engine.store.sweeps.get(_id_of(registry.engine.service, digest, name)) for digest in digests)
    row = next((row for row in rows if row is not None), None)
    if row is None and name is None:
        row = _signed_anew(registry, plan)
    if row is None:
        return None
    _check_same(row, plan)
    return _handle(registry, row).take_plan(plan)


def _signed_anew(registry: Registry, plan: SweepPlan) -> SweepRow | None:
    """The sweep of 0.1.0 that asks for the same with links that were signed otherwise: they were in its digest."""
    if not any(place.wire_request for place in plan.places):
        return None
    rows = registry.engine.store.sweeps.all(registry.engine.service, MOST_COMPARED)
    same = (row for row in rows if row.name is None and len(row.plan.get("places", ())) == len(plan))
    return next((row for row in same if plan_of(row.plan).digest == plan.digest), None)


def find(registry: Registry, name: str) -> Sweep:
    """The sweep of a name, an id or the beginning of an id. Raises JobNotFound."""
    name = checked_name(name, what="sweep")
    rows = registry.engine.store.sweeps.find(registry.engine.service, name)
    if len(rows) == 1:
        return _handle(registry, rows[0]).refresh()
    if rows:
        raise JobNotFound(
            f"{name!r} is the beginning of several sweeps: {', '.join(row.name or row.id for row in rows)}.",
            next_step="",
        )
    raise JobNotFound(f"There is no sweep {shown(name, 80)}.", next_step="session.sweeps() lists what there is.")


def of_job(registry: Registry, row: Row) -> Sweep | None:
    """The sweep that made a job; `None` where none did, or the history does not have it."""
    try:
        return None if row.sweep_id is None else find(registry, row.sweep_id)
    except JobNotFound:
        return None


def listed(registry: Registry, limit: int | None) -> list[Sweep]:
    """The newest sweeps, newest first."""
    many = whole(limit, "limit")
    return [_handle(registry, row).refresh() for row in registry.engine.store.sweeps.all(registry.engine.service, many)]


def _handle(registry: Registry, row: SweepRow) -> Sweep:
    """One object a sweep in a kernel."""
    return registry.sweep_of(row.id, lambda: Sweep(registry, row))


def _id_of(service: str, digest: str, name: str | None) -> str:
    """The same in every kernel, so that two that begin one sweep at once begin one."""
    text = f"{service}\n{'name' if name is not None else 'plan'}\n{digest if name is None else name}"
    return "s" + base64.b32encode(hashlib.sha256(text.encode("utf-8", "replace")).digest()).decode().lower()[:9]


def _check_name(name: str) -> None:
    if not isinstance(name, str) or not name.strip() or not name.isprintable() or len(name) > MAX_NAME:
        raise RequestInvalid(f"The name of a sweep is a word or some, at most {MAX_NAME} characters.", field="name")


def _check_same(row: SweepRow, plan: SweepPlan) -> None:
    if row.digest in (plan.digest, plan.digest_0_1) or plan_of(row.plan).digest == plan.digest:
        return
    day = time.strftime("%d %b %Y %H:%M", time.localtime(row.created_at))
    raise RequestInvalid(
        f"There is a sweep named {row.name!r} of {day}, and it asks for something else "
        f"({len(row.plan['places'])} jobs).",
        field="name",
        next_step=f"Choose another name; session.sweep_of({row.name!r}) finds that one.",
    )
