"""The Studio: one anywidget model for an hour of trying prompts.

The form's values are traits that a person's code can set, observe and link; everything else the page shows is `view`
and `jobs`, written by one thread at a time. What the page sends are commands with a click id; the answer to a command
is a change of state.
"""

from __future__ import annotations

import threading
from typing import Any, cast
from uuid import uuid4

import anywidget
import traitlets
from ipywidgets import widget_serialization

from ...jobs.job import Job
from ...jobs.listing import Jobs
from ...request.options import Option
from ...session.default import default_session
from ...session.session import Session
from ...text import links
from ...types import GenerationRequest, RequestOptions
from ...values.plain import MAX_BITS, unfit
from ..compare.compare import Compare
from ..grid.grid import Grid
from ..shared.messages import STATIC, free_the_clicks
from ..shared.speaking import Speaking, first_words, speak
from .desk import Desk
from .view import IN_FORM, FilmView, JobsView, StudioView

PARTS = ("card", "clips", "studio")
"""Of a catalogue, that its page shows."""


class Length(traitlets.Unicode):  # type: ignore[type-arg]
    """A CSS length; a bare number is pixels."""

    def validate(self, obj: Any, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = f"{value:g}px"
        return super().validate(obj, value)


def _kept(urls: Any, studio: Studio) -> Any:
    """Links as a page, and a notebook that is saved with it, may have them: without what signs them."""
    if isinstance(urls, str):
        return _kept([urls], studio)[0]
    studio._signed |= {links.kept(url): url for url in urls or () if links.is_signed(url)}
    return None if urls is None else [links.kept(url) for url in urls]


def _field(option: Option) -> traitlets.TraitType[Any, Any]:
    """The trait of an option. The page has links without what signs them."""
    if option.kind == "urls":
        trait: traitlets.TraitType[Any, Any] = traitlets.List(traitlets.Unicode())
    else:
        kind = {"integer": traitlets.Int, "json": traitlets.Dict}.get(option.kind, traitlets.Unicode)
        trait = kind(option.default, allow_none=option.default is None)
    if option.kind in ("urls", "url"):
        trait.tag(to_json=_kept, from_json=lambda urls, studio: studio.signed(urls))
    trait.help = f"{option.label}: {option.help}."
    return trait.tag(sync=True)


class Studio(Speaking, anywidget.AnyWidget):
    """An interactive widget for prompt work.

    Args:
        session: Where the jobs go; the default session when left out.
        values: What the form begins with: `prompt`, and options as `Session.submit` names them. All are traits:
            `studio.prompt = "..."` shows at once, `observe` and `jslink` work.
        height: Pixels, or a CSS length such as `"80vh"`; as tall as it needs when left out.
    """

    # As text: of a path anywidget keeps every instance for ever, closed or not, to tell it when the file changes.
    _esm = (STATIC / "studio.js").read_text("utf-8") + "\n"
    _css = (STATIC / "studio.css").read_text("utf-8") + "\n"

    prompt = traitlets.Unicode("").tag(sync=True)
    """What the video shows."""
    locals().update({option.name: _field(option) for option in IN_FORM})  # a trait for each option of the form
    selected = traitlets.Unicode("").tag(sync=True)
    """The id of the job on the stage; empty for none."""
    height = Length("").tag(sync=True)
    """A CSS length, or a number of pixels; empty for as tall as needed."""
    studio_id = traitlets.Unicode("").tag(sync=True)
    """Under this name the page keeps an unsent draft over a reload."""
    view: Any = traitlets.Dict().tag(sync=True)
    """See `studio.view.StudioView`; written by the kernel only."""
    jobs_page: Any = traitlets.Dict().tag(sync=True)
    """See `studio.view.JobsView`; written by the kernel only."""
    film: Any = traitlets.Dict().tag(sync=True)
    """The newest clips, for the filmstrip; see `studio.view.FilmView`. Written by the kernel only."""
    compare: Any = traitlets.Instance(Compare, allow_none=True).tag(sync=True, **widget_serialization)
    """What is compared on the stage instead of a clip; `None` for nothing. Written by the kernel only."""
    takes: Any = traitlets.Instance(Grid, allow_none=True).tag(sync=True, **widget_serialization)
    """The grid of takes on the stage instead of a clip; `None` for nothing. Written by the kernel only."""

    _desk: Desk | None = None
    _film: list[FilmView] | None = None

    def __init__(self, session: Session | None = None, **values: Any) -> None:
        self._writing = threading.RLock()
        self._signed: dict[str, str] = {}
        if unknown := sorted(set(values) - set(self.trait_names())):
            raise TypeError(f"Studio() has no option {unknown[0]!r}")  # traitlets would only warn
        if session is not None and not isinstance(session, Session):
            raise unfit("Studio()", "a session", session, next_step="sw.connect() or sw.simulate() makes one.")
        for name, value in values.items():
            if isinstance(value, int) and value.bit_length() > MAX_BITS:  # traitlets would try to write it out
                raise unfit(name, "a value of its kind", value)
        self._session = session or default_session()
        super().__init__(studio_id=uuid4().hex[:12], **first_words(*PARTS), **values)
        self._desk = desk = Desk(self)
        self.observe(desk.on_selected, names="selected")
        self.observe(desk.source.on_prompt, names="prompt")
        desk.open()

    def __repr__(self) -> str:
        return f"<Studio, {self._session.label}>"

    def _ipython_display_(self) -> None:
        """The widget, and beside it a plain fallback for when its kernel is gone."""
        if self._desk is not None:
            self._desk.show()

    @property
    def session(self) -> Session:
        """Where the jobs go."""
        return self._session

    @property
    def request(self) -> GenerationRequest:
        """The request as the form has it now. Raises RequestInvalid where it does not fit."""
        return self._session.plan(self.prompt, **self._options()).request

    @property
    def job(self) -> Job | None:
        """The job on the stage."""
        return self._session.job(self.selected) if self.selected else None

    @property
    def jobs(self) -> Jobs:
        """The newest jobs, newest first."""
        return self._session.jobs()

    def signed(self, urls: Any) -> Any:
        """Links as they were given here, for those that a page has; what signs them is in this object only."""
        if isinstance(urls, str):
            return self._signed.get(urls, urls)
        return [self._signed.get(url, url) for url in urls] if isinstance(urls, list) else urls

    def forget_signatures(self) -> None:
        """The form is filled from a job: its links must be given again."""
        self._signed.clear()
        with self._writing:
            for option in IN_FORM:
                if option.kind in ("urls", "url"):
                    setattr(self, option.name, links.kept_in(getattr(self, option.name)))

    def submit(self) -> Job:
        """What a click on Generate does. **Spends credits.** Raises RequestInvalid; nothing was sent."""
        parent_id = self._desk.source.parent_id(self.prompt) if self._desk else None
        job = self._session.start(self.prompt, parent_id=parent_id, **self._options())
        self.selected = job.id
        return job

    def close(self) -> None:
        """Take the widget away from every page, and stop telling it news. Jobs go on."""
        if self._desk is not None:  # also called for one that was refused by its traits
            self._desk.end()
        with self._writing:
            super().close()
        if self._desk is not None:
            self._desk.compare_no_more()  # also one that was opened meanwhile

    def _options(self) -> RequestOptions:
        values = {option.name: getattr(self, option.name) for option in IN_FORM}
        return cast(RequestOptions, {n: list(v) if isinstance(v, list) else v for n, v in values.items()})

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """What the page wrote. Never while the kernel's half writes: traitlets loses changes of two threads at once."""
        with self._writing:
            super().set_state(sync_data)

    def write(self, view: StudioView, jobs_page: JobsView | None, film: list[FilmView]) -> None:
        """Hand the page what the kernel's half has drawn; the list stays as it is for `None`."""
        with self._writing:
            speak(self, *PARTS)
            self.view = view
            if jobs_page is not None:
                self.jobs_page = jobs_page
            if film is not self._film:  # they are many: what is the same is not even compared
                self._film, self.film = film, {"clips": film}
            free_the_clicks(self)

    def put_on_stage(self, widget: Compare | Grid | None) -> list[Compare | Grid]:
        """Hand the page a widget for its stage, or take away what is there; the answer is what was there before."""
        with self._writing:
            before = [each for each in (self.compare, self.takes) if each is not None]
            self.compare = widget if isinstance(widget, Compare) else None
            self.takes = widget if isinstance(widget, Grid) else None
            free_the_clicks(self)
        return before
