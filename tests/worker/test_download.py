"""Under the final name there is never anything but a whole clip, whatever the line, the server or the disk does."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOW, make_clip
from scripted import CUT, Raw, ScriptedServer, Seen, answer

from seedance_widgets.api.files import Files
from seedance_widgets.clips import containers, video
from seedance_widgets.clips import story as sidecar
from seedance_widgets.clips.names import file_name
from seedance_widgets.life import Row, Saved, SaveFailed
from seedance_widgets.types import GenerationRequest
from seedance_widgets.worker import download
from seedance_widgets.worker.download import provenance

MakeRow = Callable[..., Row]
Save = Callable[..., Saved | SaveFailed]


@pytest.fixture
def server(clip: Path) -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        server.say(answer(200, clip.read_bytes(), etag='"v1"'))
        yield server


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "seedance_clips"


@pytest.fixture
def ready(row_of: MakeRow, server: ScriptedServer, folder: Path) -> Row:
    """A row whose video is there to fetch."""
    return row_of(
        status="succeeded",
        request_id="req_1",
        final_at=NOW + 90,
        credits_charged=40,
        cost_usd=0.5,
        output_url=f"{server.url}/secret-signature/a.mp4",
        folder=str(folder),
    )


@pytest.fixture
def save(server: ScriptedServer) -> Iterator[Save]:
    files = Files(server.url, read_timeout_s=2.0)
    heard: list[tuple[int, int | None]] = []

    def run(row: Row) -> Saved | SaveFailed:
        run.heard = heard  # type: ignore[attr-defined]
        return download.save(row, files, now=lambda: NOW, progress=lambda *told: heard.append(told))

    yield run
    files.close()


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def story_of(row: Row, saved: Saved) -> Any:
    return provenance(replace(row, clip_facts=saved.clip_facts))


def halves(clip: Path, first: Raw) -> Callable[[Seen], Raw]:
    """A server that sends `first`, then honours a Range."""
    data, asked = clip.read_bytes(), []

    def reply(seen: Seen) -> Raw:
        asked.append(seen)
        if len(asked) == 1:
            return first
        start = int(seen.headers.get("range", "bytes=0-")[6:-1])
        if start == 0:
            return answer(200, data, etag='"v1"')
        return answer(206, data[start:], content_range=f"bytes {start}-{len(data) - 1}/{len(data)}", etag='"v1"')

    return reply


def cut_after(data: bytes, size: int) -> Raw:
    head = f'HTTP/1.1 200 OK\r\netag: "v1"\r\ncontent-length: {len(data)}\r\n\r\n'
    return Raw(head.encode() + data[:size])


# --- all is well ------------------------------------------------------------------------------------------------------
def test_a_clip_is_saved_with_its_poster_and_its_sidecar_and_nothing_else(
    save: Save, ready: Row, folder: Path, clip: Path
) -> None:
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert names(folder) == [
        "a-paper-boat-crosses-a-puddle-abcd2345.jpg",
        "a-paper-boat-crosses-a-puddle-abcd2345.json",
        "a-paper-boat-crosses-a-puddle-abcd2345.mp4",
    ]
    assert saved.clip_path == str(folder / "a-paper-boat-crosses-a-puddle-abcd2345.mp4")
    assert saved.poster_path == saved.clip_path[:-4] + ".jpg"
    assert saved.clip_facts.items() > video.probe(Path(saved.clip_path)).items()
    assert (saved.clip_facts["width"], saved.clip_facts["height"]) == (160, 96)


def test_a_clip_whose_row_was_not_written_is_found_again_and_not_saved_twice(
    save: Save, ready: Row, folder: Path
) -> None:
    """A process that was killed between the clip's name and its row left a copy that no row named."""
    first = save(ready)
    before = names(folder)
    assert save(ready) == first
    assert names(folder) == before


def test_another_file_under_the_name_of_a_clip_stays_and_the_clip_gets_the_next_name(
    save: Save, ready: Row, folder: Path
) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    mine = folder / "a-paper-boat-crosses-a-puddle-abcd2345.mp4"
    mine.write_bytes(b"precious")
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert mine.read_bytes() == b"precious"
    assert Path(saved.clip_path).name == "a-paper-boat-crosses-a-puddle-abcd2345-2.mp4"


def test_the_clip_tells_prompt_options_and_request_id_but_not_where_it_came_from(save: Save, ready: Row) -> None:
    saved = save(ready)
    assert isinstance(saved, Saved)
    tags = video.read_tags(Path(saved.clip_path))
    assert (tags["request_id"], tags["job_id"], tags["credits_charged"]) == ("req_1", "abcd2345", 40)
    assert tags["request"]["prompt"] == "A paper boat crosses a puddle"
    assert tags["request"]["duration"] == 5
    assert tags["created_at"] == "2027-01-15T08:00:00+00:00"
    assert b"secret-signature" not in Path(saved.clip_path).read_bytes()


def test_one_clip_is_decoded_at_a_time(save: Save, ready: Row, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each that is decoded makes the thread that a person types in wait longer."""
    inspect, inside, most = video.inspect, [0], [0]

    def watched(path: Path) -> Any:
        inside[0] += 1
        most[0] = max(most[0], inside[0])
        try:
            time.sleep(0.05)  # for the others to come in
            return inspect(path)
        finally:
            inside[0] -= 1

    monkeypatch.setattr(video, "inspect", watched)
    rows = [replace(ready, id=f"{name}aaa2345") for name in "abc"]
    threads = [threading.Thread(target=save, args=(row,)) for row in rows]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == [1]


def test_a_clip_does_not_tell_the_address_of_the_webhook(row_of: MakeRow, request_of: Any) -> None:
    row = row_of(request=request_of(webhook_url="https://hooks.example/T0/B0/verysecret"))
    assert "verysecret" not in json.dumps(provenance(row))


def test_the_sidecar_tells_the_same_as_the_clip_and_has_its_rights(save: Save, ready: Row) -> None:
    saved = save(ready)
    assert isinstance(saved, Saved)
    clip_path, path = Path(saved.clip_path), Path(saved.clip_path).with_suffix(".json")
    assert json.loads(path.read_text("utf-8")) == video.read_tags(clip_path) == story_of(ready, saved)
    assert path.stat().st_mode == clip_path.stat().st_mode


def test_a_clip_does_not_tell_metadata_that_is_named_like_a_secret(row_of: MakeRow, request_of: Any) -> None:
    metadata = {
        "shot": 1,
        "api_key": "s-1",
        "to": {"Auth-Token": "s-2", "cut": 3},
        "list": [{"password": "s-3"}, 4],
        "x_auth": "s-4",
        "author": "me",
        "dbPass": "s-5",
        "Sig": "s-6",
        "access%4Bey": "s-7",
        "web-hook": "s-8",
        "compass": "north",
    }
    told = provenance(row_of(request=request_of(metadata=metadata)))["request"]
    assert told["metadata"] == {
        "shot": 1,
        "to": {"cut": 3},
        "list": [{}, 4],
        "author": "me",
        "compass": "north",
    }


def test_a_story_behind_the_clip_that_does_not_come_back_is_taken_away_and_the_clip_is_kept(
    save: Save, ready: Row, clip: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "read_story", lambda file: b'{"tool": "seedance-widgets"}')
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert Path(saved.clip_path).read_bytes() == clip.read_bytes()
    assert json.loads(sidecar.path_of(Path(saved.clip_path)).read_bytes()) == story_of(ready, saved)


def test_a_sidecar_that_does_not_come_back_as_it_was_written_is_taken_away_and_the_clip_is_kept(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sidecar, "text_of", lambda story: '{"tool": "seedance-widgets"}')
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert not list(folder.glob("*.json"))
    assert video.read_tags(Path(saved.clip_path)) == story_of(ready, saved)


def test_a_sidecar_that_cannot_be_written_is_missing_and_the_clip_tells_it_all_the_same(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(story: object) -> str:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sidecar, "text_of", full)
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert not list(folder.glob("*.json"))
    assert video.read_tags(Path(saved.clip_path)) == story_of(ready, saved)


def test_a_fresh_download_writes_both_again(save: Save, ready: Row, folder: Path) -> None:
    first = save(ready)
    assert isinstance(first, Saved)
    Path(first.clip_path).unlink()
    again = save(ready)
    assert isinstance(again, Saved)
    told = json.loads(Path(again.clip_path).with_suffix(".json").read_text("utf-8"))
    assert told == video.read_tags(Path(again.clip_path)) == story_of(ready, again)


@given(prompt=st.text(st.characters(exclude_categories=["Cs"]), min_size=1).filter(str.strip))
def test_every_prompt_comes_back_from_the_clip_and_from_the_sidecar(clip: Path, prompt: str) -> None:
    row = Row(id="a", service="s", created_at=NOW, request=GenerationRequest(prompt=prompt, model="m"))
    with TemporaryDirectory() as folder:
        target = Path(folder) / "a.mp4"
        shutil.copy(clip, target)
        sidecar.put_behind(target, provenance(row))
        sidecar.write(target, provenance(row))
        assert video.read_tags(target) == provenance(row)


def test_progress_is_told_from_the_first_byte_to_the_last(save: Save, ready: Row, clip: Path) -> None:
    save(ready)
    heard = save.heard  # type: ignore[attr-defined]
    size = clip.stat().st_size
    assert [bytes_ for bytes_, _ in heard] == sorted(bytes_ for bytes_, _ in heard)
    assert heard[-1] == (size, size)


def test_a_row_without_a_folder_is_saved_below_the_current_one(
    save: Save, ready: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    monkeypatch.chdir(tmp_path)
    saved = save(replace(ready, folder=None))
    assert isinstance(saved, Saved)
    assert (tmp_path / saved.clip_path).exists()


@pytest.mark.skipif(os.name != "posix", reason="rights as POSIX has them")
def test_what_is_not_finished_is_for_this_person_only(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    modes: list[int] = []
    inspect = video.inspect
    monkeypatch.setattr(video, "inspect", lambda path: modes.append(stat.S_IMODE(path.stat().st_mode)) or inspect(path))
    saved = save(ready)
    assert modes == [0o600]
    assert isinstance(saved, Saved)
    usual = folder / "usual"
    usual.touch()
    assert {Path(p).stat().st_mode for p in (saved.clip_path, saved.poster_path)} == {usual.stat().st_mode}


# --- nothing is overwritten -------------------------------------------------------------------------------------------
def test_a_file_that_is_there_is_not_overwritten(save: Save, ready: Row, folder: Path) -> None:
    folder.mkdir()
    mine = folder / f"{file_name(ready)}.mp4"
    mine.write_bytes(b"mine")
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert mine.read_bytes() == b"mine"
    assert saved.clip_path == str(folder / f"{file_name(ready)}-2.mp4")


def test_a_picture_that_is_there_is_not_overwritten(save: Save, ready: Row, folder: Path) -> None:
    folder.mkdir()
    mine = folder / f"{file_name(ready)}.jpg"
    mine.write_bytes(b"mine")
    save(ready)
    assert mine.read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
def test_a_link_in_the_place_of_the_partial_file_is_not_followed(
    save: Save, ready: Row, folder: Path, tmp_path: Path
) -> None:
    folder.mkdir()
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    (folder / f".{ready.id}.part").symlink_to(victim)
    assert isinstance(save(ready), Saved)
    assert victim.read_bytes() == b"mine"


@pytest.mark.skipif(not hasattr(os, "symlink"), reason="no links here")
@pytest.mark.parametrize("ending", [".mp4", ".jpg"])
@pytest.mark.parametrize("hard_links", [True, False])
@pytest.mark.parametrize("there", [True, False], ids=["a file", "nothing"])
def test_a_link_in_the_place_of_a_finished_file_is_not_followed(
    save: Save,
    ready: Row,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ending: str,
    hard_links: bool,
    there: bool,
) -> None:
    """The bug was that the poster was written through a link that led to nothing yet."""
    if not hard_links:
        monkeypatch.setattr(os, "link", no_links)
    folder.mkdir()
    victim = tmp_path / "victim"
    if there:
        victim.write_bytes(b"mine")
    link = folder / f"{file_name(ready)}{ending}"
    link.symlink_to(victim)
    saved = save(ready)
    assert isinstance(saved, Saved)
    assert link.is_symlink()
    assert victim.read_bytes() == b"mine" if there else not victim.exists()
    assert not {saved.clip_path, saved.poster_path} & {str(link)}


HOSTILE_IDS = {
    "a path upwards": "../../x",
    "an absolute path": "/etc/passwd",
    "a folder": "a/b",
    "a folder of Windows": "..\\..\\x",
    "a zero byte": "a\x00b",
    "300 letters": "x" * 300,
    "a device of Windows": "CON",
    "another device": "nul.mp4",
    "a stream of NTFS": "a:b",
    "a line break": "a\nb",
    "two dots": "..",
    "a share": "\\\\server\\share",
    "right to left": "a\u202e4pm.exe",
}


@pytest.mark.parametrize("request_id", HOSTILE_IDS.values(), ids=HOSTILE_IDS)
def test_a_request_id_never_becomes_a_path(
    save: Save, ready: Row, folder: Path, tmp_path: Path, request_id: str
) -> None:
    from dataclasses import replace

    saved = save(replace(ready, request_id=request_id))
    assert isinstance(saved, Saved)
    assert names(folder) == [f"{file_name(ready)}{ending}" for ending in (".jpg", ".json", ".mp4")]
    assert names(tmp_path) == ["seedance_clips"]


def no_links(*_: Any) -> None:
    raise PermissionError(1, "Operation not permitted")


def test_without_hard_links_the_clip_still_gets_its_name(
    save: Save, ready: Row, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "link", no_links)
    first = save(ready)
    assert isinstance(first, Saved)
    Path(first.clip_path).write_bytes(b"something else by now")
    second = save(ready)
    assert isinstance(second, Saved)
    assert first.clip_path != second.clip_path
    assert video.probe(Path(second.clip_path))["width"] == 160


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


def test_a_file_that_changed_meanwhile_is_fetched_from_the_start(
    save: Save, ready: Row, server: ScriptedServer, clip: Path
) -> None:
    data = clip.read_bytes()
    server.say(cut_after(b"\x00" * len(data), 5_000), answer(200, data, etag='"v2"'))
    assert isinstance(save(ready), Saved)


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
    from dataclasses import replace

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


# --- names ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("A paper boat!", "a-paper-boat"),
        ("  --wide  shot--  ", "wide-shot"),
        ("../../etc/passwd", "etc-passwd"),
        ("..", "clip"),
        ("C:\\Windows\\system32", "c-windows-system32"),
        ("a\x00b\nc\td", "a-b-c-d"),
        ("🚣🌧", "clip"),
        ("boat 🚣 rain", "boat-rain"),
        ("CON", "con"),
        (".hidden", "hidden"),
        ("50% $HOME `ls` \"x\" 'y' <z>|*?", "50-home-ls-x-y-z"),
        ("Ein Häuschen", "ein-häuschen"),
        ("Ha\u0308uschen", "häuschen"),
        ("雨の中", "雨の中"),
        ("قارب من ورق", "قارب-من-ورق"),
        ("a.mp4", "a-mp4"),
    ],
)
def test_a_name_is_made_of_the_first_words(row_of: MakeRow, request_of: Any, words: str, name: str) -> None:
    assert file_name(row_of(request=request_of(prompt=words))) == f"{name}-abcd2345"
    assert file_name(row_of(out_name=words)) == f"{name}-abcd2345"


@pytest.mark.parametrize(("words", "name"), [("เรือน้ำ", "เรือน้ำ"), ("हिन्दी में", "हिन्दी-में")])
def test_letters_of_every_script_stay(row_of: MakeRow, words: str, name: str) -> None:
    assert file_name(row_of(out_name=words)) == f"{name}-abcd2345"


@given(st.text(max_size=400))
def test_no_prompt_makes_a_name_that_a_file_system_would_trip_over(words: str) -> None:
    row = Row(
        id="abcd2345", service="s", request=GenerationRequest(prompt=words, model="m"), created_at=0.0, out_name=words
    )
    name = file_name(row)
    assert name.endswith("-abcd2345")
    assert len(name.encode("utf-8", "replace")) <= 60 + 9
    assert not set(name) & set('/\\:*?"<>|\x00\n\r\t ')
    assert not name.startswith((".", "-"))


def test_the_longest_prompt_makes_a_name_that_fits(save: Save, ready: Row, request_of: Any) -> None:
    from dataclasses import replace

    saved = save(replace(ready, request=request_of(prompt="雨" * 5_000)))
    assert isinstance(saved, Saved)
    assert len(Path(saved.clip_path).name.encode()) < 100
