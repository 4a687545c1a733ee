"""Clips and posters come as binary answers to the page that asks."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from studio_page import MakeStudio, Page

from seedance_widgets.jobs.job import Job
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.shared import messages

MISSING = Path("gone.mp4")


@pytest.fixture
def pieces(page: Page, done: Job) -> Callable[..., tuple[dict[str, Any], list[bytes]]]:
    def ask(**asked: Any) -> tuple[dict[str, Any], list[bytes]]:
        return page.answer(lambda: page.post("clip", **{"job_id": done.id, "offset": 0, "length": 4096} | asked))

    return ask


def whole(job: Job) -> bytes:
    assert job.clip is not None
    return job.clip.path.read_bytes()


def test_a_clip_comes_in_pieces(pieces: Callable[..., Any], done: Job, monkeypatch: pytest.MonkeyPatch) -> None:
    data, got = whole(done), b""
    while len(got) < len(data):
        answer, (piece,) = pieces(offset=len(got), length=len(data) // 3 + 1)
        assert answer == {"type": "clip", "job_id": done.id, "offset": len(got), "total_bytes": len(data)}
        got += piece
    assert got == data


def test_a_piece_is_never_larger_than_a_chunk(
    pieces: Callable[..., Any], done: Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(messages, "CHUNK_BYTES", 1000)
    _, (piece,) = pieces(length=10**12)
    assert piece == whole(done)[:1000]


@pytest.mark.parametrize("offset", [-1, "0", None, 1.5, 10**30, [0]])
def test_a_nonsense_offset_is_answered_in_words(pieces: Callable[..., Any], offset: object) -> None:
    answer, buffers = pieces(offset=offset)
    assert answer["problem"]
    assert buffers == []


@pytest.mark.parametrize("length", [0, -5, "9", None, 2.0])
def test_a_nonsense_length_is_answered_in_words(pieces: Callable[..., Any], length: object) -> None:
    answer, buffers = pieces(length=length)
    assert answer["problem"]
    assert buffers == []


def test_beyond_the_end_there_is_nothing(pieces: Callable[..., Any], done: Job) -> None:
    answer, buffers = pieces(offset=len(whole(done)) + 5)
    assert answer["problem"]
    assert buffers == []


@pytest.fixture
def moved(done: Job, tmp_path: Path) -> Iterator[None]:
    assert done.clip is not None
    assert done.clip.poster_path is not None
    for path in (done.clip.path, done.clip.poster_path):
        shutil.move(path, tmp_path / path.name)
    yield
    for path in (done.clip.path, done.clip.poster_path):
        shutil.move(tmp_path / path.name, path)


@pytest.mark.usefixtures("moved")
def test_a_clip_that_was_moved_away_is_answered_in_words(pieces: Callable[..., Any], done: Job) -> None:
    answer, buffers = pieces()
    assert done.id in answer["problem"]
    assert buffers == []


@pytest.mark.usefixtures("moved")
def test_a_poster_that_was_moved_away_is_answered_in_words(page: Page, done: Job) -> None:
    answer, buffers = page.answer(lambda: page.post("poster", job_id=done.id))
    assert answer["problem"]
    assert buffers == []


def test_a_poster_comes_as_bytes(page: Page, done: Job) -> None:
    answer, (poster,) = page.answer(lambda: page.post("poster", job_id=done.id))
    assert answer == {"type": "poster", "job_id": done.id}
    assert poster[:2] == b"\xff\xd8"


@pytest.mark.parametrize("kind", ["clip", "poster"])
def test_the_file_of_a_job_that_is_not_there_is_answered_in_words(page: Page, kind: str) -> None:
    before = page.studio.view["outcome"]
    answer, _ = page.answer(lambda: page.post(kind, job_id="nosuchjob", offset=0, length=9))
    assert (answer["type"], answer["job_id"]) == (kind, "nosuchjob")
    assert "nosuchjob" in answer["problem"]
    assert page.studio.view["outcome"] == before


@pytest.mark.parametrize("kind", ["clip", "poster"])
def test_the_beginning_of_an_id_gets_no_file(page: Page, done: Job, kind: str) -> None:
    answer, buffers = page.answer(lambda: page.post(kind, job_id=done.id[:-1], offset=0, length=10))
    assert "There is no job" in answer["problem"]
    assert buffers == []


def test_a_job_without_a_clip_is_answered_in_words(
    connect: Callable[..., Session], studio_of: MakeStudio, fill: Callable[..., list[str]]
) -> None:
    session = connect()
    (job_id,) = fill(session, 1)
    page = studio_of(session)
    for kind in ("clip", "poster"):
        answer, buffers = page.answer(lambda kind=kind: page.post(kind, job_id=job_id, offset=0, length=9))
        assert answer["problem"]
        assert buffers == []


def test_no_bytes_are_in_any_trait(page: Page, done: Job) -> None:
    page.studio.selected = done.id
    page.check(prompt="Any boat")
    state = page.studio.get_state()
    assert "base64" not in str({name: value for name, value in state.items() if name not in ("_esm", "_css")})
