"""Under the final name there is never anything but a whole clip, and never another file is overwritten."""

from __future__ import annotations

import json
import os
import shutil
import stat
import threading
import time
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from download_service import MakeRow, Save, folder, names, ready, save, server, story_of
from hypothesis import given
from hypothesis import strategies as st
from samples import NOW

from seedance_widgets.clips import containers, video
from seedance_widgets.clips import names as clip_names
from seedance_widgets.clips import story as sidecar
from seedance_widgets.clips.names import file_name
from seedance_widgets.life import Row, Saved, SaveFailed
from seedance_widgets.types import GenerationRequest
from seedance_widgets.worker.download import provenance

__all__ = ["folder", "ready", "save", "server"]


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


def test_a_folder_too_deep_for_this_system_is_refused_in_words(
    save: Save, ready: Row, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Windows says of such a path only that it is not there."""
    deep = tmp_path / ("x" * 40)
    monkeypatch.setattr(clip_names, "LONGEST_PATH", len(str(deep)))
    failed = save(replace(ready, folder=str(deep)))
    assert isinstance(failed, SaveFailed)
    assert failed.problem.endswith(f"longer than {len(str(deep))} characters; choose a shorter folder).")
    assert not deep.exists()


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
