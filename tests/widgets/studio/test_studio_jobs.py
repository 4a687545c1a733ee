"""The list of jobs: pages, search, marks, cancelling, and jobs of other kernels on the same history."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from samples import until
from scripted import error
from studio_page import MakeStudio, Page

from seedance_widgets.clips import video
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.store import rows
from seedance_widgets.widgets.studio.view import PAGE, jobs_view

Fill = Callable[..., list[str]]


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


def names(jobs: Any) -> list[str]:
    return [item["job_id"] for item in jobs.get("items", ())]


def test_the_first_page_has_the_newest_jobs(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    ids = fill(session, 30)
    page = studio_of(session)
    jobs = until(lambda: page.studio.jobs_page)
    assert names(jobs) == ids[:PAGE]
    assert (jobs["page"], jobs["pages"], jobs["total"]) == (0, 3, 30)


def test_an_empty_history_is_one_empty_page(session: Session, studio_of: MakeStudio) -> None:
    page = studio_of(session)
    jobs = until(lambda: page.studio.jobs_page)
    assert (jobs["page"], jobs["pages"], jobs["total"], jobs["items"]) == (0, 1, 0, [])


@pytest.mark.parametrize(("asked", "shown"), [(1, 1), (2, 2), (99, 2), (-1, 0), ("x", 0), (None, 0), (10**30, 2)])
def test_a_page_that_is_not_there_is_the_nearest_one(session: Session, fill: Fill, asked: Any, shown: int) -> None:
    ids = fill(session, 30)
    jobs = jobs_view(session, {"page": asked}, 1)
    assert (jobs["page"], names(jobs)) == (shown, ids[shown * PAGE : shown * PAGE + PAGE])


def test_a_history_of_ten_thousand_opens_with_as_few_rows_as_one_of_a_page(
    session: Session, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, mine = {"queries": 0, "rows": 0}, 0
    original = rows.row_of

    def count_query(*_: Any) -> None:
        counts["queries"] += threading.get_ident() == mine  # the worker asks, too

    def count_row(found: Any) -> Any:
        counts["rows"] += threading.get_ident() == mine
        return original(found)

    def look() -> None:
        nonlocal mine
        mine = threading.get_ident()
        assert len(jobs_view(session, {}, 1)["items"]) == PAGE

    def opening() -> dict[str, int]:
        """Queries, and rows that come into Python, for the first page; in a thread as the Studio has it."""
        counts.update(queries=0, rows=0)
        with ThreadPoolExecutor(1) as threads:
            threads.submit(look).result()
        return dict(counts)

    fill(session, PAGE)
    monkeypatch.setattr(rows, "row_of", count_row)
    sa.event.listen(session.store._engine, "before_cursor_execute", count_query)
    few = opening()
    fill(session, 10_000, prefix="more")
    assert session.count() == 10_000 + PAGE
    assert few["queries"] > 0
    assert opening() == few == {"queries": few["queries"], "rows": PAGE}


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ({"text": "row00003"}, ["row00003"]),
        ({"text": "PUDDLE boat", "page": 1}, [f"row{n:05}" for n in range(12, 20)]),
        ({"status": "succeeded"}, []),
        ({"model": "seedance-2.0", "page": 1}, [f"row{n:05}" for n in range(12, 20)]),
        ({"model": "another"}, []),
        ({"text": "<script>'\"%_"}, []),
        ({"text": "half \ud83d"}, []),
        ({"text": "a " * 5000 + "zzz"}, None),
        ({"text": "x" * 60_000}, []),
    ],
)
def test_jobs_are_found_by_what_is_wanted(
    session: Session, studio_of: MakeStudio, fill: Fill, wanted: dict[str, Any], found: list[str] | None
) -> None:
    fill(session, 20)
    page = studio_of(session)
    until(lambda: page.studio.view.get("state") == "ready")
    page.post("search", **wanted)
    text = wanted.get("text", "").encode("utf-8", "replace").decode()
    until(lambda: page.studio.jobs_page.get("text") == text)
    jobs = until(lambda: page.studio.jobs_page)
    if found is not None:
        until(lambda: names(page.studio.jobs_page) == found)
    assert page.studio.view["state"] == "ready"
    assert str(jobs).encode()


def test_starred_jobs_can_be_listed_alone(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    ids = fill(session, 5)
    page = studio_of(session)
    page.post("star", job_id=ids[3], value=True)
    page.post("search", starred=True)
    until(lambda: names(page.studio.jobs_page) == [ids[3]])
    assert page.studio.jobs_page["items"][0]["starred"] is True
    assert page.studio.jobs_page["starred"] is True, "the page can tell the answer to its search"


def test_a_note_is_kept_and_can_be_taken_away(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    (job_id,) = fill(session, 1)
    page = studio_of(session)
    for text in ("the best one", ""):
        page.post("note", job_id=job_id, text=text)
        until(lambda text=text: (items := page.studio.jobs_page.get("items")) and items[0]["note"] == text)
    assert session.store.get(job_id).note == ""  # type: ignore[union-attr]


def test_half_of_a_character_in_a_note_does_not_lose_the_note(
    session: Session, studio_of: MakeStudio, fill: Fill
) -> None:
    (job_id,) = fill(session, 1)
    studio_of(session).post("note", job_id=job_id, text="nice \ud83d")
    until(lambda: session.store.get(job_id).note == "nice ?")  # type: ignore[union-attr]


def test_of_quick_marks_the_last_word_counts(session: Session, studio_of: MakeStudio, fill: Fill) -> None:
    (job_id,) = fill(session, 1)
    page = studio_of(session)
    for number in range(20):
        page.post("note", job_id=job_id, text=f"note {number}")
        page.post("star", job_id=job_id, value=number % 2 == 0)
    until(lambda: session.store.get(job_id).rev >= 40, 20)  # type: ignore[union-attr]
    row = session.store.get(job_id)
    assert row is not None
    assert (row.note, row.starred) == ("note 19", False)


def test_a_job_is_cancelled_by_a_click(session: Session, studio_of: MakeStudio, service: Any) -> None:
    page = studio_of(session, prompt="A boat")
    job = session.submit("A boat")
    service.status = "cancelled"
    page.post("cancel", job_id=job.id)
    until(lambda: page.studio.jobs_page.get("items") and page.studio.jobs_page["items"][0]["status"] == "cancelled")


def test_a_cancel_that_is_refused_says_so(session: Session, studio_of: MakeStudio, service: Any) -> None:
    page = studio_of(session, prompt="A boat")
    job = session.submit("A boat")
    service.cancel = error(400, "invalid_request", "too late")
    click_id = page.post("cancel", job_id=job.id)
    outcome = page.outcome(click_id)
    assert "too late" in outcome["problem"]["what"]


@pytest.mark.parametrize("command", ["cancel", "delete", "download", "star", "note"])
def test_a_command_about_the_beginning_of_an_id_is_about_no_job(
    session: Session, studio_of: MakeStudio, service: Any, command: str
) -> None:
    """A person may type the beginning of an id. A page knows whole ones: less means no other job."""
    page, job = studio_of(session), session.submit("A boat")
    click_id = page.post(command, job_id=job.id[:-1], value=True, text="a note")
    assert "There is no job" in page.outcome(click_id)["problem"]["what"]
    assert (job.row.cancel_asked_at, job.row.starred, job.row.note) == (None, False, "")
    assert not job.row.is_removed
    assert not service.server.of("POST", "/cancel")


def test_a_clip_is_fetched_again_by_a_click(done: Job, page: Page) -> None:
    click_id = page.post("download", job_id="no such job")
    assert "no such job" in page.outcome(click_id)["problem"]["what"]
    page.post("download", job_id=done.id)
    until(lambda: done.settled and done.clip is not None)
    assert video.probe(done.clip.path)  # type: ignore[union-attr]


def test_a_job_that_is_not_there_can_be_selected(page: Page) -> None:
    page.studio.selected = "nosuchjob"
    missing = until(lambda: page.studio.view.get("missing"))
    assert missing == {"job_id": "nosuchjob", "newest": page.studio.jobs[0].id}
    assert page.studio.view["stage"] is None
    assert page.studio.view["state"] == "ready"


def test_a_deleted_job_on_the_stage_is_missing_and_the_newest_is_offered(
    connect: Callable[..., Session], studio_of: MakeStudio, fill: Callable[..., list[str]]
) -> None:
    session = connect()
    newest, gone = fill(session, 2)
    page = studio_of(session, selected=gone)
    until(lambda: page.studio.view.get("stage"))
    session.delete(session.job(gone), force=True)
    assert until(lambda: page.studio.view.get("missing")) == {"job_id": gone, "newest": newest}


def test_a_job_that_is_there_is_not_missing(page: Page, done: Job) -> None:
    page.studio.selected = "nosuchjob"
    until(lambda: page.studio.view.get("missing"))
    page.studio.selected = done.id
    until(lambda: page.studio.view.get("stage"))
    assert page.studio.view["missing"] is None


def test_in_an_empty_history_there_is_no_newest(connect: Callable[..., Session], studio_of: MakeStudio) -> None:
    page = studio_of(connect(), selected="nosuchjob")
    assert until(lambda: page.studio.view.get("missing")) == {"job_id": "nosuchjob", "newest": None}


def test_half_of_a_character_can_be_selected(page: Page) -> None:
    page.write(selected="\ud83d")
    page.check(prompt="A boat of yesterday")
    assert page.studio.view["stage"] is None


def test_jobs_of_another_kernel_appear_within_a_few_seconds(
    connect: Callable[..., Session], studio_of: MakeStudio
) -> None:
    ours, other = connect(), connect()
    page = studio_of(ours)
    until(lambda: page.studio.jobs_page.get("total") == 0)
    job = other.submit("A boat of another notebook")
    until(lambda: names(page.studio.jobs_page) == [job.id], 5)
    job.mark(starred=True)
    until(lambda: page.studio.jobs_page["items"][0]["starred"])


def test_two_studios_on_one_session_show_the_same_jobs(session: Session, studio_of: MakeStudio) -> None:
    one, two = studio_of(session, prompt="A boat"), studio_of(session)
    outcome = one.submit()
    until(lambda: names(two.studio.jobs_page) == [outcome["job_id"]] == names(one.studio.jobs_page))
    assert two.studio.view["outcome"] is None
    assert two.studio.prompt == ""


def test_a_job_says_all_that_the_form_needs_to_ask_for_it_again(page: Page) -> None:
    asked = page.request(prompt="Rain\non glass", duration=6)
    job = page.studio.session.submit(asked["prompt"], **{k: v for k, v in asked.items() if k != "prompt"})
    until(lambda: job.id in names(page.studio.jobs_page))
    (item,) = (item for item in page.studio.jobs_page["items"] if item["job_id"] == job.id)
    assert item["request"] == asked


# --- the filmstrip ----------------------------------------------------------------------------------------------------
def test_the_filmstrip_has_the_newest_clips_and_no_job_without_one(
    simulated: Session, studio_of: MakeStudio, done: Job, fill: Fill
) -> None:
    fill(simulated, 2, prefix="film")
    page = studio_of(simulated)
    clips = until(lambda: page.studio.film.get("clips"))
    ours = next(clip for clip in clips if clip["job_id"] == done.id)
    assert (ours["prompt"], ours["has_poster"], ours["starred"]) == (done.request.prompt, True, done.starred)
    assert not [clip for clip in clips if clip["job_id"].startswith("film")]


def test_the_filmstrip_is_sent_again_only_when_it_has_changed(
    simulated: Session, studio_of: MakeStudio, job_of: Callable[..., Job]
) -> None:
    job = job_of(prompt="a clip that gets a star")
    page = studio_of(simulated)
    sent: list[Any] = []
    until(lambda: page.studio.film.get("clips"))
    page.studio.observe(lambda change: sent.append(change.new), names="film")
    for _ in range(3):
        page.post("hello")
        until(lambda: not page.studio._desk._redraws._is_drawing)
    assert sent == []
    page.post("star", job_id=job.id, value=True)
    until(lambda: sent and next(c for c in sent[-1]["clips"] if c["job_id"] == job.id)["starred"])
