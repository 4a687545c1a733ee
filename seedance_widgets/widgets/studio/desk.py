"""The kernel's half of a Studio at work: takes the page's messages, and draws what the page shows."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from ...errors import (
    CapExceeded,
    HistoryUnwritable,
    JobNotFound,
    PriceChanged,
    RequestInvalid,
    SeedanceError,
    SentBefore,
)
from ...jobs.job import Job
from ...life.same_request import RECENT_S
from ..card.view import problem_view
from ..shared.messages import Clicks, clip_piece, poster_piece
from ..shared.saved import Twins
from .caps import CapFields
from .compare import Comparing
from .page import Page
from .saved import twin_bundle
from .source import Source
from .view import (
    IN_FORM,
    CheckView,
    JobsView,
    JobView,
    MissingView,
    MoneyView,
    OutcomeView,
    RequestView,
    StudioView,
    ask_text,
    check_view,
    job_view,
    jobs_view,
    merged_text,
    model_view,
    money_view,
    option_view,
    options_of_view,
)

REFRESH_S = 0.25
"""At most four redraws a second."""
BEAT_S = 4.0
"""The page takes 15 s of silence for a dead kernel."""
NEWS_S = 2.0
"""Between looks at what other kernels wrote."""
RETRY_S = 20.0
"""Between tries to reach a service that did not answer."""
MOST_NAMED = 10
"""Jobs of one message; Compare takes fewer, and says so."""


class Desk:
    """The kernel's half at work: takes messages, and redraws in a thread of its own, never two at a time."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._session = page.session
        self._clicks = Clicks()
        self._lock = threading.Lock()
        self._drawing = False
        self._dirty = True
        self._drawn_at = 0.0
        self._rev = 0
        self._news: tuple[int, int] | None = None
        self._news_at = time.monotonic()
        self._reading = False
        self._search: dict[str, object] = {}
        self._check: CheckView | None = None
        self._starting = threading.Lock()
        self._submits: dict[str, OutcomeView | None] = {}
        self._outcome: OutcomeView | None = None
        self._unrecordable: list[RequestView] = []
        """What a person was asked to send although nothing could remember it: sent again, that is their yes."""
        self._marking = threading.Lock()
        self._marks: deque[tuple[dict[str, Any], dict[str, Any]]] = deque()
        self._is_loaded = False
        self._asked_at = 0.0
        self._no_service: str | None = None
        self._no_store: str | None = None
        self._money = MoneyView(today_usd=0.0, session_usd=0.0, unknown=0, cap_left_usd=None)
        self._stage: JobView | None = None
        self._missing: MissingView | None = None
        self._twins = Twins(lambda: twin_bundle(self._session))
        self._caps = CapFields(self._session)
        self._comparing = Comparing(page, self._exactly)
        self.source = Source(self._session)

    def open(self) -> None:
        """The history first: it is on this machine. Then the live models, which may take a moment."""
        self._redraw()
        self._ask_models()

    def show_twin(self) -> None:
        """Display the twin; it is brought up to date as jobs end."""
        self._twins.show()
        self._redraw()

    # --- news, in the worker's thread -----------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job."""
        self._dirty = True
        if job.ending:
            self._twins.on_end()

    def on_tick(self) -> None:
        """Redraw when something changed, and now and then to show that the kernel lives."""
        now = time.monotonic()
        if now - self._news_at >= NEWS_S and not self._reading:
            self._news_at, self._reading = now, True
            self._in_background(self._read_news)
        if self._no_service is not None and now - self._asked_at >= RETRY_S:
            self._ask_models()
        age_s = now - self._drawn_at
        if age_s >= (REFRESH_S if self._dirty else BEAT_S):
            self._redraw()

    def _read_news(self) -> None:
        """Jobs of other kernels and notebooks on the same history appear, too."""
        try:
            news = self._session.news()
            self._dirty = self._dirty or news != self._news
            self._news = news
        except SeedanceError:
            self._dirty = True  # the redraw meets the same trouble, and shows it
        finally:
            self._reading = False

    def _ask_models(self) -> None:
        """Ask the service for its models, off this thread; until it answers, and when it does not, the page says so."""
        self._asked_at = time.monotonic()

        def ask() -> None:
            try:
                self._session.models(refresh=True)
                self._no_service, self._is_loaded = None, True
            except SeedanceError as error:
                self._no_service = error.what
            self._redraw()

        self._in_background(ask)

    def on_selected(self, _change: object) -> None:
        """Another job is on the stage, instead of what was compared there."""
        if self._page.compare is not None:
            self._comparing.wish(())
            self._in_background(self._comparing.answer)
        self._redraw()

    def compare_no_more(self) -> None:
        """Nobody sees this Studio, for now or for good."""
        self._comparing.end()

    # --- the page's messages --------------------------------------------------------------------------------------
    def on_message(self, _widget: Any, content: Any, buffers: Any) -> None:
        """Runs in whichever thread the kernel chose, perhaps beside a running cell: takes note and returns."""
        if self._is_sent_again(content) or not self._clicks.is_new(content):
            return
        handler: Callable[[dict[str, Any]], None] | None = {
            "hello": lambda _: self._redraw(),
            "check": self._on_check,
            "submit": self._on_submit,
            "search": self._on_search,
            "reuse": self._on_reuse,
            "open": lambda c: self._on_open(c, buffers),
            "compare": self._on_compare,
            "caps": self._on_caps,
            "cancel": lambda c: self._with_job(c, lambda job: self._session.cancel_soon(job.id).result()),
            "download": lambda c: self._with_job(c, lambda job: self._session.save_soon(job.id).result()),
            "adopt": lambda c: self._with_job(c, lambda job: job.adopt(_text(c.get("request_id")))),
            "discard": lambda c: self._with_job(c, lambda job: job.discard()),
            "star": lambda c: self._mark(c, starred=bool(c.get("value"))),
            "note": lambda c: self._mark(c, note=_text(c.get("text"))),
            "clip": lambda c: self._send_file(c, lambda job: clip_piece(job, c)),
            "poster": lambda c: self._send_file(c, poster_piece),
        }.get(str(content.get("type")))
        if handler is not None:
            handler(content)

    def _is_sent_again(self, content: Any) -> bool:
        """A submit is one create for as long as the Studio lives; to one that comes again, the answer is said again."""
        click_id = str(content.get("click_id")) if isinstance(content, dict) else ""
        if click_id not in self._submits:
            return False
        self._outcome = self._submits[click_id] or self._outcome
        self._redraw()
        return True

    def _on_reuse(self, content: dict[str, Any]) -> None:
        self._page.forget_signatures()
        self.source.reuse(_text(content.get("job_id")))

    def _asked(self, content: dict[str, Any]) -> RequestView:
        """A page's request, with the links as they were given here."""
        asked = _request_of(content)
        return asked | {o.name: self._page.signed(asked[o.name]) for o in IN_FORM if o.kind in ("urls", "url")}

    def _on_search(self, content: dict[str, Any]) -> None:
        words = {name: _text(content.get(name)) for name in ("text", "status", "model")}
        self._search = {**words, "page": content.get("page"), "starred": content.get("starred")}
        self._redraw()

    def _on_open(self, content: dict[str, Any], buffers: Any) -> None:
        """A clip was dropped on the page: answer with the request that it was made from."""

        def tell() -> None:
            told = self.source.open(_text(content.get("name")), buffers or ())
            self._page.send({"type": "open", "click_id": content["click_id"], **told}, [])

        self._in_background(tell)

    def _on_check(self, content: dict[str, Any]) -> None:
        asked = self._asked(content)
        self._check = check_view(self._session, content["click_id"], asked)
        self._redraw()

    def _on_caps(self, content: dict[str, Any]) -> None:
        """At once, in the order of the messages: what is submitted next meets the caps that a person has just set."""
        self._caps.set(content["click_id"], content.get("caps"))
        self._redraw()

    def _on_submit(self, content: dict[str, Any]) -> None:
        click_id, asked = content["click_id"], self._asked(content)
        with self._lock:  # also for one that two threads hand in at once
            if click_id in self._submits:
                return
            self._submits[click_id] = None
        self._redraw()
        shown_usd = _amount(content.get("shown_usd"))
        self._in_background(lambda: self._submit(click_id, asked, shown_usd, force=bool(content.get("force"))))

    def _submit(self, click_id: str, asked: RequestView, shown_usd: float | None, *, force: bool) -> None:
        outcome = OutcomeView(click_id=click_id, job_id=None, problem=None, field=None, ask=None, yes=None)
        try:
            plan = self._session.plan(asked["prompt"], **options_of_view(asked))
            with self._starting:  # of two clicks for one request, however close, the second is asked about
                same = None if force else self._session.twin(plan.request, RECENT_S)
                if same is not None:
                    self._unrecordable = []  # a yes to this question is none to that one
                    self._say(outcome | {"ask": ask_text(same)})
                    return
                if self._is_loaded:  # with the live prices: what is refused never takes the stage
                    self._session.check_caps(plan)
                parent_id = self.source.parent_id(asked["prompt"])
                shown = replace(plan, cost_usd=shown_usd)
                unrecorded = force and asked in self._unrecordable
                job = self._session.start(shown, parent_id=parent_id, fresh=force, unrecorded=unrecorded)
            outcome["job_id"] = job.id
            self._say(outcome)
            self._follow(job, outcome)
        except SentBefore as error:  # by another kernel, since the look above
            self._unrecordable = []
            self._say(outcome | {"job_id": None, "ask": ask_text(self._exactly(error.job.id))})
        except RequestInvalid as error:  # also from the worker, which knows the live models: then there is no job
            self._say(outcome | {"job_id": None, "problem": problem_view(error), "field": error.field})
        except (CapExceeded, PriceChanged) as error:
            self._say(outcome | {"job_id": None, "problem": problem_view(error)})  # with the price of now beside it
        except HistoryUnwritable as error:
            self._unrecordable = [asked]
            ask = f"{error.what} {error.charged} Send it all the same?"
            self._say(outcome | {"job_id": None, "ask": ask, "yes": "Send unrecorded"})
        except SeedanceError as error:
            self._say(outcome | {"problem": problem_view(error)})

    def _follow(self, job: Job, outcome: OutcomeView) -> None:
        """Wait until the server has accepted; of a click that was merged say which job runs, and show that one."""
        job.wait_until(lambda: job.merged or job.is_answered, None)
        if job.merged:
            self._unrecordable = []  # a yes to this question is none to that one
            self._say(outcome | {"job_id": job.id, "ask": merged_text(job), "yes": "Send another"})
        job.wait_accepted()

    def _say(self, outcome: OutcomeView) -> None:
        self._submits[outcome["click_id"]] = self._outcome = outcome.copy()
        self._redraw()

    def _on_compare(self, content: dict[str, Any]) -> None:
        asked = content.get("job_ids")
        self._comparing.wish([_text(each) for each in asked[:MOST_NAMED]] if isinstance(asked, list) else ())
        self._in_background(lambda: self._do(content, self._comparing.answer))

    def _with_job(self, content: dict[str, Any], do: Callable[[Job], object]) -> None:
        """Do something with the job that a message names, off this thread: a store or a server may be slow."""
        self._in_background(lambda: self._do(content, lambda: do(self._job_of(content))))

    def _do(self, content: dict[str, Any], do: Callable[[], object]) -> None:
        """Do what a message asks for; what goes wrong is its outcome."""
        try:
            do()
        except SeedanceError as error:
            self._outcome = OutcomeView(
                click_id=content["click_id"], job_id=None, problem=problem_view(error), field=None, ask=None, yes=None
            )
        self._redraw()

    def _mark(self, content: dict[str, Any], **what: Any) -> None:
        """Star or note a job, in the order of the messages: of a star given and taken back, the last word counts."""
        self._marks.append((content, what))

        def mark_next() -> None:
            with self._marking:
                content, what = self._marks.popleft()
                self._do(content, lambda: self._job_of(content).mark(**what))

        self._in_background(mark_next)

    def _send_file(self, content: dict[str, Any], read: Callable[[Job], tuple[dict[str, Any], list[bytes]]]) -> None:
        """Answer with bytes, or say why there are none."""

        def send() -> None:
            try:
                answer, buffers = read(self._job_of(content))
            except SeedanceError as error:
                asked: dict[str, Any] = {name: content.get(name) for name in ("type", "job_id", "offset")}
                answer, buffers = asked | {"problem": error.what}, []
            self._page.send(answer, buffers)

        self._in_background(send)

    def _job_of(self, content: dict[str, Any]) -> Job:
        return self._exactly(_text(content.get("job_id")))

    def _exactly(self, job_id: str) -> Job:
        """The job of a whole id. A person may type the beginning of one; a page that sends less means no other job."""
        job = self._session.job(job_id)
        if job.id != job_id:
            raise JobNotFound(f"There is no job {job_id[:80]!r} in the history.")
        return job

    # --- drawing --------------------------------------------------------------------------------------------------
    def _redraw(self) -> None:
        """Ask for a redraw; one that is under way is followed by another."""
        self._dirty = True
        with self._lock:
            if self._drawing or time.monotonic() - self._drawn_at < REFRESH_S / 5:
                return  # the next tick sees it
            self._drawing = True
        self._in_background(self._draw)

    def _draw(self) -> None:
        try:
            self._dirty = False
            self._rev += 1
            jobs_page = self._read()
            self._page.write(self._view(), jobs_page)
            if self._no_store is None:
                self._twins.draw()
        finally:
            self._drawn_at = time.monotonic()
            self._drawing = False

    def _read(self) -> JobsView | None:
        """All that comes from the store; what was read last stays when the store cannot be used."""
        session, selected = self._session, _text(self._page.selected)
        try:
            self._money = money_view(session)
            self._stage = self._missing = None
            try:
                self._stage = job_view(self._exactly(selected), self._rev) if selected else None
            except JobNotFound:  # refused before it was written, deleted, or of another history
                newest = next((job.id for job in session.jobs(limit=1)), None)
                self._missing = MissingView(job_id=selected, newest=newest)
            jobs_page = jobs_view(session, self._search, self._rev)
        except SeedanceError as error:
            self._no_store = error.what
            return None
        self._no_store = None
        return jobs_page

    def _view(self) -> StudioView:
        session, problem = self._session, self._no_store or self._no_service
        return StudioView(
            rev=self._rev,
            service="simulator" if session.is_simulated else "api",
            label=session.label,
            state="offline" if problem else "ready" if self._is_loaded else "loading",
            problem=problem,
            options=[option_view(option) for option in IN_FORM],
            models=[model_view(model) for model in session.known_models()],
            check=self._check,
            money=self._money,
            caps=self._caps.view(),
            sending=[click_id for click_id, outcome in list(self._submits.items()) if outcome is None],
            outcome=self._outcome,
            stage=self._stage,
            missing=self._missing,
        )

    def _in_background(self, work: Callable[[], None]) -> None:
        threading.Thread(target=work, name="seedance-studio", daemon=True).start()


def _text(value: object) -> str:
    """What a page wrote, as text that a database and a message can hold: half of a character becomes `?`."""
    return str(value or "").encode("utf-8", "replace").decode()


def _amount(value: object) -> float | None:
    """The price that a page showed beside the button; `None` where it showed none."""
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) and value >= 0 else None


def _request_of(content: dict[str, Any]) -> RequestView:
    """A page's request, with nothing taken for granted: what does not fit is found by the checks."""
    asked = content.get("request")
    asked = asked if isinstance(asked, dict) else {}
    values = {option.name: asked.get(option.name) for option in IN_FORM}
    for option in IN_FORM:
        value = values[option.name]
        if option.kind == "urls":
            values[option.name] = [str(url) for url in value] if isinstance(value, list) else []
        elif option.kind != "integer":
            values[option.name] = value or None
    return {"prompt": str(asked.get("prompt") or ""), **values}
