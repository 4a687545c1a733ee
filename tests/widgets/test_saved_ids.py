"""What is saved with a notebook says by an attribute whose clip it shows; JupyterLab's page goes by it."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from widget_fixtures import JobOf, clips, job_of, place, quick, simulated

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.jobs.listing import Jobs
from seedance_widgets.widgets.card.output import fallback_html
from seedance_widgets.widgets.card.saved import durable_bundle
from seedance_widgets.widgets.studio import saved as studio_saved

__all__ = ["clips", "job_of", "place", "quick", "simulated"]


def ids_in(html: str) -> list[str]:
    return re.findall(r' data-sdw-job="([^"]*)"', html)


SAVED: dict[str, Callable[[list[Job]], str]] = {
    "the output of a card": lambda jobs: "".join(durable_bundle(job)["text/html"] for job in jobs),
    "the grid": lambda jobs: sw.Grid(jobs)._bundle()["text/html"],
    "Compare": lambda jobs: sw.Compare(*jobs)._bundle()["text/html"],
    "the clip itself": lambda jobs: "".join(job.wait()._repr_html_() for job in jobs),
    "a table of jobs": lambda jobs: Jobs(jobs)._repr_html_(),
    "a tree": lambda jobs: "".join(job.session.tree(job)._repr_html_() for job in jobs),
    "Choose": lambda jobs: sw.Choose(jobs)._bundle()["text/html"],
}


@pytest.mark.parametrize("name", SAVED)
def test_each_clip_that_is_saved_has_the_id_of_its_job(clips: list[Job], name: str) -> None:
    assert ids_in(SAVED[name](clips)) == [job.id for job in clips]


def test_each_clip_of_a_saved_studio_has_the_id_of_its_job(clips: list[Job], job_of: JobOf) -> None:
    failed = job_of(clip=False)
    ids = ids_in(studio_saved.fallback_html(clips[0].session))
    assert ids
    assert failed.id not in ids


def test_a_saved_failure_has_the_id_of_its_job_and_one_that_went_on_has_not(job_of: JobOf) -> None:
    """What was saved while a job ran stays as it was, and shows nobody how it ended."""
    failed, running = job_of(clip=False), job_of(clip=False, status="processing")
    assert ids_in(durable_bundle(failed)["text/html"]) == [failed.id]
    assert running.id in fallback_html(running)
    assert ids_in(fallback_html(running)) == []


@pytest.mark.parametrize("name", ["the grid", "Compare", "Choose"])
def test_the_name_of_a_link_has_a_dollar_as_it_is(job_of: JobOf, name: str) -> None:
    """In an attribute nothing looks for a formula, and a tag would be read out."""
    jobs = [job_of(prompt='a boat for $5 and "more"'), job_of(prompt="b")]
    assert "a boat for $5 and &quot;more&quot;" in re.findall(r'aria-label="([^"]*)"', SAVED[name](jobs))[0]
