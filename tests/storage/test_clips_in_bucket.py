"""Clips in object storage, with a real S3 server: what is put, what is kept here, and what is fetched again."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from buckets import HERE, SMALL, Connect, empty
from s3_server import KEY, SECRET, Server
from samples import until

import seedance_widgets as sw
from seedance_widgets.clips.hashes import sha256_of
from seedance_widgets.jobs.live_line import LiveLine
from seedance_widgets.storage.bucket import Bucket
from seedance_widgets.widgets.card.output import is_sent
from seedance_widgets.widgets.shared.messages import clip_piece, poster_piece

pytestmark = pytest.mark.slow


def names_of(job: sw.Job) -> list[str]:
    """What is in the bucket of a job."""
    name = f"a-boat-ฝน-雨-{job.id}"
    return [f"films/{name}.jpg", f"films/{name}.json", f"films/{name}.mp4"]


def take_the_copy_away(job: sw.Job) -> Path:
    """As another machine has it: nothing of the clip is here."""
    clip = job.saved_clip
    assert clip is not None
    assert clip.poster_path is not None
    for path in (clip.path, clip.poster_path, clip.path.with_suffix(".json")):
        path.unlink(missing_ok=True)
    return clip.path


def left_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir()) if folder.is_dir() else []


# --- saving -------------------------------------------------------------------------------------------------------
def test_clip_poster_and_sidecar_are_put_and_the_row_names_the_bucket(job: sw.Job, s3: Server) -> None:
    assert s3.names() == names_of(job)
    assert job.row.clip_path == f"{HERE}/a-boat-ฝน-雨-{job.id}.mp4"
    assert job.row.poster_path == f"{HERE}/a-boat-ฝน-雨-{job.id}.jpg"
    assert job.clip is not None
    assert job.clip.url == job.row.clip_path


def test_what_is_put_is_what_came_and_a_copy_stays_beside_the_notebook(job: sw.Job, tmp_path: Path) -> None:
    clip = job.clip
    assert clip is not None
    assert clip.path.parent == tmp_path / "seedance_clips"
    stored = Bucket(HERE).get(clip.path.name)
    assert stored is not None
    assert hashlib.sha256(stored).hexdigest() == sha256_of(clip.path)
    assert hashlib.sha256(stored[: clip.vendor_bytes]).hexdigest() == clip.vendor_sha256


def test_nothing_is_left_behind_beside_the_copy(job: sw.Job, tmp_path: Path) -> None:
    assert [name[6:] for name in names_of(job)] == left_in(tmp_path / "seedance_clips")
    assert left_in(tmp_path / "home" / "copies" / "waiting") == []


def test_a_file_of_another_that_has_the_name_stays_and_the_clip_gets_a_number(session: sw.Session) -> None:
    other = Path("other.mp4")
    other.write_bytes(b"somebody's own")
    job = session.start("A boat", **SMALL)
    Bucket(HERE).put_new(f"a-boat-{job.id}.mp4", other, "video/mp4")
    job.wait(60)
    assert Bucket(HERE).get(f"a-boat-{job.id}.mp4") == b"somebody's own"
    assert job.row.clip_path == f"{HERE}/a-boat-{job.id}-2.mp4"


def test_a_second_download_of_the_same_clip_puts_nothing_anew(job: sw.Job, s3: Server) -> None:
    again = job.download()
    assert s3.names() == names_of(job)
    assert again.url == f"{HERE}/a-boat-ฝน-雨-{job.id}.mp4"


def test_a_bucket_that_takes_nothing_keeps_the_clip_here_and_says_so(connect: Connect, tmp_path: Path) -> None:
    """A paid clip is never lost by it, nor downloaded again and again."""
    session = connect(clips="s3://missing/films")
    job = session.start("A boat", **SMALL)
    clip = job.wait(60)
    assert clip.url is None
    assert clip.path.parent == tmp_path / "seedance_clips"
    assert "Nothing could be put into s3://missing/films" in (clip.not_stored or "")
    assert "job.download() puts it there" in clip._repr_html_()


def test_what_stayed_here_is_put_when_it_is_asked_for_again(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, s3: Server
) -> None:
    session = connect()
    with monkeypatch.context() as patch:
        patch.setattr(Bucket, "put_new", refusing)
        job = session.start("A boat", **SMALL)
        assert job.wait(60).url is None
    clip = job.download()
    assert clip.url == f"{HERE}/a-boat-{job.id}.mp4"
    assert clip.not_stored is None
    assert len(s3.names()) == 3


def refusing(*_: object) -> bool:
    raise sw.MediaNotPut("Nothing could be put into it: it is full.")


def test_a_clip_that_is_here_is_put_without_a_second_download(
    session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries: list[str] = []
    put = Bucket.put_new

    def second(self: Bucket, name: str, path: Path, content_type: str) -> bool:
        tries.append(name)
        return refusing() if len(tries) == 1 else put(self, name, path, content_type)

    from seedance_widgets.worker import download

    fetched: list[str] = []
    fetch = download._fetch
    monkeypatch.setattr(download, "_fetch", lambda *given: (fetched.append(given[1]), fetch(*given)))
    monkeypatch.setattr(Bucket, "put_new", second)
    job = session.start("A boat", **SMALL)
    assert job.wait(60).url is not None
    assert len(fetched) == 1


def test_what_the_bucket_holds_is_looked_at_and_taken_away_where_it_is_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, s3: Server
) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(b"as it came")
    monkeypatch.setattr(Bucket, "_has_same", lambda *_: False)
    with pytest.raises(sw.MediaNotPut, match="is not what was put there"):
        Bucket(HERE).put_new("a.mp4", path, "video/mp4")
    assert s3.names() == []


@pytest.mark.parametrize(
    ("clips", "why"),
    [
        ("s3://", "is no bucket"),
        ("s3://bucket name/x", "is no bucket"),
        ("s3://key:secret@bucket/x", "names more than"),
        ("s3://bucket/x?sig=abc", "names more than"),
    ],
)
def test_an_address_that_is_no_bucket_is_refused_at_once_without_a_secret(
    clips: str, why: str, connect: Connect
) -> None:
    with pytest.raises(sw.SettingsInvalid, match=why) as caught:
        connect(clips=clips)
    assert "secret" not in str(caught.value)


def test_the_environment_names_a_bucket_for_every_session(connect: Connect, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEEDANCE_CLIPS", HERE)
    session = connect(clips=None)
    assert session.start("A boat", **SMALL).wait(60).url is not None


def test_credentials_are_in_no_row_and_no_file(job: sw.Job, session: sw.Session, tmp_path: Path) -> None:
    session.close()
    for path in filter(Path.is_file, tmp_path.rglob("*")):
        data = path.read_bytes()
        assert KEY.encode() not in data, path
        assert SECRET.encode() not in data, path


# --- looking ------------------------------------------------------------------------------------------------------
def test_a_clip_that_is_not_here_is_fetched_when_it_is_asked_for(job: sw.Job) -> None:
    path = take_the_copy_away(job)
    clip = job.clip
    assert clip is not None
    assert clip.path == path
    assert Path(str(clip)).is_file()
    assert sha256_of(clip.path) == hashlib.sha256(Bucket(HERE).get(path.name) or b"").hexdigest()


def test_looking_at_a_list_or_a_view_fetches_nothing(job: sw.Job, session: sw.Session) -> None:
    path = take_the_copy_away(job)
    assert job.saved_clip is not None
    assert not job.saved_clip.is_here
    session.jobs()._repr_html_()
    repr(job)
    assert not path.exists()


def test_another_person_of_the_team_sees_the_clip(
    job: sw.Job, connect: Connect, tmp_path: Path, session: sw.Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another data folder, and another folder to work in: as on another machine."""
    history = tmp_path / "home" / "history.db"
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", f"sqlite:///{history}")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    theirs = connect(tmp_path / "their-home")
    clip = theirs.job(job.id).clip
    assert clip is not None
    assert clip.path.parent == tmp_path / "elsewhere" / "seedance_clips"
    assert job.clip is not None
    assert sha256_of(clip.path) == sha256_of(job.clip.path)


def test_a_page_gets_pieces_of_a_clip_that_is_not_here_and_the_copy_is_whole_then(job: sw.Job) -> None:
    path = take_the_copy_away(job)
    clip = job.saved_clip
    assert clip is not None
    assert is_sent(job)
    stored = Bucket(HERE).get(path.name) or b""
    answer, buffers = clip_piece(job, {"offset": 1000, "length": 2000})
    assert answer["total_bytes"] == len(stored)
    assert buffers == [stored[1000:3000]]
    until(lambda: not is_sent(job))
    assert path.is_file()


def test_a_page_gets_a_poster_that_is_not_here(job: sw.Job) -> None:
    take_the_copy_away(job)
    _, buffers = poster_piece(job)
    assert buffers == [Bucket(HERE).get(f"a-boat-ฝน-雨-{job.id}.jpg")]


def test_a_clip_that_is_gone_from_the_bucket_says_so_and_can_be_downloaded_again(job: sw.Job, s3: Server) -> None:
    take_the_copy_away(job)
    empty(s3)
    with pytest.raises(sw.ClipNotFetched, match="It is not in s3://"):
        _ = job.clip
    answer, _ = clip_piece(job, {"offset": 0, "length": 10})
    assert "It is not in s3://" in answer["problem"]
    assert job.download().path.is_file()
    assert s3.names() == names_of(job)


def test_other_bytes_under_its_name_are_not_taken_for_the_clip(job: sw.Job, tmp_path: Path) -> None:
    path = take_the_copy_away(job)
    size = job.row.clip_facts["size_bytes"] if job.row.clip_facts else 0
    Bucket(HERE).delete(path.name)
    (tmp_path / "odd").write_bytes(b"\0" * size)
    Bucket(HERE).put_new(path.name, tmp_path / "odd", "video/mp4")
    with pytest.raises(sw.ClipNotFetched, match="is not the clip that was put"):
        _ = job.clip
    assert left_in(path.parent) == []


def test_a_connection_that_breaks_goes_on_where_it_broke(job: sw.Job, monkeypatch: pytest.MonkeyPatch) -> None:
    starts: list[int] = []
    pieces = Bucket.pieces

    def breaking(self: Bucket, name: str, start: int = 0) -> Iterator[bytes]:
        starts.append(start)
        for piece in pieces(self, name, start):
            yield piece[:5000] if len(starts) == 1 else piece
            if len(starts) == 1:
                raise sw.MediaNotPut("The line broke.")

    monkeypatch.setattr(Bucket, "pieces", breaking)
    path = take_the_copy_away(job)
    assert job.clip is not None
    assert path.is_file()
    assert starts == [0, 5000]


def test_on_a_terminal_a_line_shows_how_far_it_is_and_then_is_gone(
    job: sw.Job, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr("seedance_widgets.notebook.environment.is_terminal", lambda: True)
    monkeypatch.setattr(LiveLine, "draw", lambda line: drawn.append(f"{line._look().words}: {line._look().note}"))
    take_the_copy_away(job)
    assert job.clip is not None
    assert drawn
    assert all(line.startswith("Fetching the clip: ") and " kB of " in line for line in drawn)


def test_two_who_ask_at_once_fetch_it_once(job: sw.Job, monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[str] = []
    pieces = Bucket.pieces

    def counted(self: Bucket, name: str, start: int = 0) -> Iterator[bytes]:
        begun.append(name)
        return pieces(self, name, start)

    monkeypatch.setattr(Bucket, "pieces", counted)
    path = take_the_copy_away(job)
    threads = [threading.Thread(target=lambda: job.clip) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert begun == [path.name]


def test_a_file_of_the_person_under_the_name_of_a_copy_stays(job: sw.Job) -> None:
    path = take_the_copy_away(job)
    path.write_bytes(b"mine")
    clip = job.clip
    assert clip is not None
    assert path.read_bytes() == b"mine"
    assert clip.path.name == f"{path.stem}-2.mp4"


def test_a_job_in_a_bucket_is_continued_and_exported(job: sw.Job, session: sw.Session, tmp_path: Path) -> None:
    take_the_copy_away(job)
    bundle = session.export(tmp_path / "out", [job])
    assert bundle.clips == 1
    take_the_copy_away(job)
    assert job.continue_with("she opens the door").wait(60).url is not None


def test_an_export_goes_on_where_a_clip_is_gone_from_the_bucket(
    job: sw.Job, session: sw.Session, tmp_path: Path, s3: Server
) -> None:
    take_the_copy_away(job)
    empty(s3)
    bundle = session.export(tmp_path / "out", [job])
    assert (bundle.clips, bundle.without) == (0, 1)
    assert "no longer where it was saved" in (tmp_path / "out" / "index.html").read_text("utf-8")


# --- the copies ---------------------------------------------------------------------------------------------------
def test_the_longest_unused_copy_goes_first_and_comes_again(connect: Connect) -> None:
    session = connect()
    jobs = [session.start(f"A boat {number}", **SMALL) for number in range(3)]
    for job in jobs:
        job.wait(60)
    sizes = [job.clip.size_bytes for job in jobs if job.clip]
    copies = session.engine.clips.copies
    copies.max_bytes = copies.measure()[0] - 1
    for number, job in enumerate(jobs):
        assert job.row.clip_path is not None
        os.utime(copies._note_of(job.row.clip_path), (1000 + number, 1000 + number))
    copies.make_room(0)
    here = [job.saved_clip.is_here for job in jobs if job.saved_clip]
    assert here == [False, True, True]
    assert jobs[0].clip is not None
    assert jobs[0].clip.is_here
    assert len(sizes) == 3


def test_a_copy_that_a_person_changed_is_theirs(job: sw.Job, session: sw.Session) -> None:
    clip = job.clip
    assert clip is not None
    with open(clip.path, "ab") as file:
        file.write(b"my own words")
    session.engine.clips.copies.max_bytes = 0
    session.engine.clips.copies.make_room(0)
    assert clip.path.read_bytes().endswith(b"my own words")


def test_without_room_for_copies_none_stays(connect: Connect, tmp_path: Path, s3: Server) -> None:
    """A worker in a container needs no disk of its own."""
    session = connect(clips_cache_bytes=0)
    job = session.start("A boat", **SMALL)
    job.wait_accepted(60)
    until(lambda: job.row.clip_path is not None)
    assert len(s3.names()) == 3
    assert left_in(tmp_path / "seedance_clips") == []


def test_tidy_counts_the_copies_and_takes_none_away(job: sw.Job, session: sw.Session) -> None:
    assert "copies of clips in a bucket" in str(session.doctor())
    tidied = session.tidy()
    assert job.saved_clip is not None
    assert job.saved_clip.is_here
    assert tidied.files == ()


# --- deleting -----------------------------------------------------------------------------------------------------
def test_deleting_a_job_deletes_it_in_the_bucket_and_here(job: sw.Job, s3: Server, tmp_path: Path) -> None:
    deleted = job.delete()
    assert s3.names() == []
    assert left_in(tmp_path / "seedance_clips") == []
    assert len(deleted.stored) == 3
    assert "3 files" in str(deleted)


def test_deleting_a_job_without_its_clip_leaves_the_bucket_as_it_is(job: sw.Job, s3: Server) -> None:
    job.delete(clip=False)
    assert s3.names() == names_of(job)


def test_a_bucket_that_deletes_nothing_is_named(job: sw.Job, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise sw.MediaNotPut("Nothing could be deleted from it: these credentials may not do that.")

    monkeypatch.setattr(Bucket, "delete", refuse)
    deleted = job.delete()
    assert any("could not be deleted" in sentence and "may not do that" in sentence for sentence in deleted.kept)


# --- another process ----------------------------------------------------------------------------------------------
KILLED = """
import os, signal, sys
import seedance_widgets as sw
from seedance_widgets.storage.bucket import Bucket

put = Bucket.put_new
def killed(self, name, path, content_type):
    if sys.argv[4] == "after":
        put(self, name, path, content_type)
    os.kill(os.getpid(), signal.SIGKILL)

Bucket.put_new = killed
session = sw.connect(sys.argv[1], sys.argv[2], sys.argv[3], clips=sys.argv[5], requests_per_minute=60_000)
session.start("A boat", duration=4, resolution="480p", model="seedance-2.0-fast").wait(60)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_that_is_killed_while_it_puts_a_clip_loses_and_doubles_nothing(
    when: str, connect: Connect, simulator: sw.Simulator, tmp_path: Path, s3: Server
) -> None:
    home = tmp_path / "home"
    given = [simulator.settings.api_key, simulator.base_url, str(home), when, HERE]
    killed = subprocess.run([sys.executable, "-c", KILLED, *given], cwd=tmp_path, timeout=120, check=False)
    assert killed.returncode == -signal.SIGKILL
    session = connect()
    (job,) = session.jobs()
    clip = job.wait(60)
    assert clip.url is not None
    assert [name.rpartition(".")[2] for name in s3.names()] == ["jpg", "json", "mp4"]
    assert left_in(home / "copies" / "waiting") == []
