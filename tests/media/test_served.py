"""A kernel whose notebook server the internet reaches: its files are served there until their jobs have ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pictures import picture
from samples import until

import seedance_widgets as sw
from seedance_widgets.media import served
from seedance_widgets.simulator import SimulatorSettings

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
PUBLIC = "https://hub.test/user/bob"
HOUR = {"simulator": {"seconds": 3600}}


@pytest.fixture
def simulator(tmp_path: Path) -> Iterator[sw.Simulator]:
    with sw.Simulator(SimulatorSettings(home=tmp_path / "simulator", speed=1.0)) as simulator:
        yield simulator


@pytest.fixture
def session(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, simulator: sw.Simulator, brisk: None
) -> Iterator[sw.Session]:
    """A session at a service that is not on this machine, as far as media go."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", PUBLIC)
    session = sw.connect(simulator.settings.api_key, simulator.base_url, tmp_path / "home")
    session.engine.media.is_here = False
    yield session
    session.close()


def served_now(tmp_path: Path) -> list[Path]:
    return [path for path in (tmp_path / "home" / "media" / "served").glob("*/*") if path.is_file()]


def test_a_file_is_served_while_its_job_goes_on_and_no_longer(session: sw.Session, tmp_path: Path) -> None:
    served.attend(tmp_path / "home" / "media")
    with pytest.warns(sw.MediaWarning, match=r"1 image, \d+ kB, to this notebook server, readable by link for 1 hour"):
        job = session.submit("A wall", first_frame=picture(), metadata=HOUR, **SMALL)
    assert len(served_now(tmp_path)) == 1
    (generation,) = (tmp_path / "simulator" / "generations").glob("*.json")
    assert f"{PUBLIC}/seedance/media/" in generation.read_text()
    rows = (tmp_path / "home" / "submissions.jsonl").read_text() if (tmp_path / "home").exists() else ""
    assert "/seedance/media/" not in rows + repr(job.row)
    job.cancel()
    until(lambda: served_now(tmp_path) == [])


def test_without_a_server_that_has_the_data_folder_nothing_is_sent(session: sw.Session, tmp_path: Path) -> None:
    with pytest.raises(sw.MediaPlaceMissing, match="no notebook server with the extension has this data folder"):
        session.submit("A wall", first_frame=picture(), **SMALL)
    assert served_now(tmp_path) == []
    assert session.count() == 0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ("http://hub.test/user/bob", "https"),
        ("https://127.0.0.1:8888", "private or local host"),
        ("https://me:secret@hub.test", "user name or password"),
        ("https://hub.test?x=1", "without `.` or `#`"),
    ],
)
def test_an_address_that_the_vendor_cannot_reach_is_named_in_the_refusal(
    session: sw.Session, monkeypatch: pytest.MonkeyPatch, given: str, why: str
) -> None:
    """It was passed over, and the refusal told to set what was set."""
    monkeypatch.setenv("SEEDANCE_PUBLIC_URL", given)
    with pytest.raises(sw.MediaPlaceMissing, match=why) as caught:
        session.submit("A wall", first_frame=picture(), **SMALL)
    assert "SEEDANCE_PUBLIC_URL" in caught.value.what
    assert "secret" not in str(caught.value)
    assert session.count() == 0


def test_a_bucket_or_a_function_goes_before_the_server(session: sw.Session, tmp_path: Path) -> None:
    served.attend(tmp_path / "home" / "media")
    assert session.engine.media.place().told == "this notebook server"
    session.engine.media.upload = lambda name, data, content_type: f"https://files.example.com/{name}"
    assert session.engine.media.place().told == "your upload function"
