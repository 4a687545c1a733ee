"""`%seedance --sweep` at work: fill, plan, show, ask, send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.display import display

from ..notebook import environment, presenters
from ..render.text import usd
from ..request.options import OPTION
from ..sweep import AT_ONCE, axis, keep, known, one_prompt, plain, plan_of_rows, rest_text, rows_of
from .badge import Badge
from .config import Config
from .reading.flags import LineInvalid
from .refusal import say_shortly

if TYPE_CHECKING:
    from ..session.session import Session
    from ..sweep import Place, Sweep, SweepPlan
    from .reading.prompt import Prompt

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


def table_of(names: Sequence[str], there: Mapping[str, Any]) -> list[dict[str, Any]] | None:
    """The rows of the table that `--vars` names; `None` where it names plain variables.

    Raises LineInvalid for a table among other variables, RequestInvalid for a cell that cannot be sent.
    """
    tables = [name for name in names if (_is_table(there.get(name)))]
    if not tables:
        return None
    if len(names) > 1:
        raise LineInvalid(f"--vars: {tables[0]} is a table of requests, which stands alone.")
    return rows_of(there[tables[0]])


def _is_table(value: Any) -> bool:
    many = isinstance(value, list | tuple) and value and all(isinstance(each, Mapping) for each in value)
    return bool(many) or hasattr(value, "columns") or isinstance(value, Path)


def filled(text: str, variables: Mapping[str, Any]) -> str | None:
    """The prompt of one job with its variables filled in; `None` where one of them is a list, which makes a sweep."""
    many = any(isinstance(value, list) for value in variables.values())
    return None if many else one_prompt(text, dict(variables))


def sweep(
    config: Config,
    session: Session,
    asked: Prompt,
    given: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
) -> Sweep | None:
    """Plan, show the plan, ask where it is much, send and show. **Spends credits.**

    Where a page shows widgets the grid asks: nothing is sent then, and the sweep is in the history. Returns `None`
    after a dry run, and when the person says no to a question in words.
    """
    if rows is not None:
        plan = plan_of_rows(session, rows, given, text=asked.text, skip_invalid=asked.skip_invalid)
    else:
        plan = session.plan_sweep(asked.text, zip=asked.zip, skip_invalid=asked.skip_invalid, axes=given)
    if asked.dry_run:
        display(plan)
        print(f"Dry run: nothing was sent, nothing was charged{left_of_caps(session)}.")
        return None
    plan.check()
    earlier = known(session.registry, plan, asked.name)
    rest = left_of(plan, earlier)
    if not (asked.quiet or config.quiet):
        display(plan)
    if earlier is not None and earlier.jobs:
        display(Badge("Reused", _reused(earlier, len(rest))))
    if rest and not (asked.yes or _is_little(config, rest)):
        if _grid_asks(config, asked):
            return _ask_in_grid(config, session, asked, plan, rest)
        if not _says_yes(session, rest):
            print("Nothing was sent.")
            return None
    return _send(config, session, asked, plan)


def left_of(plan: SweepPlan, earlier: Sweep | None) -> list[Place]:
    """The part of a plan that is not sent yet, at the prices of today."""
    if earlier is None:
        return list(plan.places)
    today = {place.key: place for place in plan.places}
    return [today.get(place.key, place) for place in earlier.refresh().unsent]


def left_of_caps(session: Session) -> str:
    """The money that the caps leave, as the end of a sentence about a cost; empty without a cap."""
    left_usd = session.cap_left_usd()
    return "" if left_usd is None else f"; a cap leaves {usd(left_usd)}"


def _reused(earlier: Sweep, rest: int) -> str:
    new = f"{rest} of {len(earlier)} jobs are left to send" if rest else "Nothing new is sent"
    return f"This sweep was begun before as {earlier.name}. {new}; another --name makes it anew."


def _is_little(config: Config, rest: Sequence[Place]) -> bool:
    """Tell whether it may be sent without a question."""
    costs = [place.cost_usd for place in rest]
    cost = sum(cost or 0.0 for cost in costs)
    return None not in costs and cost <= config.confirm_above_usd and len(rest) <= ASK_ABOVE_JOBS


def _grid_asks(config: Config, asked: Prompt) -> bool:
    """Tell whether a person sees the grid and can answer in it. A cell that waits asks in words: it blocks anyway."""
    watched = environment.is_watched() and presenters.present_sweep is not None
    return watched and not _waits(config, asked) and not _is_quiet(config, asked)


def _ask_in_grid(config: Config, session: Session, asked: Prompt, plan: SweepPlan, rest: Sequence[Place]) -> Sweep:
    found = keep(session.registry, plan, asked.name)
    found.asking.ask(rest, asked.at_once or AT_ONCE)
    _name(config, asked, found)
    display(found)
    return found


def _says_yes(session: Session, rest: Sequence[Place]) -> bool:
    """Tell whether a person says yes now. Raises LineInvalid where nobody can be asked."""
    told = rest_text(rest)
    refusal = LineInvalid(f"{told}: add --yes to send this where nobody can be asked.")
    if not environment.takes_input():
        raise refusal
    try:
        answer = input(f"{session.label}. Send {told}? [y/N] ")
    except (StdinNotImplementedError, EOFError):
        raise refusal from None
    return answer.strip().lower() in ("y", "yes")


def _waits(config: Config, asked: Prompt) -> bool:
    return next((said for said in (asked.wait, config.wait) if said is not None), not environment.is_watched())


def _is_quiet(config: Config, asked: Prompt) -> bool:
    return asked.quiet or config.quiet


def _name(config: Config, asked: Prompt, found: Sweep) -> None:
    if asked.out is not None:
        config.names[asked.out] = found


def _send(config: Config, session: Session, asked: Prompt, plan: SweepPlan) -> Sweep:
    watched, wait, quiet = environment.is_watched(), _waits(config, asked), _is_quiet(config, asked)
    found = session.sweep(plan, name=asked.name, at_once=asked.at_once or AT_ONCE)
    _name(config, asked, found)
    if quiet:
        found.mark_shown()  # or the value of the cell would show it
    elif watched or not wait:
        display(found)
    try:
        if wait:
            found.wait(timeout=config.wait_timeout_s)
    except KeyboardInterrupt as stop:
        say_shortly(stop, f"the sweep goes on. %seedance_sweeps {found.name} shows it, and its cancel() ends it.")
        raise
    finally:
        if wait and not watched and not quiet:
            display(found)
    return found
