"""`%seedance` at work: read, start, show, and wait where nobody looks."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from time import monotonic, time
from typing import TYPE_CHECKING, Any, cast

from IPython.display import display

from ..jobs.media import going_on
from ..notebook import environment
from ..render.text import usd
from ..request import braces
from ..session import default
from ..text.printable import print_visible
from ..types import SubmitOptions
from .config import Config
from .media import with_media
from .reading.flags import LineInvalid
from .reading.prompt import Prompt, parse, parse_cell
from .refusal import say_shortly, short_errors

if TYPE_CHECKING:
    from ..jobs.job import Job
    from ..session.session import Session
    from ..sweep import Sweep
    from .badge import Badge

USAGE = """\
Usage: %seedance PROMPT [--duration 5] [--model …] [--out NAME] …, or %%seedance [options] with the prompt below it.
%seedance? explains every option. Also: %seedance_studio, _models, _jobs, _sweeps, _show, _cancel, _cost, _save,
_prompts, _delete, _load, _tree, _export, _key, _doctor.
Example: %seedance a paper boat in heavy rain --duration 5 --aspect-ratio 9:16"""


def generate(config: Config, line: str, body: str | None) -> Job | Sweep | None:
    """Start what a line, or a cell with a body, asks for. **Spends credits.**

    Returns the job, or the sweep; `None` after a dry run and for the bare magic, which opens the Studio.
    """
    if body is None and not line.strip():
        bare(config)
        return None
    configured = dict(config.options)
    with short_errors(tail="Nothing was sent."):
        prompt = parse(line) if body is None else parse_cell(line, body)
    if prompt.template is not None:
        with short_errors():
            prompt = _with_saved(prompt, prompt.template, " " if body is None else "\n")
    if prompt.takes > 1:
        prompt = _with_takes(prompt)
    if prompt.axes or prompt.variables:
        return _fill_or_sweep(config, prompt, configured)
    return _one(config, prompt, configured)


def _fill_or_sweep(config: Config, prompt: Prompt, configured: dict[str, Any]) -> Job | Sweep | None:
    """A prompt with braces: one job where each variable has one value, else a sweep."""
    from . import sweep

    with short_errors(configured=configured.keys() - prompt.options.keys(), tail="Nothing was sent."):
        session = default.default_session()
        prompt = replace(
            prompt,
            options=with_media(session, prompt.options, config.names),
            axes=with_media(session, prompt.axes, config.names),
        )
        if (rows := sweep.table_of(prompt.variables, config.names)) is not None:
            given = configured | prompt.options | prompt.axes
            return sweep.sweep(config, default.default_session(), prompt, given, rows)
        if not prompt.text.strip():
            raise LineInvalid("There is no prompt: say what the video shows.")
        variables = sweep.variables_of(prompt.variables, config.names)
        text = None if prompt.axes else sweep.filled(prompt.text, variables)
        if text is None:
            given = configured | prompt.options | variables | prompt.axes
            return sweep.sweep(config, default.default_session(), prompt, given)
    return _one(config, replace(prompt, text=text), configured)


def _one(config: Config, prompt: Prompt, configured: dict[str, Any]) -> Job | None:
    with short_errors(configured=configured.keys() - prompt.options.keys()):
        session = default.default_session()
        options = _options(config, session, prompt, configured)
        if prompt.dry_run:
            print(rehearsal(session, prompt.text, options))
            return None
        return _start(config, session, prompt, options)


def _options(config: Config, session: Session, prompt: Prompt, configured: dict[str, Any]) -> dict[str, Any]:
    """The options of one job: those that are configured, those of the job that it goes on from, those of the line."""
    given = with_media(session, prompt.options, config.names)
    if prompt.continues is not None:
        given = dict(going_on(session.job(prompt.continues), cast(SubmitOptions, given)))
    if prompt.keep_media:
        given["keep_media"] = True
    return configured | given


def _with_saved(prompt: Prompt, name: str, between: str) -> Prompt:
    """A saved prompt with its options, and what the person adds: on the same line, or below it in a cell."""
    saved = default.default_session().templates.find(name)
    if saved.notice:
        from .badge import Badge

        display(Badge("Not used", saved.notice))
    text = f"{saved.prompt}{between}{prompt.text}" if prompt.text.strip() else saved.prompt
    return replace(prompt, text=text, options=saved.options | prompt.options)


def _with_takes(prompt: Prompt) -> Prompt:
    """A prompt that is asked for several times. Without names to fill in, its braces mean nothing, as for one job."""
    text = prompt.text if prompt.axes or prompt.variables else braces.literal(prompt.text)
    return replace(prompt, text=text, axes=prompt.axes | {braces.TAKE: braces.takes(prompt.takes)})


def bare(config: Config) -> None:
    """Open the Studio with the configured options where a person is looking, else say how to use the magic."""
    if not environment.is_watched():
        print(USAGE)
        return
    with short_errors():
        display(default.default_session().studio(**config.options))


def _start(config: Config, session: Session, prompt: Prompt, options: dict[str, Any]) -> Job:
    watched = environment.is_watched()
    wait = next((choice for choice in (prompt.wait, config.wait) if choice is not None), not watched)
    quiet = prompt.quiet or config.quiet
    twin = None if prompt.fresh else session.running_twin(prompt.text, **options)
    if twin is not None:
        display(reused(twin))
    if prompt.continues is not None:
        options["parent_id"] = session.job(prompt.continues).id
    job = twin or session.start(
        prompt.text,
        out_name=prompt.out,
        fresh=prompt.fresh,
        unrecorded=prompt.unrecorded,
        **options,
    )
    if prompt.out is not None:
        config.names[prompt.out] = job  # before anything can fail: the job is there to look at
    if quiet:
        job.mark_shown()  # or the value of the cell would show it
    elif watched or not wait:
        display(job)
    try:
        job.wait_accepted()
        if job.merged:
            display(reused(job))
        if wait:
            _wait(job, timeout_s=config.wait_timeout_s, narrate=not (watched or quiet), quiet=quiet)
    except KeyboardInterrupt as stop:
        say_shortly(stop, f"the job goes on. %seedance_show {job.id} shows it, %seedance_cancel {job.id} cancels it.")
        raise
    return job


def reused(job: Job) -> Badge:
    """The words that are shown instead of a second job."""
    from .badge import Badge

    ago = max(0, round(time() - job.created_at))
    sentence = (
        f"The same request was sent {ago} s ago, and this is its job. Nothing new was sent; --fresh sends it again."
    )
    return Badge("Reused", sentence)


def _wait(job: Job, *, timeout_s: float, narrate: bool, quiet: bool) -> None:
    """Wait for the end, and fail as the job fails.

    Args:
        job: An accepted job.
        timeout_s: How long to wait, in seconds.
        narrate: Say how it goes, where no live card does: a line and the path on a terminal; else each change of state
            is printed, and the job is shown at its end.
        quiet: Say nothing.
    """
    deadline = monotonic() + timeout_s
    if narrate and environment.is_terminal() and sys.stdout.isatty():
        job.mark_shown()
    elif narrate:
        try:
            for text in job.updates(timeout=timeout_s):
                print_visible(text)
        finally:
            display(job)
    job.wait(timeout=max(0.0, deadline - monotonic()), quiet=quiet)


def rehearsal(session: Session, prompt: str, options: dict[str, Any]) -> str:
    """The request as it would be sent and what it would cost, in words. Sends nothing."""
    from .sweep import left_of_caps

    plan = session.plan(prompt, **options)
    time = plan.estimate
    cost = "not known: the service names no price" if plan.cost_usd is None else f"{usd(plan.cost_usd)} (estimate)"
    return "\n".join(
        (
            "Dry run: nothing was sent, nothing was charged.",
            f"Service: {session.label}",
            f"Cost: {cost}{left_of_caps(session)}",
            *([plan.cost_note] if plan.cost_note and plan.cost_usd is not None else []),
            f"Time: about {time.median_s:.0f} s, nine in ten within {time.p90_s:.0f} s (estimate: {time.source})",
            "Request:",
            json.dumps(plan.body, indent=2, ensure_ascii=False),
        )
    )
