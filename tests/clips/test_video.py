"""Video files: what is whole is read, what is not is refused, and a clip tells its own story."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from samples import make_clip

from seedance_widgets.clips import video
from seedance_widgets.errors import MediaError


def test_a_clip_is_described(clip: Path) -> None:
    facts = video.probe(clip)
    assert (facts["width"], facts["height"], facts["has_audio"], facts["codec"]) == (160, 96, True, "h264")
    assert facts["duration_s"] == pytest.approx(2.0, abs=0.1)
    assert facts["fps"] == pytest.approx(12.0, abs=0.1)
    assert facts["size_bytes"] == clip.stat().st_size


def test_a_clip_without_sound_is_described_as_such(tmp_path: Path) -> None:
    assert not video.probe(make_clip(tmp_path / "a.mp4", seconds=1.0, sound=False))["has_audio"]


@pytest.mark.parametrize(
    "seconds",
    [
        pytest.param(0.1),
        0.5,
        4.0,
    ],
)
def test_a_clip_of_any_length_is_whole(tmp_path: Path, seconds: float) -> None:
    path = make_clip(tmp_path / "a.mp4", seconds=seconds, sound=False)
    assert video.probe(path)["duration_s"] == pytest.approx(seconds, abs=0.1)


@pytest.mark.parametrize("share", [0.02, 0.3, 0.5, 0.9, 0.97, 0.995])
def test_a_clip_that_was_cut_short_is_refused(tmp_path: Path, share: float) -> None:
    whole = make_clip(tmp_path / "whole.mp4", seconds=4.0)
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * share)])
    with pytest.raises(MediaError):
        video.probe(cut)


PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:5\n#EXTINF:5,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\x00" * 4_000,
        b"<!doctype html><title>Access denied</title>" * 50,
        b'{"error": "expired"}',
        PLAYLIST,
        b"ffconcat version 1.0\nfile '/etc/passwd'\n",
        b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom",
        b"\x89PNG\r\n\x1a\n" + b"\x00" * 400,
    ],
    ids=["empty", "zeros", "html", "json", "playlist", "concat list", "only a head", "png"],
)
@pytest.mark.parametrize("read", [video.probe, video.poster, video.read_tags], ids=["probe", "poster", "read_tags"])
def test_what_is_no_video_is_refused(tmp_path: Path, content: bytes, read: Any) -> None:
    path = tmp_path / "a.mp4"
    path.write_bytes(content)
    if read is video.read_tags and content[4:8] == b"ftyp":
        return  # a head alone has no tags, which is no lie
    with pytest.raises(MediaError):
        read(path)


@pytest.mark.parametrize("read", [video.probe, video.poster, video.read_tags], ids=["probe", "poster", "read_tags"])
def test_a_list_that_names_a_whole_video_is_still_no_video(tmp_path: Path, clip: Path, read: Any) -> None:
    """Left to guess, FFmpeg follows the list and opens what it names."""
    (tmp_path / "whole.mp4").write_bytes(clip.read_bytes())
    path = tmp_path / "a.mp4"
    path.write_text("ffconcat version 1.0\nfile whole.mp4\n")
    with pytest.raises(MediaError):
        read(path)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    for read in (video.probe, video.poster, video.read_tags):
        with pytest.raises(MediaError):
            read(tmp_path / "nothere.mp4")  # type: ignore[operator]


def test_a_file_of_sound_only_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        audio = container.add_stream("aac", rate=44_100, layout="mono")
        frame = av.AudioFrame(format="fltp", layout="mono", samples=1024)
        frame.planes[0].update(bytes(1024 * 4))
        frame.sample_rate = 44_100
        container.mux(audio.encode(frame))
        container.mux(audio.encode(None))
    with pytest.raises(MediaError, match="no picture"):
        video.probe(path)
    with pytest.raises(MediaError):
        video.poster(path)


@pytest.mark.parametrize("size", [(160, 96), (960, 540), (540, 960)])
def test_a_poster_is_a_small_jpeg_of_the_clips_shape(tmp_path: Path, size: tuple[int, int]) -> None:
    """The clip is noise, which packs worst of all."""
    picture = video.poster(make_clip(tmp_path / "a.mp4", seconds=0.5, size=size, sound=False))
    assert len(picture) <= video.POSTER_BYTES
    image = Image.open(io.BytesIO(picture))
    assert image.format == "JPEG"
    assert image.width / image.height == pytest.approx(size[0] / size[1], rel=0.03)
    assert max(image.size) <= video.POSTER_WIDTH


def test_a_clip_of_another_tool_has_no_facts(clip: Path) -> None:
    assert video.read_tags(clip) == {}


@pytest.mark.parametrize("comment", ["made by hand", "[1]", json.dumps("text"), "5"])
def test_a_comment_that_is_not_ours_is_no_fact(tmp_path: Path, comment: str) -> None:
    path = tmp_path / "a.mp4"
    with av.open(str(path), "w", format="mp4") as container:
        container.metadata["comment"] = comment
        stream = container.add_stream("libx264", rate=12)
        stream.width = stream.height = 64
        stream.pix_fmt = "yuv420p"
        container.mux(stream.encode(av.VideoFrame(64, 64, "yuv420p")))
        container.mux(stream.encode(None))
    assert video.read_tags(path) == {}
