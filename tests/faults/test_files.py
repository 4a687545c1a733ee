"""The download: under the final name only ever a whole clip, and never a second create."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

import seedance_widgets as sw
from seedance_widgets.clips.names import file_name
from seedance_widgets.jobs.registry import Registry

from .conftest import KEY, SMALL, Person, Service, is_whole

Until = Callable[..., None]


def final_names(person: Person) -> list[Path]:
    return [path for path in person.clips() if not path.name.startswith(".")]


@pytest.mark.parametrize(
    "faults",
    [
        pytest.param(["file:slow=400000"], id="slow"),
        pytest.param(["file:stalled"], id="stalled"),
        pytest.param(["file:lost"], id="cut before any byte"),
        pytest.param(["file:cutx2"], id="cut in the middle, twice"),
        pytest.param(["file:reset"], id="reset"),
        pytest.param(["file:late=60"], id="later than the time-out"),
        pytest.param(["file:wrong-length"], id="wrong length"),
        pytest.param(["file:no-length"], id="no length"),
        pytest.param(["file:empty"], id="empty"),
        pytest.param(["file:html"], id="HTML page"),
        pytest.param(["file:portal"], id="captive portal"),
        pytest.param(["file:truncated"], id="truncated mp4"),
        pytest.param(["file:403"], id="403, expired"),
        pytest.param(["file:404x2"], id="404"),
        pytest.param(["file:410"], id="410"),
        pytest.param(["file:500x4"], id="500 storm"),
        pytest.param(["file:503x4"], id="503 storm"),
        pytest.param(["file:cut", "file:no-range@2"], id="cut, and then the server ignores Range"),
        pytest.param(["file:cut", "file:changed@2"], id="cut, and then it is another file"),
    ],
)
def test_a_download_that_goes_wrong_in_any_way_ends_with_a_whole_clip(person: Person, faults: list[str]) -> None:
    person.connect(read_timeout_s=0.4)
    job = person.start(*faults)
    clip = job.wait(timeout=30)
    assert is_whole(person.clips())
    assert clip.path.name in [path.name for path in final_names(person)]
    assert (job.status, job.row.saves, job.row.save_problem) == ("succeeded", 0, None)
    assert person.charged() == person.meant == 1
    person.goes_on_working()


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("cut", "broke"),
        ("500", "HTTP 500"),
        ("403", "HTTP 403"),
        ("html", "web page"),
        ("empty", "empty"),
    ],
)
def test_a_download_that_never_works_is_given_up_says_why_and_works_by_hand(
    person: Person, service: Service, name: str, words: str
) -> None:
    service.set(f"file:{name}x*")
    job = person.start()
    with pytest.raises(sw.DownloadFailed, match=words) as caught:
        job.wait(timeout=40)
    assert "was charged once; downloading again is free. job.download() tries again." in str(caught.value)
    assert (job.status, job.status_text) == ("succeeded", "Succeeded, but the clip could not be saved")
    assert final_names(person) == []
    service.set()
    job.download()
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_body_that_is_compressed_unasked_is_refused_at_once_and_works_by_hand(
    person: Person, service: Service
) -> None:
    """The bug: it was fetched twelve times."""
    service.set("file:bombx*")
    job = person.start()
    with pytest.raises(sw.DownloadFailed, match="compressed"):
        job.wait(timeout=40)
    assert service.calls("file") == 1
    service.set()
    job.download()
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_broken_file_that_comes_twice_the_same_is_kept_and_says_so(person: Person, service: Service) -> None:
    """It is what the vendor has; and nobody can say that it is worth nothing."""
    service.set("file:truncatedx*")
    clip = person.start().wait(timeout=40)
    assert service.calls("file") == 2
    assert clip.problem
    assert hashlib.sha256(clip.path.read_bytes()[: clip.vendor_bytes]).hexdigest() == clip.vendor_sha256
    assert person.charged() == 1


def test_an_expired_url_is_replaced_by_a_fresh_one_from_the_api(person: Person, service: Service) -> None:
    service.set("file:403x2")
    person.start().wait(timeout=30)
    assert service.calls("get") == 3  # the end, and once more after each 403
    assert service.calls("create") == 1


def test_a_file_without_end_is_given_up_for_good_and_leaves_nothing(person: Person, service: Service) -> None:
    person.connect(max_clip_bytes=3_000_000)
    service.set("file:endlessx*")
    with pytest.raises(sw.DownloadFailed, match="more than 3000000 bytes"):
        person.start().wait(timeout=30)
    assert service.calls("file") == 1
    assert person.clips() == []
    assert person.charged() == 1


# --- another session --------------------------------------------------------------------------------------------------
SAVER = """
import sys
import seedance_widgets as sw
from seedance_widgets.life import schedule
schedule.LIVENESS_S = 0.2
session = sw.connect(api_key=sys.argv[1], base_url=sys.argv[2], home=sys.argv[3])
job = session.submit("a paper boat", metadata={"tag": sys.argv[4], "simulator": {"faults": ["file:slow=15000"]}}, **%r)
print(job.id, flush=True)
job.wait()
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_download_goes_on_by_range_after_the_kernel_was_killed(
    person: Person, service: Service, until: Until, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = textwrap.dedent(SAVER % SMALL)
    command = [sys.executable, "-c", code, KEY, service.url, str(person.home), person.tag]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as kernel:
        assert kernel.stdout is not None
        job_id = kernel.stdout.readline().strip()
        part = Path("seedance_clips") / f".{job_id}.part"
        until(lambda: part.exists() and part.stat().st_size > 10_000, 60.0)
        kernel.send_signal(signal.SIGKILL)
    here = part.stat().st_size
    heard: list[int] = []
    monkeypatch.setattr(Registry, "on_progress", lambda self, job_id, received, total: heard.append(received))
    session = person.connect()
    session.job(job_id).wait(timeout=30)
    assert min(heard) > here > 10_000
    assert is_whole(person.clips())
    assert person.charged() == 1


# --- the disk ---------------------------------------------------------------------------------------------------------
def test_a_full_disk_is_said_before_the_download_and_room_brings_the_clip(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=5_000_000))
    job = person.start()
    with pytest.raises(sw.DownloadFailed, match=r"5 MB are free, 64 MB are needed"):
        job.wait(timeout=40)
    assert person.clips() == []
    monkeypatch.undo()
    os.chdir(person.home.parent)
    job.download()
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_folder_that_goes_away_meanwhile_is_made_again(person: Person, until: Until) -> None:
    job = person.start("file:slow=100000")
    until(lambda: person.clips())
    until(lambda: shutil.rmtree("seedance_clips", ignore_errors=True) or not Path("seedance_clips").exists())
    job.wait(timeout=30)
    assert is_whole(person.clips())
    assert person.charged() == 1


def test_a_folder_that_becomes_a_file_meanwhile_costs_no_clip(person: Person) -> None:
    """It is found out before the create; of what happens later the data folder takes care."""
    job = person.start("get:stuckx3")
    Path("seedance_clips").write_text("mine")
    clip = job.wait(timeout=40)
    assert clip.path.parent == person.home / "clips"
    assert is_whole(sorted(clip.path.parent.iterdir()))
    assert Path("seedance_clips").read_text() == "mine"
    assert person.charged() == 1


def test_a_file_that_is_there_is_not_overwritten(person: Person) -> None:
    job = person.start("get:stuckx2")
    mine = Path("seedance_clips") / f"{file_name(job.row)}.mp4"
    mine.parent.mkdir()
    mine.write_bytes(b"mine")
    clip = job.wait(timeout=30)
    assert mine.read_bytes() == b"mine"
    assert clip.path.name == f"{file_name(job.row)}-2.mp4"


def test_nothing_stands_under_a_final_name_while_a_clip_comes(person: Person, until: Until) -> None:
    job = person.start("file:slow=200000")
    until(lambda: person.clips())
    seen: list[list[Path]] = []
    while not job.settled:
        seen.append([path for path in final_names(person) if path.suffix == ".mp4"])
        time.sleep(0.01)
    assert [] in seen
    for clips in filter(None, seen):
        assert sw_probe(clips[0]) == 4.0


def sw_probe(path: Path) -> float:
    from seedance_widgets.clips import video

    return video.probe(path)["duration_s"]
