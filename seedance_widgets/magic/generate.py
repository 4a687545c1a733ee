"""`%seedance` at work: read, start, show, and wait where nobody looks."""

from __future__ import annotations

import json
from dataclasses import replace
from time import monotonic, time
from typing import TYPE_CHECKING, Any, cast

from IPython.display import display

from seedance_widgets import session as sessions
from seedance_widgets.table import printable

from .badge import Badge
from .prompt import Prompt, parse, parse_cell
from .refusal import say_shortly, short_errors

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from seedance_widgets.session import Job, Session

    from .magics import SeedanceMagics

USAGE = """\
Usage: %seedance PROMPT [--duration 5] [--model …] [--out NAME] …, or %%seedance [options] with the prompt below it.
%seedance? explains every option. Also: %seedance_studio, _models, _jobs, _show, _cancel, _cost, _save, _prompts,
_delete, _key, _doctor.
Example: %seedance a paper boat in heavy rain --duration 5 --aspect-ratio 9:16"""


def generate(magics: SeedanceMagics, line: str, body: str | None) -> Job | None:
    """Start what a line, or a cell with a body, asks for. **Spends credits.**

    Returns the job; `None` after a dry run and for the bare magic, which opens the Studio.
    """
    if body is None and not line.strip():
        bare(magics)
        return None
    configured = magics.options()
    with short_errors(tail="Nothing was sent."):
        asked = parse(line) if body is None else parse_cell(line, body)
    with short_errors(configured=configured.keys() - asked.options.keys()):
        session = sessions.default_session()
        text, options = asked.text, configured | asked.options
        if asked.template is not None:
            saved = session.templates[asked.template]
            text = joined(saved.prompt, text, "\n" if body is not None else " ")
            options = configured | saved.options | asked.options
        if asked.dry_run:
            print(rehearsal(session, text, options))
            return None
        return _start(magics, session, replace(asked, text=text), options)


def joined(saved: str, text: str, between: str) -> str:
    """A saved prompt, and what the person adds to it: on the same line, or below it in a cell."""
    return f"{saved}{between}{text}" if text.strip() else saved


def bare(magics: SeedanceMagics) -> None:
    """Open the Studio with the configured options where a person is looking, else say how to use the magic."""
    if not sessions.notebook.is_watched():
        print(USAGE)
        return
    with short_errors():
        display(sessions.default_session().studio(**magics.options()))


def _start(magics: SeedanceMagics, session: Session, asked: Prompt, options: dict[str, Any]) -> Job:
    shell = cast("InteractiveShell", magics.shell)
    watched = sessions.notebook.is_watched()
    wait = next((said for said in (asked.wait, magics.wait) if said is not None), not watched)
    quiet = asked.quiet or magics.quiet
    twin = None if asked.fresh else session.running_twin(asked.text, **options)
    if twin is not None:
        display(reused(twin))
    job = twin or session.start(asked.text, out_name=asked.out, fresh=asked.fresh, **options)
    if asked.out is not None:
        shell.user_ns[asked.out] = job  # before anything can fail: the job is there to look at
    if quiet:
        job.mark_shown()  # or the value of the cell would show it
    elif watched or not wait:
        display(job)
    try:
        job.wait_accepted()
        if wait:
            _wait(job, timeout_s=magics.wait_timeout_s, narrate=not (watched or quiet))
    except KeyboardInterrupt as stop:
        say_shortly(stop, f"the job goes on. %seedance_show {job.id} shows it, %seedance_cancel {job.id} cancels it.")
        raise
    return job


def reused(job: Job) -> Badge:
    """What is shown instead of a second job."""
    ago = max(0, round(time() - job.created_at))
    sentence = (
        f"The same request was sent {ago} s ago, and this is its job. Nothing new was sent; --fresh sends it again."
    )
    return Badge("Reused", sentence)


def _wait(job: Job, *, timeout_s: float, narrate: bool) -> None:
    """Wait for the end, and fail as the job fails.

    Args:
        job: An accepted job.
        timeout_s: How long to wait, in seconds.
        narrate: Print each change of state, then show the job: where no live card does.
    """
    deadline = monotonic() + timeout_s
    if narrate:
        try:
            for text in job.updates(timeout=timeout_s):
                print(printable(text), flush=True)
        finally:
            display(job)
    job.wait(timeout=max(0.0, deadline - monotonic()))


def rehearsal(session: Session, prompt: str, options: dict[str, Any]) -> str:
    """The request as it would be sent and what it would cost, in words. Sends nothing."""
    plan = session.plan(prompt, **options)
    time = plan.estimate
    cost = "not known: the service names no price" if plan.cost_usd is None else f"${plan.cost_usd:.2f} (estimate)"
    return "\n".join(
        (
            "Dry run: nothing was sent, nothing was charged.",
            f"Service: {session.label}",
            f"Cost: {cost}",
            f"Time: about {time.median_s:.0f} s, nine in ten within {time.p90_s:.0f} s (estimate: {time.source})",
            "Request:",
            json.dumps(plan.body, indent=2, ensure_ascii=False),
        )
    )
