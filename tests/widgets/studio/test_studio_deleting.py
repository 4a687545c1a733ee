"""Delete in the list of a Studio: the kernel's half, which hears of it when the ten seconds for Undo are over."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page
from widget_fixtures import finished

from seedance_widgets.session.session import Session

Fill = Callable[..., list[str]]


@pytest.fixture
def session(connect: Callable[..., Session]) -> Session:
    return connect()


def listed(page: Page) -> list[str]:
    return [item["job_id"] for item in page.studio.jobs_page["items"]]


def delete(page: Page, job_id: str, **content: Any) -> tuple[str, bool]:
    """The click id of a delete, and whether the page is told that the job is gone."""
    content = {"force": False, "click_id": f"delete-{job_id}"} | content
    answer, _ = page.answer(lambda: page.post("delete", job_id=job_id, **content))
    assert answer["type"] == "delete"
    assert answer["click_id"] == content["click_id"]
    return answer["click_id"], answer["gone"]


def test_a_deleted_job_is_gone_with_its_files_and_its_cost_stays_counted(
    simulated: Session, studio_of: MakeStudio, tmp_path: Path
) -> None:
    (job,) = finished(simulated, tmp_path, "A boat that is deleted")
    page = studio_of(simulated)
    assert job.clip is not None
    folder, spent = job.clip.path.parent, simulated.charged_usd()
    files = [path for path in folder.iterdir() if job.id in path.name]
    assert len(files) >= 2
    until(lambda: page.studio.jobs_page)
    assert job.id in listed(page)
    _, gone = delete(page, job.id)
    assert gone
    until(lambda: job.id not in listed(page))
    assert not any(path.exists() for path in files)
    assert simulated.charged_usd() == spent
    assert page.studio.view["outcome"] is None


def test_a_job_that_goes_on_is_not_deleted_and_the_page_is_told_why(
    session: Session, studio_of: MakeStudio, service: Any
) -> None:
    page, job = studio_of(session), session.submit("A boat")
    job.wait_accepted()
    click_id, gone = delete(page, job.id)
    assert not gone
    problem = page.outcome(click_id)["problem"]
    assert problem["title"] == "Not deleted"
    assert "still at work" in problem["what"]
    assert not job.row.is_removed


def test_an_unconfirmed_job_is_deleted_only_where_the_page_showed_it_as_such(
    session: Session, studio_of: MakeStudio, fill: Fill
) -> None:
    (lost,) = fill(session, 1, status="unconfirmed")
    page = studio_of(session)
    click_id, gone = delete(page, lost, click_id="without")
    assert not gone
    assert "may have been paid for" in page.outcome(click_id)["problem"]["what"]
    assert delete(page, lost, click_id="with", force=True)[1]
    assert session.count() == 0


def test_a_yes_to_losing_an_unconfirmed_job_is_none_to_losing_what_has_become_of_it(
    session: Session, studio_of: MakeStudio, fill: Fill
) -> None:
    """It was brought back during the ten seconds."""
    (back,) = fill(session, 1, status="succeeded")
    page = studio_of(session)
    click_id, gone = delete(page, back, force=True)
    assert not gone
    assert "unconfirmed no more" in page.outcome(click_id)["problem"]["what"]
    assert session.count() == 1


def test_a_file_that_stays_is_said_although_its_job_is_deleted(
    simulated: Session, studio_of: MakeStudio, tmp_path: Path
) -> None:
    (job,) = finished(simulated, tmp_path, "A boat with a link")
    assert job.clip is not None
    job.clip.path.rename(tmp_path / "elsewhere.mp4")
    job.clip.path.symlink_to(tmp_path / "elsewhere.mp4")
    page = studio_of(simulated)
    click_id, gone = delete(page, job.id)
    assert gone
    problem = page.outcome(click_id)["problem"]
    assert problem["title"] == "Deleted, but not every file"
    assert "it is a link" in problem["what"]
    assert (tmp_path / "elsewhere.mp4").exists()


@pytest.mark.parametrize("force", ["yes", 1, None])
def test_only_a_plain_yes_forces(session: Session, studio_of: MakeStudio, fill: Fill, force: Any) -> None:
    (lost,) = fill(session, 1, status="unconfirmed")
    assert not delete(studio_of(session), lost, force=force)[1]
    assert session.count() == 1
