"""Clips in object storage in trouble: changed files, foreign objects, few rights, odd rows, no room for copies."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from buckets import HERE, SMALL, Connect
from s3_server import READER, Server

import seedance_widgets as sw
from seedance_widgets import life
from seedance_widgets.clips import provenance
from seedance_widgets.clips.hashes import sha256_of
from seedance_widgets.clips.names import give_name
from seedance_widgets.jobs.saved_clip import saved_clip_of
from seedance_widgets.server.place import Place
from seedance_widgets.server.rows import Rows
from seedance_widgets.storage.bucket import Bucket, checked_url
from seedance_widgets.storage.fetch import Fetch
from seedance_widgets.widgets.shared.messages import clip_piece

pytestmark = pytest.mark.slow


def only_copies_go(session: sw.Session) -> None:
    """Take every copy away, as if nobody had used any for a while."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("seedance_widgets.storage.copies.RECENT_S", -10)
        session.engine.clips.copies.max_bytes = 0
        session.engine.clips.copies.make_room(0)


def path_of(job: sw.Job) -> Path:
    clip = job.saved_clip
    assert clip is not None
    return clip.path


# --- what is a person's own ---------------------------------------------------------------------------------------
def test_a_copy_that_a_person_changed_is_neither_put_nor_taken_away_by_a_second_download(
    job: sw.Job, session: sw.Session, s3: Server
) -> None:
    """It was put as a second clip, and deleted as its copy."""
    path, url, before = path_of(job), job.row.clip_path, s3.names()
    with open(path, "ab") as file:
        file.write(b"my own words")
    job.download()
    assert (job.row.clip_path, s3.names()) == (url, before)
    only_copies_go(session)
    assert path.read_bytes().endswith(b"my own words")
    assert job.clip is not None
    assert job.clip.size_bytes == job.clip.path.stat().st_size


def test_a_sidecar_that_a_person_changed_is_no_copy(job: sw.Job, session: sw.Session) -> None:
    sidecar = path_of(job).with_suffix(".json")
    sidecar.write_text('{"mine": "notes of an hour"}')
    job.download()
    only_copies_go(session)
    assert sidecar.exists()


def test_a_file_that_a_person_put_where_the_copy_would_lie_is_used_and_never_taken_away(
    job: sw.Job, session: sw.Session
) -> None:
    path = path_of(job)
    data = path.read_bytes()
    only_copies_go(session)
    path.write_bytes(data)
    assert job.clip is not None
    assert job.clip.path == path
    only_copies_go(session)
    assert path.read_bytes() == data


def test_a_clip_lies_where_it_was_found_also_where_it_has_a_number_and_no_note(
    job: sw.Job, session: sw.Session
) -> None:
    """It was found under its number, and the person's own file under its name was given out for it."""
    path = path_of(job)
    own = path.with_name(f"{path.stem}-2.mp4")
    own.write_bytes(path.read_bytes())
    only_copies_go(session)
    path.write_bytes(b"mine")
    assert job.clip is not None
    assert job.clip.path == own


def test_what_another_has_beside_a_clip_in_the_bucket_is_neither_ours_nor_deleted(
    session: sw.Session, tmp_path: Path
) -> None:
    mine = tmp_path / "mine"
    mine.write_bytes(b"somebody's own notes")
    job = session.start("A boat", **SMALL)
    for ending in (".json", ".jpg"):
        Bucket(HERE).put_new(f"a-boat-{job.id}{ending}", mine, "text/plain")
    job.wait(60)
    assert job.row.poster_path is None
    job.delete()
    for ending in (".json", ".jpg"):
        assert Bucket(HERE).get(f"a-boat-{job.id}{ending}") == b"somebody's own notes"


def test_a_clip_that_comes_otherwise_the_second_time_replaces_the_one_before(
    job: sw.Job, session: sw.Session, s3: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one before stayed for ever, and nobody deleted it."""
    from seedance_widgets.worker import download

    monkeypatch.setattr(download, "provenance", lambda row: {**provenance_of(row), "tool": "seedance-widgets 9"})
    only_copies_go(session)
    job.download()
    assert [name.rpartition(".")[2] for name in s3.names()] == ["jpg", "json", "mp4"]
    assert job.row.clip_facts is not None
    only_copies_go(session)
    assert job.clip is not None
    assert job.clip.path.stat().st_size == job.row.clip_facts["size_bytes"]


def provenance_of(row: life.Row) -> dict[str, object]:
    from seedance_widgets.clips.story import provenance as story_of

    return dict(story_of(row))


# --- few rights, odd rows -----------------------------------------------------------------------------------------
def test_one_who_may_only_read_takes_the_clip_away_from_nobody(
    job: sw.Job, session: sw.Session, connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After three refused puts the row named a folder of that person's machine, for the whole team."""
    url, poster = job.row.clip_path, job.row.poster_path
    session.close()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", READER)
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", f"sqlite:///{tmp_path / 'home' / 'history.db'}")
    theirs = connect(tmp_path / "their-home").job(job.id)
    assert theirs.download().url == url
    assert (theirs.row.clip_path, theirs.row.poster_path) == (url, poster)
    monkeypatch.setattr(Bucket, "is_same", lambda *_: False)  # it came otherwise, and cannot be put
    with pytest.raises(sw.DownloadFailed, match="as before"):
        theirs.download()
    assert theirs.row.clip_there == url


def test_a_download_in_the_side_panel_keeps_the_clip_that_the_vendor_has_no_more(
    job: sw.Job, session: sw.Session, tmp_path: Path
) -> None:
    from seedance_widgets.server.notes import Notes
    from seedance_widgets.server.watching import Watch

    url, place = job.row.clip_path, Place(tmp_path / "home")
    session.close()
    Rows(place, Watch(place, Notes(place.home), lambda: True), None).download(job.id)
    store = place.store()
    row = store.apply(job.id, life.SaveFailed(1.0, "the vendor has it no more", hopeless=True))
    assert row.clip_there == url
    store.close()


def test_a_row_that_names_an_odd_file_in_a_bucket_has_no_clip_and_breaks_no_list(
    job: sw.Job, session: sw.Session
) -> None:
    from dataclasses import replace

    for name in (".x.mp4", "..", "", "a\\b.mp4"):
        assert saved_clip_of(replace(job.row, clip_path=f"{HERE}/{name}"), session.engine) is None


def test_a_poster_that_is_refused_is_not_the_end_of_the_clip(
    session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    put = Bucket.put_new

    def refuse(self: Bucket, name: str, path: Path, content_type: str) -> bool:
        if name.endswith(".jpg"):
            raise sw.MediaNotPut("Nothing could be put into it.")
        return put(self, name, path, content_type)

    monkeypatch.setattr(Bucket, "put_new", refuse)
    clip = session.start("A boat", **SMALL).wait(60)
    assert clip.url is not None
    assert clip.not_stored is None


def test_what_stayed_here_is_deleted_with_its_job(connect: Connect) -> None:
    job = connect(clips="s3://missing/films").start("A boat", **SMALL)
    path = job.wait(60).path
    job.delete()
    assert list(path.parent.iterdir()) == []


def test_a_clip_that_is_deleted_while_it_is_fetched_leaves_nothing_here(
    job: sw.Job, session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, go_on, begun = path_of(job), threading.Event(), threading.Event()
    pieces = Bucket.pieces

    def slow(self: Bucket, name: str, start: int = 0) -> Iterator[bytes]:
        for piece in pieces(self, name, start):
            begun.set()
            go_on.wait(20)
            yield piece

    only_copies_go(session)
    monkeypatch.setattr(Bucket, "pieces", slow)
    told: list[BaseException] = []

    def look() -> None:
        try:
            _ = job.clip
        except sw.SeedanceError as error:
            told.append(error)

    thread = threading.Thread(target=look)
    thread.start()
    assert begun.wait(20)
    job.delete()
    go_on.set()
    thread.join(20)
    assert list(path.parent.iterdir()) == []
    assert isinstance(told[0], sw.ClipNotFetched)


def test_facts_that_lack_something_end_a_fetch_in_a_sentence_and_hold_nobody(job: sw.Job, session: sw.Session) -> None:
    assert job.row.clip_path is not None
    only_copies_go(session)
    with pytest.raises(sw.ClipNotFetched):
        session.engine.clips.fetch(job.row.clip_path, {"size_bytes": 1})  # type: ignore[typeddict-item]


def test_a_line_that_breaks_after_the_last_byte_costs_no_second_fetch(
    job: sw.Job, session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    pieces, starts = Bucket.pieces, list[int]()

    def breaking(self: Bucket, name: str, start: int = 0) -> Iterator[bytes]:
        starts.append(start)
        yield from pieces(self, name, start)
        raise sw.MediaNotPut("The line broke.")

    only_copies_go(session)
    monkeypatch.setattr(Bucket, "pieces", breaking)
    assert job.clip is not None
    assert starts == [0]


@pytest.mark.parametrize("moment", ["while it gets its name", "while its copy is noted"])
def test_a_piece_is_read_while_the_file_moves(
    job: sw.Job, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """A page that asked in that moment was told that the clip is no longer there."""
    path, facts, moved, go_on = path_of(job), job.row.clip_facts, threading.Event(), threading.Event()
    assert facts is not None

    def wait() -> None:
        moved.set()
        go_on.wait(0.5)

    def slow(source: Path, target: Path) -> None:
        give_name(source, target)
        wait()

    if moment == "while it gets its name":
        monkeypatch.setattr("seedance_widgets.storage.fetch.give_name", slow)
    fetch = Fetch(Bucket(HERE), path.name, facts, tmp_path / "copies", lambda _: wait())
    thread = threading.Thread(target=fetch.run)
    thread.start()
    assert moved.wait(20)
    assert fetch.piece(0, 1 << 22) == path.read_bytes()
    go_on.set()
    thread.join(20)
    assert fetch.whole(None) == tmp_path / "copies" / path.name
    assert [each.name for each in (tmp_path / "copies").iterdir()] == [path.name]


# --- no room for copies -------------------------------------------------------------------------------------------
def test_without_room_for_copies_a_clip_can_still_be_used(connect: Connect, tmp_path: Path) -> None:
    """What was fetched was taken away before anybody could open it."""
    session = connect(clips_cache_bytes=0)
    jobs = [session.start(f"A boat {number}", **SMALL) for number in range(2)]
    clips = [job.wait(60) for job in jobs]
    assert all(clip.path.is_file() for clip in clips)
    assert session.export(tmp_path / "out", jobs).clips == 2
    assert jobs[0].continue_with("She opens the door").wait(60).url is not None


def test_without_room_for_copies_a_page_gets_every_piece(connect: Connect) -> None:
    job = connect(clips_cache_bytes=0).start("A boat", **SMALL)
    clip, data = job.wait(60), b""
    while len(data) < clip.size_bytes:
        answer, buffers = clip_piece(job, {"offset": len(data), "length": 20_000})
        assert "problem" not in answer
        data += buffers[0]
    assert data == Bucket(HERE).get(clip.path.name)


def test_the_story_of_a_clip_that_cannot_hold_it_comes_along(job: sw.Job, session: sw.Session, tmp_path: Path) -> None:
    """Of a webm, say, the sidecar is all that tells it."""
    path = path_of(job)
    film = tmp_path / f"b-{job.id}.webm"
    film.write_bytes(b"\x1a\x45\xdf\xa3" + b"\0" * 60_000)
    Bucket(HERE).put_new(film.name, film, "video/webm")
    Bucket(HERE).put_new(f"{film.stem}.json", path.with_suffix(".json"), "application/json")
    size = film.stat().st_size
    facts = {"size_bytes": size, "vendor_bytes": size, "vendor_sha256": sha256_of(film)}
    fetched = session.engine.clips.fetch(f"{HERE}/{film.name}", facts)  # type: ignore[arg-type]
    assert provenance.open(fetched).job_id == job.id


# --- addresses ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "clips",
    [
        *("gcs://bucket/x", "r2://b/x", "s3:/pictures/films", "https://b.s3.amazonaws.com/x"),
        Path("s3://pictures/films"),
    ],
    ids=str,
)
def test_an_address_that_is_nearly_a_bucket_is_refused_and_makes_no_folder(
    connect: Connect, tmp_path: Path, clips: str | Path
) -> None:
    """Paid clips went into a folder named `gcs:`."""
    with pytest.raises(sw.SettingsInvalid, match="neither a folder nor a bucket"):
        connect(clips=clips)
    assert [path.name for path in tmp_path.iterdir() if ":" in path.name] == []


@pytest.mark.parametrize(
    "address", ["s3://AKIA:abc/DEFsecret@bucket/x", "s3://bucket:443/x", "s3://b/a//b", "s3://b/a/../b", "s3://b/a%20b"]
)
def test_an_address_that_holds_a_key_or_would_be_kept_otherwise_is_refused(address: str) -> None:
    with pytest.raises(sw.SettingsInvalid) as caught:
        checked_url(address)
    assert "secret" not in str(caught.value)


def test_blanks_name_no_folder_and_upper_case_is_a_bucket(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SEEDANCE_CLIPS", "  ")
    monkeypatch.setenv("SEEDANCE_CLIPS_CACHE_BYTES", " 0 ")
    session = connect(clips=None)
    assert session.clips_place() == str(tmp_path / "seedance_clips")
    assert session.engine.clips.copies.max_bytes == 0
    assert connect(clips=HERE.replace("s3:", "S3:")).clips_place() == HERE


def test_the_doctor_refuses_a_store_that_lets_one_file_be_put_over_another(
    session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Bucket, "put_new", lambda *_: True)
    monkeypatch.setattr(Bucket, "is_same", lambda *_: True)
    checks = [check for check in session.doctor(network=True).checks if check.name == "clips"]
    assert [check.ok for check in checks] == [True, False]
    assert "put over another" in checks[1].detail
