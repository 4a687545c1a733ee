"""The magics as IPython sees them: names, help texts and settings. The work is in the modules beside this one.

Those are imported on first use, so that loading the extension costs next to nothing.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from IPython.core.magic import Magics, line_cell_magic, line_magic, magics_class, no_var_expand
from traitlets import Bool, Float, Integer, TraitError, TraitType, Unicode

from ..request.options import OPTIONS, Option

if TYPE_CHECKING:
    from ..jobs.costs import Costs
    from ..jobs.family import Family
    from ..jobs.job import Job
    from ..jobs.listing import Jobs
    from ..render.table import Table
    from ..session.saved_prompts import Templates
    from ..sharing.bundle import Bundle
    from ..sweep import Sweep
    from ..types import Model
    from .config import Config


class Cap(Float[Any, Any]):
    """A cap of the session, so that the Studio and Python code keep to it, too.

    Set also where it has this value already: code or the Studio may have changed the session's caps since.
    """

    def set(self, obj: Any, value: Any) -> None:
        from ..errors import SettingsInvalid
        from ..session.default import configure_caps

        value = self._validate(obj, value)
        try:
            configure_caps(**{str(self.name).removeprefix("cap_"): value})
        except SettingsInvalid as error:
            raise TraitError(str(error)) from None
        super().set(obj, value)


class Folder(Unicode[Any, Any]):
    """The folder of clips, for all sessions that were given none."""

    def set(self, obj: Any, value: Any) -> None:
        from ..clips.folder import configure

        configure(self._validate(obj, value))
        super().set(obj, value)


class Waiting(Bool[Any, Any]):
    """Whether a cell waits, also at the end of each cell of a batch run."""

    def set(self, obj: Any, value: Any) -> None:
        from ..session import batch

        value = self._validate(obj, value)
        batch.configure(waits=value, timeout_s=obj.wait_timeout_s)
        super().set(obj, value)


class Language(Unicode[Any, Any]):
    """The language of what stands on pages."""

    def set(self, obj: Any, value: Any) -> None:
        from ..languages import spoken

        value = self._validate(obj, value)
        try:
            spoken.configure(value)
        except ValueError as error:
            raise TraitError(str(error)) from None
        super().set(obj, value)


class Megabytes(Float[Any, Any]):
    """How large a clip may be that is embedded."""

    def set(self, obj: Any, value: Any) -> None:
        from ..clips import embedding

        value = self._validate(obj, value)
        embedding.configure(value)
        super().set(obj, value)


def _setting(option: Option) -> TraitType[Any, Any]:
    """The trait that holds a person's own default of an option."""
    kind: type[TraitType[Any, Any]] = Integer if option.kind == "integer" else Unicode
    words = f"{option.label} of new jobs: {option.help}; None: the session's own default."
    return kind(None, allow_none=True, help=words).tag(config=True)


def _explained(option: Option) -> str:
    """A line of the help text."""
    return f"{f'{option.flag} {option.takes}':<22} {option.help}"


@magics_class
class SeedanceMagics(Magics):
    """AI video in a cell. Each setting here is the default of the option of the same name."""

    locals().update({option.name: _setting(option) for option in OPTIONS if option.is_plain})  # a trait for each
    wait = Waiting(
        None, allow_none=True, help="Wait for the end of each job; None: only where no page shows the card."
    ).tag(config=True)
    wait_timeout_s = Float(1800.0, min=0.0, help="How long such a wait may last, in seconds.").tag(config=True)
    clips = Folder(
        None, allow_none=True, help="Folder that clips are saved in; None: seedance_clips beside the notebook."
    ).tag(config=True)
    embed_mb = Megabytes(
        None,
        allow_none=True,
        min=0.0,
        help="Clips up to so many megabytes are put into the notebook; None: 2 in a batch run, 8 in Colab, else 0.",
    ).tag(config=True)
    language = Language(
        None, allow_none=True, help="Language of what stands on pages: en, th or zh; None: that of the page."
    ).tag(config=True)
    quiet = Bool(False, help="Show no card.").tag(config=True)
    confirm_above_usd = Float(
        2.0, min=0.0, help="A sweep that costs more, in US dollars, is asked about before it is sent; see --yes."
    ).tag(config=True)

    cap_per_job_usd = Cap(
        None, allow_none=True, help="No job that costs more is sent, in US dollars; None: no cap."
    ).tag(config=True)
    cap_per_session_usd = Cap(None, allow_none=True, help="The same for all of a session's jobs.").tag(config=True)
    cap_per_day_usd = Cap(None, allow_none=True, help="The same for a day, over all notebooks.").tag(config=True)

    def options(self) -> dict[str, Any]:
        """The options of a request that `%config` sets."""
        values = {option.name: getattr(self, option.name) for option in OPTIONS if option.is_plain}
        return {name: value for name, value in values.items() if value is not None}

    def now(self) -> Config:
        """The options as they are set at this moment."""
        from .config import Config

        return Config(
            options=self.options(),
            wait=self.wait,
            wait_timeout_s=self.wait_timeout_s,
            quiet=self.quiet,
            confirm_above_usd=self.confirm_above_usd,
            names=self.shell.user_ns,  # type: ignore[union-attr]
        )

    @no_var_expand
    @line_cell_magic
    def seedance(self, line: str, cell: str | None = None) -> Job | Sweep | None:
        """Make a video from a prompt, show its live card and return the Job. **Spends credits.**

            %seedance a paper boat in heavy rain --duration 5 --aspect-ratio 9:16
            job = %seedance a quiet lighthouse

            %%seedance --model seedance-2.0-fast --out hero
            Wide shot. A courier cycles through wet neon streets.

        The prompt is sent as it is written: nothing in it is expanded, and a cell's body is never parsed.
        Options stand before or after the prompt of a line, and on the first line of a cell:

            --model ID             which model makes the video; %seedance_models lists them
            --duration SECONDS     length in whole seconds
            --aspect-ratio RATIO   shape of the picture, width to height, such as 16:9
            --resolution LINES     lines of the picture, such as 720p
            --media URL            public https URL of a reference image, video or audio; up to five, in order
            --webhook-url URL      https URL that the server calls when the job has ended
            --metadata JSON        a JSON object that the server keeps with the request
            --with NAME            begins with a prompt that %seedance_save saved, and its options
            --out NAME             puts the Job into this variable
            --wait, --no-wait      wait for the end, or not; by itself it waits where no page shows the card
            --fresh                sends it although the same request is running or unconfirmed
            --unrecorded           sends it also where neither history nor paper trail can be written
            --dry-run              shows the request and its cost, sends nothing
            --quiet                shows no card
            --continue JOB         begins with the last picture of that job's clip; same model, ratio and resolution;
                                   a picture as --media is what it ends with
            --keep-media           what is put into a bucket for it stays there
            --                     all that follows is the prompt

        --media takes a file, a {variable} of this notebook and a job, too.

        Many jobs from one template, whose braces these fill; a literal brace is doubled then:

            --sweep NAME=A,B       a variable of the template, or an option, and its values; once for each
            --vars NAME,NAME       Python variables that go into braces; one that is a list makes a sweep
            --takes N              asks for the same N times; then no brace needs a value
            --zip                  pairs the values one by one instead of each with each
            --name NAME            what the sweep is called; the same name goes on with it, another makes it anew
            --at-once N            how many of its jobs run at the same time: 4, or so many
            --skip-invalid         leaves out combinations that a model does not take
            --yes                  sends it without asking

        `%config SeedanceMagics` sets defaults. Without a prompt it opens the Studio.
        """
        from .generate import generate

        return generate(self.now(), line, cell)

    @no_var_expand
    @line_magic
    def seedance_studio(self, line: str) -> object:
        """Open the Studio, an interactive widget for prompt work: `%seedance_studio [first prompt] [options]`."""
        from .commands import studio

        return studio(line, self.options())

    @no_var_expand
    @line_magic
    def seedance_models(self, line: str) -> Table[Model]:
        """List the models with what they take and what a second costs: `%seedance_models`."""
        from .commands import models

        return models(line)

    @no_var_expand
    @line_magic
    def seedance_jobs(self, line: str) -> Jobs:
        """List jobs, newest first: `%seedance_jobs [words of the prompt, a note or a tag] [options]`.

        --status STATUS    such as succeeded
        --model ID         made by this model
        --starred          with a star
        --rating N         rated N or better
        --tag TAG          with this tag
        --sweep ID         of this sweep
        --since WHEN       today, yesterday, 7d, 12h, 2026-11-01: made then or later
        --until WHEN       the same: made before its end
        --limit N          at most so many, 20 at first
        """
        from .commands import jobs

        return jobs(line)

    @no_var_expand
    @line_magic
    def seedance_cost(self, line: str) -> Costs:
        """Tell what jobs cost: `%seedance_cost [--by day|model|sweep|notebook] [--since WHEN] [--until WHEN]`.

        --by GROUP      day (at first), model, sweep or notebook
        --since WHEN    today, yesterday, 7d, 2026-11-01
        --until WHEN    the same
        """
        from .commands import cost

        return cost(line)

    @no_var_expand
    @line_magic
    def seedance_sweeps(self, line: str) -> Table[Sweep] | Sweep:
        """List sweeps, newest first, or show one: `%seedance_sweeps [NAME]`."""
        from .commands import sweeps

        return sweeps(line)

    @no_var_expand
    @line_magic
    def seedance_show(self, line: str) -> Job:
        """Show a job again and return it: `%seedance_show ID`. The start of an id, or a request id, will do."""
        from .commands import show

        return show(line)

    @no_var_expand
    @line_magic
    def seedance_load(self, line: str) -> None:
        """Put the cell that makes a clip or a job again into the next input: `%seedance_load CLIP.mp4` or `ID`.

        A clip tells it by itself, also on a machine without its history. Sends nothing: running that cell does.
        """
        from .sharing import load

        load(line)

    @no_var_expand
    @line_magic
    def seedance_tree(self, line: str) -> Family:
        """Draw the family of a job, with what each changed: `%seedance_tree [ID]`; without an id the newest job's."""
        from .sharing import tree

        return tree(line)

    @no_var_expand
    @line_magic
    def seedance_export(self, line: str) -> Bundle:
        """Write clips and one page that opens anywhere: `%seedance_export PATH [options] [words]`.

        PATH is a new folder or `.zip`, in quotes where it has a space. Nothing is sent, nothing is overwritten.
        Which jobs, as for `%seedance_jobs`: words of them, and

            --starred --rating N --tag TAG --status STATUS --model ID --sweep ID --since WHEN --until WHEN
        """
        from .sharing import export

        return export(line)

    @no_var_expand
    @line_magic
    def seedance_compare(self, line: str) -> object:
        """Compare the clips of two to four jobs in sync: `%seedance_compare ID ID [ID [ID]]`."""
        from .commands import compare

        return compare(line)

    @no_var_expand
    @line_magic
    def seedance_cancel(self, line: str) -> None:
        """Ask the server to cancel a job: `%seedance_cancel ID`."""
        from .commands import cancel

        cancel(line)

    @no_var_expand
    @line_magic
    def seedance_adopt(self, line: str) -> Job:
        """Bring an unconfirmed job back: `%seedance_adopt ID REQUEST_ID`, the latter from the vendor's dashboard."""
        from .commands import adopt

        return adopt(line)

    @no_var_expand
    @line_magic
    def seedance_discard(self, line: str) -> None:
        """Close an unconfirmed job that is not in the vendor's dashboard: `%seedance_discard ID`. Sends nothing."""
        from .commands import discard

        discard(line)

    @no_var_expand
    @line_magic
    def seedance_save(self, line: str) -> None:
        """Save a prompt with its options under a name: `%seedance_save NAME [--job ID] [--replace]`. Sends nothing.

        It goes into seedance_prompts.toml beside the notebook, for `%seedance --with NAME`.

            --job ID     the prompt of this job, instead of the last one's
            --replace    writes over a prompt of the same name
        """
        from .commands import save

        save(line)

    @no_var_expand
    @line_magic
    def seedance_prompts(self, line: str) -> Templates:
        """List the prompts that are saved beside the notebook: `%seedance_prompts`."""
        from .commands import prompts

        return prompts(line)

    @no_var_expand
    @line_magic
    def seedance_delete(self, line: str) -> None:
        """Delete jobs with their clips, after a question: `%seedance_delete ID … [--yes] [--keep-clip] [--force]`.

        A job that goes on is never deleted, and nothing is asked of the server. What was spent stays counted.

            --yes          deletes without a question
            --keep-clip    leaves the clips where they are
            --force        also what is unconfirmed
        """
        from .commands import delete

        delete(line)

    @no_var_expand
    @line_magic
    def seedance_key(self, line: str) -> None:
        """Ask for the API key without showing it, and go on with it: `%seedance_key [--save | --forget]`.

        The key serves until this kernel ends, and stands in no cell, no output and no history.

            --save       also puts it into the system's keyring, where later kernels find it
            --forget     takes it out of the keyring; asks nothing
        """
        from .commands import key

        key(line)

    @no_var_expand
    @line_magic
    def seedance_doctor(self, line: str) -> object:
        """Check key, folders, kernel and front end: `%seedance_doctor [--network]`, which also asks the server."""
        from .commands import doctor

        return doctor(line)


def _with_options(text: str) -> str:
    """The help text with the lines of the options as the table has them. (From 3.13 on, Python dedents it itself.)"""
    text = inspect.cleandoc(text)
    begin, end = (text.index(f"\n    {words}") + 1 for words in ("--model ID", "--with NAME"))
    return text[:begin] + "".join(f"    {_explained(option)}\n" for option in OPTIONS) + text[end:]


if SeedanceMagics.seedance.__doc__:  # python -OO has none
    SeedanceMagics.seedance.__doc__ = _with_options(SeedanceMagics.seedance.__doc__)
"""As the table has them; the lines in the source, which `%seedance??` shows, are held to it by a test."""
