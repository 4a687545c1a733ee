"""A paid clip is kept, whatever it is, as the vendor made it: its bytes first and unchanged, our story behind them."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import odd_films
import pytest
from PIL import Image
from samples import NOW
from scripted import ScriptedServer, answer

import seedance_widgets as sw
from seedance_widgets.api.files import Files
from seedance_widgets.clips import story
from seedance_widgets.life import Row, Saved, SaveFailed
from seedance_widgets.worker import download

ODD = {"codec-without-a-name.mp4", "truncated.mp4", "only-a-head.mp4"}
"""What FFmpeg does not know, or calls broken."""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("films")


@pytest.fixture
def ready(row_of: Callable[..., Row], tmp_path: Path) -> Row:
    return row_of(
        status="succeeded",
        request_id="req_1",
        final_at=NOW + 90,
        output_url="set later",
        folder=str(tmp_path / "clips"),
    )


Fetch = Callable[..., Saved | SaveFailed]


@pytest.fixture
def fetch(ready: Row) -> Iterator[Fetch]:
    """Save what a server sends, as often as the schedule would while it fails."""
    with ScriptedServer() as server:
        files = Files(server.url, read_timeout_s=2.0)

        def run(data: bytes, times: int = 1, **headers: str) -> Saved | SaveFailed:
            server.say(answer(200, data, **headers))
            row = replace(ready, output_url=f"{server.url}/a")
            for _ in range(times):
                event = download.save(row, files, now=lambda: NOW, progress=lambda *_: None)
            run.server = server  # type: ignore[attr-defined]
            return event

        yield run
        files.close()


@pytest.mark.parametrize("name", odd_films.NAMES)
def test_a_clip_is_kept_as_the_vendor_made_it(fetch: Fetch, ready: Row, films: Path, name: str) -> None:
    served = odd_films.film(films, name).read_bytes()
    first = fetch(served)
    if name in ODD:
        assert isinstance(first, SaveFailed)
    saved = fetch(served) if name in ODD else first
    assert isinstance(saved, Saved), saved
    path, facts = Path(saved.clip_path), saved.clip_facts
    data = path.read_bytes()
    assert (facts.get("problem") is not None) == (name in ODD)
    assert (facts["vendor_bytes"], facts["vendor_sha256"]) == (len(served), hashlib.sha256(served).hexdigest())
    assert hashlib.sha256(data[: len(served)]).hexdigest() == facts["vendor_sha256"]
    assert facts["size_bytes"] == len(data)
    if data != served:
        assert [kind for kind, _ in odd_films.boxes(data)][len([*odd_films.boxes(served)]) :] == [b"free"]
    assert path.suffix == Path(name).suffix
    assert (saved.poster_path is not None) == (name not in ODD or name == "truncated.mp4")
    told = json.loads(story.path_of(path).read_bytes())
    assert (told["vendor_bytes"], told["vendor_sha256"]) == (len(served), facts["vendor_sha256"])
    assert sw.open(path).vendor_sha256 == facts["vendor_sha256"]
    assert not [each for each in path.parent.iterdir() if each.name.startswith(".")]


@pytest.mark.parametrize("name", ["plain.mp4", "index-last.mp4", "prores.mov", "uuid-last.mp4", "labelled.mp4"])
def test_a_clip_of_boxes_tells_its_story_without_its_sidecar(fetch: Fetch, films: Path, name: str) -> None:
    saved = fetch(odd_films.film(films, name).read_bytes())
    assert isinstance(saved, Saved)
    story.path_of(Path(saved.clip_path)).unlink()
    assert (sw.open(saved.clip_path).source, sw.open(saved.clip_path).request_id) == ("tag", "req_1")


@pytest.mark.parametrize("name", ["fragmented.mp4", "to-the-end.mp4", "vp9.webm", "stream.ts"])
def test_where_no_box_may_stand_behind_the_sidecar_alone_tells_it(fetch: Fetch, films: Path, name: str) -> None:
    served = odd_films.film(films, name).read_bytes()
    saved = fetch(served)
    assert isinstance(saved, Saved)
    assert Path(saved.clip_path).read_bytes() == served
    assert sw.open(saved.clip_path).source == "sidecar"


@pytest.mark.parametrize(("name", "size"), [("turned.mp4", (96, 160)), ("wide-pixels.mp4", (320, 96))])
def test_size_and_poster_are_as_a_player_shows_it(fetch: Fetch, films: Path, name: str, size: tuple[int, int]) -> None:
    saved = fetch(odd_films.film(films, name).read_bytes())
    assert isinstance(saved, Saved)
    assert (saved.clip_facts["width"], saved.clip_facts["height"]) == size
    with Image.open(str(saved.poster_path)) as picture:
        assert picture.size == size
        green = (size[0] - 2, 2) if name == "turned.mp4" else (2, 2)  # a quarter turn clockwise
        red, g, _ = picture.convert("RGB").getpixel(green)
        assert g > 150 > red


TEXTS = {
    "a page": b"<!doctype html><title>Expired</title>" * 50,
    "XML": b'\xef\xbb\xbf<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>',
    "JSON": b'{"error": "expired"}',
    "a list in JSON": b"[1, 2, 3]",
    "a page in UTF-16": "<html>expired</html>".encode("utf-16"),
    "a playlist": b"#EXTM3U\n#EXTINF:5,\nfile:///etc/passwd\n",
    "a list of files": b"ffconcat version 1.0\nfile '/etc/passwd'\n",
    "an MPD": b"<MPD xmlns='urn:mpeg:dash:schema:mpd:2011'/>",
    "words": b"Too many requests",
    "nothing": b"",
    "white space": b" \r\n\r\n",
}


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_a_text_is_no_clip_however_often_it_comes(fetch: Fetch, ready: Row, text: bytes) -> None:
    assert isinstance(fetch(text, times=4), SaveFailed)
    assert not [path for path in Path(str(ready.folder)).iterdir() if path.suffix != ".part" and path.stat().st_size]


BINARIES = {
    "noise": (bytes(random.Random(1).randbytes(5_000)), ".bin"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(500), ".png"),
    "another picture": (b"\xff\xd8\xff\xe0" + bytes(500), ".jpg"),
    "an image sequence": (b"RIFF\x00\x02\x00\x00WEBPVP8 " + bytes(500), ".webp"),
    "Ogg": (b"OggS\x00\x02" + bytes(500), ".ogv"),
    "a program": (b"MZ\x90\x00" + bytes(500), ".bin"),
    "an archive": (b"PK\x03\x04" + bytes(500), ".zip"),
    "zeros": (bytes(4_000), ".bin"),
}


@pytest.mark.parametrize(("data", "ending"), BINARIES.values(), ids=BINARIES)
def test_what_is_not_known_is_fetched_again_and_kept_when_the_same_bytes_come_twice(
    fetch: Fetch, data: bytes, ending: str
) -> None:
    other = data[:-1] + b"\x01"
    assert isinstance(fetch(other), SaveFailed)
    assert isinstance(fetch(data), SaveFailed)
    saved = fetch(data)
    assert isinstance(saved, Saved)
    assert Path(saved.clip_path).read_bytes() == data
    assert Path(saved.clip_path).suffix == ending
    assert saved.clip_facts["problem"]


def test_the_bytes_of_a_broken_clip_stay_until_there_is_another(fetch: Fetch, ready: Row, films: Path) -> None:
    whole = odd_films.film(films, "plain.mp4").read_bytes()
    fetch(whole[:-100])
    (kept,) = Path(str(ready.folder)).iterdir()
    assert kept.read_bytes() == whole[:-100]
    assert isinstance(fetch(whole), Saved)
    assert not kept.exists()


# --- how it came ------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "said", ["", "identity", "aws-chunked", "binary", "none", "UTF-8", "gzip", "x-gzip", "br", "zstd"]
)
def test_a_clip_that_came_as_it_is_is_saved_whatever_its_header_says(fetch: Fetch, films: Path, said: str) -> None:
    served = odd_films.film(films, "plain.mp4").read_bytes()
    saved = fetch(served, content_encoding=said or " ")
    assert isinstance(saved, Saved)
    assert saved.clip_facts["vendor_sha256"] == hashlib.sha256(served).hexdigest()


@pytest.mark.parametrize("said", ["gzip", "GZIP", "x-gzip", "deflate", "br", "zstd", "identity, gzip"])
def test_a_compressed_body_is_refused_at_once(fetch: Fetch, films: Path, said: str) -> None:
    import gzip
    import zlib

    served = odd_films.film(films, "plain.mp4").read_bytes()
    packed = {
        "deflate": zlib.compress(served),
        "br": b"\x8b\x02\x80" + served[8:],
        "zstd": b"\x28\xb5\x2f\xfd" + served,
    }
    failed = fetch(packed.get(said, gzip.compress(served)), content_encoding=said)
    assert isinstance(failed, SaveFailed)
    assert failed.hopeless
    assert "compressed" in failed.problem
    assert len(fetch.server.requests) == 1  # type: ignore[attr-defined]


# --- nothing that a file can hold raises ------------------------------------------------------------------------------
MUTANTS = 40
"""Of each film; thousands were tried by hand with another number here."""


@pytest.mark.parametrize(
    "name", ["plain.mp4", "fragmented.mp4", "vp9.webm", "stream.ts", "mpeg4.avi", "h264.flv", "picture.gif"]
)
def test_nothing_that_a_file_can_hold_raises_out_of_saving(
    ready: Row, films: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = odd_films.film(films, name).read_bytes()
    chance = random.Random(name)
    for number in range(MUTANTS):
        data = mutated(served, chance)
        row = replace(ready, id=f"m{number}", output_url="given", folder=str(tmp_path / "clips"))
        monkeypatch.setattr(download, "_fetch", lambda files, url, partial, progress, data=data: receive(partial, data))
        events = [download.save(row, None, now=lambda: NOW, progress=lambda *_: None) for _ in range(2)]  # type: ignore[arg-type]
        saved = next((event for event in events if isinstance(event, Saved)), None)
        assert saved is not None, (number, events)
        assert Path(saved.clip_path).read_bytes()[: len(data)] == data
        json.dumps(saved.clip_facts, allow_nan=False)


def receive(partial: Any, data: bytes) -> None:
    with partial.opened():
        partial.begin(0, len(data), None)
        partial.write(data)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """A film with some bytes of its head or its index changed: to anything, or to what numbers break at."""
    changed = bytearray(data)
    at = data.find(b"moov")
    begins, ends = (at, at + 900) if at >= 0 else (16, 600)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        place = chance.randrange(begins, min(ends, len(data) - 8))
        changed[place : place + 4] = chance.choice(
            (
                bytes(4),
                b"\xff" * 4,
                b"\x7f\xff\xff\xff",
                b"\x80\x00\x00\x00",
                chance.randbytes(4),
                chance.randbytes(1) + changed[place + 1 : place + 4],
            )
        )
    return bytes(changed)


# --- there once, and all of it gone when deleted ----------------------------------------------------------------------
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sw.session.Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=float("inf"), home=tmp_path / "home")
    yield session
    session.close()


def here(tmp_path: Path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "seedance_clips").iterdir())


def test_a_clip_that_is_fetched_again_takes_the_place_of_the_one_before(session: Any, tmp_path: Path) -> None:
    job = session.submit("a boat", **SMALL)
    first = job.wait(timeout=60)
    before = here(tmp_path)
    first.path.write_bytes(b"damaged")
    again = job.download()
    assert (again.path, here(tmp_path)) == (first.path, before)
    assert hashlib.sha256(again.path.read_bytes()[: again.vendor_bytes]).hexdigest() == again.vendor_sha256
    assert sw.open(again.path).source == "tag"


def test_while_a_clip_is_fetched_again_the_one_before_is_there(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = session.submit("a boat", **SMALL)
    clip = job.wait(timeout=60)
    seen: list[Any] = []
    fetch = download._fetch

    def watched(*given: Any) -> None:
        seen.append((session.job(job.id).clip.path, clip.path.exists()))
        fetch(*given)

    monkeypatch.setattr(download, "_fetch", watched)
    job.download()
    assert seen == [(clip.path, True)]


def test_a_clip_stays_when_its_url_has_expired(session: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    job = session.submit("a boat", **SMALL)
    clip = job.wait(timeout=60)

    def gone(*_: Any) -> None:
        raise sw.FetchFailed("The file's server answered HTTP 404.", hopeless=True)

    monkeypatch.setattr(download, "_fetch", gone)
    with pytest.raises(sw.DownloadFailed, match=r"could not be fetched again.*The clip that you have stays"):
        job.download()
    assert job.clip == session.job(job.id).clip == clip
    assert clip.path.exists()
    assert job.wait() == clip


def test_delete_takes_every_file_that_is_ours(session: Any, tmp_path: Path) -> None:
    job = session.submit("a boat", **SMALL)
    clip = job.wait(timeout=60)
    name = clip.path.stem
    for number in (2, 3):  # as version 0.1.0 left them: one with its sidecar, one that tells it alone
        clip.path.with_name(f"{name}-{number}.mp4").write_bytes(clip.path.read_bytes())
    (tmp_path / "seedance_clips" / f"{name}-2.json").write_bytes(story.path_of(clip.path).read_bytes())
    (tmp_path / "seedance_clips" / f"{name}-2.jpg").write_bytes(b"picture")
    for part in (".part", ".part.json", ".part.odd", ".tagged.mp4"):
        (tmp_path / "seedance_clips" / f".{job.id}{part}").write_bytes(b"part")
    mine = [tmp_path / "seedance_clips" / each for each in (f"{name}-4.mp4", f"{name}.txt", "other.mp4")]
    for path in mine:
        path.write_bytes(b"mine")
    gone = job.delete()
    assert here(tmp_path) == sorted(path.name for path in mine)
    assert len(gone.files) == 3 + 3 + 1 + 4


def test_a_job_without_a_clip_is_deleted_with_its_parts(session: Any, tmp_path: Path) -> None:
    job = session.submit("a boat", metadata={"simulator": {"faults": ["file:403x*"]}}, **SMALL)
    with pytest.raises(sw.GenerationFailed):
        session.submit("fails", metadata={"simulator": {"outcome": "failed"}}, **SMALL).wait(timeout=60)
    failed = next(each for each in session.jobs() if each.status == "failed")
    (tmp_path / "seedance_clips").mkdir(exist_ok=True)
    part = tmp_path / "seedance_clips" / f".{failed.id}.part"
    part.write_bytes(b"part")
    assert failed.delete().files == (part,)
    assert job.id


def test_of_a_deleted_jobs_place_in_a_sweep_only_a_salted_digest_stays(session: Any) -> None:
    sweep = session.sweep("a boat and a {thing}", thing=["hippogriff", "owl"], **SMALL)
    sweep.wait(timeout=120)
    for job in list(sweep.jobs):
        job.delete()
    rows = session.store.sweeps.rows(sweep.id)
    assert [list(row.sweep_values) for row in rows] == [["salted_sha256"]] * 2
    assert len({row.sweep_values["salted_sha256"] for row in rows}) == 2
    again = session.sweep("a boat and a {thing}", thing=["hippogriff", "owl"], **SMALL)
    again.wait(timeout=60) if again.unsent_places() else None
    assert (again.unsent_places(), len(session.store.sweeps.rows(sweep.id))) == ([], 2)


def test_a_clip_of_another_kind_is_shown_saved_and_exported_under_its_own_ending(
    session: Any, films: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from seedance_widgets.widgets.card.saved import clip_html

    def sends(name: str) -> Any:
        data = odd_films.film(films, name).read_bytes()
        monkeypatch.setattr(download, "_fetch", lambda files, url, partial, progress: receive(partial, data))
        job = session.submit(f"a boat as {name}", **SMALL)
        job.wait(timeout=60)
        return job

    webm, gif, odd = (sends(name) for name in ("vp9.webm", "picture.gif", "codec-without-a-name.mp4"))
    assert '.webm"></video>' in clip_html(webm)
    assert "<video" not in clip_html(gif) + clip_html(odd)
    assert '.gif">' in clip_html(gif)
    assert "could not be checked" in clip_html(odd)
    assert (webm.clip.codec, gif.clip.codec, odd.clip.codec) == ("vp9", "gif", None)
    bundle = session.export(tmp_path / "all")
    page = (bundle.path / "index.html").read_text("utf-8")
    for job in (webm, gif, odd):
        (copy,) = bundle.path.glob(f"clips/*{job.id}{job.clip.path.suffix}")
        assert copy.read_bytes() == job.clip.path.read_bytes()
        assert f"{job.id}{job.clip.path.suffix}" in page
