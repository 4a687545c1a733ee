"""Contact sheets and films of many clips, read back after writing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import av
import pytest
from PIL import Image
from samples import make_clip

from seedance_widgets.clips import montage, side_by_side
from seedance_widgets.errors import MediaError
from seedance_widgets.render import picture_text


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Three clips: 2 s wide with sound, 1 s tall, 2 s square."""
    folder = tmp_path_factory.mktemp("clips")
    wide = make_clip(folder / "wide.mp4")
    tall = make_clip(folder / "tall.mp4", seconds=1.0, size=(96, 160), sound=False)
    square = make_clip(folder / "square.mp4", size=(128, 128), sound=False)
    return [wide, tall, square]


def frames_of(path: Path) -> list[Any]:
    with av.open(str(path)) as container:
        return [frame.to_image() for frame in container.decode(video=0)]


def test_a_contact_sheet_has_a_picture_and_a_caption_for_each_clip(clips: list[Path], tmp_path: Path) -> None:
    path = montage.contact_sheet(clips, ["one", "two", "three"], columns=2, folder=tmp_path)
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.width == 2 * (montage.TILE_WIDTH + montage.GAP) + montage.GAP
        below_the_first = image.crop((montage.GAP, 300, montage.GAP + 100, 350))
        assert below_the_first.getextrema() != ((22, 22), (22, 22), (22, 22)), "words are drawn"


def test_an_export_never_overwrites_a_file(clips: list[Path], tmp_path: Path) -> None:
    first = montage.contact_sheet(clips[:1], ["a"], 1, tmp_path)
    before = first.read_bytes()
    second = montage.contact_sheet(clips[1:], ["b", "c"], 2, tmp_path)
    assert (first.name, second.name) == ("contact-sheet.png", "contact-sheet-2.png")
    assert first.read_bytes() == before


def test_clips_stand_side_by_side_equally_high_in_one_film(clips: list[Path], tmp_path: Path) -> None:
    path = side_by_side.side_by_side(clips, ["one", "two", "three"], tmp_path)
    with av.open(str(path)) as film:
        video = film.streams.video[0]
        assert video.codec_context.name == "h264"
        assert film.duration == pytest.approx(2_000_000, abs=100_000), "as long as the longest"
        assert not film.streams.audio
        height = 96
        widths = [round(height * shape) // 2 * 2 for shape in (160 / 96, 96 / 160, 1)]
        assert video.width == pytest.approx(sum(widths) + 4 * montage.GAP, abs=4)
        assert video.height > height + 2 * montage.GAP, "with room for captions"


def test_a_clip_that_ends_early_holds_its_last_frame(clips: list[Path], tmp_path: Path) -> None:
    film = frames_of(side_by_side.side_by_side(clips[:2], ["long", "short"], tmp_path))
    left = montage.GAP + 160 + montage.GAP
    box = (left + 4, montage.GAP + 4, left + 50, montage.GAP + 90)
    at_its_end, much_later = (film[number].crop(box).resize((8, 16)) for number in (14, -1))
    pairs = zip(at_its_end.tobytes(), much_later.tobytes(), strict=True)
    assert max(abs(a - b) for a, b in pairs) < 24
    assert max(much_later.tobytes()) > 60, "it is no black box"


def test_the_first_clips_sound_comes_along_when_asked_for(clips: list[Path], tmp_path: Path) -> None:
    with av.open(str(side_by_side.side_by_side(clips, ["a", "b", "c"], tmp_path, sound=True))) as film:
        assert film.duration == pytest.approx(2_000_000, abs=150_000)
        assert sum(frame.samples for frame in film.decode(audio=0)) == pytest.approx(2 * 44_100, rel=0.1)


def test_one_decoded_frame_of_each_clip_is_held_at_a_time(clips: list[Path], tmp_path: Path) -> None:
    with side_by_side._reel(clips[0]) as reel:
        assert reel.turn_to(0.0)
        first = reel.frame
        assert not reel.turn_to(0.0), "the same instant needs no other frame"
        assert reel.turn_to(1.0)
        assert reel.frame is not first
        assert reel.frame.time == pytest.approx(1.0, abs=0.05)
        reel.turn_to(99.0)
        assert not reel.turn_to(100.0), "after the end nothing is read"


CAPTIONS = ["紙の船 狐狸在雪中", "เรือกระดาษกลางสายฝน", "👩‍🚀🚣🏽 emoji", "عربي", "\x00\x1b[31m\ud800", "", "x" * 5000]


@pytest.mark.parametrize("caption", CAPTIONS)
def test_no_caption_crashes_an_export(clips: list[Path], tmp_path: Path, caption: str) -> None:
    assert montage.contact_sheet(clips[:1], [caption], 1, tmp_path).stat().st_size > 1000


def test_a_character_that_no_font_has_is_drawn_as_a_box(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(picture_text, "FONTS", ())
    picture_text._font_for.cache_clear()
    image = Image.new("RGB", (60, 40))
    picture_text.draw_text(image, "狐", (4, 4, 60, 40), size=20, fill="#ffffff")
    picture_text._font_for.cache_clear()
    assert image.getbbox() is not None


def test_a_long_caption_is_cut_with_an_ellipsis() -> None:
    lines = picture_text.fitted("a paper boat in heavy rain " * 9, 200, 2, 18)
    assert len(lines) == 2
    assert lines[-1].endswith("…")


def test_a_clip_that_is_gone_is_named_and_no_half_file_stays(clips: list[Path], tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"gone\.mp4 cannot be read as a video"):
        side_by_side.side_by_side([clips[0], tmp_path / "gone.mp4"], ["a", "b"], tmp_path / "out")
    assert list((tmp_path / "out").iterdir()) == []


def test_a_file_that_is_no_video_is_named(clips: list[Path], tmp_path: Path) -> None:
    (tmp_path / "notes.mp4").write_text("not a video")
    with pytest.raises(MediaError, match=r"notes\.mp4 cannot be read as a video"):
        montage.contact_sheet([tmp_path / "notes.mp4"], ["a"], 1, tmp_path / "out")


def test_no_clips_and_too_many_clips_are_refused_in_a_sentence(clips: list[Path], tmp_path: Path) -> None:
    with pytest.raises(MediaError, match="There is no clip yet"):
        montage.contact_sheet([], [], 1, tmp_path)
    with pytest.raises(MediaError, match="37 clips are too many for one film"):
        side_by_side.side_by_side(clips[:1] * 37, ["a"] * 37, tmp_path)
