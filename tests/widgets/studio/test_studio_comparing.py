"""Compare on a Studio's stage: opened by the page, closed with whatever stood for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import ipywidgets
import pytest
from samples import until
from studio_page import MakeStudio, Page
from widget_fixtures import JobOf

import seedance_widgets as sw
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.shared import live, saved

MakeClips = Callable[[int], list[str]]


@pytest.fixture
def some(job_of: JobOf) -> MakeClips:
    """The ids of so many jobs with a clip."""
    return lambda many: [job_of(prompt=f"boat {number}").id for number in range(many)]


def opened(page: Page, ids: list[str]) -> sw.Compare:
    """The Compare that the page gets for these jobs."""
    page.post("compare", job_ids=ids)
    compare: sw.Compare = until(lambda: page.studio.compare and ids_of(page) == ids and page.studio.compare)
    return compare


def ids_of(page: Page) -> list[str]:
    return [job.id for job in page.studio.compare.jobs] if page.studio.compare else []


def is_closed(compare: sw.Compare) -> bool:
    return compare.comm is None and compare not in compare._session.registry.viewers


def test_the_page_gets_a_widget_of_its_own_for_the_jobs_that_it_names(page: Page, some: MakeClips) -> None:
    compare = opened(page, some(2))
    assert page.studio.get_state("compare") == {"compare": f"IPY_MODEL_{compare.model_id}"}
    assert compare.model_id in ipywidgets.widgets.widget._instances


def test_a_winner_picked_there_is_starred_in_the_list(page: Page, some: MakeClips) -> None:
    ids = some(2)
    compare = opened(page, ids)
    compare._on_message(compare, {"type": "pick", "click_id": "pick-1", "job_id": ids[1], "value": True}, [])
    starred = lambda: [item["job_id"] for item in page.studio.jobs_page["items"] if item["starred"]]  # noqa: E731
    page.post("search", text="", starred=True)
    until(lambda: ids[1] in starred())


def test_no_jobs_close_it(page: Page, some: MakeClips) -> None:
    compare = opened(page, some(2))
    page.post("compare", job_ids=[])
    until(lambda: page.studio.compare is None and is_closed(compare))


def test_another_set_closes_the_one_before(page: Page, some: MakeClips) -> None:
    first = opened(page, some(2))
    second = opened(page, some(3))
    until(lambda: is_closed(first))
    assert not is_closed(second)


def test_of_sets_that_are_asked_for_at_once_the_last_one_stays(page: Page, some: MakeClips) -> None:
    sets = [some(2) for _ in range(5)]
    viewers = len(page.studio.session.registry.viewers)
    for ids in sets:
        page.post("compare", job_ids=ids)
    until(lambda: ids_of(page) == sets[-1])
    until(lambda: len(page.studio.session.registry.viewers) == viewers + 1)


def test_another_job_on_the_stage_closes_it(page: Page, some: MakeClips) -> None:
    compare = opened(page, some(2))
    page.studio.selected = some(1)[0]
    until(lambda: page.studio.compare is None and is_closed(compare))


def test_closing_the_studio_closes_it(simulated: Session, studio_of: MakeStudio, some: MakeClips) -> None:
    viewers = len(simulated.registry.viewers)
    page = studio_of(simulated)
    compare = opened(page, some(2))
    page.studio.close()
    assert is_closed(compare)
    assert len(simulated.registry.viewers) == viewers


def test_a_studio_whose_cell_was_run_again_closes_it_and_can_open_another_elsewhere(
    page: Page, some: MakeClips, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (live, saved):
        monkeypatch.setattr(module, "display", lambda *_, **__: None)
    monkeypatch.setattr(saved.DisplayHandle, "update", lambda *_, **__: None)
    places = iter([("a-cell", 1), ("a-cell", 2), ("another-cell", 3)])
    monkeypatch.setattr(live.environment, "in_kernel", lambda: True)
    monkeypatch.setattr(live.environment, "is_watched", lambda: True)
    monkeypatch.setattr(live.environment, "is_console", lambda: False)
    monkeypatch.setattr(live.environment, "cell", lambda: next(places))
    page.studio._ipython_display_()
    compare = opened(page, some(2))
    other = sw.Studio(page.studio.session)
    other._ipython_display_()
    assert is_closed(compare)
    page.studio._ipython_display_()
    assert not is_closed(opened(page, some(2)))
    other.close()


def test_one_that_is_asked_for_while_the_studio_closes_is_not_left_open(
    simulated: Session, studio_of: MakeStudio, some: MakeClips
) -> None:
    page = studio_of(simulated)
    page.studio.close()
    viewers = len(simulated.registry.viewers)
    page.hear({"type": "compare", "click_id": "late", "job_ids": some(2)})
    page.studio._desk._comparing.answer()  # type: ignore[union-attr]
    assert len(simulated.registry.viewers) == viewers
    assert page.studio.compare is None


@pytest.mark.parametrize(
    ("many", "words"), [(1, "Compare takes two to four jobs, not 1."), (5, "Compare takes two to four jobs, not 5.")]
)
def test_too_few_or_too_many_are_refused_in_words(page: Page, some: MakeClips, many: int, words: str) -> None:
    click_id = page.post("compare", job_ids=some(many))
    assert page.outcome(click_id)["problem"]["what"] == words
    assert page.studio.compare is None


def test_a_job_without_a_clip_is_refused_and_the_one_that_is_open_stays(
    page: Page, some: MakeClips, job_of: JobOf
) -> None:
    compare = opened(page, some(2))
    click_id = page.post("compare", job_ids=[*some(1), job_of(clip=False).id])
    assert "has no clip to compare" in page.outcome(click_id)["problem"]["what"]
    assert page.studio.compare is compare


@pytest.mark.parametrize("ids", [None, "all", [None, {}], [["x"], 7], ["\ud83d", "x"]])
def test_a_strangers_ids_are_a_problem_in_words_or_nothing(page: Page, ids: Any) -> None:
    page.post("compare", job_ids=ids)
    page.check(prompt="it still answers")
    assert page.studio.compare is None


def test_a_saved_studio_says_nothing_of_it(page: Page, some: MakeClips) -> None:
    from seedance_widgets.widgets.studio.saved import fallback_html

    before = fallback_html(page.studio.session)
    ids = some(2)
    after_clips = fallback_html(page.studio.session)
    opened(page, ids)
    assert fallback_html(page.studio.session) == after_clips
    assert "compare" not in before.lower() + after_clips.lower()
