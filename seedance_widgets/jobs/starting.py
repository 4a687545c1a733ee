"""The start of a job: from a prompt or a plan to the row that is handed to the worker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, TypedDict, cast

from .. import life
from ..errors import RequestInvalid
from ..life.plan import Plan
from ..life.same_request import RECENT_S
from ..notebook import environment
from ..request.options import OPTIONS
from ..threads.interrupts import sheltered
from ..types import GenerationRequest, SubmitOptions
from ..values import plain
from ..worker import Terms
from .job import Job
from .media import OF_THE_JOB, resolved

if TYPE_CHECKING:
    from .engine import Engine
    from .registry import Registry


def planned(engine: Engine, prompt: str | Plan, options: SubmitOptions) -> tuple[Plan, float | None]:
    """The plan that is to be sent, and the price that was shown for it, if there was one. Raises RequestInvalid."""
    if not isinstance(prompt, Plan):
        return engine.plan(prompt, resolved(engine.media, options)), None
    if given := [name for name in options if name not in OF_THE_JOB]:
        raise RequestInvalid(f"A plan has its options; {', '.join(given)} cannot be added.", field=given[0])
    return prompt, prompt.cost_usd


def terms_of(fresh: bool, unrecorded: bool, shown_usd: float | None) -> Terms:
    """What a person agreed to, as the worker takes it."""
    merge_within_s = 0.0 if fresh else RECENT_S
    return Terms(fresh=fresh, merge_within_s=merge_within_s, shown_usd=shown_usd, unrecorded=unrecorded)


def start(
    registry: Registry,
    plan: Plan,
    terms: Terms,
    options: SubmitOptions,
    *,
    folder: Callable[[], str],
    out_name: str | None,
    parent_id: str | None,
) -> Job:
    """Start a generation and return at once, before the server has answered. **Spends credits.**

    Args:
        registry: Where its job belongs.
        plan: What is sent, checked and priced.
        terms: What a person agreed to.
        options: The keywords, of which `relation` and `keep_media` are of the job.
        folder: Tells where its clip goes, a folder or a bucket.
        out_name: The clip's file name without an ending, instead of one made from the prompt.
        parent_id: The job whose request this one was made from.

    Raises MediaPlaceMissing, MediaMissing where the vendor could fetch its media from nowhere; nothing is sent then.
    """
    registry.home.warn_of_media(plan.request)
    row = registry.engine.new_row(
        plan.request,
        plan.cost_usd,
        folder=folder(),
        notebook=environment.path(),
        out_name=None if out_name is None else plain.text(out_name, "out_name"),
        parent_id=None if parent_id is None else plain.text(parent_id, "parent_id", of="the id of a job"),
        **more_of(options),
    )
    return sheltered(lambda: _send(registry, row, terms))


def options_of(request: GenerationRequest) -> SubmitOptions:
    """The keywords of `Session.submit` that make this request once more, also those that no form has."""
    values = {option.name: getattr(request, option.name) for option in OPTIONS}
    return cast(SubmitOptions, {name: value for name, value in values.items() if value not in (None, ())})


class More(TypedDict, total=False):
    """What else is said of a job that is started."""

    relation: str
    keeps_media: bool


def more_of(options: SubmitOptions) -> More:
    """What is said of the job among the keywords of its request. Raises RequestInvalid, SeedanceError."""
    relation = options.get("relation", life.VARIATION)
    if relation not in life.RELATIONS:
        raise RequestInvalid(
            f"relation is a word, not {plain.shown(relation)}.", field="relation", allowed=life.RELATIONS
        )
    return More(relation=relation, keeps_media=plain.flag(options.get("keep_media", False), "keep_media"))


def _send(registry: Registry, row: life.Row, terms: Terms) -> Job:
    """The row without what signs its links; the worker is handed the request that has it."""
    if row.kept is not row:
        row, terms = row.kept, replace(terms, wire_request=row.request)
    submission = registry.engine.submit(row, terms)
    job = registry.keep(Job(registry.home, row, submission))
    submission.add_done_callback(lambda _: registry.on_answer(job, submission))
    return job
