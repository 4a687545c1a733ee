"""A clip tells what it was made from, on any machine; and what it tells is a stranger's word."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from samples import NOW, tag_as_0_1_0

import seedance_widgets as sw
from seedance_widgets.clips import provenance
from seedance_widgets.clips import story as sidecar
from seedance_widgets.errors import MediaError, ProvenanceMissing
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session

MakeRow = Callable[..., Row]
HOSTILE = "<img src=x onerror=alert(1)>\x1b[31m $x$ \u202e</script>"


@pytest.fixture
def row(row_of: MakeRow, request_of: Any) -> Row:
    request = request_of(
        prompt='เรือกระดาษ 🚣 "x"\n<b>',
        media_urls=("https://a.example/1.png",),
        metadata={"shot": 3},
        webhook_url="https://hooks.example/verysecret",
    )
    return row_of(request=request, request_id="req_1", credits_charged=40, cost_usd=0.5, final_at=NOW + 60)


@pytest.fixture
def told(clip: Path, tmp_path: Path, row: Row) -> Path:
    """A clip with its story and its sidecar, as a download leaves them."""
    return tell(clip, tmp_path / "told.mp4", sidecar.provenance(row), beside=True)


def tell(clip: Path, path: Path, story: Any, *, beside: bool = False) -> Path:
    shutil.copy(clip, path)
    sidecar.put_behind(path, story)
    if beside:
        sidecar.write(path, story)
    return path


def story_of(row: Row, **changes: Any) -> dict[str, Any]:
    story = sidecar.provenance(row)
    asked = {**story["request"], **changes.pop("request", {})}
    return {**story, **changes, "request": asked}


# --- what is told -----------------------------------------------------------------------------------------------------
def test_a_clip_tells_the_request_and_the_facts(told: Path, row: Row) -> None:
    found = sw.open(told)
    assert found.request == sidecar.shareable(row.request)
    assert (found.request_id, found.job_id, found.service) == ("req_1", "abcd2345", "simulator")
    assert (found.created_at, found.cost, found.credits, found.source) == (NOW, 0.5, 40, "tag")
    assert found.extra == {"final_at": "2027-01-15T08:01:00+00:00"}


def test_a_clip_tells_it_under_another_name_in_another_folder_without_its_sidecar(told: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    moved = shutil.move(told, tmp_path / "elsewhere" / "รุ้ง #1.mp4")
    assert sw.open(str(moved)).request_id == "req_1"


def test_a_sidecar_tells_the_same_as_its_clip(told: Path) -> None:
    by_clip, by_sidecar = sw.open(told), sw.open(told.with_suffix(".json"))
    assert by_sidecar.source == "sidecar"
    assert (by_sidecar.request, by_sidecar.extra) == (by_clip.request, by_clip.extra)


def test_a_clip_whose_metadata_another_tool_has_dropped_is_told_by_its_sidecar(
    told: Path, clip: Path, tmp_path: Path
) -> None:
    shutil.copy(clip, told)
    assert (sw.open(told).source, sw.open(told).request_id) == ("sidecar", "req_1")


def test_it_needs_no_history_no_key_and_no_network(told: Path) -> None:
    code = (
        "import sys, seedance_widgets as sw\n"
        f"found = sw.open({str(told)!r})\n"
        "assert not {'sqlalchemy', 'httpx', 'pydantic', 'IPython'} & set(sys.modules)\n"
        "print(found.request_id)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "req_1", done.stderr


def test_the_story_behind_a_clip_is_enough(told: Path) -> None:
    assert (
        provenance.read_bytes(told.read_bytes()[told.read_bytes().rindex(b"free") - 4 :], "a.mp4").request_id == "req_1"
    )


@pytest.mark.parametrize("cut", ["none", "after the index"])
def test_a_clip_of_version_0_1_0_tells_its_story_by_its_index(clip: Path, tmp_path: Path, row: Row, cut: str) -> None:
    tag_as_0_1_0(clip, tmp_path / "old.mp4", "title", sidecar.provenance(row))
    data = (tmp_path / "old.mp4").read_bytes()
    assert sw.open(tmp_path / "old.mp4").request_id == "req_1"
    data = data if cut == "none" else data[: data.index(b"mdat") - 4]
    assert provenance.read_bytes(data, "old.mp4").request_id == "req_1"


def test_what_only_its_sidecar_can_tell_is_opened_by_either(tmp_path: Path, row: Row) -> None:
    (tmp_path / "odd.bin").write_bytes(b"\x00\x01\x02")
    sidecar.write(tmp_path / "odd.bin", sidecar.provenance(row))
    assert (sw.open(tmp_path / "odd.bin").source, sw.open(tmp_path / "odd.json").request_id) == ("sidecar", "req_1")


def test_an_option_that_was_left_to_the_server_is_left_to_it_again(row: Row) -> None:
    story = story_of(row)
    story["request"] = {"prompt": "a boat", "model": "seedance-2.0"}
    request = provenance.read_story(json.dumps(story), "a.mp4", "tag").request
    assert (request.duration, request.resolution, request.media_urls) == (None, None, ())


# --- showing and making it again --------------------------------------------------------------------------------------
def test_it_shows_itself_as_text_and_as_html(told: Path) -> None:
    found = sw.open(told)
    assert "เรือกระดาษ 🚣" in repr(found)
    assert "Request id: req_1" in repr(found)
    assert "≈ $0.50 (estimate)" in repr(found)
    assert "req_1" in found._repr_html_()


def test_it_knows_the_cell_and_the_statement_that_make_it_again(told: Path) -> None:
    found = sw.open(told)
    assert found.as_magic().startswith("%%seedance --model seedance-2.0 --duration 5")
    assert found.as_magic().endswith('เรือกระดาษ 🚣 "x"\n<b>')
    assert "--webhook-url" not in found.as_magic()
    assert "default_session().submit(" in found.as_python()


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


def test_a_clip_can_be_made_again_and_the_new_job_knows_its_parent(session: Session) -> None:
    first = session.submit("a boat", duration=4, resolution="480p")
    found = sw.open(first.wait(timeout=60))
    again = found.submit(session)
    assert again.id != first.id
    assert again.request == first.request
    assert again.row.parent_id == first.id


def test_a_clip_of_another_history_is_made_again_without_a_parent(session: Session, told: Path) -> None:
    assert sw.open(told).submit(session).row.parent_id is None


# --- what is wrong ----------------------------------------------------------------------------------------------------
def test_a_file_that_is_not_there_is_said_to_be_so(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="is not there"):
        sw.open(tmp_path / "a.mp4")
    with pytest.raises(MediaError, match="is a folder"):
        sw.open(tmp_path)
    with pytest.raises(MediaError):
        sw.open("a\0b.mp4")
    with pytest.raises(MediaError):
        sw.open("a" * 5_000 + ".mp4")


@pytest.mark.parametrize("content", [b"", b"<html>" * 50, b"\0" * 5_000, b"\x89PNG\r\n\x1a\n" + b"\0" * 400])
def test_what_is_no_video_is_said_to_be_none(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.mp4").write_bytes(content)
    with pytest.raises(MediaError, match=r"a\.mp4 is not a video"):
        sw.open(tmp_path / "a.mp4")


def test_an_index_of_a_gigabyte_is_not_read(tmp_path: Path, clip: Path) -> None:
    data = clip.read_bytes()
    at = data.index(b"moov") - 4
    (tmp_path / "b.mp4").write_bytes(data[:at] + (1 << 30).to_bytes(4, "big") + data[at + 4 :])
    with pytest.raises(MediaError, match="index is larger"):
        sw.open(tmp_path / "b.mp4")


def test_a_file_of_endless_parts_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "a.mp4").write_bytes(b"\0\0\0\x08free" * 20_000)
    with pytest.raises(MediaError, match="too many parts"):
        sw.open(tmp_path / "a.mp4")


def test_a_clip_without_metadata_is_said_to_tell_nothing(clip: Path) -> None:
    with pytest.raises(ProvenanceMissing, match="its metadata hold no story"):
        sw.open(clip)


@pytest.mark.parametrize("comment", ["made by hand", '{"tool": "other"}', "[1]", "5", '"seedance-widgets"'])
def test_a_clip_of_another_tool_is_said_to_be_one(comment: str) -> None:
    with pytest.raises(ProvenanceMissing, match="of another tool"):
        provenance.read_story(comment, "a.mp4", "tag")


@pytest.mark.parametrize(
    "story",
    [
        '{"tool": "seedance-widgets", "request": {"prompt": "a boat"',
        '{"tool": "seedance-widgets"}',
        '{"tool": "seedance-widgets", "request": []}',
        '{"tool": "seedance-widgets", "request": {"prompt": "a boat"}}',
        '{"tool": "seedance-widgets", "request": "a boat"}',
        '{"tool": "seedance-widgets", "x": ' + "[" * 100_000,
    ],
    ids=["cut", "no request", "a list", "no model", "text", "deep"],
)
def test_a_damaged_story_is_said_to_be_damaged(story: str) -> None:
    with pytest.raises(ProvenanceMissing, match="is damaged"):
        provenance.read_story(story, "a.mp4", "tag")


def test_a_story_that_is_too_long_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('{"tool": "seedance-widgets", "x": "' + "x" * 2_000_000 + '"}')
    with pytest.raises(ProvenanceMissing, match="too long"):
        sw.open(path)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"prompt": ""}, "The prompt is empty"),
        ({"prompt": 5}, "The prompt is text"),
        ({"model": "a' --webhook-url https://evil.example \" "}, "is no model"),
        ({"model": "--fresh"}, "is no model"),
        ({"model": "m\n!rm -rf /"}, "is no model"),
        ({"aspect_ratio": ["16:9"]}, "is no aspect ratio"),
        ({"duration": "5"}, "is a whole number"),
        ({"duration": math.nan}, "has no value"),
        ({"media_urls": ["https://127.0.0.1/x.png"]}, "private or local host"),
        ({"media_urls": ["file:///etc/passwd"]}, "path on this machine"),
        ({"metadata": [1]}, "is a JSON object"),
    ],
)
def test_a_request_that_cannot_be_is_refused_in_words(row: Row, asked: dict[str, Any], said: str) -> None:
    with pytest.raises(ProvenanceMissing, match=said):
        provenance.read_story(json.dumps(story_of(row, request=asked)), "a.mp4", "tag")


def test_a_strangers_webhook_is_kept_aside_and_never_used(row: Row) -> None:
    story = story_of(row, request={"webhook_url": "https://evil.example/x", "novel": 1})
    found = provenance.read_story(json.dumps(story), "a.mp4", "tag")
    assert found.request.webhook_url is None
    assert found.extra["request.webhook_url"] == "https://evil.example/x"
    assert "evil" not in found.as_magic() + found.as_python() + repr(found)


def test_facts_of_a_wrong_kind_are_kept_aside(row: Row) -> None:
    wrong = {"request_id": 5, "created_at": "yesterday", "cost_usd_estimate": True, "credits_charged": -1, "new": [1]}
    found = provenance.read_story(json.dumps(story_of(row, **wrong)), "a.mp4", "tag")
    assert (found.request_id, found.created_at, found.cost, found.credits) == (None, None, None, None)
    assert found.extra.items() >= wrong.items()


def test_hostile_words_are_only_text(row: Row) -> None:
    story = story_of(row, request={"prompt": HOSTILE}, service=HOSTILE)
    found = provenance.read_story(json.dumps(story), HOSTILE, "tag")
    assert "<img" not in found._repr_html_()
    assert "\x1b" not in repr(found) + found._repr_html_()
    assert found.request.prompt == HOSTILE


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=6,
)


@given(
    story=st.dictionaries(st.sampled_from(["request_id", "created_at", "cost_usd_estimate", "job_id"]), json_values),
    asked=st.dictionaries(st.sampled_from([*sidecar.TOLD, "webhook_url", "x"]), json_values),
)
def test_whatever_a_stranger_tells_is_shown_or_refused_in_a_sentence(story: Any, asked: Any) -> None:
    asked = {"prompt": "a boat", "model": "m", **asked}
    text = json.dumps({"tool": "seedance-widgets", "request": asked, **story})
    with contextlib.suppress(ProvenanceMissing):
        found = provenance.read_story(text, "a.mp4", "tag")
        assert found._repr_html_()
        assert repr(found)
        assert found.as_magic().startswith("%%seedance")
