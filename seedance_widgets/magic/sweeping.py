"""`%seedance --sweep` at work: fill, plan, show, ask, send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.display import display

from seedance_widgets import notebook
from seedance_widgets.options import OPTION
from seedance_widgets.sweep import AT_ONCE, axis, known, one_prompt, plain, sum_text

from .badge import Badge
from .flags import LineInvalid
from .refusal import say_shortly

if TYPE_CHECKING:
    from seedance_widgets.session import Session
    from seedance_widgets.sweep import Place, Sweep, SweepPlan

    from .magics import SeedanceMagics
    from .prompt import Prompt

ASK_ABOVE_JOBS = 10
"""More jobs than this are asked about whatever they cost."""


def variables_of(names: Sequence[str], there: Mapping[str, Any]) -> dict[str, Any]:
    """The values behind `--vars`, a column as a list.

    Raises LineInvalid for a name that the notebook does not have, RequestInvalid for a value that is no text.
    """
    missing = [name for name in names if name not in there]
    if missing:
        raise LineInvalid(f"--vars: there is no variable {', '.join(missing)} in this notebook.")
    options = [name for name in names if name in OPTION]
    if options:
        raise LineInvalid(f"--vars: {options[0]} is an option; name the variable otherwise.")
    empty = [name for name in names if there[name] is None]
    if empty:
        raise LineInvalid(f"--vars: {', '.join(empty)} is None.")
    values = {name: axis(name, there[name]) for name in names}
    return {name: plain(there[name], name) if many is None else many for name, many in values.items()}


def filled(text: str, variables: Mapping[str, Any]) -> str | None:
    """The prompt of one job with its variables filled in; `None` where one of them is a list, which makes a sweep."""
    many = any(isinstance(value, list) for value in variables.values())
    return None if many else one_prompt(text, dict(variables))


def sweep(magics: SeedanceMagics, session: Session, asked: Prompt, given: dict[str, Any]) -> Sweep | None:
    """Plan, show the plan, ask where it is much, send and show. **Spends credits.**

    Returns `None` after a dry run, and when the person says no.
    """
    plan = session.plan_sweep(asked.text, zip=asked.zip, skip_invalid=asked.skip_invalid, axes=given)
    if asked.dry_run:
        display(plan)
        print(f"Dry run: nothing was sent, nothing was charged{left_of_caps(session)}.")
        return None
    plan.check()
    earlier = known(session, plan, asked.name)
    rest = earlier.refresh().unsent if earlier is not None else list(plan.places)
    if not (asked.quiet or magics.quiet):
        display(plan)
    if earlier is not None:
        display(Badge("Reused", _reused(earlier, len(rest))))
    if rest and not _may_send(magics, session, rest, yes=asked.yes):
        print("Nothing was sent.")
        return None
    return _send(magics, session, asked, plan)


def left_of_caps(session: Session) -> str:
    """What the caps leave to spend, as the end of a sentence about a cost; empty without a cap."""
    left_usd = session.cap_left_usd()
    return "" if left_usd is None else f"; a cap leaves ${left_usd:.2f}"


def _reused(earlier: Sweep, rest: int) -> str:
    new = f"{rest} of {len(earlier)} jobs are left to send" if rest else "Nothing new is sent"
    return f"This sweep was begun before as {earlier.name}. {new}; another --name makes it anew."


def _may_send(magics: SeedanceMagics, session: Session, rest: Sequence[Place], *, yes: bool) -> bool:
    """Whether it is little, was agreed to in the line, or a person says yes now. Raises LineInvalid where none can."""
    costs = [place.cost_usd for place in rest]
    cost = sum(cost or 0.0 for cost in costs)
    little = None not in costs and cost <= magics.confirm_above_usd and len(rest) <= ASK_ABOVE_JOBS
    if yes or little:
        return True
    told = f"{len(rest)} {'job' if len(rest) == 1 else 'jobs'}, {sum_text(costs)}"
    refusal = LineInvalid(f"{told}: add --yes to send this where nobody can be asked.")
    if not notebook.takes_input():
        raise refusal
    try:
        answer = input(f"{session.label}. Send {told}? [y/N] ")
    except (StdinNotImplementedError, EOFError):
        raise refusal from None
    return answer.strip().lower() in ("y", "yes")


def _send(magics: SeedanceMagics, session: Session, asked: Prompt, plan: SweepPlan) -> Sweep:
    watched = notebook.is_watched()
    wait = next((said for said in (asked.wait, magics.wait) if said is not None), not watched)
    quiet = asked.quiet or magics.quiet
    found = session.sweep(plan, name=asked.name, at_once=asked.at_once or AT_ONCE)
    if asked.out is not None:
        magics.shell.user_ns[asked.out] = found  # type: ignore[union-attr]
    if quiet:
        found.mark_shown()  # or the value of the cell would show it
    elif watched or not wait:
        display(found)
    try:
        if wait:
            found.wait(timeout=magics.wait_timeout_s)
    except KeyboardInterrupt as stop:
        say_shortly(stop, f"the sweep goes on. %seedance_sweeps {found.name} shows it, and its cancel() ends it.")
        raise
    finally:
        if wait and not watched and not quiet:
            display(found)
    return found
