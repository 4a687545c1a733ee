"""What a page drops, pastes or chooses becomes an entry of the form's media, and then a job of that content."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

import seedance_widgets as sw
from seedance_widgets.request import media
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
