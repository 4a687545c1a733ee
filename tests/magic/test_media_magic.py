"""`%seedance --media` and `--continue` with a real session and the simulator."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from PIL import Image

import seedance_widgets as sw
from seedance_widgets.magic import generate
from seedance_widgets.magic.config import Config
from seedance_widgets.request import media

SMALL = "--duration 4 --resolution 480p --wait --quiet"


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> Iterator[sw.Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=1e9, home=tmp_path / "home")
    sw.use_session(session)
    yield session
    sw.use_session(None)
    session.close()


def line(text: str, **names: Any) -> Any:
    config = Config(options={}, wait=None, wait_timeout_s=60.0, quiet=True, confirm_above_usd=100.0, names=names)
    return generate.generate(config, text, None)


def test_a_file_a_variable_a_link_and_a_job_are_media(session: sw.Session, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "cat.png")
    image = Image.new("RGB", (64, 64), "blue")
    job = line(f"she turns --media cat.png --media {{image}} --media https://host.org/walk.mp4 {SMALL}", image=image)
    assert [media.is_reference(url) for url in job.request.media_urls] == [True, True, False]
    assert [facts["name"] for facts in job.media] == ["cat.png", "a picture"]
    film = line(f"like this one --media {job.id} {SMALL}")
    assert film.request.media_urls[0].endswith(".mp4")


def test_what_is_nothing_of_it_is_refused_and_nothing_is_sent(session: sw.Session) -> None:
    for word, said in (("no.png", "is no link, no file"), ("{nope}", "no variable nope"), ("zzzzzzzz", "no job")):
        with pytest.raises(UsageError, match=said):
            line(f"she turns --media {word} {SMALL}")
    assert session.count() == 0


def test_continue_begins_with_the_last_picture_of_that_clip(session: sw.Session) -> None:
    first = line("a boat --duration 4 --resolution 480p --aspect-ratio 1:1 --wait --quiet")
    second = line(f"it drifts away --continue {first.id} --duration 4 --wait --quiet")
    assert (second.parent, second.relation) == (first, "continues")
    assert (second.request.aspect_ratio, second.request.resolution) == ("1:1", "480p")


def test_continue_with_one_picture_ends_with_it(session: sw.Session, tmp_path: Path) -> None:
    Image.new("RGB", (64, 64), "red").save(tmp_path / "end.png")
    first = line(f"a boat {SMALL}")
    second = line(f"it drifts away --continue {first.id} --media end.png --duration 4 --wait --quiet")
    assert len(second.request.media_urls) == 2
    assert second.media[1]["name"] == "end.png"
    assert second.relation == "continues"
    linked = line(f"it drifts away --continue {first.id} --media https://host.org/end.png --duration 4 --wait --quiet")
    assert linked.request.media_urls[1] == "https://host.org/end.png"


def test_continue_with_a_film_or_two_pictures_is_refused(session: sw.Session) -> None:
    first = line(f"a boat {SMALL}")
    for more in ("https://host.org/walk.mp4", f"{first.id}", "https://host.org/a.png --media https://host.org/b.png"):
        with pytest.raises(UsageError, match="begins with its last picture, and takes one picture more"):
            line(f"x --continue {first.id} --media {more}")
    assert session.count() == 1


def test_a_sweep_takes_an_axis_of_files(session: sw.Session, tmp_path: Path) -> None:
    for name in ("a", "b"):
        Image.new("RGB", (64, 64), "red" if name == "a" else "blue").save(tmp_path / f"{name}.png")
    sweep = line("a wall --sweep media=a.png,b.png --duration 4 --resolution 480p --yes --wait --quiet")
    assert len(sweep.jobs) == 2
    assert all(media.is_reference(job.request.media_urls[0]) for job in sweep.jobs)
