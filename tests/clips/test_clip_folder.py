"""Where clips go is found out before anything is paid for."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedance_widgets as sw
from seedance_widgets.clips import folder as clip_folder
from seedance_widgets.session.session import Session

SMALL = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    yield
    clip_folder.configure(None)


def simulate(tmp_path: Path, clips: str | Path | None = None) -> Session:
    return sw.simulate(speed=math.inf, home=tmp_path / "home", clips=clips)


def test_each_way_to_name_the_folder_comes_before_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home, here = tmp_path / "home", tmp_path / "notebooks"
    assert clip_folder.find(None, home).path == here / "seedance_clips"
    monkeypatch.setenv("SEEDANCE_CLIPS", str(tmp_path / "by-variable"))
    assert clip_folder.find(None, home).path == tmp_path / "by-variable"
    clip_folder.configure("by-config")
    assert clip_folder.find(None, home).path == here / "by-config"
    assert clip_folder.find(tmp_path / "given", home).path == tmp_path / "given"


def test_config_names_the_folder_for_every_session_that_was_given_none(tmp_path: Path) -> None:
    from seedance_widgets.magic.magics import SeedanceMagics

    magics = SeedanceMagics(shell=None)
    magics.clips = str(tmp_path / "by-config")
    session, other = simulate(tmp_path), simulate(tmp_path, clips=tmp_path / "given")
    assert session.clips_folder() == tmp_path / "by-config"
    assert other.clips_folder() == tmp_path / "given"
    magics.clips = None
    assert session.clips_folder() == tmp_path / "notebooks" / "seedance_clips"
    session.close()
    other.close()


def test_a_clip_is_saved_where_the_session_was_told(tmp_path: Path) -> None:
    session = simulate(tmp_path, clips=tmp_path / "given")
    assert session.submit("a boat", **SMALL).wait(timeout=60).path.parent == tmp_path / "given"
    session.close()


def test_a_folder_that_cannot_be_written_is_found_out_before_the_create_and_said_once(tmp_path: Path) -> None:
    Path("seedance_clips").write_text("mine")
    session = simulate(tmp_path)
    with pytest.warns(sw.ClipsWarning, match="cannot be written, so clips are saved in") as said:
        job = session.start("a boat", **SMALL)
    assert len(said) == 1
    assert job.row.folder == str(tmp_path / "home" / "clips")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = session.submit("another boat", **SMALL)
    assert job.wait(timeout=60).path.parent == again.wait(timeout=60).path.parent == tmp_path / "home" / "clips"
    assert Path("seedance_clips").read_text() == "mine"
    session.close()


def test_the_doctor_tells_of_a_folder_that_cannot_be_written(tmp_path: Path) -> None:
    session = simulate(tmp_path)
    assert next(check for check in session.doctor().checks if check.name == "clips").ok
    assert not Path("seedance_clips").exists()  # looking makes nothing
    Path("seedance_clips").write_text("mine")
    found = next(check for check in session.doctor().checks if check.name == "clips")
    assert found.ok is False
    assert str(tmp_path / "home" / "clips") in found.detail
    assert "SEEDANCE_CLIPS" in found.next_step
    session.close()


def test_a_current_folder_that_is_gone_does_not_keep_a_clip_from_being_saved(tmp_path: Path) -> None:
    session = simulate(tmp_path)
    (tmp_path / "notebooks").rmdir()
    with pytest.warns(sw.ClipsWarning):
        job = session.start("a boat", **SMALL)
    assert job.wait(timeout=60).path.parent == tmp_path / "home" / "clips"
    session.close()


# --- room -------------------------------------------------------------------------------------------------------------
def test_tidy_removes_parts_and_films_and_never_a_clip(tmp_path: Path) -> None:
    session = simulate(tmp_path)
    clip = session.submit("a boat", **SMALL).wait(timeout=60)
    folder, job_id = clip.path.parent, session.jobs()[0].id
    before = sorted(folder.iterdir())
    parts = [folder / f".{job_id}.part", folder / f".{job_id}.part.json", folder / f".{job_id}.part.odd"]
    for part in parts:
        part.write_bytes(b"x" * 1000)
    (folder / ".mine.txt").write_text("mine")
    films = list((tmp_path / "home" / "simulator" / "clips").glob("*.mp4"))
    assert films
    rehearsed = session.tidy(dry_run=True)
    assert all(path.exists() for path in (*parts, *films))
    tidied = session.tidy()
    assert {*rehearsed.files} == {*tidied.files} == {*parts, *films}
    assert tidied.size_bytes == rehearsed.size_bytes > 3000
    assert sorted(folder.iterdir()) == [folder / ".mine.txt", *before]
    assert session.submit("a boat", **SMALL).wait(timeout=60).problem is None  # a film is made again when asked for
    session.close()


def test_tidy_leaves_what_somebody_is_at_and_bytes_that_may_be_all_there_is(tmp_path: Path) -> None:
    import fcntl

    session = simulate(tmp_path)
    folder = tmp_path / "notebooks" / "seedance_clips"
    folder.mkdir(exist_ok=True)
    mine, other, odd = (folder / name for name in (".abcd2345.part", ".efgh2345.part", ".efgh2345.part.odd"))
    for path in (mine, other, odd):
        path.write_bytes(b"x")
        import os

        os.utime(path, (0, 0))
    with open(mine, "r+b") as at_work:
        fcntl.flock(at_work, fcntl.LOCK_EX)
        assert session.tidy().files == (other,)
    assert (mine.exists(), odd.exists()) == (True, True)
    session.close()


def test_the_doctor_says_what_takes_room(tmp_path: Path) -> None:
    session = simulate(tmp_path)
    session.submit("a boat", **SMALL).wait(timeout=60)
    said = next(check for check in session.doctor().checks if check.name == "room").detail
    assert all(word in said for word in ("clips ", "parts of downloads 0 B", "the simulator's films ", "history "))
    session.close()
