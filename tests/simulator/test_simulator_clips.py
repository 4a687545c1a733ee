"""Clips as a player sees them: real files, probed and decoded."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import av
import pytest
from PIL import ImageChops

from seedance_widgets.simulator import film as clips
from seedance_widgets.simulator.film import ClipSpec, camera, creatures, fonts, scene
from seedance_widgets.simulator.film.film import strides

pytestmark = pytest.mark.own_films

SHORT = ClipSpec(prompt="a quiet lighthouse", model="seedance-2.0", aspect_ratio="16:9", resolution="480p", seconds=4)


def spec(**other: Any) -> ClipSpec:
    values = {name: getattr(SHORT, name) for name in ClipSpec.__dataclass_fields__}
    return ClipSpec(**values | other)


def filmed(folder: Path, one: ClipSpec) -> Path:
    path = folder / f"{one.key}.mp4"
    clips.render(one, path)
    return path


def frames(path: Path, *wanted: int) -> list[Any]:
    with av.open(str(path)) as container:
        pictures = enumerate(container.decode(video=0))
        return [picture.to_image() for number, picture in pictures if number in wanted]


def difference(one: Any, other: Any) -> float:
    """Mean difference of two pictures, 0 to 255."""
    histogram = ImageChops.difference(one.convert("L"), other.convert("L")).histogram()
    return sum(value * count for value, count in enumerate(histogram)) / sum(histogram)


@pytest.fixture(scope="module")
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filmed(tmp_path_factory.mktemp("clips"), SHORT)


@pytest.mark.parametrize(
    ("aspect_ratio", "resolution", "size"),
    [
        ("16:9", "480p", (854, 480)),
        ("9:16", "480p", (480, 854)),
        ("1:1", "480p", (480, 480)),
        ("16:9", "720p", (1280, 720)),
        ("9:16", "1080p", (1080, 1920)),
    ],
)
def test_a_clip_is_h264_and_aac_of_the_asked_shape_and_length(
    tmp_path: Path, aspect_ratio: str, resolution: str, size: tuple[int, int]
) -> None:
    seconds = 4
    path = filmed(tmp_path, spec(aspect_ratio=aspect_ratio, resolution=resolution, seconds=seconds))
    with av.open(str(path)) as container:
        video, audio = container.streams.video[0], container.streams.audio[0]
        assert (video.codec_context.name, video.codec_context.pix_fmt) == ("h264", "yuv420p")
        assert (video.width, video.height) == size
        assert (video.frames, video.average_rate) == (seconds * 24, 24)
        assert float(video.duration * video.time_base) == pytest.approx(seconds, abs=1 / 24)
        assert audio.codec_context.name == "aac"
        assert float(audio.duration * audio.time_base) == pytest.approx(seconds, abs=1 / 24)
        assert sum(1 for _ in container.decode(video=0)) == seconds * 24


def test_the_index_stands_first_so_that_it_plays_while_it_loads(short: Path) -> None:
    raw = short.read_bytes()
    assert raw[4:8] == b"ftyp"
    assert raw.index(b"moov") < raw.index(b"mdat")


def test_files_are_small(short: Path, tmp_path: Path) -> None:
    assert short.stat().st_size < 200_000
    rainy = spec(prompt="a paper boat in heavy rain", resolution="720p", seconds=5)
    assert filmed(tmp_path, rainy).stat().st_size < 1_000_000


def test_the_picture_moves(short: Path) -> None:
    first, later = frames(short, 0, 60)
    assert difference(first, later) > 1


@pytest.mark.parametrize(
    ("prompt", "place"),
    [
        ("people on a busy street in rain", "_street"),
        ("a neon city at night", "_city"),
        ("an owl over a quiet forest", "_forest"),
        ("a paper boat in heavy rain", "_sea"),
        ("a whale", "_sea"),
        ("stars over the desert at midnight", "_night"),
        ("a horse in a meadow", "_hills"),
        ("a car on a country road", "_street"),
    ],
)
def test_the_words_of_a_prompt_choose_the_place(prompt: str, place: str) -> None:
    made = next(make for make, hint in scene._HINTS.items() if hint.search(prompt))
    assert made.__name__ == place  # type: ignore[attr-defined]


CAST = {
    "a fox": 1,
    "two wolves in snow": 1,
    "birds": 3,
    "a crowd": 5,
    "a woman": 1,
    "a whale": 1,
    "a foxglove": 0,
    "a catalogue": 0,
}


@pytest.mark.parametrize(("prompt", "count"), CAST.items())
def test_who_is_named_is_in_the_picture(prompt: str, count: int) -> None:
    film = spec(prompt=prompt)
    composed = scene.compose(film, strides(film))
    assert sum(isinstance(mover, creatures.Moving) for mover in composed.movers) == count


@pytest.mark.parametrize(
    "move", ["zoom in", "zoom out", "pan left", "pan right", "tilt up", "orbit", "handheld", "drone shot"]
)
def test_the_camera_moves_as_the_prompt_says_and_never_looks_beside_the_picture(move: str) -> None:
    film = spec(prompt=f"a quiet lighthouse, {move}")
    (lens,) = (mover for mover in scene.compose(film, strides(film)).movers if isinstance(mover, camera.Lens))
    views = [lens.move(step / 50) for step in range(51)]
    assert len(set(views)) > 10
    for x, y, seen in views:
        assert 0 < seen <= 1
        assert seen / 2 <= min(x, y, 1 - x, 1 - y) + 1e-9


@pytest.mark.parametrize("prompt", ["people on a busy street in rain, zoom in", "a fox in a forest at night", "a city"])
def test_films_of_every_place_stay_small(tmp_path: Path, prompt: str) -> None:
    path = filmed(tmp_path, spec(prompt=prompt))
    assert path.stat().st_size < 450_000
    first, later = frames(path, 0, 60)
    assert difference(first, later) > 0.5


def test_the_chord_can_be_heard_and_is_soft(short: Path) -> None:
    with av.open(str(short)) as container:
        middle = next(frame for frame in container.decode(audio=0) if frame.time > 2)
    samples = memoryview(bytes(middle.planes[0])).cast("f")[: middle.samples]
    assert 0.01 < max(map(abs, samples)) < 0.35


def test_prompts_and_seeds_give_other_pictures_and_the_same_gives_the_same(short: Path, tmp_path: Path) -> None:
    mine = frames(short, 0)[0]
    for other in (spec(prompt="a quiet lighthouse."), spec(seed=1)):
        assert other.key != SHORT.key
        assert difference(mine, frames(filmed(tmp_path, other), 0)[0]) > 2
    again = tmp_path / "again.mp4"
    clips.render(SHORT, again)
    assert difference(mine, frames(again, 0)[0]) == 0


def test_prompt_model_and_mark_are_burnt_in(short: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without them the upper corners would be plain sky."""
    with_words = frames(short, 0)[0]
    from seedance_widgets.simulator.film import captions

    monkeypatch.setattr(captions, "letter", lambda spec, colours: [])
    plain = frames(filmed(tmp_path, SHORT), 0)[0]
    width, height = with_words.size
    for box in ((20, 20, width // 2, 80), (width - 160, 20, width - 20, 60)):
        assert difference(with_words.crop(box), plain.crop(box)) > 3
    assert difference(with_words.crop((0, height // 2, width, height)), plain.crop((0, height // 2, width, height))) < 1


@pytest.mark.parametrize(
    "prompt",
    [
        "🚣🌧️",
        "เรือกระดาษลอยข้ามแอ่งน้ำ",
        "一只纸船在大雨中漂过水洼",
        "قارب ورقي يعبر بركة ماء",
        "x" * 3_000,
        "word " * 900,
        "\u202e\x00\u200b\ud7ff\U0010fffd e\u0301",
        "नाव",
    ],
)
def test_any_prompt_can_be_set(prompt: str) -> None:
    block = fonts.set_text(prompt, 30, 700, lines=3)
    assert block.width == 700
    assert 30 <= block.height <= 150


def test_text_that_runs_to_the_left_is_set_from_the_right() -> None:
    assert fonts.runs_to_left("— שלום")
    assert not fonts.runs_to_left("a שלום")
    block = fonts.set_text("שלום", 30, 700, lines=1).getbbox()
    assert block is not None
    assert block[0] > 350


def test_filming_can_be_ended(tmp_path: Path) -> None:
    calls = []

    def twice() -> None:
        calls.append(1)
        if len(calls) == 2:
            raise InterruptedError

    with pytest.raises(InterruptedError):
        clips.render(SHORT, tmp_path / "x.mp4", checkpoint=twice)


def test_an_encoder_that_refuses_is_a_failure_of_ours(tmp_path: Path) -> None:
    with pytest.raises(clips.RenderFailed):
        clips.render(SHORT, tmp_path / "no" / "such" / "folder.mp4")


def test_a_film_leaves_the_main_thread_room_to_breathe(tmp_path: Path) -> None:
    """Measured on an idle machine the longest hold is under 15 ms; the bound here leaves room for a busy one."""
    film = threading.Thread(target=clips.render, args=(spec(prompt="a quiet harbour"), tmp_path / "x.mp4"))
    film.start()
    gaps = []
    while film.is_alive():
        began = time.perf_counter()
        time.sleep(0.001)
        gaps.append(time.perf_counter() - began)
    gaps.sort()
    assert gaps[len(gaps) * 9 // 10] < 0.020
