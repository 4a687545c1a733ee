"""The bar of actions in a Studio: the same again, continuing, and what a person says about a clip."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.request.media import is_reference
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.shared.messages import STATIC
from seedance_widgets.widgets.studio.origin import CANNOT_CONTINUE

Fill = Callable[..., list[str]]
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


@pytest.fixture
def page(session: Session, studio_of: MakeStudio) -> Page:
    page = studio_of(session, prompt="A boat")
    until(lambda: page.studio.view.get("state") == "ready")
    return page


@pytest.fixture
def with_a_clip(tmp_path: Path) -> Iterator[tuple[Page, Job]]:
    """A Studio with the simulator, and a job of it that has its clip."""
    session = sw.simulate(home=tmp_path, speed=100)
    job = session.submit("A tram", **SMALL)
    job.wait(60)
    page = Page(sw.Studio(session=session, prompt="A tram"))
    until(lambda: page.studio.view.get("state") == "ready")
    yield page, job
    session.close()


def test_again_sends_exactly_what_was_sent_also_what_no_form_has_as_a_child(page: Page, service: Any) -> None:
    job = page.studio.session.submit("A tram", duration=6, metadata={"shot": 4}, aspect_ratio="9:16")
    click = page.post("submit", request=page.request(prompt="of another form"), force=True, how="again", of=job.id)
    again = page.studio.session.job(page.outcome(click)["job_id"])
    assert again.id != job.id
    again.wait_accepted()
    assert again.request == job.request
    assert (again.request.metadata, again.parent, again.relation) == ({"shot": 4}, job, "take")
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


def test_a_job_without_a_clip_cannot_be_continued_and_nothing_is_sent(page: Page, service: Any) -> None:
    job = page.studio.session.submit("A tram")
    click = page.post("submit", request=page.request(prompt="on it goes"), how="continue", of=job.id)
    problem = page.outcome(click)["problem"]
    assert (bool(problem["what"]), problem["charged"]) == (True, "Nothing was sent, nothing was charged.")
    assert len(service.creates) == 1


def test_a_continued_clip_begins_with_the_last_picture_of_the_other_and_is_its_child(
    with_a_clip: tuple[Page, Job],
) -> None:
    page, job = with_a_clip
    session = job.session
    assert page.studio.view["cannot_continue"] == ""
    click = page.post("submit", request=page.request(prompt="on it goes", **SMALL), how="continue", of=job.id)
    following = session.job(until(lambda: page.outcome(click)["job_id"]))
    following.wait(60)
    assert (following.parent, following.relation, following.request.prompt) == (job, "continues", "on it goes")
    assert [is_reference(url) for url in following.request.media_urls] == [True]


def test_a_continued_clip_ends_with_the_one_picture_of_the_form_and_more_are_refused(
    with_a_clip: tuple[Page, Job],
) -> None:
    page, job = with_a_clip
    session = job.session
    end, more = "https://host.org/end.png", "https://host.org/more.png"
    request = page.request(prompt="on it goes", **SMALL)
    click = page.post("submit", request=request | {"media_urls": [end]}, how="continue", of=job.id)
    following = session.job(until(lambda: page.outcome(click)["job_id"]))
    assert is_reference(following.request.media_urls[0])
    assert following.request.media_urls[1:] == (end,)
    click = page.post("submit", request=request | {"media_urls": [end, more]}, how="continue", of=job.id)
    assert "takes one picture more" in str(until(lambda: page.outcome(click)))
    assert session.count() == 2


def test_the_page_is_told_why_no_clip_can_be_continued_where_there_is_no_place_for_pictures(
    session: Session, studio_of: MakeStudio
) -> None:
    session.engine.media.is_here = False
    page = studio_of(session)
    assert until(lambda: page.studio.view.get("cannot_continue")) == CANNOT_CONTINUE


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
