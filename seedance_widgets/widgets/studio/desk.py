"""The kernel's half of a Studio at work: takes the page's messages, and draws what the page shows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...errors import DeleteRefused, JobNotFound, SeedanceError
from ...jobs.job import Job
from ...media.convert import MAX_INPUT_BYTES
from ...session.session import Session
from ..card.view import problem_view
from ..shared.live import Handler, Live, LiveWidget
from ..shared.marks import Marks
from ..shared.redraws import in_background
from ..shared.words import badge_of
from . import prompts
from .caps import CapFields
from .compare import Comparing
from .content import amount, request_of, text
from .export import export_view
from .history import History, News
from .incoming import Incoming, MediumAnswer
from .origin import Origin, cannot_continue
from .page import Page
from .saved import fallback_bundle
from .service import Service
from .source import Source
from .submits import Submits, Wish
from .takes import takes_in
from .view import (
    IN_FORM,
    CapsView,
    CheckView,
    RequestView,
    StudioView,
    check_view,
    files_kept_view,
    model_view,
    option_view,
)

MOST_NAMED = 10
"""Jobs of one message; Compare takes fewer, and says so."""
MOST_MARKED = 1000
"""Jobs that are marked or exported together."""


class Desk(Live):
    """The kernel's half at work; `submits`, `history` and `service` have what it shows."""

    LATER = "studio-later"

    _session: Session

    def __init__(self, page: Page) -> None:
        super().__init__(page.session)
        self._page = page
        self._check: CheckView | None = None
        self._marks = Marks(lambda content, mark: self._do(content, lambda: mark(self._job_of(content))))
        self._caps = CapFields(self._session)
        self._comparing = Comparing(page, self._exactly, self._session.sweep_of)
        self._history = History(self._session, self._exactly)
        self._news = News(self._session, self._expire)
        self._service = Service(self._session, self._redraws.ask)
        self._incoming = Incoming(self._session)
        self._prompts = prompts.PromptsWatch(self._session, lambda view: page.send(view, []))
        self.source = Source(self._session)
        self._submits = Submits(self._session, self.source, self._service, self._exactly, self._redraws.ask)

    def open(self) -> None:
        """The history first: it is on this machine. Then the live models, which may take a moment."""
        self._open()
        self._redraws.ask()
        self._service.ask()

    def show(self) -> None:
        """Display the Studio here, and its fallback, which is brought up to date as jobs end."""
        self._show()

    def end(self) -> None:
        """Hear no more news and draw no more."""
        self._end()

    def compare_no_more(self) -> None:
        """Close the Compare on the stage."""
        self._comparing.end()

    def _widget(self) -> LiveWidget:
        return self._page

    def _bundle(self) -> dict[str, str]:
        return fallback_bundle(self._session)

    def _text(self) -> str:
        return f"Seedance Studio ({self._session.label})"

    def _instead(self) -> str:
        return (
            "%seedance PROMPT starts a job and %seedance_jobs lists them; %load_ext seedance_widgets loads both.\n"
            '  In code: session.submit("PROMPT") and session.jobs().'
        )

    def _rest(self) -> None:
        super()._rest()
        self.compare_no_more()

    # --- news -----------------------------------------------------------------------------------------------------
    def on_job(self, job: Job) -> None:
        """There is news of a job of the session."""
        if job.ending:
            self._history.expire_film()
        super().on_job(job)

    def on_tick(self) -> None:
        """Redraw when something changed, and now and then to show that the kernel lives."""
        self._news.on_tick()
        self._prompts.on_tick()
        self._service.on_tick()
        super().on_tick()

    def _expire(self) -> None:
        self._redraws.is_stale = True

    def on_selected(self, _change: object) -> None:
        """Another job is on the stage, instead of what was compared there."""
        if self._page.compare is not None or self._page.takes is not None:
            self._comparing.wish(())
            in_background(self._comparing.answer)
        self._redraws.ask()

    # --- the page's messages --------------------------------------------------------------------------------------
    def _on_message(self, widget: Any, content: Any, buffers: Any) -> None:
        click_id = str(content.get("click_id")) if isinstance(content, dict) else ""
        if not self._submits.is_sent_again(click_id):
            super()._on_message(widget, content, buffers)

    def _handlers(self, buffers: Any) -> dict[str, Handler]:
        return {
            "check": self._on_check,
            "submit": self._on_submit,
            "search": self._on_search,
            "reuse": self._on_reuse,
            "open": lambda c: self._on_open(c, buffers),
            "medium": lambda c: self._tell_medium(lambda: self._incoming.piece(c, buffers or ())),
            "frame": lambda c: self._tell_medium(lambda: self._incoming.frame(c)),
            "known": lambda c: self._tell_medium(lambda: self._incoming.known(c)),
            "compare": self._on_compare,
            "takes": self._on_takes,
            "caps": self._on_caps,
            "cancel": lambda c: self._with_job(c, lambda job: self._session.cancel_soon(job.id).result()),
            "download": lambda c: self._with_job(c, lambda job: self._session.save_soon(job.id).result()),
            "adopt": lambda c: self._with_job(c, lambda job: job.adopt(text(c.get("request_id")))),
            "discard": lambda c: self._with_job(c, lambda job: job.discard()),
            "delete": self._on_delete,
            "prompts": lambda c: self._tell_prompts(lambda: prompts.saved_view(self._session, c["click_id"])),
            "save_prompt": self._on_save_prompt,
            "forget_prompt": self._on_forget_prompt,
            "recent": lambda c: self._answer(lambda: self._recent(c["click_id"])),
            "star": self._marks.star,
            "rate": self._marks.rate,
            "tag": self._marks.tag,
            "note": self._marks.note,
            "batch": lambda c: self._marks.batch(c, _ids(c, MOST_MARKED)),
            "export": self._on_export,
        }

    def _on_reuse(self, content: dict[str, Any]) -> None:
        self._page.forget_signatures()
        self.source.reuse(text(content.get("job_id")))

    def _request(self, content: dict[str, Any]) -> RequestView:
        """A page's request, with the links as they were given here."""
        request = request_of(content)
        return request | {o.name: self._page.signed(request[o.name]) for o in IN_FORM if o.kind in ("urls", "url")}

    def _on_search(self, content: dict[str, Any]) -> None:
        words = {name: text(content.get(name)) for name in ("text", "status", "model", "tag")}
        others = {name: content.get(name) for name in ("page", "starred", "rating")}
        self._history.search = words | others
        self._redraws.ask()

    def _on_open(self, content: dict[str, Any], buffers: Any) -> None:
        """A clip was dropped on the page: answer with the request that it was made from."""

        def tell() -> None:
            answer = self.source.open(text(content.get("name")), buffers or ())
            self._page.send({"type": "open", "click_id": content["click_id"], **answer}, [])

        in_background(tell)

    def _tell_medium(self, made: Callable[[], MediumAnswer]) -> None:
        """Answer with an entry for the form's media, or how much of a file is here. Decoding may take a moment."""
        in_background(lambda: self._page.send(made(), []))

    def _on_check(self, content: dict[str, Any]) -> None:
        self._check = check_view(self._session, content["click_id"], self._request(content))
        self._redraws.ask()

    def _on_caps(self, content: dict[str, Any]) -> None:
        """At once, in the order of the messages: what is submitted next meets the caps that a person has just set."""
        self._caps.set(content["click_id"], content.get("caps"))
        self._redraws.ask()

    def _on_submit(self, content: dict[str, Any]) -> None:
        wish = Wish(
            request=self._request(content),
            shown_usd=amount(content.get("shown_usd")),
            force=bool(content.get("force")),
            origin=Origin.of(content),
            takes=takes_in(content.get("takes")),
        )
        self._submits.take(content["click_id"], wish)

    def _on_compare(self, content: dict[str, Any]) -> None:
        self._comparing.wish(_ids(content, MOST_NAMED))
        in_background(lambda: self._do(content, self._comparing.answer))

    def _on_takes(self, content: dict[str, Any]) -> None:
        """Show the takes of a sweep on the stage."""
        sweep_id = text(content.get("sweep_id"))
        in_background(lambda: self._do(content, lambda: self._comparing.show_takes(sweep_id)))

    def _with_job(self, content: dict[str, Any], do: Callable[[Job], object]) -> None:
        """Do something with the job that a message names, off this thread: a store or a server may be slow."""
        in_background(lambda: self._do(content, lambda: do(self._job_of(content))))

    def _do(self, content: dict[str, Any], do: Callable[[], object]) -> bool:
        """Do what a message asks for, and tell whether it was done; what goes wrong is its outcome."""
        try:
            do()
        except SeedanceError as error:
            self._submits.tell(content["click_id"], problem_view(error))
            return False
        finally:
            self._history.expire_film()
            self._redraws.ask()
        return True

    def _on_delete(self, content: dict[str, Any]) -> None:
        """Delete a job with its files; the page has waited for an Undo, and hears when it is gone or stays."""

        def answer() -> None:
            gone = self._do(content, lambda: self._delete(content))
            self._page.send({"type": "delete", "click_id": content["click_id"], "gone": gone}, [])

        in_background(answer)

    def _on_export(self, content: dict[str, Any]) -> None:
        ids = _ids(content, MOST_MARKED)
        self._answer(lambda: export_view(content, self._session, self._exactly, ids))

    def _on_save_prompt(self, content: dict[str, Any]) -> None:
        request, name = request_of(content), text(content.get("name"))
        name, replace = " ".join(name.split()), content.get("replace") is True
        self._tell_prompts(lambda: prompts.save(self._session, content["click_id"], name, request, replace=replace))

    def _tell_prompts(self, make: Callable[[], prompts.PromptsView]) -> None:
        in_background(lambda: self._prompts.answer(make))

    def _on_forget_prompt(self, content: dict[str, Any]) -> None:
        """Delete a saved prompt; the page has waited for an Undo, and hears when it is gone or stays."""
        click_id = content["click_id"]

        def answer() -> None:
            problem = ""
            try:
                self._session.templates.delete(text(content.get("name")))
            except SeedanceError as error:
                problem = error.what
            self._prompts.answer(lambda: prompts.saved_view(self._session, click_id, problem=problem))
            self._page.send({"type": "delete", "click_id": click_id, "gone": not problem}, [])

        in_background(answer)

    def _recent(self, click_id: str) -> dict[str, Any]:
        try:
            found = prompts.recent(self._session)
        except SeedanceError:  # the redraw says why
            found = []
        return {"type": "recent", "click_id": click_id, "prompts": found}

    def _answer(self, make: Callable[[], Any]) -> None:
        """Send the page an answer, made off this thread."""
        in_background(lambda: self._page.send(make(), []))

    def _delete(self, content: dict[str, Any]) -> None:
        job, force = self._job_of(content), content.get("force") is True
        if force and job.status != "unconfirmed":  # a yes to losing that is none to losing what has become of it
            raise DeleteRefused(
                f"Job {job.id} is unconfirmed no more ({job.status}), so nothing was deleted.",
                next_step="Look at what has become of it, then delete it where you still want to.",
            )
        kept = job.delete(force=force).kept
        if kept:
            self._submits.tell(content["click_id"], files_kept_view(kept))

    def _job_of(self, content: dict[str, Any]) -> Job:
        return self._exactly(text(content.get("job_id")))

    def _exactly(self, job_id: str) -> Job:
        """The job of a whole id. A person may type the beginning of one; a page that sends less means no other job."""
        job = self._session.job(job_id)
        if job.id != job_id:
            raise JobNotFound(f"There is no job {job_id[:80]!r} in the history.")
        return job

    # --- drawing --------------------------------------------------------------------------------------------------
    def _draw(self, rev: int) -> None:
        caps = self._caps.view()  # before what is left of them, or a new cap would stand there with nothing left of it
        jobs_page = self._history.read(text(self._page.selected), rev)
        self._page.write(self._view(rev, caps), jobs_page, self._history.film)
        if self._history.problem is None:
            self._fallbacks.draw()

    def _view(self, rev: int, caps: CapsView) -> StudioView:
        session, history, problem = self._session, self._history, self._history.problem or self._service.problem
        return StudioView(
            rev=rev,
            service="simulator" if session.is_simulated else "api",
            label=badge_of(session),
            state="offline" if problem else "ready" if self._service.is_loaded else "loading",
            problem=problem,
            options=[option_view(option) for option in IN_FORM],
            models=[model_view(model) for model in session.known_models()],
            check=self._check,
            money=history.money,
            caps=caps,
            sending=self._submits.sending,
            outcome=self._submits.outcome,
            stage=history.stage,
            missing=history.missing,
            cannot_continue=cannot_continue(session),
            most_bytes=MAX_INPUT_BYTES,
        )


def _ids(content: dict[str, Any], most: int) -> list[str]:
    """The jobs that a message names, each once; none for what makes no sense."""
    ids = content.get("job_ids")
    return list(dict.fromkeys(text(each) for each in ids[:most])) if isinstance(ids, list) else []
