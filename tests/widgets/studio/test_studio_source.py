"""Where a request came from: a job that was reused is a parent, and a clip that was dropped fills the form."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from studio_page import MakeStudio, Page

from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session

SHARED = "The clip that tests share"


def parent_of(page: Page, **changes: Any) -> str | None:
    outcome = page.submit(force=True, **changes)
    return page.studio.session.job(outcome["job_id"]).row.parent_id


# --- parents ----------------------------------------------------------------------------------------------------------
def test_a_request_that_was_typed_has_no_parent(page: Page) -> None:
    assert parent_of(page) is None


def test_a_request_that_was_reused_has_its_job_as_parent_each_time(page: Page, done: Job) -> None:
    page.post("reuse", job_id=done.id)
    page.write(prompt=SHARED)
    assert parent_of(page) == done.id
    assert parent_of(page, prompt=f"{SHARED}, at night", duration=6) == done.id


def test_code_that_submits_a_reused_form_names_the_parent_too(page: Page, done: Job) -> None:
    page.post("reuse", job_id=done.id)
    page.write(prompt=SHARED)
    assert page.studio.submit().row.parent_id == done.id


def test_an_emptied_prompt_begins_anew(page: Page, done: Job) -> None:
    page.post("reuse", job_id=done.id)
    page.write(prompt=SHARED)
    page.write(prompt=" ")
    page.write(prompt=SHARED)
    assert parent_of(page) is None


def test_a_prompt_that_was_replaced_or_taken_back_is_a_new_one(page: Page, done: Job) -> None:
    page.post("reuse", job_id=done.id)
    page.write(prompt="Lighthouse, storm, waves")
    assert parent_of(page) is None
    page.write(prompt=f"{SHARED} again")
    assert parent_of(page) == done.id


@pytest.mark.parametrize("job_id", ["", "nobody12", "a", None, {"x": 1}, "\ud800"])
def test_a_page_that_names_no_job_makes_no_parent(page: Page, job_id: Any) -> None:
    page.post("reuse", job_id=job_id)
    assert parent_of(page) is None


# --- clips ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def clip_bytes(done: Job) -> bytes:
    assert done.clip is not None
    return Path(done.clip).read_bytes()


def story_of(data: bytes) -> bytes:
    """What a page sends of a clip: the box behind it."""
    return data[-int.from_bytes(data[-4:], "big") :]


def test_a_dropped_clip_is_answered_with_its_request(page: Page, done: Job, clip_bytes: bytes) -> None:
    answer = page.drop("boat.mp4", story_of(clip_bytes))
    assert answer["text"] == "Form filled from boat.mp4."
    asked = done.request
    assert answer["request"] == {
        "prompt": asked.prompt,
        "model": asked.model,
        "duration": asked.duration,
        "aspect_ratio": asked.aspect_ratio,
        "resolution": asked.resolution,
        "media_urls": [],
    }


def test_a_clip_of_this_history_makes_a_parent(page: Page, done: Job, clip_bytes: bytes) -> None:
    page.drop("boat.mp4", story_of(clip_bytes))
    assert parent_of(page, prompt=SHARED) == done.id


def test_a_clip_of_another_history_makes_none(
    page: Page, studio_of: MakeStudio, connect: Any, clip_bytes: bytes
) -> None:
    other: Session = connect()
    elsewhere = studio_of(other, prompt="A boat")
    assert elsewhere.drop("boat.mp4", story_of(clip_bytes))["request"]["prompt"] == SHARED
    assert elsewhere.studio._desk.source.parent_id(SHARED) is None  # type: ignore[union-attr]


def test_a_dropped_sidecar_tells_the_same(page: Page, done: Job) -> None:
    assert done.clip is not None
    answer = page.drop("boat.json", done.clip.path.with_suffix(".json").read_bytes())
    assert answer["request"]["prompt"] == SHARED


def test_options_that_a_clip_does_not_name_are_ours(page: Page) -> None:
    story = {"tool": "seedance-widgets", "request": {"prompt": "a", "model": "m", "metadata": {"shot": 1}}}
    answer = page.drop("a.json", json.dumps(story).encode())
    assert (answer["request"]["duration"], answer["request"]["resolution"]) == (5, "720p")
    assert answer["text"].endswith("Its metadata are not part of the form.")


@pytest.mark.parametrize(
    ("buffers", "said"),
    [
        ((), "is empty"),
        ((b"",), "is empty"),
        ((b"x" * (6 << 20),), "larger than that of any clip"),
        ((b"\x89PNG\r\n\x1a\n" + b"\0" * 400,), "is not a video"),
        ((b'{"tool": "other"}',), "of another tool"),
        ((b"{" * 100_000,), "of another tool"),
        ((b"\xff\xfe" * 100,), "is not a video"),
    ],
)
def test_what_tells_nothing_is_answered_with_a_sentence(page: Page, buffers: tuple[bytes, ...], said: str) -> None:
    before = page.request()
    answer = page.drop("x.mp4", *buffers)
    assert answer["request"] is None
    assert said in answer["text"]
    assert page.request() == before


def test_nothing_is_sent_by_a_drop(page: Page, clip_bytes: bytes) -> None:
    before = page.studio.session.count()
    page.drop("boat.mp4", story_of(clip_bytes))
    assert page.studio.session.count() == before
