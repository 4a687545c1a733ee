"""Downloads that go wrong: broken lines, other days, full disks."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from download_service import Save, cut_after, folder, halves, names, ready, save, server
from samples import NOW, make_clip
from scripted import CUT, Raw, ScriptedServer, Seen, answer

from seedance_widgets.api.files import Files
from seedance_widgets.clips.names import file_name
from seedance_widgets.life import Row, Saved, SaveFailed
from seedance_widgets.worker import download

__all__ = ["folder", "ready", "save", "server"]


# --- what goes wrong --------------------------------------------------------------------------------------------------
def test_a_line_that_breaks_is_taken_up_where_it_broke(
    save: Save, ready: Row, server: ScriptedServer, clip: Path
) -> None:
    data = clip.read_bytes()
    server.say(halves(clip, cut_after(data, 5_000)))
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert server.requests[1].headers["range"] == "bytes=5000-"
    assert server.requests[1].headers["if-range"] == '"v1"'
    assert saved.clip_facts["vendor_sha256"] == hashlib.sha256(data).hexdigest(), "of all of it, and not of the rest"


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(
    save: Save, ready: Row, server: ScriptedServer, clip: Path
) -> None:
    data = clip.read_bytes()
    server.say(cut_after(b"\x00" * len(data), 5_000), answer(200, data, etag='"v2"'))
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert saved.clip_facts["vendor_sha256"] == hashlib.sha256(data).hexdigest()


@pytest.mark.parametrize(
    ("reply", "stale"),
    [
        pytest.param(CUT, False, id="cut"),
        pytest.param(answer(500), False, id="500"),
        pytest.param(answer(403, b"<html>expired"), True, id="403"),
        pytest.param(answer(404), True, id="404"),
        pytest.param(answer(200, b"<html>welcome to the hotel</html>" * 99), True, id="HTML"),
        pytest.param(answer(200, b""), False, id="empty"),
        pytest.param(answer(200, b"#EXTM3U\nfile:///etc/passwd\n"), False, id="playlist"),
        pytest.param(answer(302, b"", location="http://files.example/a.mp4"), False, id="redirect to http"),
        pytest.param(Raw(b"HTTP/1.1 200 OK\r\ncontent-length: 99999\r\n\r\nabc"), False, id="too short"),
    ],
)
def test_a_download_that_fails_is_told_and_leaves_no_clip(
    save: Save, ready: Row, server: ScriptedServer, folder: Path, reply: Raw, stale: bool
) -> None:
    server.say(reply)
    failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert failed.stale_url is stale
    assert failed.problem
    assert not [name for name in names(folder) if not name.endswith(".part")]


def test_a_download_is_tried_three_times_before_it_is_given_up(save: Save, ready: Row, server: ScriptedServer) -> None:
    server.say(CUT)
    assert isinstance(save(ready), SaveFailed)
    assert len(server.requests) == 3


def test_a_url_that_is_no_longer_good_is_tried_once(save: Save, ready: Row, server: ScriptedServer) -> None:
    server.say(answer(403))
    save(ready)
    assert len(server.requests) == 1


@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_a_clip_that_is_cut_short_without_a_word_is_not_saved(
    save: Save, ready: Row, server: ScriptedServer, folder: Path, tmp_path: Path, share: float
) -> None:
    data = make_clip(tmp_path / "long.mp4", seconds=4.0).read_bytes()
    server.say(Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + data[: int(len(data) * share)]))
    assert isinstance(save(ready), SaveFailed)
    assert names(folder) == [".abcd2345.part.odd"]  # to be compared with what comes next


def test_a_full_disk_is_told_in_megabytes_before_anything_is_fetched(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=1_000_000))
    failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert "1 MB are free, 64 MB are needed" in failed.problem
    assert not list(folder.glob("*.mp4"))


def test_a_folder_that_cannot_be_made_is_told(save: Save, ready: Row, folder: Path) -> None:
    folder.write_text("a file")
    failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert str(folder) in failed.problem


def test_a_clip_over_the_bound_is_not_fetched_to_its_end(server: ScriptedServer, ready: Row, clip: Path) -> None:
    server.say(Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + clip.read_bytes()))
    files = Files(server.url, max_bytes=1_000)
    heard: list[int] = []
    failed = download.save(ready, files, now=lambda: NOW, progress=lambda got, _: heard.append(got))
    files.close()
    assert sum(heard) <= 1_000
    assert isinstance(failed, SaveFailed)
    assert "more than 1000 bytes" in failed.problem


@pytest.mark.parametrize("url", ["https://[bad/", "https://a..b/x", "", "http://[::1", "https://x.example:99999/"])
def test_a_url_of_nonsense_is_a_failed_download_like_any_other(save: Save, ready: Row, url: str) -> None:

    assert isinstance(save(replace(ready, output_url=url)), SaveFailed)


def test_a_download_that_failed_works_the_next_time(
    save: Save, ready: Row, server: ScriptedServer, clip: Path, folder: Path
) -> None:
    server.say(answer(500))
    assert isinstance(save(ready), SaveFailed)
    server.say(answer(200, clip.read_bytes()))
    assert isinstance(save(ready), Saved)
    assert len(names(folder)) == 3


# --- on another day ---------------------------------------------------------------------------------------------------
@pytest.fixture
def begun(save: Save, ready: Row, server: ScriptedServer, folder: Path, clip: Path) -> Path:
    """The first 5,000 bytes of a clip, as a session left them that died, or lost the line three times."""
    data = clip.read_bytes()
    server.say(cut_after(data, 5_000), CUT)
    assert isinstance(save(ready), SaveFailed)
    server.requests.clear()
    server.say(halves_from_now(data))
    return folder / f".{ready.id}.part"


def halves_from_now(data: bytes, etag: str = '"v1"') -> Callable[[Seen], Raw]:
    """A server that honours Range and If-Range."""

    def reply(seen: Seen) -> Raw:
        start = int(seen.headers.get("range", "bytes=0-")[6:-1])
        if start == 0 or seen.headers.get("if-range", etag) != etag:
            return answer(200, data, etag=etag)
        return answer(206, data[start:], content_range=f"bytes {start}-{len(data) - 1}/{len(data)}", etag=etag)

    return reply


def test_a_download_goes_on_where_an_earlier_session_left_it(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, folder: Path
) -> None:
    """The bug: every session began anew, whatever lay there."""
    assert begun.stat().st_size == 5_000
    assert isinstance(save(ready), Saved)
    (seen,) = server.requests
    assert (seen.headers["range"], seen.headers["if-range"]) == ("bytes=5000-", '"v1"')
    assert [name for name in names(folder) if name.startswith(".")] == []


def test_a_download_begins_anew_when_the_file_is_another_one_by_now(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, clip: Path
) -> None:
    server.say(halves_from_now(clip.read_bytes(), '"v2"'))
    assert isinstance(save(ready), Saved)
    assert len(server.requests) == 1


def test_a_part_of_another_version_is_not_put_behind_ours(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, clip: Path
) -> None:
    data = clip.read_bytes()
    part = answer(206, data[5_000:], content_range=f"bytes 5000-{len(data) - 1}/{len(data)}", etag='"v2"')
    server.say(part, answer(200, data, etag='"v2"'))
    assert isinstance(save(ready), Saved)
    assert [seen.headers.get("range") for seen in server.requests] == ["bytes=5000-", None]


def test_a_server_that_ignores_the_range_is_taken_from_the_start(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, clip: Path
) -> None:
    server.say(answer(200, clip.read_bytes(), etag='"v1"'))
    assert isinstance(save(ready), Saved)


def test_a_file_that_was_whole_when_the_session_died_is_not_fetched_twice(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, clip: Path
) -> None:
    data = clip.read_bytes()
    begun.write_bytes(data)
    assert isinstance(save(ready), Saved)
    assert server.requests[0].headers["range"] == f"bytes={len(data) - 1}-"


@pytest.mark.parametrize(
    "facts", ["", "{}", "[]", '{"etag": "W/weak", "total_bytes": 9}', '{"etag": 1, "total_bytes": 1}']
)
def test_a_beginning_of_which_nothing_is_known_is_not_trusted(
    save: Save, ready: Row, server: ScriptedServer, begun: Path, facts: str
) -> None:
    begun.with_name(begun.name + ".json").write_text(facts)
    assert isinstance(save(ready), Saved)
    assert "range" not in server.requests[0].headers


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("link", [os.symlink, os.link])
def test_a_link_in_the_place_of_a_beginning_is_not_written_through(
    save: Save, ready: Row, begun: Path, tmp_path: Path, link: Callable[..., None]
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    begun.unlink()
    link(victim, begun)
    assert isinstance(save(ready), Saved)
    assert victim.read_bytes() == b"mine"


@pytest.mark.skipif(os.name != "posix", reason="locks as POSIX has them")
def test_two_kernels_do_not_write_one_beginning(save: Save, ready: Row, begun: Path) -> None:
    import fcntl

    with open(begun, "r+b") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert "Another kernel" in failed.problem
    assert isinstance(save(ready), Saved)


def test_what_is_known_of_a_beginning_names_no_url(begun: Path) -> None:
    facts = begun.with_name(begun.name + ".json")
    assert "secret-signature" not in facts.read_text()
    assert stat.S_IMODE(facts.stat().st_mode) == 0o600


# --- the disk ---------------------------------------------------------------------------------------------------------
def test_a_disk_that_fills_up_meanwhile_is_freed_again(
    save: Save, ready: Row, server: ScriptedServer, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that never says how much is to come fills any disk: room is looked for along the way."""
    monkeypatch.setattr(download, "ROOM_EVERY_BYTES", 100_000)
    free = iter([10**12, 10**12, 1_000_000])
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=next(free)))
    server.say(Raw(b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n" + bytes(1_000_000)))
    failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert "1 MB are free" in failed.problem
    assert names(folder) == []


def test_a_file_over_the_bound_is_given_up_for_good_and_leaves_nothing(
    ready: Row, server: ScriptedServer, folder: Path
) -> None:
    """The bug: six times two gigabytes were fetched before a person was asked."""
    files = Files(server.url, max_bytes=1_000)
    failed = download.save(ready, files, now=lambda: NOW, progress=lambda *_: None)
    files.close()
    assert isinstance(failed, SaveFailed)
    assert failed.hopeless
    assert (len(server.requests), names(folder)) == (1, [])


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_in_the_place_of_the_picture_is_not_written_through(
    save: Save, ready: Row, folder: Path, tmp_path: Path
) -> None:
    """The bug: a link to a file that did not exist yet was followed."""
    folder.mkdir()
    victim = tmp_path / "victim"
    (folder / f"{file_name(ready)}.jpg").symlink_to(victim)
    assert isinstance(save(ready), Saved)
    assert not victim.exists()


def test_a_picture_that_cannot_be_written_costs_no_clip(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish = download._publish

    def then_somebody_else(*args: Any) -> Path:
        target: Path = publish(*args)
        target.with_suffix(".jpg").mkdir()
        return target

    monkeypatch.setattr(download, "_publish", then_somebody_else)
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert saved.poster_path is None


def test_a_web_page_in_place_of_the_clip_is_called_one(save: Save, ready: Row, server: ScriptedServer) -> None:
    server.say(answer(200, b"<html>log in</html>", content_type="text/html; charset=utf-8"))
    failed = save(ready)
    assert isinstance(failed, SaveFailed)
    assert "web page" in failed.problem
