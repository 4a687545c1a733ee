"""The bar of actions in a Studio: the same again, continuing, and what a person says about a clip."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.shared.messages import STATIC
from seedance_widgets.widgets.studio.origin import CANNOT_CONTINUE

Fill = Callable[..., list[str]]


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


@pytest.fixture
def page(session: Session, studio_of: MakeStudio) -> Page:
    page = studio_of(session, prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    return page


def test_again_sends_exactly_what_was_sent_also_what_no_form_has_as_a_child(page: Page, service: Any) -> None:
    job = page.studio.session.submit("A tram", duration=6, metadata={"shot": 4}, aspect_ratio="9:16")
    click = page.post("submit", request=page.request(prompt="of another form"), force=True, how="again", of=job.id)
    again = page.studio.session.job(page.outcome(click)["job_id"])
    assert again.id != job.id
    again.wait_accepted()
    assert again.request == job.request
    assert (again.request.metadata, again.parent) == ({"shot": 4}, job)
    assert len(service.creates) == 2


def test_again_without_a_yes_is_asked_about_while_the_same_runs(page: Page, service: Any) -> None:
    job = page.studio.session.submit("A tram")
    click = page.post("submit", request=page.request(prompt="A tram"), force=False, how="again", of=job.id)
    assert "Send it again?" in page.outcome(click)["ask"]
    assert len(service.creates) == 1


@pytest.mark.parametrize("of", ["", "nothing", None, 5, "k" * 400])
def test_again_of_no_job_sends_nothing(page: Page, service: Any, of: Any) -> None:
    click = page.post("submit", request=page.request(prompt=""), force=True, how="again", of=of)
    assert page.outcome(click)["problem"]["what"]
    assert service.creates == []


def test_a_clip_that_cannot_be_continued_says_why_and_sends_nothing(
    page: Page, service: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Job, "continue_with", raising=False)
    job = page.studio.session.submit("A tram")
    click = page.post("submit", request=page.request(prompt="on it goes"), how="continue", of=job.id)
    problem = page.outcome(click)["problem"]
    assert (problem["what"], problem["charged"]) == (CANNOT_CONTINUE, "Nothing was sent, nothing was charged.")
    assert len(service.creates) == 1


def test_continue_is_asked_of_the_job_with_the_prompt_and_options_of_the_form(
    page: Page, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def continue_with(job: Job, prompt: str, **options: Any) -> Job:
        asked.append((job.id, prompt, options["duration"]))
        return page.studio.session.start("the next shot")

    monkeypatch.setattr(Job, "continue_with", continue_with, raising=False)
    job = page.studio.session.submit("A tram")
    click = page.post("submit", request=page.request(prompt="on it goes", duration=6), how="continue", of=job.id)
    assert page.outcome(click)["job_id"] != job.id
    assert asked == [(job.id, "on it goes", 6)]


def test_the_page_is_told_whether_clips_can_be_continued(
    session: Session, studio_of: MakeStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delattr(Job, "continue_with", raising=False)
    page = studio_of(session)
    assert until(lambda: page.studio.view.get("cannot_continue")) == CANNOT_CONTINUE
    monkeypatch.setattr(Job, "continue_with", lambda job, prompt: job, raising=False)
    page.post("hello")
    until(lambda: page.studio.view["cannot_continue"] == "")


def test_a_rating_and_tags_are_kept_and_shown(page: Page, session: Session, fill: Fill) -> None:
    (job_id,) = fill(session, 1)
    page.post("rate", job_id=job_id, value=4)
    page.post("tag", job_id=job_id, tags=["rain", "take two"])
    job = session.job(job_id)
    until(lambda: (job.rating, job.tags) == (4, ("rain", "take two")))
    shown = until(lambda: next((j for j in page.studio.jobs_page.get("items", ()) if j["tags"]), None))
    assert (shown["rating"], shown["tags"]) == (4, ["rain", "take two"])
    page.post("rate", job_id=job_id, value=None)
    page.post("tag", job_id=job_id, tags=[])
    until(lambda: (job.rating, job.tags) == (None, ()))


@pytest.mark.parametrize(
    "content", [{"type": "rate", "value": 9}, {"type": "tag", "tags": ["a" * 200]}, {"type": "tag", "tags": 5}]
)
def test_a_mark_that_does_not_fit_is_told_and_changes_nothing(
    page: Page, session: Session, fill: Fill, content: dict[str, Any]
) -> None:
    (job_id,) = fill(session, 1)
    click = page.post(type_=content.pop("type"), job_id=job_id, **content)
    assert page.outcome(click)["problem"]["what"]
    assert (session.job(job_id).rating, session.job(job_id).tags) == (None, ())


def test_what_the_first_view_does_not_need_comes_in_a_second_message(page: Page) -> None:
    answer, buffers = page.answer(lambda: page.post("later"))
    assert answer == {"type": "later"}
    assert buffers == [(STATIC / "studio-later.js").read_bytes()]
