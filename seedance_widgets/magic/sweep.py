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
    prompt: Prompt,
    given: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
) -> Sweep | None:
    """Plan, show the plan, ask where it is much, send and show. **Spends credits.**

    Where a page shows widgets the grid asks: nothing is sent then, and the sweep is in the history. Returns `None`
    after a dry run, and when the person says no to a question in words.
    """
    if rows is not None:
        plan = plan_of_rows(session, rows, given, text=prompt.text, skip_invalid=prompt.skip_invalid)
    else:
        plan = session.plan_sweep(prompt.text, zip=prompt.zip, skip_invalid=prompt.skip_invalid, axes=given)
    if prompt.dry_run:
        display(plan)
        print(f"Dry run: nothing was sent, nothing was charged{left_of_caps(session)}.")
        return None
    plan.check()
    earlier = known(session.registry, plan, prompt.name)
    rest = left_of(plan, earlier)
    if not (prompt.quiet or config.quiet):
        display(plan)
    if earlier is not None and earlier.jobs:
        display(Badge("Reused", _reused(earlier, len(rest))))
    if rest and not (prompt.yes or _is_little(config, rest)):
        if _grid_asks(config, prompt):
            return _ask_in_grid(config, session, prompt, plan, rest)
        if not _says_yes(session, rest):
            print("Nothing was sent.")
            return None
    return _send(config, session, prompt, plan)


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


def _grid_asks(config: Config, prompt: Prompt) -> bool:
    """Tell whether a person sees the grid and can answer in it. A cell that waits asks in words: it blocks anyway."""
    watched = environment.is_watched() and presenters.present_sweep is not None
    return watched and not _waits(config, prompt) and not _is_quiet(config, prompt)


def _ask_in_grid(config: Config, session: Session, prompt: Prompt, plan: SweepPlan, rest: Sequence[Place]) -> Sweep:
    sweep = keep(session.registry, plan, prompt.name)
    sweep.asking.ask(rest, prompt.at_once or AT_ONCE)
    _name(config, prompt, sweep)
    display(sweep)
    return sweep


def _says_yes(session: Session, rest: Sequence[Place]) -> bool:
    """Tell whether a person says yes now. Raises LineInvalid where nobody can be asked."""
    text = rest_text(rest)
    refusal = LineInvalid(f"{text}: add --yes to send this where nobody can be asked.")
    if not environment.takes_input():
        raise refusal
    try:
        answer = input(f"{session.label}. Send {text}? [y/N] ")
    except (StdinNotImplementedError, EOFError):
        raise refusal from None
    return answer.strip().lower() in ("y", "yes")


def _waits(config: Config, prompt: Prompt) -> bool:
    return next((wait for wait in (prompt.wait, config.wait) if wait is not None), not environment.is_watched())


def _is_quiet(config: Config, prompt: Prompt) -> bool:
    return prompt.quiet or config.quiet


def _name(config: Config, prompt: Prompt, sweep: Sweep) -> None:
    if prompt.out is not None:
        config.names[prompt.out] = sweep


def _send(config: Config, session: Session, prompt: Prompt, plan: SweepPlan) -> Sweep:
    watched, wait, quiet = environment.is_watched(), _waits(config, prompt), _is_quiet(config, prompt)
    sweep = session.sweep(plan, name=prompt.name, at_once=prompt.at_once or AT_ONCE)
    _name(config, prompt, sweep)
    if quiet:
        sweep.mark_shown()  # or the value of the cell would show it
    elif watched or not wait:
        display(sweep)
    try:
        if wait:
            sweep.wait(timeout=config.wait_timeout_s, quiet=quiet)
    except KeyboardInterrupt as stop:
        say_shortly(stop, f"the sweep goes on. %seedance_sweeps {sweep.name} shows it, and its cancel() ends it.")
        raise
    finally:
        if wait and not watched and not quiet:
            display(sweep)
    return sweep
