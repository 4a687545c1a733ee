"""What a page drops, pastes or chooses becomes an entry of the form's media, and then a job of that content."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from studio_page import MakeStudio, Page

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.request import media
from seedance_widgets.widgets.studio import incoming
from seedance_widgets.widgets.studio.media import entry_of_file, entry_of_frame

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> Iterator[sw.Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=1e9, home=tmp_path / "home")
    yield session
    session.close()


def png(mode: str = "RGB") -> bytes:
    buffer = io.BytesIO()
    Image.new(mode, (64, 64)).save(buffer, "PNG")
    return buffer.getvalue()


def test_a_dropped_file_is_an_entry_that_a_form_can_hold(session: sw.Session) -> None:
    entry = entry_of_file(session, "cat.png", [memoryview(png())])
    assert (entry["name"], entry["kind"], entry["problem"]) == ("cat.png", "image", "")
    assert entry["thumbnail"].startswith("data:image/jpeg;base64,")
    studio = sw.Studio(session, prompt="She turns", media_urls=[entry["url"]], duration=4, resolution="480p")
    try:
        job = studio.submit()
        assert job.media[0]["name"] == "cat.png"
    finally:
        studio.close()


def test_a_picture_of_a_clip_is_an_entry_too(session: sw.Session) -> None:
    job = session.submit("A boat", **SMALL)
    clip = job.wait(60)
    last, first = entry_of_frame(session, job.id, None), entry_of_frame(session, job.id, 0)
    assert media.is_reference(last["url"])
    assert last["url"] != first["url"]
    assert last["url"] == session.plan("x", first_frame=clip.last_frame).request.media_urls[0]
    assert "no picture at 99 s" in entry_of_frame(session, job.id, 99)["problem"]
    assert "no job" in entry_of_frame(session, "zzzzzzzz", 0)["problem"]


def test_what_is_no_medium_is_a_sentence_for_the_page(session: sw.Session) -> None:
    assert "is not a picture" in entry_of_file(session, "notes.txt", [b"hello"])["problem"]
    assert "empty" in entry_of_file(session, "none.png", [])["problem"]
    assert "transparent parts" in entry_of_file(session, "a.png", [png("RGBA")])["notes"][0]


# --- the messages of a page -------------------------------------------------------------------------------------------
def put(page: Page, data: bytes, name: str = "cat.png", *, pieces: int = 1, upload: str = "u1") -> list[dict[str, Any]]:
    """The answers to a file that a page sends in so many pieces."""
    step = -(-len(data) // pieces)
    return [
        ask(page, "medium", data[at : at + step], upload=upload, name=name, offset=at, size=len(data))
        for at in range(0, len(data), step)
    ]


def ask(page: Page, type_: str, *buffers: bytes, **content: Any) -> dict[str, Any]:
    message = {"type": type_, "click_id": f"{type_}-{len(page.answers)}", **content}
    answer, _ = page.answer(lambda: page.hear(message, *map(memoryview, buffers)))
    assert (answer["type"], answer["click_id"]) == ("medium", message["click_id"])
    return answer


def test_a_file_that_comes_in_pieces_is_one_entry(page: Page) -> None:
    *parts, last = put(page, png(), pieces=3)
    assert [part["entry"] for part in parts] == [None, None]
    assert parts[0]["received"] < parts[1]["received"] < len(png())
    assert last["entry"] == entry_of_file(page.studio.session, "cat.png", [png()])
    assert media.is_reference(last["entry"]["url"])


def test_nothing_is_put_anywhere_before_generate(
    connect: Callable[..., sw.Session], studio_of: MakeStudio, service: Any
) -> None:
    put_there: list[str] = []
    session = connect()
    session.engine.media.upload = lambda name, *_: put_there.append(name) or f"https://files.example.com/{name}"
    page = studio_of(session, prompt="A boat")
    url = put(page, png())[-1]["entry"]["url"]
    page.write(media_urls=[url])
    page.check()
    assert put_there == []


@pytest.mark.parametrize(
    "pieces",
    [
        [(0, 10), (20, 10)],  # a hole
        [(0, 10), (0, 10)],  # the beginning once more
        [(5, 10)],  # no beginning
        [(None, 10)],
        [(0, (4 << 20) + 1)],  # more than one message takes
    ],
)
def test_pieces_that_do_not_follow_each_other_are_a_sentence(page: Page, pieces: list[tuple[Any, int]]) -> None:
    for offset, length in pieces:
        answer = ask(page, "medium", bytes(length), upload="u2", name="cat.png", offset=offset, size=5 << 20)
    assert "did not arrive whole" in answer["entry"]["problem"]
    assert answer["entry"]["url"] == ""


def test_a_file_larger_than_it_said_or_than_is_read_is_refused(page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(incoming, "MAX_INPUT_BYTES", 100)
    ask(page, "medium", bytes(90), upload="u3", name="a.png", offset=0, size=10**9)
    answer = ask(page, "medium", bytes(11), upload="u3", name="a.png", offset=90, size=10**9)
    assert "too large" in answer["entry"]["problem"]


def test_files_that_are_never_finished_do_not_pile_up(page: Page) -> None:
    for number in range(20):
        ask(page, "medium", bytes(10), upload=f"u{number}", name="a.png", offset=0, size=1000)
    assert len(page.studio._desk._incoming._files) == incoming.MOST_FILES


@pytest.mark.parametrize("content", [{}, {"upload": [], "name": None, "offset": "0", "size": "5"}, {"size": 1e9}])
def test_a_message_that_makes_no_sense_is_answered_with_a_sentence(page: Page, content: dict[str, Any]) -> None:
    assert ask(page, "medium", **content)["entry"]["problem"]


def test_a_page_that_knows_only_the_content_gets_its_name_and_thumbnail(page: Page) -> None:
    made = put(page, png())[-1]["entry"]
    assert ask(page, "known", url=made["url"])["entry"] == made
    gone = ask(page, "known", url=f"media:{'0' * 64}.png")["entry"]
    assert "not in the data folder" in gone["problem"]


def test_a_picture_of_a_clip_is_asked_for_by_its_job_and_instant(page: Page, done: Job) -> None:
    session = page.studio.session
    assert ask(page, "frame", job_id=done.id, at_s=0.2)["entry"] == entry_of_frame(session, done.id, 0.2)
    assert ask(page, "frame", job_id=done.id, at_s=None)["entry"] == entry_of_frame(session, done.id, None)
    assert "no picture" in ask(page, "frame", job_id=done.id, at_s=99)["entry"]["problem"]
    assert "no job" in ask(page, "frame", job_id="zzzzzzzz", at_s=0)["entry"]["problem"]


def test_a_file_without_a_place_is_a_problem_of_its_field_before_generate(
    connect: Callable[..., sw.Session], studio_of: MakeStudio, service: Any
) -> None:
    session = connect()
    session.engine.media.is_here = False  # as with the real service
    page = studio_of(session, prompt="A boat")
    url = put(page, png())[-1]["entry"]["url"]
    (problem,) = page.check(media_urls=[url])["problems"]
    assert problem["field"] == "media_urls"
    assert "SEEDANCE_MEDIA" in problem["text"]
