"""The kernel's half of Compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from samples import until

import seedance_widgets as sw
from seedance_widgets.errors import SeedanceError
from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session

JobOf = Callable[..., Job]
NASTY = "<script>alert(1)</script> & $x$"


@pytest.fixture
def pair(job_of: JobOf) -> list[Job]:
    return [job_of(prompt="a boat in heavy rain"), job_of(prompt="a boat in soft rain")]


def post(compare: sw.Compare, type_: str, click_id: str = "click-1", **content: Any) -> None:
    compare._on_message(compare, {"type": type_, "click_id": click_id, **content}, [])


def test_the_words_that_differ_are_marked_as_spans_of_text(pair: list[Job]) -> None:
    sides = sw.Compare(*pair).view["sides"]
    marked = [[span["text"] for span in side["spans"] if span["marked"]] for side in sides]
    assert marked == [["heavy"], ["soft"]]
    assert "".join(span["text"] for span in sides[0]["spans"]) == "a boat in heavy rain"


def test_options_that_differ_are_listed_apart_from_those_that_do_not(clips: list[Job], session: Session) -> None:
    other = session.submit("a paper boat in soft rain", duration=4, resolution="720p", model="seedance-2.0-fast")
    other.wait(timeout=60)
    view = sw.Compare(clips[0], other).view
    assert view["differences"] == [{"label": "Resolution", "values": ["480p", "720p"]}]
    assert ("Duration", "4 s") in view["same"]


def test_a_pick_stars_the_winner_in_the_history(pair: list[Job], session: Session) -> None:
    compare = sw.Compare(*pair)
    post(compare, "pick", job_id=pair[1].id, value=True)
    until(lambda: compare.view["winner"] == pair[1].id)
    assert compare.winner is pair[1]
    row = session.store.get(pair[1].id)
    assert row is not None
    assert row.starred


def test_another_pick_takes_back_the_star_that_was_given_here_and_no_other(job_of: JobOf) -> None:
    first, second, starred = job_of(prompt="a"), job_of(prompt="b"), job_of(prompt="c", starred=True)
    compare = sw.Compare(first, second, starred)
    compare.pick(first)
    compare.pick(second)
    assert [job.row.starred for job in (first, second, starred)] == [False, True, True]
    compare.pick(None)
    assert compare.winner is None
    assert [job.row.starred for job in (first, second, starred)] == [False, False, True]


def test_a_star_from_before_picks_no_winner(job_of: JobOf) -> None:
    compare = sw.Compare(job_of(prompt="a", starred=True), job_of(prompt="b"))
    assert compare.winner is None
    assert compare.view["winner"] == ""


def test_a_strange_job_cannot_be_picked(pair: list[Job], clips: list[Job]) -> None:
    compare = sw.Compare(*pair)
    post(compare, "pick", job_id=clips[0].id, value=True)
    with pytest.raises(SeedanceError, match="is not among those that are compared"):
        compare.pick(clips[0])
    assert not clips[0].row.starred


@pytest.mark.parametrize(("count", "said"), [(0, "not 0"), (1, "not 1"), (5, "not 5")])
def test_too_few_and_too_many_are_refused_in_a_sentence(job_of: JobOf, count: int, said: str) -> None:
    with pytest.raises(SeedanceError, match=f"Compare takes two to four jobs, {said}"):
        sw.Compare(*(job_of(prompt=str(n)) for n in range(count)))


def test_one_job_twice_is_refused(pair: list[Job]) -> None:
    with pytest.raises(SeedanceError, match="is named twice"):
        sw.Compare(pair[0], pair[0])


def test_a_job_without_a_clip_is_refused_by_its_state(pair: list[Job], job_of: JobOf) -> None:
    failed = job_of(clip=False)
    with pytest.raises(SeedanceError, match=f"Job {failed.id} has no clip to compare: failed"):
        sw.Compare(pair[0], failed)


def test_a_clip_that_was_moved_away_is_refused_with_the_way_back(pair: list[Job], job_of: JobOf) -> None:
    gone = job_of(clip_path="/nowhere/gone.mp4")
    with pytest.raises(SeedanceError, match=r"gone\.mp4 .* is no longer there.*job\.download\(\)"):
        sw.Compare(pair[0], gone)


def test_a_session_compares_by_ids_and_their_beginnings(pair: list[Job], session: Session) -> None:
    compare = session.compare(pair[0].id, pair[1].id)
    assert compare.jobs == tuple(pair)


def test_what_is_saved_has_pictures_marked_words_and_no_markup_of_others(job_of: JobOf) -> None:
    compare = sw.Compare(job_of(prompt=f"a {NASTY}"), job_of(prompt="a boat"))
    compare.pick(compare.jobs[1])
    html = compare._bundle()["text/html"]
    assert html.count("data:image/jpeg;base64,") == 2
    assert "<script" not in html
    assert "<mark>boat</mark>" in html
    assert "★ winner" in html
    assert f"Winner: {compare.jobs[1].id}" in compare._bundle()["text/plain"]
