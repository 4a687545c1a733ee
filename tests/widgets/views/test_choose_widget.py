"""The kernel's half of Choose, and what the marks teach about a sweep."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import until

import seedance_widgets as sw
from seedance_widgets.errors import SeedanceError
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.sweep.by_axis import by_axis
from seedance_widgets.widgets.choose import choose as choose_module
from seedance_widgets.widgets.grid.grid import Grid

JobOf = Callable[..., Job]
NASTY = "<script>alert(1)</script> & $x$"


class Page:
    """A page with one view: each post is a click of its own."""

    def __init__(self, widget: Any) -> None:
        self.widget = widget
        self._clicks = 0

    def post(self, type_: str, **content: Any) -> None:
        self._clicks += 1
        self.widget._on_message(self.widget, {"type": type_, "click_id": f"click-{self._clicks}", **content}, [])


@pytest.fixture
def takes(job_of: JobOf) -> list[Job]:
    """Four clips of two animals in two weathers."""
    return [job_of({"animal": a, "weather": w}) for a in ("fox", "owl") for w in ("rain", "snow")]


def test_the_clips_stand_in_the_order_of_the_grid_and_jobs_without_a_clip_are_left_out(job_of: JobOf) -> None:
    jobs = [job_of({"animal": a}) for a in ("owl", "fox")] + [job_of({"animal": "bear"}, clip=False)]
    view = sw.Choose(jobs, axes={"animal": ["fox", "owl", "bear"]}).view
    assert [clip["caption"] for clip in view["clips"]] == ["fox", "owl"]
    assert (view["kind"], view["jobs"], view["final"]) == ("choose", 3, True)


def test_keys_of_the_page_mark_in_the_history_in_their_order(takes: list[Job], session: Session) -> None:
    page = Page(sw.Choose(takes))
    first, second, third, last = takes
    page.post("rate", job_id=first.id, value=2)
    page.post("rate", job_id=first.id, value=5)
    page.post("star", job_id=second.id, value=True)
    page.post("reject", job_id=second.id, value=True)
    page.post("reject", job_id=third.id, value=True)
    page.post("reject", job_id=third.id, value=False)
    page.post("rate", job_id=last.id, value=1)
    until(lambda: page.widget.view["clips"][3]["rating"] == 1)
    assert [each["rejected"] for each in page.widget.view["clips"]] == [False, True, False, False]
    rows = [session.store.get(job.id) for job in takes]
    assert [row and row.rating for row in rows] == [5, None, None, 1]
    assert [row and row.starred for row in rows] == [False, False, False, False], "a reject takes the star away"
    assert page.widget.rejected == [second]


def test_a_mark_that_cannot_be_kept_is_said(takes: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise sw.StoreError("The history is locked.")

    page = Page(sw.Choose(takes))
    monkeypatch.setattr(takes[0].engine.store, "apply", refuse)
    page.post("rate", job_id=takes[0].id, value=3)
    until(lambda: page.widget.view["problem"] == "The history is locked.")
    monkeypatch.undo()
    page.post("rate", job_id=takes[0].id, value=3)
    until(lambda: page.widget.view["problem"] is None)


def test_what_is_saved_follows_once_a_person_rests(takes: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    """With its pictures it is large: drawn at each mark, a hundred marks sent forty megabytes."""
    page = Page(sw.Choose(takes))
    drawn: list[bool] = []
    monkeypatch.setattr(page.widget._fallbacks, "expire", lambda: drawn.append(True))
    for value in (1, 2, 3):
        page.post("rate", job_id=takes[0].id, value=value)
    until(lambda: takes[0].rating == 3)
    page.widget.on_tick()
    assert drawn == []
    monkeypatch.setattr(choose_module, "REST_S", 0.0)
    page.widget.on_tick()
    page.widget.on_tick()
    assert drawn == [True]


def test_nonsense_and_strangers_are_not_marked(takes: list[Job], clips: list[Job]) -> None:
    page = Page(sw.Choose(takes))
    page.post("rate", job_id=takes[0].id, value=99)
    page.post("rate", job_id=takes[0].id, value="5")
    page.post("star", job_id=clips[0].id, value=True)
    page.post("star", job_id=["no"], value=True)
    page.post("reject", job_id=takes[1].id, value=True)
    until(lambda: takes[1].rejected)
    assert takes[0].rating is None
    assert not clips[0].starred


def test_jobs_and_lists_of_jobs_open_it(takes: list[Job], session: Session) -> None:
    assert isinstance(session.jobs(limit=2).choose(), sw.Choose)
    with pytest.raises(SeedanceError, match="a list of jobs"):
        sw.Choose("abc")  # type: ignore[arg-type]


def test_what_is_saved_has_the_pictures_their_marks_and_no_markup_of_others(job_of: JobOf) -> None:
    starred, rejected = job_of(prompt=NASTY, starred=True, rating=4), job_of(prompt="b", tags=("rejected",))
    said = sw.Choose([starred, rejected])._bundle()
    assert said["text/html"].count("data:image/jpeg;base64,") == 2
    assert "<script" not in said["text/html"]
    assert "★, 4 of 5" in said["text/html"]
    assert said["text/plain"].startswith("2 clips, 2 marked")
    assert "b: rejected" in said["text/plain"]


# --- in the grid ------------------------------------------------------------------------------------------------------
def test_the_grid_opens_choose_and_compare_in_its_place_and_closes_them(takes: list[Job]) -> None:
    page = Page(Grid(takes))
    page.post("show", what="choose", job_ids=[])
    until(lambda: isinstance(page.widget.opened, sw.Choose))
    choose = page.widget.opened
    assert [clip["caption"] for clip in choose.view["clips"]][:2] == ["fox · rain", "fox · snow"]
    page.post("show", what="compare", job_ids=[takes[0].id, takes[3].id])
    until(lambda: isinstance(page.widget.opened, sw.Compare))
    assert choose.comm is None, "the one before is closed"
    page.post("show", what="", job_ids=[])
    until(lambda: page.widget.opened is None)
    viewers = takes[0].session.registry.viewers  # type: ignore[attr-defined]
    assert choose not in viewers


def test_a_comparison_that_cannot_be_is_said_above_the_grid(takes: list[Job]) -> None:
    page = Page(Grid(takes))
    page.post("show", what="compare", job_ids=[takes[0].id])
    until(lambda: page.widget.view["note"] == "Compare takes two to four jobs, not 1.")
    assert page.widget.opened is None


def test_a_closed_grid_takes_what_stands_in_it_along(takes: list[Job]) -> None:
    page = Page(Grid(takes))
    page.post("show", what="choose", job_ids=[])
    until(lambda: page.widget.opened is not None)
    choose = page.widget.opened
    page.widget.close()
    assert choose.comm is None


def test_marks_on_tiles_reach_the_history_and_the_table_below(takes: list[Job]) -> None:
    page = Page(Grid(takes))
    assert page.widget.view["by_axis"] == []
    page.post("rate", job_id=takes[0].id, value=5)
    page.post("star", job_id=takes[1].id, value=True)
    page.post("reject", job_id=takes[2].id, value=True)
    until(lambda: len(page.widget.view["by_axis"]) == 2)
    until(lambda: page.widget.view["cells"][takes[2].id]["rejected"])
    animal, weather = page.widget.view["by_axis"]
    assert animal["axis"] == "animal"
    fox, owl = animal["values"]
    marks = [fox[name] for name in ("value", "rating", "starred", "rejected", "best")]
    assert marks == ["fox", "5.0 of 1", 1, 0, True]
    assert (owl["rating"], owl["rejected"], owl["clips"], owl["best"]) == ("", 1, 2, False)
    assert [each["best"] for each in weather["values"]] == [True, False]


# --- what the marks teach ---------------------------------------------------------------------------------------------
def test_marks_are_added_up_by_the_values_of_each_axis(job_of: JobOf) -> None:
    ratings = {("fox", 4): 5, ("fox", 10): 4, ("owl", 4): 2, ("owl", 10): None}
    jobs = [job_of({"animal": a, "duration": d, "model": "m"}, rating=rating) for (a, d), rating in ratings.items()]
    axes = {"animal": ["fox", "owl"], "duration": [4, 10], "model": ["m"]}
    table = by_axis([(job.row.sweep_values or {}, job) for job in jobs], axes)
    assert [(line.axis, line.value, line.rating, line.rated, line.clips) for line in table] == [
        ("animal", "fox", 4.5, 2, 2),
        ("animal", "owl", 2.0, 1, 2),
        ("duration", 4, 3.5, 2, 2),
        ("duration", 10, 4.0, 1, 2),
    ], "an axis of one value teaches nothing"
    assert table.best == {"animal": "fox", "duration": 10}
    assert "4.5 of 2" in repr(table)
    assert "Fewer than 3 ratings" in repr(table)
    assert list(table.to_frame()["rating"]) == [4.5, 2.0, 3.5, 4.0]


def test_without_marks_it_says_how_to_give_some(job_of: JobOf) -> None:
    jobs = [job_of({"animal": a}) for a in ("fox", "owl")]
    table = by_axis([(job.row.sweep_values or {}, job) for job in jobs], {"animal": ["fox", "owl"]})
    assert not table.is_marked
    assert table.best == {}
    assert "No marks yet: sweep.choose()" in repr(table)


def test_equal_values_have_no_best(job_of: JobOf) -> None:
    jobs = [job_of({"animal": a}, rating=4) for a in ("fox", "owl")]
    assert by_axis([(job.row.sweep_values or {}, job) for job in jobs], {"animal": ["fox", "owl"]}).best == {}
