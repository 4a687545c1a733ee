"""Where the jobs of a sweep stand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from seedance_widgets.jobs.job import Job
from seedance_widgets.request.axes import axis_value
from seedance_widgets.widgets.grid.arrange import Group, arrange, axes_of, caption_of, shared_words

JobOf = Callable[..., Job]


def shape(group: Group) -> list[list[int]]:
    return [[len(cell) for cell in row.cells] for row in group.rows]


def test_two_axes_are_rows_and_columns(job_of: JobOf) -> None:
    jobs = [job_of({"animal": a, "weather": w}) for a in ("fox", "owl") for w in ("rain", "snow", "fog")]
    (group,) = arrange(jobs, axes_of(jobs))
    assert group.columns == ["rain", "snow", "fog"]
    assert [row.heading for row in group.rows] == ["fox", "owl"]
    assert shape(group) == [[1, 1, 1], [1, 1, 1]]
    assert group.rows[1].cells[2] == [jobs[5]]


def test_of_three_axes_the_first_makes_groups(job_of: JobOf) -> None:
    values = [(m, a, d) for m in ("x", "y") for a in ("fox", "owl") for d in (5, 10)]
    jobs = [job_of({"model": m, "animal": a, "duration": d}) for m, a, d in values]
    groups = arrange(jobs, axes_of(jobs))
    assert [group.heading for group in groups] == ["x", "y"]
    assert groups[0].columns == ["5 s", "10 s"], "a number has its unit"


def test_one_axis_is_a_wrapped_row_in_the_order_of_its_values(job_of: JobOf) -> None:
    jobs = [job_of({"animal": name}) for name in ("owl", "fox")]
    (group,) = arrange(jobs, {"animal": ["fox", "owl"]})
    assert group.columns == []
    assert [cell[0].row.sweep_values for cell in group.rows[0].cells] == [{"animal": "fox"}, {"animal": "owl"}]


def test_axes_that_go_together_make_no_empty_table(job_of: JobOf) -> None:
    jobs = [job_of({"animal": name, "weather": name}) for name in "abcdef"]
    (group,) = arrange(jobs, axes_of(jobs))
    assert group.columns == []
    assert len(group.rows[0].cells) == 6


def test_jobs_outside_the_sweep_stand_below_the_others(job_of: JobOf) -> None:
    jobs = [job_of({"a": 1, "b": 2}), job_of({"a": 1, "b": 3}), job_of(None, prompt="alone")]
    groups = arrange(jobs, axes_of(jobs))
    assert [group.heading for group in groups] == ["", "Others"]


def test_a_value_that_was_never_on_an_axis_hides_no_job(job_of: JobOf) -> None:
    jobs = [job_of({"a": 1, "b": 2}), job_of({"a": 1, "b": 99})]
    found = [
        job for group in arrange(jobs, {"a": [1], "b": [2]}) for row in group.rows for cell in row.cells for job in cell
    ]
    assert {job.id for job in found} == {job.id for job in jobs}


def test_lists_are_values_too_as_the_history_gives_them_back(job_of: JobOf) -> None:
    jobs = [job_of({"media_urls": ["https://a/1.png"], "duration": d}) for d in (4, 5)]
    (group,) = arrange(jobs, {"media_urls": [("https://a/1.png",)], "duration": [4, 5]})
    assert shape(group) == [[1, 1]]


def test_two_jobs_of_one_combination_share_a_cell(job_of: JobOf) -> None:
    jobs = [job_of({"a": 1, "b": 2}) for _ in range(2)]
    assert shape(arrange(jobs, axes_of(jobs))[0]) == [[2]]


def test_a_caption_is_the_place_in_the_sweep_or_the_prompt(job_of: JobOf) -> None:
    axes = {"animal": ["fox"], "loud": [True], "seed": [None]}
    assert caption_of(job_of({"animal": "fox", "loud": True, "seed": None}), axes) == "fox · loud yes · seed default"
    assert caption_of(job_of(None, prompt="alone"), axes) == "alone"


def test_no_jobs_are_no_groups() -> None:
    assert arrange([], {}) == []


def test_an_axis_of_one_value_makes_no_groups_and_is_said_once(job_of: JobOf) -> None:
    """It split a grid of two axes into a group of its own."""
    jobs = [job_of({"duration": 4, "animal": a, "weather": w}) for a in ("fox", "owl") for w in ("rain", "snow")]
    axes = axes_of(jobs)
    (group,) = arrange(jobs, axes)
    assert (group.heading, group.corner, group.columns) == ("", "animal / weather", ["rain", "snow"])
    assert caption_of(jobs[0], axes) == "fox · rain"
    assert shared_words(axes) == "4 s"


def test_an_axis_of_one_value_beside_one_other_makes_no_table(job_of: JobOf) -> None:
    jobs = [job_of({"model": "seedance-2.0", "animal": name}) for name in ("fox", "owl")]
    (group,) = arrange(jobs, axes_of(jobs))
    assert group.columns == []
    assert shared_words({"animal": ["fox"]}) == "", "where nothing differs, all of it is the caption"


@pytest.mark.parametrize(
    ("axis", "value", "said"),
    [
        ("duration", 4, "4 s"),
        ("duration", 5.0, "5 s"),
        ("aspect_ratio", "9:16", "9:16"),
        ("media_urls", ["https://host/fox.png?X-Amz-Signature=secret"], "fox.png"),
        ("media_urls", [], "no reference media"),
        ("camera_move", 2, "camera move 2"),
        ("take", 3, "take 3"),
        ("animal", "fox", "fox"),
        ("link", "https://host", "host"),
    ],
)
def test_a_value_is_said_in_words_and_units(axis: str, value: Any, said: str) -> None:
    assert axis_value(axis, value) == said


def test_axes_are_named_as_the_table_of_options_has_them(job_of: JobOf) -> None:
    values = [{"aspect_ratio": a, "camera_move": c} for a in ("16:9", "9:16") for c in ("pan", "dolly")]
    jobs = [job_of(each) for each in values]
    assert arrange(jobs, axes_of(jobs))[0].corner == "aspect ratio / camera move"
