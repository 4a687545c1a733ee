"""Media on their way to the simulator: put, linked as the create leaves, fetched; and what is kept of them."""

from __future__ import annotations

import json
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pictures import encoded, picture
from PIL import Image, ImageChops, ImageStat

import seedance_widgets as sw
from seedance_widgets.clips import frames
from seedance_widgets.media.loopback import Loopback
from seedance_widgets.media.places import HOUR_S, lifetime_s
from seedance_widgets.request import media
from seedance_widgets.request.media import LONGEST_S

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
PRICED = {**SMALL, "model": "seedance-2.0"}


@pytest.fixture(autouse=True)
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[sw.Session]:
    session = sw.simulate(speed=1e9, home=tmp_path / "home")
    yield session
    session.close()


def creates(home: Path) -> list[dict[str, Any]]:
    return [json.loads(path.read_text()) for path in (home / "simulator" / "generations").glob("*.json")]


def seam(before: Path, after: Path) -> float:
    """How far the last picture of a film is from the first of another: mean difference, of 255."""
    both = ImageChops.difference(frames.last(before), frames.first(after))
    return sum(ImageStat.Stat(both).mean) / 3


def test_a_picture_is_the_first_of_the_film(session: sw.Session) -> None:
    image = Image.new("RGB", (854, 480), (200, 60, 40))
    job = session.submit("A red wall", first_frame=image, **SMALL)
    shown = frames.first(job.wait(120).path).getpixel((400, 200))
    assert isinstance(shown, tuple)
    assert max(abs(a - b) for a, b in zip(shown, (200, 60, 40), strict=True)) <= 3
    (facts,) = job.media
    assert (facts["name"], facts["ending"]) == ("a picture", ".png")
    assert job.request.media_urls == (media.reference_of(facts["sha256"], ".png"),)


def test_a_continued_film_begins_where_the_other_ended(session: sw.Session) -> None:
    first = session.submit("A paper boat in the rain", **SMALL)
    before = first.wait(120)
    second = first.continue_with("Night falls over the mountains", duration=4)
    after = second.wait(120)
    assert seam(before.path, after.path) <= 2
    third = second.continue_with("Snow", last_frame=before.first_frame, duration=4)
    assert seam(after.path, third.wait(120).path) <= 2
    assert seam(third.wait(120).path, before.path) <= 2  # it ends with the picture that the first one began with
    assert (second.parent, second.relation, second.request.model) == (first, "continues", first.request.model)
    assert second.request.resolution == "480p"
    tree = repr(session.tree(third))
    assert "continues it: Night falls" in tree
    assert "continues it: Snow" in tree
    assert second.id in repr(session.jobs())


def test_going_on_from_a_job_without_a_clip_or_with_another_beginning_is_refused(session: sw.Session) -> None:
    failed = session.submit("x", **SMALL, metadata={"simulator": {"outcome": "failed"}})
    failed.wait_until(lambda: failed.settled, 60)
    with pytest.raises(sw.MediaInvalid, match="has no clip"):
        failed.continue_with("y")
    job = session.submit("x", **SMALL)
    clip = job.wait(120)
    with pytest.raises(sw.RequestInvalid, match="begins with its last picture"):
        job.continue_with("y", first_frame=picture())
    clip.path.unlink()
    with pytest.raises(sw.MediaInvalid, match="was deleted or moved"):
        job.continue_with("y")
    with pytest.raises(sw.RequestInvalid, match="relation is a word"):
        session.submit("x", relation="sequel")
    assert session.count() == 2


@pytest.mark.parametrize("way", ["last_frame", "media", "media_urls"])
def test_a_continued_film_ends_with_the_one_picture_that_is_given(session: sw.Session, way: str) -> None:
    first = session.submit("A paper boat in the rain", **SMALL)
    before = first.wait(120)
    end: Any = before.first_frame
    if way == "media_urls":
        end = [session.plan("x", first_frame=end, **SMALL).request.media_urls[0]]
    second = first.continue_with("Night falls", duration=4, **{way: end})
    after = second.wait(120)
    assert len(second.request.media_urls) == 2
    assert seam(before.path, after.path) <= 2
    assert seam(after.path, before.path) <= 2


def test_going_on_with_more_than_one_picture_is_refused_and_nothing_is_sent(session: sw.Session) -> None:
    job = session.submit("A paper boat in the rain", **SMALL)
    clip = job.wait(120)
    array = np.zeros((64, 64, 3), np.uint8)
    for wrong in (
        {"media": [picture(), picture()]},
        {"media": clip},
        {"media": job},
        {"media": "beat.mp3"},
        {"last_frame": "walk.mov"},
        {"media_urls": ["https://host.org/walk.mp4"]},
        {"media": picture(), "last_frame": picture()},
        {"first_frame": array},
        {"reference": [array, array, array]},
    ):
        with pytest.raises(sw.RequestInvalid, match="begins with its last picture, and takes one picture more"):
            job.continue_with("x", **wrong)
    assert session.count() == 1
    assert job.continue_with("x", media=array, duration=4).wait(120)


def test_an_array_is_one_picture_wherever_media_are_given(session: sw.Session) -> None:
    array = np.full((64, 64, 3), 90, np.uint8)
    for name in ("media", "first_frame"):
        given: dict[str, Any] = {name: array}
        assert len(session.plan("x", **given, **SMALL).request.media_urls) == 1
        plan = session.plan_sweep("{n}", n=[1, 2], **given, **SMALL)
        assert [len(place.request.media_urls) for place in plan.places] == [1, 1]
    assert len(session.plan_sweep("x", first_frame=[array, array + 1], last_frame=array, **SMALL).places) == 2


@pytest.mark.parametrize("way", ["the job", "in a list", "its clip", "its last frame"])
def test_a_clip_that_was_deleted_is_a_sentence_wherever_it_is_given(session: sw.Session, way: str) -> None:
    job = session.submit("A paper boat in the rain", **SMALL)
    clip = job.wait(120)
    clip.path.unlink()
    given = {"the job": job, "in a list": [picture(), job], "its clip": clip, "its last frame": clip.last_frame}[way]
    with pytest.raises(sw.MediaInvalid, match=r"was deleted or moved.*Nothing was sent.*download\(\)"):
        session.submit("y", media=given, **SMALL)
    assert session.count() == 1


def test_a_clip_that_is_not_there_yet_is_a_sentence_with_what_waits_for_it(tmp_path: Path) -> None:
    session = sw.simulate(speed=1.0, home=tmp_path / "home")
    try:
        job = session.submit("A paper boat", metadata={"simulator": {"seconds": 3600}}, **SMALL)
        with pytest.raises(sw.MediaInvalid, match=r"has no clip: .*job\.wait\(\) waits for it"):
            session.submit("y", media=job, **SMALL)
        with pytest.raises(sw.MediaInvalid, match="has no clip"):
            job.continue_with("y")
        assert session.count() == 1
    finally:
        session.close()


def test_no_signed_link_is_in_any_file(session: sw.Session, tmp_path: Path) -> None:
    job = session.submit("A wall", media=[picture(), encoded(picture((80, 60)), "JPEG")], **SMALL)
    job.wait(120)
    session.export(tmp_path / "handed.zip", [job])
    session.export(tmp_path / "handed", [job])
    written = "".join(path.read_bytes().decode("latin-1") for path in tmp_path.rglob("*") if path.is_file())
    shown = f"{job!r} {job.row!r} {job.request!r} {sw.open(job.clip)!r} {session.tree(job)!r} {session.doctor()!r}"  # type: ignore[arg-type]
    for text in (written, shown):
        assert "signature=" not in text
        assert "expires=" not in text
    assert job.request.media_urls[0] in written


def test_a_picture_given_again_is_the_same_request(session: sw.Session) -> None:
    image = picture((640, 360))
    job = session.submit("A wall", media=image, **SMALL, metadata={"simulator": {"seconds": 60}})
    options = {**SMALL, "metadata": {"simulator": {"seconds": 60}}}
    for same in (image, [image], encoded(image), np.asarray(image)):
        assert session.running_twin("A wall", media=same, **options) is job
    assert session.running_twin("A wall", media=picture((320, 180)), **options) is None
    assert session.running_twin("A wall", media_urls=[*job.request.media_urls], **options) is job


def test_a_sweep_of_pictures_that_is_run_again_pays_nothing_again(session: sw.Session, tmp_path: Path) -> None:
    images = [picture((100 + 10 * n, 80)) for n in range(2)]
    sweep = session.sweep("a {weather} day", weather=["wet", "dry"], media=images, **SMALL)
    sweep.wait(150)
    assert (len(sweep.jobs), len(creates(tmp_path / "home"))) == (4, 4)
    assert all(job.media for job in sweep.jobs)
    paths = []
    for number, image in enumerate(images):
        paths.append(tmp_path / f"{number}.png")
        paths[-1].write_bytes(encoded(image))
    again = session.sweep("a {weather} day", weather=["wet", "dry"], first_frame=paths, **SMALL)
    assert again is sweep
    assert len(creates(tmp_path / "home")) == 4


def test_pairs_of_frames_and_several_references_are_axes_and_values(session: sw.Session) -> None:
    a, b, c = (picture((60 + n, 60)) for n in range(3))
    plan = session.plan_sweep("x", first_frame=[a, b], last_frame=c, **SMALL)
    assert [len(place.request.media_urls) for place in plan.places] == [2, 2]
    assert plan.places[0].request.media_urls[1] == plan.places[1].request.media_urls[1]
    plan = session.plan_sweep("x", media=[[a, b], [c]], **SMALL)
    assert [len(place.request.media_urls) for place in plan.places] == [2, 1]
    plan = session.plan_sweep("{n}", n=[1, 2], reference=[a, b, c], **SMALL)
    assert [len(place.request.media_urls) for place in plan.places] == [3, 3]
    with pytest.raises(sw.RequestInvalid, match="last frame alone"):
        session.plan_sweep("x", last_frame=[a, b], **SMALL)


def test_rows_of_a_table_name_their_pictures_by_path(session: sw.Session, tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(encoded(picture()))
    rows = [{"prompt": "one", "first_frame": "a.png"}, {"prompt": "two", "media": "https://host.org/b.jpg"}]
    plan = session.plan_sweep(rows, **SMALL)
    assert media.is_reference(plan.places[0].request.media_urls[0])
    assert plan.places[1].request.media_urls == ("https://host.org/b.jpg",)


def test_another_session_finds_the_picture_by_what_the_clip_tells(session: sw.Session, tmp_path: Path) -> None:
    job = session.submit("A wall", media=picture(), **SMALL)
    clip = job.wait(120)
    told = sw.open(clip)
    assert told.request.media_urls == job.request.media_urls
    assert told.media[0]["thumbnail"] == job.media[0]["thumbnail"]
    assert told.submit(session).wait(120).path != clip.path
    assert job.request.media_urls[0] in told.as_python()
    session.close()
    elsewhere = sw.simulate(speed=1e9, home=tmp_path / "elsewhere")
    try:
        with pytest.raises(sw.MediaMissing, match="a picture") as caught:
            told.submit(elsewhere)
        assert caught.value.facts == job.media[0]
        assert "data:image/jpeg" in caught.value._repr_html_()
        assert elsewhere.count() == 0
    finally:
        elsewhere.close()


def test_a_link_that_the_vendor_cannot_fetch_is_told_by_its_error(tmp_path: Path) -> None:
    session = sw.simulate(speed=1e9, home=tmp_path / "home", faults=["create:unfetched"])
    try:
        job = session.submit("A wall", first_frame=picture(), **PRICED)
        with pytest.raises(sw.MediaUnfetched, match=r"mediaUrls\[0\] could not be fetched") as caught:
            job.wait(120)
        assert isinstance(caught.value, sw.GenerationFailed)
        assert f"session.job({job.id!r}).send_again()" in caught.value.next_step
        assert "makes a new link, for about $0.32." in caught.value.next_step
        assert session.submit("A wall", first_frame=picture(), **SMALL).wait(120)
    finally:
        session.close()


def test_a_job_whose_link_expired_is_sent_again_as_a_new_one_with_a_new_link(tmp_path: Path) -> None:
    session = sw.simulate(speed=1e9, home=tmp_path / "home", faults=["create:unfetched"])
    try:
        job = session.submit("A wall", first_frame=picture(), keep_media=True, **SMALL)
        with pytest.raises(sw.MediaUnfetched):
            job.wait(120)
        assert session.count() == 1, "nothing is sent by itself"
        again = job.send_again()
        assert again.wait(120)
        assert (again.parent, again.relation, again.request) == (job, "take", job.request)
        assert again.request_id != job.request_id
        assert again.media[0]["kept"]
    finally:
        session.close()


def test_a_failure_of_another_kind_offers_no_new_link(tmp_path: Path) -> None:
    session = sw.simulate(speed=1e9, home=tmp_path / "home")
    wishes = {"simulator": {"outcome": "failed"}}
    try:
        job = session.submit("A wall", first_frame=picture(), metadata=wishes, **SMALL)
        with pytest.raises(sw.GenerationFailed) as caught:
            job.wait(120)
        assert not isinstance(caught.value, sw.MediaUnfetched)
    finally:
        session.close()


def test_it_is_not_sent_again_for_more_than_was_shown(tmp_path: Path) -> None:
    session = sw.simulate(speed=1e9, home=tmp_path / "home", faults=["create:unfetched"])
    try:
        job = session.submit("A wall", first_frame=picture(), **PRICED)
        with pytest.raises(sw.MediaUnfetched):
            job.wait(120)
        with pytest.raises(sw.PriceChanged):
            session.start_again(job, shown_usd=0.01).wait_accepted()
    finally:
        session.close()


def test_an_upload_that_fails_sends_nothing(tmp_path: Path) -> None:
    session = of_a_function(tmp_path, lambda name, data, content_type: 1 / 0)  # type: ignore[arg-type,return-value]
    try:
        with pytest.warns(sw.MediaWarning), pytest.raises(sw.MediaNotPut, match="raised ZeroDivisionError"):
            session.submit("A wall", media=picture(), **SMALL)
        assert [job.status for job in session.jobs()] == ["failed"]
        assert session.jobs()[0].row.sent_at is None
    finally:
        session.close()


def of_a_function(tmp_path: Path, upload: Any) -> sw.Session:
    return sw.connect("sd2_live_x", "http://127.0.0.1:9", tmp_path / "home", upload=upload)


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ("http://host.org/a.png", "is http, not https"),
        ("https://host.org/a", "does not end as the name"),
        (None, "is not text"),
        ("https://192.168.0.1/a.png", "private or local host"),
    ],
)
def test_a_function_that_gives_no_public_link_is_refused(tmp_path: Path, link: Any, words: str) -> None:
    session = of_a_function(tmp_path, lambda name, data, content_type: link)
    try:
        with pytest.warns(sw.MediaWarning), pytest.raises(sw.MediaNotPut) as caught:
            session.submit("A wall", media=picture(), **SMALL)
        assert words in str(caught.value)
    finally:
        session.close()


def test_without_a_place_three_ways_are_named_and_nothing_is_sent(tmp_path: Path) -> None:
    session = sw.connect("sd2_live_x", "https://api.example.com", tmp_path / "home")
    try:
        with pytest.raises(sw.MediaPlaceMissing) as caught:
            session.submit("A wall", media=picture(), **SMALL)
        assert all(way in str(caught.value) for way in ("SEEDANCE_MEDIA=s3://", "upload=lambda", "public https link"))
        assert session.count() == 0
        assert session.plan("A wall", media=picture(), **SMALL).request.media_urls  # a plan needs no place
    finally:
        session.close()


def test_what_goes_where_is_said_once(tmp_path: Path) -> None:
    session = of_a_function(tmp_path, lambda name, data, content_type: f"https://host.org/{name}")
    try:
        request = session.plan("A wall", media=[picture(), picture((90, 90))], **SMALL).request
        with pytest.warns(sw.MediaWarning, match="2 images, 1 kB, to your upload function, readable .* 1 hour"):
            session.warn_of_media(request)
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            session.warn_of_media(request)
    finally:
        session.close()


def test_media_are_given_in_one_way(session: sw.Session) -> None:
    for wrong in (
        {"media": picture(), "first_frame": picture()},
        {"media": picture(), "media_urls": ["https://a.org/x.png"]},
    ):
        with pytest.raises(sw.RequestInvalid, match="Media are given as"):
            session.plan("x", **wrong)  # type: ignore[arg-type]
    with pytest.raises(sw.MediaInvalid, match="a set"):
        session.plan("x", media={"a.png", "b.png"})
    with pytest.raises(sw.RequestInvalid, match="too many"):
        session.plan("x", media=[picture((60 + n, 60)) for n in range(6)])
    with pytest.raises(sw.MediaInvalid) as caught:
        session.plan("x", last_frame=b"")
    assert caught.value.field == "last_frame"


def test_transparent_parts_are_told_of(session: sw.Session) -> None:
    with pytest.warns(sw.MediaWarning, match="transparent parts are white"):
        session.plan("x", media=Image.new("RGBA", (64, 64), (0, 0, 0, 0)))


def test_a_deleted_job_keeps_nothing_of_its_media(session: sw.Session, tmp_path: Path) -> None:
    job = session.submit("A wall", media=picture(), **SMALL)
    job.wait(120)
    job.delete()
    row = session.store.get(job.id)
    assert row is not None
    assert row.media == ()
    assert row.request.media_urls == ()


# --- loopback and lifetimes ---------------------------------------------------------------------------------------
def fetch(url: str, method: str = "GET") -> tuple[int, bytes]:
    import http.client
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    line = http.client.HTTPConnection("127.0.0.1", parts.port, timeout=10)
    line.request(method, f"{parts.path}?{parts.query}")
    answer = line.getresponse()
    data = answer.read()
    line.close()
    return answer.status, data


def test_the_loopback_serves_one_file_to_a_signed_link_until_it_expires() -> None:
    now = [1_000_000.0]
    place = Loopback({"a.png": b"picture"}.get, clock=lambda: now[0])
    place.put("a.png", b"picture", "image/png")
    try:
        link = place.link("a.png", 60)
        assert fetch(link) == (200, b"picture")
        assert fetch(link, "HEAD") == (200, b"")
        assert fetch(link, "POST")[0] == 501
        assert fetch(link.replace("a.png", "b.png"))[0] == 403
        assert fetch(link.partition("?")[0])[0] == 403
        assert fetch(place.link("b.png", 60))[0] == 404
        now[0] += 61
        assert fetch(link)[0] == 403
    finally:
        place.close()


@given(st.floats(0, 1e8))
@settings(max_examples=50)
def test_a_link_outlives_the_slowest_queue_within_its_bounds(slowest: float) -> None:
    lives = lifetime_s(slowest)
    assert HOUR_S <= lives <= LONGEST_S
    assert lives > slowest or lives == LONGEST_S


# --- again and again ----------------------------------------------------------------------------------------------
RUNS, RESTARTS = {"file": 200, "line": 200, "own upload": 200, "own signed links": 1000}, 4
"""From the link on all ways are one: the last, where every run has another link, is run a thousand times."""


def uploaded_anew(urls: list[str]) -> Any:
    """A person's own upload that signs anew each time it is asked, and what it gave."""

    def upload(name: str, data: bytes, content_type: str) -> str:
        urls.append(f"https://files.example.com/{name}?X-Amz-Signature={len(urls):064x}")
        return urls[-1]

    return upload


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("way", RUNS)
@pytest.mark.filterwarnings("ignore::seedance_widgets.errors.MediaWarning")
def test_hundreds_of_runs_of_one_cell_pay_once(way: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("seedance_widgets.media.places.Function.FRESH_S", 0.0)
    path, urls = tmp_path / "girl.png", []  # type: tuple[Path, list[str]]
    path.write_bytes(encoded(picture((320, 180))))
    for restart in range(RESTARTS):
        session = sw.simulate(speed=1e9, home=tmp_path / "home")
        session.engine.media.upload = uploaded_anew(urls) if way == "own upload" else None
        try:
            for run in range(RUNS[way] // RESTARTS):
                sweep = run_of(session, way, f"X-Amz-Signature={restart * RUNS[way] + run:064x}")
            sweep.wait(120)
        finally:
            session.close()
        assert len(creates(tmp_path / "home")) == 2
    assert len(urls) <= 2, "a link was made for a job that was there already"


def run_of(session: sw.Session, way: str, signature: str) -> Any:
    """The cell, run once more."""
    if way == "line":
        from seedance_widgets.magic import generate
        from seedance_widgets.magic.config import Config

        config = Config(options={}, wait=False, wait_timeout_s=60, quiet=True, confirm_above_usd=100, names={})
        line = "she {does} --sweep does=turns,waits --media girl.png --duration 4 --resolution 480p --yes"
        sw.use_session(session)
        try:
            return generate.generate(config, line, None)
        finally:
            sw.use_session(None)
    signed = f"https://files.example.com/girl.png?{signature}"
    given: dict[str, Any] = {"media_urls": [signed]} if way == "own signed links" else {"first_frame": "girl.png"}
    return session.sweep("she {does}", does=["turns", "waits"], **given, **SMALL)
