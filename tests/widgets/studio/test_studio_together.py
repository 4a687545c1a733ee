"""The list as a person narrows it by tags and ratings, and what is done with several jobs at once."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

from seedance_widgets.jobs.words import STATUS_TEXT
from seedance_widgets.session.session import Session

Fill = Callable[..., list[str]]
SOURCES = Path(__file__).parents[3] / "frontend" / "src"


@pytest.fixture
def history(connect: Callable[..., Session], fill: Fill) -> Session:
    """A history of four jobs, three of which a person has marked."""
    session = connect()
    ids = fill(session, 4)
    session.job(ids[0]).mark(tags=["rain", "night"], rating=5)
    session.job(ids[1]).mark(tags=["Rain"], rating=3)
    session.job(ids[2]).mark(tags=["day"])
    return session


def listed(page: Page, **search: Any) -> list[str]:
    """The ids of the list for a search."""
    page.post("search", **{"text": "", "status": "", "model": "", "page": 0, "starred": False, **search})
    wanted = {name: search.get(name, empty) for name, empty in (("tag", ""), ("rating", 0))}
    fits = lambda view: view and all(view.get(name) == value for name, value in wanted.items())  # noqa: E731
    until(lambda: fits(page.studio.jobs_page))
    return [item["job_id"] for item in page.studio.jobs_page["items"]]


# --- the filters ------------------------------------------------------------------------------------------------------
def test_the_list_is_narrowed_by_a_tag_and_by_the_least_rating(studio_of: MakeStudio, history: Session) -> None:
    page = studio_of(history)
    assert listed(page, tag="rain") == ["row00000", "row00001"]
    assert listed(page, rating=3) == ["row00000", "row00001"]
    assert listed(page, tag="rain", rating=4) == ["row00000"]
    assert len(listed(page)) == 4


def test_every_tag_of_the_history_is_there_to_choose_from_and_a_new_one_at_once(
    studio_of: MakeStudio, history: Session
) -> None:
    page = studio_of(history)
    until(lambda: page.studio.jobs_page.get("tags"))
    tags = page.studio.jobs_page["tags"]
    assert [tag.lower() for tag in tags] == ["day", "night", "rain"]
    page.post("tag", job_id="row00003", tags=["fog"])
    until(lambda: "fog" in page.studio.jobs_page["tags"])


@pytest.mark.parametrize("rating", [None, "4", 6, -1, 2.5, [], {}])
def test_a_rating_that_makes_no_sense_narrows_nothing(studio_of: MakeStudio, history: Session, rating: Any) -> None:
    page = studio_of(history)
    page.post("search", text="", status="", model="", page=0, starred=False, tag="day", rating=rating)
    until(lambda: page.studio.jobs_page.get("tag") == "day")
    assert (page.studio.jobs_page["rating"], page.studio.jobs_page["total"]) == (0, 1)


def test_the_filter_of_statuses_has_the_words_of_the_rows() -> None:
    source = (SOURCES / "shared" / "search.tsx").read_text("utf-8")
    written = source.split("STATUS_WORDS: Record<string, string> = {")[1].split("}")[0]
    words = dict(line.strip(" ,").split(": ") for line in written.strip().splitlines())
    assert words == {status: f'"{text.split(":")[0]}"' for status, text in STATUS_TEXT.items()}


# --- several at once --------------------------------------------------------------------------------------------------
def test_several_jobs_are_starred_and_unstarred_together(studio_of: MakeStudio, history: Session) -> None:
    page, ids = studio_of(history), ["row00000", "row00002"]
    page.post("batch", job_ids=ids, starred=True)
    until(lambda: history.count(starred=True) == 2)
    page.post("batch", job_ids=[*ids, ids[0]], starred=False)
    until(lambda: history.count(starred=True) == 0)
    assert history.job("row00000").tags == ("rain", "night"), "a star says nothing of tags"


def test_several_jobs_get_a_tag_beside_those_that_they_have(studio_of: MakeStudio, history: Session) -> None:
    page = studio_of(history)
    page.post("batch", job_ids=["row00000", "row00003"], tags=["best", "rain"])
    until(lambda: history.count(tag="best") == 2)
    assert [set(history.job(each).tags) for each in ("row00000", "row00003")] == [
        {"rain", "night", "best"},
        {"best", "rain"},
    ]


def test_a_job_that_is_gone_is_said_and_the_others_are_marked(studio_of: MakeStudio, history: Session) -> None:
    page = studio_of(history)
    click_id = page.post("batch", job_ids=["row00000", "nobody", "row00001"], starred=True)
    until(lambda: history.count(starred=True) == 2)
    assert "There is no job 'nobody'" in page.outcome(click_id)["problem"]["what"]


@pytest.mark.parametrize("ids", [None, "row00000", 7, [None], [{}], []])
def test_a_page_that_names_no_jobs_marks_none(studio_of: MakeStudio, history: Session, ids: Any) -> None:
    page = studio_of(history)
    page.post("batch", job_ids=ids, starred=True, tags="x")
    page.post("star", job_id="row00003", value=True)
    until(lambda: history.job("row00003").starred)
    assert history.count(starred=True) == 1


def exported(page: Page, **content: Any) -> dict[str, Any]:
    """The answer to an export."""
    click_id = page.post("export", **content)
    return until(lambda: next((each for each, _ in page.answers if each["click_id"] == click_id), None))


def test_several_jobs_are_exported_beside_the_notebook_and_nothing_is_overwritten(
    studio_of: MakeStudio, history: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.strftime", lambda *_: "2026-11-28-120000")
    page = studio_of(history)
    first = exported(page, job_ids=["row00000", "row00002"], plain=False)
    second = exported(page, job_ids=["row00000"], plain=True)
    assert first["text"] == "Exported 2 jobs to seedance-2026-11-28-120000.zip"
    assert second["text"] == "Exported 1 job to seedance-2026-11-28-120000-2.zip"
    pages = []
    for name in ("seedance-2026-11-28-120000.zip", "seedance-2026-11-28-120000-2.zip"):
        with zipfile.ZipFile(tmp_path / name) as archive:
            inside = next(each for each in archive.namelist() if each.endswith(".html"))
            pages.append(archive.read(inside).decode())
    assert "row00000" in pages[0]
    assert "row00000" not in pages[1]


def test_an_export_that_cannot_be_made_says_why(studio_of: MakeStudio, history: Session) -> None:
    answer = exported(studio_of(history), job_ids=["nobody"], plain=False)
    assert "There is no job 'nobody'" in answer["text"]
    assert answer["url"] is None
