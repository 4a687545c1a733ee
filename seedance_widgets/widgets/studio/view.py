"""The view of the Studio, as values: pure projections of a session and its jobs. Mirrored by `studio/view.ts`."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from typing import Any, TypedDict, cast
from urllib.parse import urlsplit

from ...clips.clip import Clip
from ...errors import MediaPlaceMissing, RequestInvalid, SeedanceError, StoreError
from ...jobs.job import Job
from ...notebook import environment
from ...request import media
from ...request.code import as_magic, as_python
from ...request.models import media_kind, media_roles
from ...request.options import OPTIONS, Option
from ...session.session import Session
from ...text import links
from ...text.printable import cut, visible
from ...types import GenerationRequest, Model, RequestOptions
from ..card.view import CardView, ProblemView, card_view
from ..shared.html import clip_url

FILM = 200
"""Clips of the filmstrip."""
FILM_PROMPT = 160
"""Characters of a prompt there."""
PAGE = 12
"""Jobs on one page of the list: a history of ten thousand opens as fast as one of ten."""
TOLD = 20
"""Media that have their own problem told, of more than can be sent."""
SEARCHED, SEARCHED_WORDS = 500, 20
"""Characters and words of a search that count: a whole page pasted there is more than a database takes."""


RATINGS = range(1, 6)
MOST_TAGS = 200
"""Tags to choose from; the search finds others, too."""

RequestView = dict[str, Any]
"""`prompt`, and every option that the form has, by its name."""

IN_FORM = tuple(option for option in OPTIONS if option.in_form)
"""The options that the form has."""


class OptionView(TypedDict):
    """An option that the form has, so that the page shows it also where it has no picture of its own for it."""

    name: str
    label: str
    kind: str
    help: str
    unit: str
    default: Any


class JobView(CardView):
    """A job in the list or on the stage: a card, and what the Studio adds."""

    created_at: float
    request: RequestView
    has_poster: bool
    starred: bool
    rating: int | None
    tags: list[str]
    note: str
    as_magic: str
    as_python: str
    url: str | None
    parent_id: str | None
    relation: str


class FilmView(TypedDict):
    """A clip of the filmstrip."""

    job_id: str
    prompt: str
    url: str | None
    poster_url: str | None
    has_poster: bool
    starred: bool


class ModelView(TypedDict):
    """A model, with what it takes and costs."""

    id: str
    best_for: str
    durations: list[int]
    aspect_ratios: list[str]
    resolutions: list[str]
    usd_per_second: dict[str, float]


class FieldProblem(TypedDict):
    """A problem at a field, in the words of the Python error."""

    field: str
    text: str
    index: int | None


class MediaRole(TypedDict):
    """The server's use of a reference."""

    url: str
    kind: str | None
    role: str


class CheckView(TypedDict):
    """The answer to the newest `check`."""

    click_id: str
    problems: list[FieldProblem]
    media: list[MediaRole]
    cost_usd: float | None


class MoneyView(TypedDict):
    """Estimated dollars; what is charged is the vendor's word."""

    today_usd: float
    session_usd: float
    unknown: int
    cap_left_usd: float | None


class CapsView(TypedDict):
    """The caps of the session in dollars, `None` for none, and the answer to the newest `caps`."""

    per_job_usd: float | None
    per_session_usd: float | None
    per_day_usd: float | None
    click_id: str
    problems: list[FieldProblem]


class OutcomeView(TypedDict):
    """The outcome of the newest submit."""

    click_id: str
    job_id: str | None
    problem: ProblemView | None
    field: str | None
    ask: str | None
    yes: str | None
    sweep_id: str | None


class MissingView(TypedDict):
    """A selected job that the history does not have."""

    job_id: str
    newest: str | None


class StudioView(TypedDict):
    """Everything but the form's own values and the list of jobs."""

    rev: int
    service: str
    label: str
    state: str
    problem: str | None
    options: list[OptionView]
    models: list[ModelView]
    check: CheckView | None
    money: MoneyView
    caps: CapsView
    sending: list[str]
    outcome: OutcomeView | None
    stage: JobView | None
    missing: MissingView | None
    cannot_continue: str
    most_bytes: int


class JobsView(TypedDict):
    """One page of the list, and what it was searched by."""

    rev: int
    text: str
    status: str
    model: str
    starred: bool
    tag: str
    rating: int
    tags: list[str]
    page: int
    pages: int
    total: int
    items: list[JobView]


def job_view(job: Job, rev: int) -> JobView:
    """A job as the Studio shows it. The poster is not in it: the page asks for it when it is in sight."""
    clip = job.saved_clip
    card = card_view(job, rev, with_poster=False)
    return JobView(
        **card,
        created_at=job.created_at,
        request=request_view(job.request),
        has_poster=clip is not None and clip.poster_path is not None,
        starred=job.row.starred,
        rating=job.rating,
        tags=list(job.tags),
        note=job.row.note,
        as_magic=as_magic(job.request),
        as_python=as_python(job.request),
        url=clip_url(clip),
        parent_id=job.row.parent_id,
        relation=job.relation,
    )


def film_view(jobs: Sequence[Job]) -> list[FilmView]:
    """The clips of these jobs, for the filmstrip."""
    return [_frame(job, clip) for job in jobs if (clip := job.saved_clip) is not None]


def _frame(job: Job, clip: Clip) -> FilmView:
    poster = clip.poster_path
    is_there = poster is not None and (clip.url is None or poster.is_file())
    return FilmView(
        job_id=job.id,
        prompt=cut(" ".join(job.request.prompt.split()), FILM_PROMPT),
        url=clip_url(clip),
        poster_url=None if poster is None or not is_there else environment.files_url(poster),
        has_poster=poster is not None,
        starred=job.starred,
    )


def request_view(request: GenerationRequest) -> RequestView:
    """The part of a request that the form has."""
    values = {option.name: getattr(request, option.name) for option in IN_FORM}
    return {"prompt": request.prompt} | {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()}


def option_view(option: Option) -> OptionView:
    """An option for the form."""
    default = list(option.default) if isinstance(option.default, tuple) else option.default
    return OptionView(
        name=option.name, label=option.label, kind=option.kind, help=option.help, unit=option.unit, default=default
    )


def model_view(model: Model) -> ModelView:
    """A model for the form."""
    return ModelView(
        id=model.id,
        best_for=model.best_for,
        durations=list(model.durations),
        aspect_ratios=list(model.aspect_ratios),
        resolutions=list(model.resolutions),
        usd_per_second=dict(model.usd_per_second),
    )


def check_view(session: Session, click_id: str, request: RequestView) -> CheckView:
    """Check a request: what is wrong with it, and what its media are taken for. Asks nobody."""
    urls = request["media_urls"]
    errors = session.problems(request["prompt"], **options_of_view(request))
    fits = all(error.field == "prompt" for error in errors)
    return CheckView(
        click_id=click_id,
        problems=[
            *(problem for error in errors for problem in _field_problems(session, error, urls)),
            *_nowhere_to_put(session, urls),
        ],
        media=_media_of([links.kept(url) for url in urls]),
        cost_usd=session.plan("any", **options_of_view(request)).cost_usd if fits else None,
    )


def money_view(session: Session) -> MoneyView:
    """Spent today and in this session. Reads the store."""
    spent = session.charged_usd()
    return MoneyView(
        today_usd=spent.day_usd,
        session_usd=spent.session_usd,
        unknown=spent.day_unknown,
        cap_left_usd=session.cap_left_usd(),
    )


def jobs_view(session: Session, search: Mapping[str, object], rev: int, tags: Sequence[str] = ()) -> JobsView:
    """One page of the list, with every tag of the history to choose from. Reads the store."""
    text, status, model, tag = (str(search.get(name) or "") for name in ("text", "status", "model", "tag"))
    starred, rating = bool(search.get("starred")), search.get("rating")
    rating = rating if isinstance(rating, int) and rating in RATINGS else 0
    words = " ".join(text[:SEARCHED].split()[:SEARCHED_WORDS])
    wanted: dict[str, object] = {
        "text": words,
        "status": status or None,
        "model": model or None,
        "starred": starred or None,
        "tag": tag or None,
        "rating": rating or None,
    }
    try:
        total = session.count(**wanted)  # type: ignore[arg-type]
    except StoreError:
        raise
    except SeedanceError:  # a status that nobody knows, which no page of ours sends: no job has it
        wanted["status"], total = [], 0
    pages = max(1, -(-total // PAGE))
    requested_page = search.get("page")
    page = min(max(0, requested_page if isinstance(requested_page, int) else 0), pages - 1)
    jobs: Sequence[Job] = session.jobs(limit=PAGE, offset=page * PAGE, **wanted)  # type: ignore[arg-type]
    return JobsView(
        rev=rev,
        text=text,
        status=status,
        model=model,
        starred=starred,
        tag=tag,
        rating=rating,
        tags=list(tags),
        page=page,
        pages=pages,
        total=total,
        items=[job_view(job, rev) for job in jobs],
    )


def ask_text(sent: Job) -> str:
    """The question before the same request is sent again."""
    if sent.status == "unconfirmed":
        return f"The same request is unconfirmed (job {sent.id}) and may have been charged. Send it all the same?"
    ago = max(0, round(time.time() - sent.created_at))
    return f"The same request was sent {ago} s ago (job {sent.id}). Send it again?"


def files_kept_view(kept: Sequence[str]) -> ProblemView:
    """The files that stay when their job is deleted: for each, why."""
    what = " ".join(map(visible, kept))
    next_step = "Delete it yourself if you want to."
    return ProblemView(title="Deleted, but not every file", what=what, charged="", next=next_step, details="", fix="")


def merged_text(job: Job) -> str:
    """The words for a click whose request runs already, and the question after it."""
    return f"This request is already running as job {job.id}, so nothing new was sent. Send another?"


def _field_problems(session: Session, error: RequestInvalid, urls: Sequence[str]) -> list[FieldProblem]:
    """An error at its field. Of media each wrong one has its own reason; that they are too many is one of none."""
    whole = FieldProblem(field=error.field, text=f"{error.what} {error.next_step}".strip(), index=None)
    if error.field != "media_urls":
        return [whole]
    first = enumerate(urls[:TOLD])
    alone = [(at, each) for at, url in first for each in session.problems("any", media_urls=[url])]
    own = [FieldProblem(field=e.field, text=f"{e.what} {e.next_step}".strip(), index=at) for at, e in alone]
    return own if any(each.what == error.what for _, each in alone) else [whole, *own]


def _nowhere_to_put(session: Session, urls: Sequence[str]) -> list[FieldProblem]:
    """That files cannot be sent, where no place is set from which the server could fetch them."""
    if session.engine.media.has_place or not any(media.is_reference(url) for url in urls):
        return []
    error = MediaPlaceMissing("A file cannot be sent to the API, which takes public https links only.")
    return [FieldProblem(field="media_urls", text=f"{error.what} {error.next_step}", index=None)]


def options_of_view(request: RequestView) -> RequestOptions:
    """The keywords of `Session.submit`."""
    return cast(RequestOptions, {name: value for name, value in request.items() if name != "prompt"})


def _media_of(urls: Sequence[str]) -> list[MediaRole]:
    shown = [url.encode("utf-8", "replace").decode() for url in urls]
    known = [url if _is_parsable(url) else "" for url in urls]
    roles = zip(shown, known, media_roles(known), strict=True)
    return [MediaRole(url=url, kind=media_kind(name), role=role) for url, name, role in roles]


def _is_parsable(url: str) -> bool:
    """Not `https://[`, which a person types on the way to an address."""
    try:
        urlsplit(url)
    except ValueError:
        return False
    return True
