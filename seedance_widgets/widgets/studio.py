"""The Studio: one anywidget model for an hour of trying prompts.

The form's values are traits that a person's code can set, observe and link; everything else the page shows is `view`
and `jobs`, written by one thread at a time. What the page sends are commands with a click id; the answer to a command
is a change of state.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, cast
from uuid import uuid4

import anywidget
import traitlets
from IPython.display import DisplayHandle, display

from ..errors import RequestInvalid, SeedanceError
from ..session import OPTION, Job, Session, default_session
from ..types import GenerationRequest
from .messages import STATIC, Clicks, clip_piece, free_the_clicks, poster_piece
from .studio_twin import twin_html, twin_text
from .studio_view import (
    CheckView,
    OutcomeView,
    RequestView,
    StudioView,
    ask_text,
    check_view,
    job_view,
    jobs_view,
    model_view,
    money_view,
    options_of_view,
    problem_view,
)

WIDGET_MIME = "application/vnd.jupyter.widget-view+json"
REFRESH_S = 0.25
"""At most four redraws a second."""
BEAT_S = 4.0
"""The page takes 15 s of silence for a dead kernel."""
NEWS_S = 2.0
"""Between looks at what other kernels wrote."""
ASK_WITHIN_S = 10.0
"""The same request sent again within this time is asked about first."""


class Studio(anywidget.AnyWidget):
    """An interactive widget for prompt work.

    Args:
        session: Where the jobs go; the default session when left out.
        prompt, model, duration, aspect_ratio, resolution, media_urls: What the form begins with. All are traits:
            `studio.prompt = "..."` shows at once, `observe` and `jslink` work.
        height: A CSS length such as `"600px"`; as tall as it needs when left out.
    """

    _esm = STATIC / "studio.js"
    _css = STATIC / "studio.css"

    prompt = traitlets.Unicode("").tag(sync=True)
    """What the video shows."""
    model = traitlets.Unicode(OPTION["model"].default).tag(sync=True)
    """A model id."""
    duration = traitlets.Int(OPTION["duration"].default).tag(sync=True)
    """Whole seconds."""
    aspect_ratio = traitlets.Unicode(OPTION["aspect_ratio"].default).tag(sync=True)
    """`16:9`, `9:16` or `1:1`."""
    resolution = traitlets.Unicode(OPTION["resolution"].default).tag(sync=True)
    """`480p`, `720p` or `1080p`."""
    media_urls = traitlets.List(traitlets.Unicode()).tag(sync=True)
    """Reference media: up to five public https URLs."""
    selected = traitlets.Unicode("").tag(sync=True)
    """The id of the job on the stage; empty for none."""
    height = traitlets.Unicode("").tag(sync=True)
    """A CSS length; empty for as tall as needed."""
    studio_id = traitlets.Unicode("").tag(sync=True)
    """Under this name the page keeps an unsent draft over a reload."""
    view: Any = traitlets.Dict().tag(sync=True)
    """See `studio_view.StudioView`; written by the kernel only."""
    jobs_page: Any = traitlets.Dict().tag(sync=True)
    """See `studio_view.JobsView`; written by the kernel only."""

    def __init__(self, session: Session | None = None, **values: Any) -> None:
        self._session = session or default_session()
        super().__init__(studio_id=uuid4().hex[:12], **values)
        self._desk = _Desk(self)
        free_the_clicks(self)
        self.on_msg(self._desk.on_message)
        self.observe(self._desk.on_selected, names="selected")
        self._session.subscribe(self._desk)

    def _ipython_display_(self) -> None:
        """The widget, and beside it a plain twin for when its kernel is gone."""
        widget = {"version_major": 2, "version_minor": 1, "model_id": self.model_id}
        display({WIDGET_MIME: widget, "text/plain": twin_text(self._session)}, raw=True)
        self._desk.show_twin()

    @property
    def session(self) -> Session:
        """Where the jobs go."""
        return self._session

    @property
    def request(self) -> GenerationRequest:
        """The request as the form has it now. Raises RequestInvalid where it does not fit."""
        return self._session.plan(self.prompt, **options_of_view(self._desk.form())).request

    @property
    def job(self) -> Job | None:
        """The job on the stage."""
        return self._session.job(self.selected) if self.selected else None

    @property
    def jobs(self) -> list[Job]:
        """The newest jobs, newest first."""
        return self._session.jobs()

    def submit(self) -> Job:
        """What a click on Generate does. **Spends credits.** Raises RequestInvalid; nothing was sent."""
        job = self._session.start(self.prompt, **options_of_view(self._desk.form()))
        self.selected = job.id
        return job

    def close(self) -> None:
        """Take the widget away from every page, and stop telling it news. Jobs go on."""
        self._session.unsubscribe(self._desk)
        super().close()


class _Desk:
    """The kernel's half at work: takes messages, and redraws in a thread of its own, never two at a time."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._session = studio.session
        self._clicks = Clicks()
        self._lock = threading.Lock()
        self._drawing = False
        self._dirty = True
        self._drawn_at = 0.0
        self._rev = 0
        self._began_at = time.time()
        self._news: tuple[int, int] | None = None
        self._news_at = time.monotonic()
        self._search: dict[str, object] = {}
        self._check: CheckView | None = None
        self._sending: list[str] = []
        self._outcome: OutcomeView | None = None
        self._state = "loading"
        self._problem: str | None = None
        self._twins: list[DisplayHandle] = []
        self._twin_dirty = False
        self._in_background(self._load)

    def show_twin(self) -> None:
        """Display the twin; it is brought up to date as jobs end."""
        twin = DisplayHandle(f"seedance-studio-{uuid4().hex[:8]}")
        display({"text/html": "", "text/plain": ""}, raw=True, display_id=twin.display_id)
        self._twins.append(twin)
        self._twin_dirty = True
        self._redraw()

    def form(self) -> RequestView:
        """The form's values."""
        studio = self._studio
        return RequestView(
            prompt=studio.prompt,
            model=studio.model,
            duration=studio.duration,
            aspect_ratio=studio.aspect_ratio,
            resolution=studio.resolution,
            media_urls=list(studio.media_urls),
        )

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job."""
        self._dirty = True
        self._twin_dirty = self._twin_dirty or job.ending

    def on_tick(self) -> None:
        """Redraw when something changed, and now and then to show that the kernel lives."""
        now = time.monotonic()
        if now - self._news_at >= NEWS_S:
            self._news_at = now
            self._in_background(self._read_news)
        age_s = now - self._drawn_at
        if age_s >= (REFRESH_S if self._dirty else BEAT_S):
            self._redraw()

    def _read_news(self) -> None:
        """Jobs of other kernels and notebooks on the same history appear, too."""
        try:
            news = self._session.news()
        except SeedanceError as error:
            self._state, self._problem = "offline", error.what
            return
        if news != self._news:
            self._news = news
            self._dirty = True

    def on_selected(self, _change: object) -> None:
        """Another job is on the stage."""
        self._redraw()

    # --- the page's messages --------------------------------------------------------------------------------------
    def on_message(self, _widget: Any, content: Any, _buffers: Any) -> None:
        """Runs in whichever thread the kernel chose, perhaps beside a running cell: takes note and returns."""
        if not self._clicks.is_new(content):
            return
        handler: Callable[[dict[str, Any]], None] | None = {
            "hello": lambda _: self._redraw(),
            "check": self._on_check,
            "submit": self._on_submit,
            "search": self._on_search,
            "cancel": lambda c: self._with_job(c, lambda job: self._session.cancel_soon(job.id)),
            "download": lambda c: self._with_job(c, lambda job: self._session.save_soon(job.id)),
            "star": lambda c: self._with_job(c, lambda job: job.mark(starred=bool(c.get("value")))),
            "note": lambda c: self._with_job(c, lambda job: job.mark(note=str(c.get("text") or ""))),
            "clip": lambda c: self._with_job(c, lambda job: self._studio.send(*clip_piece(job, c))),
            "poster": lambda c: self._with_job(c, lambda job: self._studio.send(*poster_piece(job))),
        }.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _on_search(self, content: dict[str, Any]) -> None:
        self._search = {name: content.get(name) for name in ("text", "status", "model", "page", "starred")}
        self._redraw()

    def _on_check(self, content: dict[str, Any]) -> None:
        asked = _request_of(content)
        self._check = check_view(self._session, content["click_id"], asked)
        self._redraw()

    def _on_submit(self, content: dict[str, Any]) -> None:
        click_id, asked = content["click_id"], _request_of(content)
        self._sending = [*self._sending, click_id]
        self._redraw()
        self._in_background(lambda: self._submit(click_id, asked, force=bool(content.get("force"))))

    def _submit(self, click_id: str, asked: RequestView, *, force: bool) -> None:
        outcome = OutcomeView(click_id=click_id, job_id=None, problem=None, field=None, ask=None)
        try:
            plan = self._session.plan(asked["prompt"], **options_of_view(asked))
            twin = None if force else self._session.twin(plan.request, ASK_WITHIN_S)
            if twin is not None:
                outcome["ask"] = ask_text(twin)
            else:
                job = self._session.start(asked["prompt"], **options_of_view(asked))
                outcome["job_id"] = job.id
                self._say(click_id, outcome)
                job.wait_accepted()
        except RequestInvalid as error:
            outcome |= {"problem": problem_view(error), "field": error.field}
        except SeedanceError as error:
            outcome["problem"] = problem_view(error)
        self._say(click_id, outcome)

    def _say(self, click_id: str, outcome: OutcomeView) -> None:
        self._outcome = outcome
        self._sending = [other for other in self._sending if other != click_id]
        self._redraw()

    def _with_job(self, content: dict[str, Any], do: Callable[[Job], object]) -> None:
        """Do something with the job that a message names, off this thread: a store may be slow."""

        def work() -> None:
            try:
                do(self._session.job(str(content.get("job_id") or "")))
            except SeedanceError as error:
                self._outcome = OutcomeView(
                    click_id=content["click_id"], job_id=None, problem=problem_view(error), field=None, ask=None
                )
            self._redraw()

        self._in_background(work)

    # --- drawing --------------------------------------------------------------------------------------------------
    def _load(self) -> None:
        """The history first: it is on this machine. Then the live models, which may take a moment."""
        self._draw_now()
        try:
            self._session.models(refresh=True)
            self._state = "ready"
        except SeedanceError as error:
            self._state, self._problem = "offline", error.what
        self._redraw()

    def _redraw(self) -> None:
        """Ask for a redraw; one that is under way is followed by another."""
        self._dirty = True
        with self._lock:
            if self._drawing or time.monotonic() - self._drawn_at < REFRESH_S / 5:
                return  # the next tick sees it
            self._drawing = True
        self._in_background(self._draw)

    def _draw_now(self) -> None:
        with self._lock:
            self._drawing = True
        self._draw()

    def _draw(self) -> None:
        try:
            self._dirty = False
            self._rev += 1
            self._studio.view = self._view()
            self._studio.jobs_page = jobs_view(self._session, self._search, self._rev)
            free_the_clicks(self._studio)
            self._draw_twins()
        except SeedanceError as error:
            self._state, self._problem = "offline", error.what
        finally:
            self._drawn_at = time.monotonic()
            self._drawing = False

    def _draw_twins(self) -> None:
        if self._twins and self._twin_dirty:
            self._twin_dirty = False
            bundle = {"text/html": twin_html(self._session), "text/plain": twin_text(self._session)}
            for twin in self._twins:
                twin.update(bundle, raw=True)

    def _view(self) -> StudioView:
        session, selected = self._session, self._studio.selected
        return StudioView(
            rev=self._rev,
            service="simulator" if session.is_simulated else "api",
            label=session.label,
            state=self._state,
            problem=self._problem,
            models=[model_view(model) for model in session.known_models()],
            check=self._check,
            money=money_view(session, self._began_at),
            sending=list(self._sending),
            outcome=self._outcome,
            stage=job_view(session.job(selected), self._rev) if selected else None,
        )

    def _in_background(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="seedance-studio", daemon=True).start()


def _request_of(content: dict[str, Any]) -> RequestView:
    """A page's request, with nothing taken for granted: what does not fit is found by the checks."""
    asked = content.get("request")
    asked = asked if isinstance(asked, dict) else {}
    media = asked.get("media_urls")
    return cast(
        RequestView,
        {
            "prompt": str(asked.get("prompt") or ""),
            "model": asked.get("model") or None,
            "duration": asked.get("duration"),
            "aspect_ratio": asked.get("aspect_ratio") or None,
            "resolution": asked.get("resolution") or None,
            "media_urls": [str(url) for url in media] if isinstance(media, list) else [],
        },
    )
