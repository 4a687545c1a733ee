"""The kernel's half of the grid."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until

from seedance_widgets.errors import MediaError
from seedance_widgets.jobs.engine import Engine
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.grid.grid import Grid
from seedance_widgets.widgets.grid.saved import grid_html

JobOf = Callable[..., Job]
NASTY = '<img src=x onerror=alert(1)> & "quotes" $x$'


class Page:
    """A page with one view of a grid: it posts messages and keeps what comes back."""

    def __init__(self, grid: Grid) -> None:
        self.grid = grid
        self.answers: list[tuple[dict[str, Any], list[bytes]]] = []
        grid.send = lambda content, buffers=None: self.answers.append((content, list(buffers or ())))  # type: ignore[method-assign]

    def post(self, type_: str, click_id: str = "click-1", **content: Any) -> None:
        self.grid._on_message(self.grid, {"type": type_, "click_id": click_id, **content}, [])

    def pull(self, type_: str, click_id: str, **content: Any) -> None:
        """Ask for a file, and wait for the answer."""
        before = len(self.answers)
        self.post(type_, click_id, **content)
        until(lambda: len(self.answers) > before)


@pytest.fixture
def sweep(job_of: JobOf) -> list[Job]:
    """Three clips and a failure of two animals in two weathers."""
    pairs = [("fox", "rain"), ("fox", "snow"), ("owl", "rain")]
    done = [job_of({"animal": animal, "weather": weather}) for animal, weather in pairs]
    return [*done, job_of({"animal": "owl", "weather": "snow"}, clip=False)]


def test_the_view_says_where_each_job_stands_and_how(sweep: list[Job]) -> None:
    view = Grid(sweep).view
    assert view["kind"] == "grid"
    assert view["summary"] == "3 of 4 ready · 1 failed"
    assert view["final"]
    (group,) = view["groups"]
    assert group["corner"] == "animal / weather"
    assert group["rows"][1]["cells"] == [[sweep[2].id], [sweep[3].id]]
    failed = view["cells"][sweep[3].id]
    assert failed["problem"]["what"].startswith(f"Job {sweep[3].id} failed")
    assert view["cells"][sweep[0].id]["has_poster"]


def test_no_bytes_and_no_address_of_the_server_are_in_the_view(sweep: list[Job]) -> None:
    said = json.dumps(Grid(sweep).view)
    assert "base64" not in said
    assert "http" not in said


def test_a_job_that_is_added_is_shown(sweep: list[Job], job_of: JobOf) -> None:
    grid = Grid(sweep)
    late = job_of({"animal": "bear", "weather": "rain"})
    grid.add(late)
    until(lambda: late.id in grid.view["cells"])
    assert grid.axes["animal"] == ["fox", "owl", "bear"]


def test_jobs_may_come_from_a_function_that_is_asked_again(sweep: list[Job]) -> None:
    shown = sweep[:1]
    grid = Grid(lambda: shown, session=sweep[0].session)
    shown.append(sweep[1])
    grid.on_job(sweep[1])
    until(lambda: len(grid.view["cells"]) == 2)
    assert not grid.view["final"], "more may come"


def test_news_of_a_running_job_reaches_the_page(session: Session) -> None:
    job = session.start("a lighthouse", duration=4, resolution="480p")
    grid = Grid([job])
    until(lambda: grid.view["cells"][job.id]["clip"] is not None)
    assert grid.view["summary"] == "1 of 1 ready"


def test_a_clip_is_handed_out_in_pieces_and_a_strangers_is_not(sweep: list[Job], clips: list[Job]) -> None:
    page = Page(Grid(sweep))
    page.pull("clip", "a", job_id=sweep[0].id, offset=0, length=100)
    page.pull("clip", "b", job_id=clips[1].id, offset=0, length=100)
    page.pull("poster", "c", job_id=sweep[0].id)
    (piece, (first,)), (refused, nothing), (_, (picture,)) = page.answers
    assert piece["job_id"] == sweep[0].id
    assert len(first) == 100
    assert refused["problem"] == "There is no such job here."
    assert nothing == []
    assert picture[:2] == b"\xff\xd8"


def test_an_export_is_made_once_a_click_and_its_name_is_shown(sweep: list[Job]) -> None:
    page = Page(Grid(sweep))
    page.post("export", "a", what="sheet")
    page.post("export", "a", what="sheet")
    (done,) = until(lambda: [each for each in page.grid.view["exports"] if each["state"] == "done"])
    assert done["text"] == "seedance_clips/contact-sheet.png"
    assert [path.name for path in Path("seedance_clips").iterdir()] == ["contact-sheet.png"]


def test_an_export_without_clips_fails_in_words(job_of: JobOf) -> None:
    page = Page(Grid([job_of(clip=False)]))
    page.post("export", what="film")
    (failed,) = until(lambda: [each for each in page.grid.view["exports"] if each["state"] == "failed"])
    assert failed["text"].startswith("There is no clip yet to make a picture of.")
    with pytest.raises(MediaError):
        page.grid.side_by_side()


def test_nonsense_from_a_page_changes_nothing(sweep: list[Job]) -> None:
    page = Page(Grid(sweep))
    for number, content in enumerate(({"what": "everything"}, {"what": None}, {})):
        page.post("export", f"n{number}", **content)
    page.post("clip", "x", job_id=["no"], offset="a")
    page.grid._on_message(page.grid, "no message", [])
    assert page.grid.view["exports"] == []


def test_a_click_on_download_again_asks_for_the_clip(sweep: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(Engine, "save_again", lambda self, job_id: asked.append(job_id))
    Page(Grid(sweep)).post("download", job_id=sweep[3].id)
    assert asked == [sweep[3].id]


def test_what_is_saved_has_pictures_in_a_table_and_no_markup_of_others(job_of: JobOf) -> None:
    jobs = [job_of({"a": NASTY, "b": n}) for n in (1, 2)] + [job_of({"a": "x", "b": n}, clip=False) for n in (1, 2)]
    grid = Grid(jobs)
    html = grid._bundle()["text/html"]
    assert html.count("data:image/jpeg;base64,") == 2
    assert "<table" in html
    assert "<img src=x" not in html
    assert "failed" in html
    assert grid._bundle()["text/plain"].startswith("2 of 4 ready · 2 failed (Simulator")


def test_a_large_grid_is_saved_small(job_of: JobOf) -> None:
    jobs = [job_of({"a": n // 10, "b": n % 10}) for n in range(100)]
    html = Grid(jobs)._bundle()["text/html"]
    assert len(html) < 650_000


def test_a_closed_grid_hears_no_news(sweep: list[Job]) -> None:
    grid = Grid(sweep)
    session = sweep[0].session
    assert grid in session.registry.viewers
    grid.close()
    assert grid not in session.registry.viewers


def test_an_empty_grid_says_so(session: Session) -> None:
    grid = Grid([], session=session)
    assert grid.view["summary"] == "No jobs yet"
    assert grid_html([], {}, "No jobs yet", session.label)
