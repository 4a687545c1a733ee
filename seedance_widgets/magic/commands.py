"""The magics beside `%seedance`, each a thin line over a method of the session."""

from __future__ import annotations

import getpass
import warnings
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from IPython.core.error import StdinNotImplementedError
from IPython.display import display

from ..jobs import deletion
from ..jobs.listing import Jobs, age
from ..jobs.model_table import COLUMNS as MODEL_COLUMNS
from ..notebook import environment
from ..render.table import Column, Table
from ..render.text import shortened
from ..request.options import OPTIONS
from ..secret import Secret
from ..session import default
from ..session.saved_prompts import FIELDS, Templates, checked_name
from ..text.printable import print_visible
from .reading.flags import Flag, Flags, LineInvalid, by_flag
from .reading.line import split
from .reading.prompt import parse
from .reading.values import COSTS_BY, STATUSES, read_by, read_limit, read_rating, read_several, read_status, read_when
from .refusal import short_errors

if TYPE_CHECKING:
    from ..jobs.costs import Costs
    from ..jobs.job import Job
    from ..session.session import Session
    from ..sweep import Sweep
    from ..types import Model

FORM = ("prompt", *(option.name for option in OPTIONS if option.in_form))
"""What the Studio's form has."""
LOOKED_THROUGH = 50


JOBS_FLAGS: Flags = by_flag(
    Flag(flag="--status", key="status", help="one of " + ", ".join(STATUSES), read=read_status),
    Flag(flag="--model", key="model", help="the id of a model", read=read_several),
    Flag(flag="--starred", key="starred", help="with a star"),
    Flag(flag="--rating", key="rating", help="1 to 5: rated so or better", read=read_rating),
    Flag(flag="--tag", key="tag", help="one of your tags", read=str),
    Flag(flag="--sweep", key="sweep", help="the id of a sweep", read=str),
    Flag(flag="--since", key="since", help="today, 7d, 2026-11-01", read=partial(read_when, name="since")),
    Flag(flag="--until", key="until", help="today, 7d, 2026-11-01", read=partial(read_when, name="until")),
    Flag(flag="--limit", key="limit", help="how many at most", read=read_limit),
)
COST_FLAGS: Flags = by_flag(
    Flag(flag="--by", key="by", help=f"one of {', '.join(COSTS_BY)}", read=read_by),
    Flag(flag="--since", key="since", help="today, 7d, 2026-11-01", read=partial(read_when, name="since")),
    Flag(flag="--until", key="until", help="today, 7d, 2026-11-01", read=partial(read_when, name="until")),
)
SAVE_FLAGS: Flags = by_flag(
    Flag(flag="--job", key="job", help="the id of a job, instead of the last one", read=str),
    Flag(flag="--replace", key="replace", help="write over a prompt of the same name"),
)
DELETE_FLAGS: Flags = by_flag(
    Flag(flag="--yes", key="yes", help="without a question"),
    Flag(flag="--keep-clip", key="keep_clip", help="leave the clips where they are"),
    Flag(flag="--force", key="force", help="also what is unconfirmed"),
)
KEY_FLAGS: Flags = by_flag(
    Flag(flag="--save", key="then", help="also put the key into the keyring", constant="save"),
    Flag(flag="--forget", key="then", help="take the key out of the keyring", constant="forget"),
)
DOCTOR_FLAGS: Flags = by_flag(Flag(flag="--network", key="network", help="also ask the server"))


def studio(line: str, options: Mapping[str, Any]) -> object:
    """Answer `%seedance_studio`: the Studio, with the line's prompt and options in its form. Sends nothing."""
    with short_errors(tail="Nothing was sent."):
        prompt = parse(line) if line.strip() else None
        values = dict(options) if prompt is None else {**options, **prompt.options, "prompt": prompt.text}
        taken = {name: values[name] for name in FORM if name in values}
        return default.default_session().studio(**taken)


def models(line: str) -> Table[Model]:
    """Answer `%seedance_models`."""
    with short_errors():
        _nothing("%seedance_models", line)
        session = default.default_session()
        return Table(session.models(), MODEL_COLUMNS, note=session.label, empty="The server lists no models.")


def jobs(line: str) -> Jobs:
    """Answer `%seedance_jobs`, newest first."""
    with short_errors():
        arguments = split(line, JOBS_FLAGS)
        return default.default_session().jobs(text=arguments.text.strip() or None, **arguments.values)


def cost(line: str) -> Costs:
    """Answer `%seedance_cost`."""
    with short_errors():
        arguments = split(line, COST_FLAGS)
        _nothing("%seedance_cost", arguments.text)
        return default.default_session().costs(**arguments.values)


def save(line: str) -> None:
    """Save the prompt of the last job, or of the one that the line names."""
    with short_errors(tail="Nothing was saved."):
        arguments = split(line, SAVE_FLAGS)
        if not arguments.text.strip():
            raise LineInvalid("%seedance_save takes the name to save the prompt under.")
        name = checked_name(arguments.text)
        session = default.default_session()
        job = session.job(arguments.values["job"]) if "job" in arguments.values else _last(session)
        options = {field: getattr(job.request, field) for field in FIELDS}
        session.templates.save(name, job.request.prompt, options, replace="replace" in arguments.values)
        text = shortened(job.request.prompt)
        print_visible(f"Saved job {job.id} ({text}) as {name!r} in {session.templates.path}.")


def _last(session: Session) -> Job:
    """The newest job of this notebook; the newest of all where the notebook has none, or no name."""
    newest = session.jobs(limit=LOOKED_THROUGH)
    if not newest:
        raise LineInvalid("There is no job to save the prompt of: %seedance makes the first.")
    here = environment.path()
    return next((job for job in newest if here and job.row.notebook == here), newest[0])


def prompts(line: str) -> Templates:
    """Answer `%seedance_prompts`."""
    with short_errors():
        _nothing("%seedance_prompts", line)
        templates = default.default_session().templates
        len(templates)  # a broken file is reported here, and not when the table is drawn
        return templates


def delete(line: str) -> None:
    """Delete the jobs that the line names, after a question, and print what is gone."""
    with short_errors(tail="Nothing was deleted."):
        arguments = split(line, DELETE_FLAGS)
        names = arguments.text.split()
        if not names:
            raise LineInvalid("%seedance_delete takes one id or several, such as %seedance_jobs lists.")
        session = default.default_session()
        chosen = [session.job(name) for name in names]
        for job in chosen:
            deletion.check(job.row, force="force" in arguments.values)
        if "yes" not in arguments.values and not _agreed(chosen, clip="keep_clip" not in arguments.values):
            print("Nothing was deleted.")
            return
        gone = session.delete(chosen, clip="keep_clip" not in arguments.values, force="force" in arguments.values)
        print_visible(str(gone))


def _agreed(jobs: Sequence[Job], *, clip: bool) -> bool:
    """Tell whether a person says yes. Raises LineInvalid where nobody can be asked."""
    for job in jobs:
        named = f" ({job.saved_clip.path.name})" if clip and job.saved_clip else ""
        print_visible(f"{job.id}  {job.status}  {shortened(job.request.prompt)}{named}")
    try:
        answer = input("Delete this for good? What was spent stays counted. [y/N] ")
    except (StdinNotImplementedError, EOFError):
        raise LineInvalid("Nobody can be asked here: --yes deletes without a question.") from None
    return answer.strip().lower() in ("y", "yes")


def sweeps(line: str) -> Table[Sweep] | Sweep:
    """Answer `%seedance_sweeps`: all, newest first, or the one that the line names, shown."""
    with short_errors():
        session = default.default_session()
        if not line.strip():
            return Table(session.sweeps(), SWEEP_COLUMNS, empty="No sweeps yet: %%seedance --sweep makes the first.")
        sweep = session.sweep_of(line.strip())
        display(sweep)
        return sweep


def show(line: str) -> Job:
    """Show the job that the line names, and return it."""
    with short_errors():
        job = default.default_session().job(_one_id("%seedance_show", line))
        display(job)
        return job


def compare(line: str) -> object:
    """Answer `%seedance_compare`: the clips of the jobs that the line names, with one transport."""
    with short_errors():
        words = line.split()
        if not 2 <= len(words) <= 4:
            raise LineInvalid(
                f"%seedance_compare takes the ids of two to four jobs, such as %seedance_jobs lists; "
                f"{len(words) or 'none'} given."
            )
        return default.default_session().compare(*words)


def cancel(line: str) -> None:
    """Ask the server to cancel the job that the line names, and print its answer."""
    with short_errors():
        job = default.default_session().job(_one_id("%seedance_cancel", line))
        job.cancel()
        print_visible(f"{job.id}: {job.status_text}")


def adopt(line: str) -> Job:
    """Give the unconfirmed job that the line names the request id that it names, show it, and return it."""
    with short_errors():
        words = line.split()
        if len(words) != 2:
            raise LineInvalid("%seedance_adopt takes a job's id and the request id that the dashboard shows.")
        job = default.default_session().job(words[0]).adopt(words[1])
        display(job)
        return job


def discard(line: str) -> None:
    """Close the unconfirmed job that the line names."""
    with short_errors():
        job = default.default_session().job(_one_id("%seedance_discard", line)).discard()
        print_visible(f"{job.id}: {job.status_text}")


def key(line: str) -> None:
    """Ask for the API key without showing it, and go on with it. What stands in the line is never repeated."""
    with short_errors():
        words = line.split()
        if len(words) > 1 or not set(words) <= set(KEY_FLAGS):
            raise LineInvalid(
                "%seedance_key takes --save or --forget, and asks for the key itself. If a key stands in this cell, it "
                "is saved with the notebook and in the history: clear the cell and make a new key in the vendor's "
                "dashboard."
            )
        if words == ["--forget"]:
            gone = default.forget_key()
            print("The key is no longer in the keyring." if gone else "There is no key in the keyring.")
            return
        typed = _asked("Seedance API key (it is not shown): ")
        if not typed.reveal().strip():
            print("Nothing was typed, so nothing has changed.")
            return
        print(default.use_key(typed, save=bool(words)))


def _asked(question: str) -> Secret:
    """Ask a person for a text, which goes into no variable of a cell and no history."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", getpass.GetPassWarning)
        try:
            return Secret(getpass.getpass(question))
        except (StdinNotImplementedError, EOFError, getpass.GetPassWarning):
            raise LineInvalid(
                "Nobody can be asked for a key here without showing it: set SEEDANCE_API_KEY where Jupyter is started."
            ) from None


def doctor(line: str) -> object:
    """The report that `%seedance_doctor` returns; it shows itself as a table."""
    with short_errors():
        arguments = split(line, DOCTOR_FLAGS)
        _nothing("%seedance_doctor", arguments.text)
        return default.default_session().doctor(network="network" in arguments.values)


def _nothing(magic: str, text: str) -> None:
    if text.strip():
        raise LineInvalid(f"{magic} takes no words, not even {text.strip()[:40]!r}. {magic}? opens its help.")


def _one_id(magic: str, line: str) -> str:
    words = line.split()
    if len(words) != 1:
        raise LineInvalid(f"{magic} takes one id, such as %seedance_jobs lists; {len(words) or 'none'} given.")
    return words[0]


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def _sent_so_far(sweep: Sweep) -> str:
    from ..sweep import cost_of

    return cost_of(sweep)


SWEEP_COLUMNS: Sequence[Column[Sweep]] = (
    Column("sweep", lambda sweep: sweep.name),
    Column("jobs", lambda sweep: str(len(sweep)), number=True),
    Column("axes", lambda sweep: _listed(sweep.axes), wraps=True),
    Column("status", lambda sweep: _listed(f"{count} {word}" for word, count in sweep.status.items()), wraps=True),
    Column("sent so far", _sent_so_far, wraps=True),
    Column("age", lambda sweep: age(sweep.created_at), number=True),
)
