"""Anything that is a picture, a film or a sound becomes a file that the API knows; what is none is one sentence."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from IPython.display import Image as DisplayedImage
from pictures import animation, encoded, lab_profile, opened, picture, turned_by_exif
from PIL import Image

import seedance_widgets as sw
from seedance_widgets.media import convert
from seedance_widgets.media.convert import Medium, Source, source_of
from seedance_widgets.media.shelf import Shelf

pytestmark = pytest.mark.filterwarnings("ignore:.*MPO.*")


def medium_of(value: Any, **options: Any) -> Medium:
    source = source_of(value, **options)
    assert isinstance(source, Source)
    return source.make()


def refusal_of(value: Any, **options: Any) -> str:
    with pytest.raises(sw.MediaInvalid) as caught:
        medium_of(value, **options)
    assert "Nothing was sent, nothing was charged." in str(caught.value)
    return str(caught.value)


class Tensor:
    """A tensor of torch's, as far as its type and its three steps to numpy tell."""

    def __init__(self, array: np.ndarray) -> None:
        self._array = array

    def detach(self) -> Tensor:
        return self

    def cpu(self) -> Tensor:
        return self

    def numpy(self) -> np.ndarray:
        return self._array


Tensor.__module__ = "torch"


def test_all_kinds_of_one_picture_are_the_same_medium(tmp_path: Path) -> None:
    image = picture()
    path = tmp_path / "drawing.png"
    path.write_bytes(encoded(image))
    array = np.asarray(image)
    kinds: dict[str, Any] = {
        "path": path,
        "text": str(path),
        "bytes": path.read_bytes(),
        "open file": io.BytesIO(path.read_bytes()),
        "picture of Pillow": image,
        "array": array,
        "array of 0 to 1": array / 255,
        "tensor": Tensor(array),
        "displayed image": DisplayedImage(data=path.read_bytes()),
    }
    references = {name: medium_of(value).reference for name, value in kinds.items()}
    assert len(set(references.values())) == 1, references


def test_a_figure_is_a_picture() -> None:
    figure = pytest.importorskip("matplotlib.figure").Figure(figsize=(2, 1))
    axes = figure.add_subplot()
    axes.plot([1, 2, 3])
    assert medium_of(figure).facts["width"] == 200
    assert medium_of(axes).reference == medium_of(figure).reference


def test_a_link_stays_what_it_is() -> None:
    assert source_of("https://host.org/cat.png?v=1") == "https://host.org/cat.png?v=1"
    assert source_of(DisplayedImage(url="https://host.org/cat.png")) == "https://host.org/cat.png"


def test_a_picture_is_turned_upright_and_tells_nothing_of_its_camera() -> None:
    made = medium_of(turned_by_exif())
    image = opened(made.data)
    assert (made.facts["ending"], image.size) == (".jpg", (48, 64))
    red, _, blue = image.convert("RGB").getpixel((40, 8))  # type: ignore[misc]
    assert red > 150 > blue
    assert b"Canary" not in made.data
    assert not image.getexif()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "LAB", "I", "I;16", "F"])
def test_every_mode_becomes_eight_bits_of_colour(mode: str) -> None:
    image = Image.new(mode, (40, 30)) if mode in ("LAB", "I;16") else picture((40, 30)).convert(mode)
    made = opened(medium_of(image).data)
    assert (made.mode, made.size) == ("RGB", (40, 30))


def test_sixteen_bits_keep_their_greys() -> None:
    wide = Image.frombytes("I;16", (32, 32), np.linspace(0, 65535, 1024).astype("<u2").tobytes())
    grey = np.asarray(opened(medium_of(encoded(wide)).data))[..., 0].reshape(-1)
    assert (grey[0], grey[-1]) == (0, 255)
    assert abs(int(grey[512]) - 128) <= 1


def test_transparent_parts_become_white_and_it_is_said() -> None:
    image = Image.new("RGBA", (32, 32), (255, 0, 0, 0))
    made = medium_of(encoded(image))
    assert opened(made.data).getpixel((5, 5)) == (255, 255, 255)
    assert "transparent parts are white" in made.notes[0]
    assert medium_of(encoded(picture())).notes == ()


def test_a_palette_with_a_transparent_colour_becomes_white_there() -> None:
    image = Image.new("P", (32, 32), 3)
    image.putpalette([0, 0, 0] * 256)
    assert opened(medium_of(encoded(image, "GIF", transparency=3)).data).getpixel((5, 5)) == (255, 255, 255)


def test_a_profile_that_does_not_fit_is_passed_over() -> None:
    image = picture()
    image.info["icc_profile"] = lab_profile()
    assert opened(medium_of(image).data).getpixel((2, 2)) == (220, 30, 30)


def test_a_large_picture_keeps_its_shape_within_the_bounds() -> None:
    made = medium_of(picture((5000, 2500)))
    assert (made.facts["width"], made.facts["height"]) == (2048, 1024)


def test_what_does_not_fit_as_a_png_is_a_jpeg_and_smaller_where_it_must_be() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (600, 600, 3), dtype=np.uint8)
    assert medium_of(noise).facts["ending"] == ".png"
    made = medium_of(noise, max_bytes=500_000)
    assert (made.facts["ending"], made.facts["width"]) == (".jpg", 600)
    tiny = medium_of(noise, max_bytes=20_000)
    assert len(tiny.data) <= 20_000
    assert tiny.facts["width"] == tiny.facts["height"]


def test_a_photograph_stays_a_jpeg_and_a_thumbnail_is_small() -> None:
    made = medium_of(encoded(picture((900, 600)), "JPEG"))
    assert made.facts["ending"] == ".jpg"
    assert len(made.facts["thumbnail"]) < 3_000


# --- films and sounds ---------------------------------------------------------------------------------------------
def test_a_sound_goes_as_it_is() -> None:
    wave = b"RIFF\x24\0\0\0WAVEfmt " + bytes(40)
    assert (medium_of(wave).facts["ending"], medium_of(wave).data) == (".wav", wave)
    assert medium_of(b"ID3\x04" + bytes(100)).facts["ending"] == ".mp3"


# --- what is no medium --------------------------------------------------------------------------------------------
BAD: dict[str, tuple[Callable[[], Any], str]] = {
    "not an image": (lambda: b"hello, this is text", "is not a picture, a film or a sound"),
    "0 bytes": (lambda: b"", "is empty: 0 bytes"),
    "1 x 1": (lambda: picture((1, 1)), "1 x 1 pixels, which is too small"),
    "a line": (lambda: picture((4000, 20)), "too small to see"),
    "animation": (animation, "holds 3 pictures"),
    "cut short": (lambda: encoded(picture((400, 400)))[:200], "is a damaged picture"),
    "NaN": (lambda: np.full((32, 32, 3), np.nan), "holds NaN"),
    "NaN in one place": (lambda: np.where(np.arange(3072).reshape(32, 32, 3) == 7, np.nan, 0.5), "holds NaN"),
    "infinity": (lambda: np.full((32, 32, 3), np.inf), "go from inf to inf"),
    "a tensor of NaN": (lambda: Tensor(np.full((32, 32, 3), np.nan)), "A tensor holds NaN"),
    "200 MB": (lambda: bytes(200_000_000), "is 200 MB, and at most 100 MB are read"),
    "200 MB from an open file": (lambda: io.BytesIO(bytes(200_000_000)), "and at most 100 MB are read"),
    "an open file of 0 bytes": (lambda: io.BytesIO(b""), "is empty: 0 bytes"),
    "an animated WebP": (lambda: animation("WEBP"), "holds 3 pictures"),
    "an animated PNG": (lambda: animation("PNG"), "holds 3 pictures"),
    "an object of five colours": (lambda: np.zeros((32, 32, 5), np.uint8), "The shape of an array is 32 x 32 x 5"),
    "a single number": (lambda: np.array(3.0), "a single number"),
    "grey array": (lambda: np.zeros((32, 32), np.uint8), "numpy.stack"),
    "colours first": (lambda: np.zeros((3, 32, 32), np.uint8), "permute"),
    "many": (lambda: np.zeros((2, 32, 32, 3), np.uint8), "x[0]"),
    "sixteen bits": (lambda: np.zeros((32, 32, 3), np.uint16), "of uint16 is no picture"),
    "0 to 255 as floats": (lambda: np.full((32, 32, 3), 200.0), "astype('uint8')"),
    "negative": (lambda: np.full((32, 32, 3), -0.5), "from -0.5"),
    "nothing of it": (lambda: np.zeros((0, 32, 3), np.uint8), "shape"),
    "a dictionary": (lambda: {"url": "x"}, "is no picture, film or sound"),
    "None": (lambda: None, "is no picture"),
    "open as text": (lambda: io.StringIO("x"), "open as text"),
    "a webm": (lambda: b"\x1aE\xdf\xa3" + b"\x42\x82\x84webm" + bytes(100), "does not take"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_medium_is_a_sentence(name: str) -> None:
    make, words = BAD[name]
    assert words in refusal_of(make())


def test_no_path_no_file_and_a_folder_are_told_apart(tmp_path: Path) -> None:
    assert "There is no file" in refusal_of(tmp_path / "cat.png")
    assert "is a folder" in refusal_of(tmp_path)
    assert "is empty" in refusal_of("  ")
    assert "cannot be read" in refusal_of("\0.png")


def test_what_is_too_large_is_not_read(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    with open(path, "wb") as file:
        file.truncate(200_000_000)
    assert "200 MB" in refusal_of(path)


def test_cmyk_becomes_the_colours_that_it_shows() -> None:
    shown = picture((40, 30))
    made = opened(medium_of(encoded(shown.convert("CMYK"), "TIFF")).data)
    assert np.abs(np.asarray(made, int) - np.asarray(shown, int)).max() <= 2


def test_a_palette_keeps_its_colours() -> None:
    shown = picture((40, 30))
    made = opened(medium_of(encoded(shown.convert("P", palette=Image.Palette.ADAPTIVE), "PNG")).data)
    assert made.getpixel((2, 2)) == shown.getpixel((2, 2))


def test_half_transparent_pixels_are_mixed_with_white_and_an_array_of_four_colours_too() -> None:
    half = np.zeros((32, 32, 4), np.uint8)
    half[..., 3] = 128
    for given_as in (half, Image.fromarray(half), encoded(Image.fromarray(half))):
        made = medium_of(given_as)
        value = opened(made.data).getpixel((5, 5))
        assert isinstance(value, tuple)
        assert abs(value[0] - 127) <= 1
        assert "transparent parts are white" in made.notes[0]


def test_a_figure_without_axes_is_refused() -> None:
    assert "no axes" in refusal_of(pytest.importorskip("matplotlib.figure").Figure())


def test_other_links_than_https_are_refused_before_anything_is_read() -> None:
    for link in ("http://host.org/a.png", "data:image/png;base64,AAAA", "s3://bucket/a.png"):
        with pytest.raises(sw.RequestInvalid):
            source_of(link)


# --- properties ---------------------------------------------------------------------------------------------------
MODES = st.sampled_from(["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "I;16", "F"])
SIDES = st.integers(16, 90)


@given(mode=MODES, width=SIDES, height=SIDES, kind=st.sampled_from([None, "PNG", "TIFF"]))
@settings(max_examples=60, deadline=None)
def test_any_picture_keeps_its_shape_and_is_plain(mode: str, width: int, height: int, kind: str | None) -> None:
    image = Image.new(mode, (width, height))
    given_as = image
    if kind == "PNG" and mode not in ("CMYK", "F"):
        given_as = encoded(image)  # type: ignore[assignment]
    elif kind == "TIFF":
        given_as = encoded(image, "TIFF")  # type: ignore[assignment]
    made = medium_of(given_as)
    assert opened(made.data).mode == "RGB"
    assert (made.facts["width"], made.facts["height"]) == (width, height)
    assert made.facts["ending"] == ".png"


@given(hnp.arrays(np.uint8, st.tuples(SIDES, SIDES, st.just(3))))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.data_too_large, HealthCheck.too_slow])
def test_an_array_arrives_pixel_for_pixel(array: np.ndarray) -> None:
    assert (np.asarray(opened(medium_of(array).data)) == array).all()
    assert medium_of(array / 255).reference == medium_of(array).reference


@given(st.binary(max_size=300))
@settings(max_examples=200, deadline=None)
def test_any_bytes_are_a_medium_or_a_sentence(data: bytes) -> None:
    with contextlib.suppress(sw.MediaInvalid):
        medium_of(data)


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_any_damage_to_a_picture_is_a_medium_or_a_sentence(data: st.DataObject) -> None:
    whole = bytearray(encoded(picture((60, 60)), data.draw(st.sampled_from(["PNG", "JPEG", "BMP", "GIF", "WEBP"]))))
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(sw.MediaInvalid):
        medium_of(bytes(whole))


# --- the shelf ----------------------------------------------------------------------------------------------------
def test_what_was_given_is_converted_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = source_of(picture())
    assert isinstance(first, Source)
    made = Shelf(tmp_path).take(first)
    monkeypatch.setattr(convert, "_medium", None)  # another version, that would encode it otherwise
    again = source_of(picture())
    assert isinstance(again, Source)
    assert Shelf(tmp_path).take(again).reference == made.reference


def test_a_copy_that_was_changed_is_no_copy(tmp_path: Path) -> None:
    shelf, medium = Shelf(tmp_path), medium_of(picture())
    shelf.put(medium)
    assert shelf.get(medium.reference) == medium.data
    next(tmp_path.glob("*.png")).write_bytes(b"other")
    assert shelf.get(medium.reference) is None


def test_the_longest_unused_goes_first_and_what_is_needed_stays(tmp_path: Path) -> None:
    import os

    media = [medium_of(np.full((64, 64, 3), shade, np.uint8)) for shade in range(4)]
    needed = {media[0].facts["sha256"]}
    shelf = Shelf(tmp_path, lambda: needed, max_bytes=sum(len(each.data) for each in media[:3]))
    for age, medium in enumerate(media[:3]):
        shelf.put(medium)
        os.utime(tmp_path / f"{medium.facts['sha256']}.png", (age, age))
    shelf.put(media[3])
    assert [shelf.has(medium.reference) for medium in media] == [True, False, True, True]
    assert shelf.facts(media[1].reference) is not None  # its thumbnail still says which is missing
    assert "an array" in str(shelf.missing(media[1].reference))


def test_where_nothing_can_be_written_a_copy_lives_in_memory(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder would be")
    shelf, medium = Shelf(tmp_path / "media"), medium_of(picture())
    shelf.put(medium)
    assert shelf.get(medium.reference) == medium.data


# --- pictures of clips --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> sw.Clip:
    from seedance_widgets.clips import video
    from seedance_widgets.simulator.film import ClipSpec, render

    path = tmp_path_factory.mktemp("clip") / "hill.mp4"
    spec = ClipSpec(prompt="A hill", model="seedance-2.0", aspect_ratio="16:9", resolution="480p", seconds=4)
    render(spec, path)
    return sw.Clip(path=path, poster_path=None, **video.probe(path))  # type: ignore[arg-type]


def test_the_frames_of_a_clip_are_pictures(clip: sw.Clip) -> None:
    first, last = medium_of(clip.first_frame), medium_of(clip.last_frame)
    assert first.reference != last.reference
    assert (first.facts["width"], first.facts["height"]) == (clip.width, clip.height)
    assert medium_of(clip.frame(0)).reference == first.reference
    assert medium_of(clip.frame(clip.duration_s)).reference == last.reference
    assert last.facts["name"] == "last picture of hill.mp4"


def test_the_last_frame_is_the_last_one_that_decodes(clip: sw.Clip) -> None:
    import av

    with av.open(str(clip.path)) as container:
        *_, last = container.decode(video=0)
    assert opened(medium_of(clip.last_frame).data).tobytes() == last.to_image().tobytes()


def test_a_frame_beyond_the_clip_and_one_of_a_deleted_clip_are_sentences(clip: sw.Clip, tmp_path: Path) -> None:
    assert "there is no picture at 9 s" in refusal_of(clip.frame(9))
    assert "number of seconds from 0" in refusal_of(clip.frame(-1))
    gone = replace(clip, path=tmp_path / "gone.mp4")
    for each in (gone, gone.last_frame):
        assert "was deleted or moved" in refusal_of(each)


def test_a_clip_is_a_film_without_our_story_behind_it(clip: sw.Clip, tmp_path: Path) -> None:
    whole = clip.path.read_bytes()
    told = tmp_path / "told.mp4"
    told.write_bytes(whole + b"\0\0\0\x10freestory...")
    made = medium_of(replace(clip, path=told, vendor_bytes=len(whole)))
    assert (made.data, made.facts["ending"]) == (whole, ".mp4")
