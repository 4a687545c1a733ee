"""What each medium is for: said, and checked against what the API infers from their number and kinds."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

import seedance_widgets as sw
from seedance_widgets.request import media
from seedance_widgets.request.models import media_roles

A, B, C = (media.reference_of(digit * 64, ".png") for digit in "abc")
FILM = "https://host.org/walk.mp4"
SOUND = media.reference_of("d" * 64, ".wav")


def test_frames_and_references_stand_in_the_order_that_the_api_takes_them_by() -> None:
    assert media.in_order(A, None, ()) == (A,)
    assert media.in_order(A, B, ()) == (A, B)
    assert media.in_order(None, None, [A, B, C]) == (A, B, C)
    assert media.in_order(None, None, [A, FILM]) == (A, FILM)
    assert media.in_order(None, None, [SOUND]) == (SOUND,)


Given = tuple[str | None, str | None, list[str]]

REFUSED: list[tuple[Given, str]] = [
    ((None, B, []), "last frame alone"),
    ((None, None, [A]), "1 image as references: one image is taken for the first frame"),
    ((None, None, [A, B]), "2 images as references: two are taken for first and last frame"),
    ((A, None, [FILM]), "frames and references together"),
    ((FILM, None, []), "first_frame is a picture"),
    ((A, SOUND, []), "last_frame is a picture"),
    (("https://host.org/cat", None, []), "by the ending of its name"),
]


@pytest.mark.parametrize(("given_as", "words"), REFUSED)
def test_what_the_api_cannot_express_is_a_sentence(
    given_as: tuple[str | None, str | None, list[str]], words: str
) -> None:
    with pytest.raises(sw.RequestInvalid, match="Nothing was sent") as caught:
        media.in_order(*given_as)
    assert words in str(caught.value)


MEDIA = st.sampled_from([A, B, C, FILM, SOUND, "https://host.org/x.jpg", "https://host.org/none"])


@given(st.none() | MEDIA, st.none() | MEDIA, st.lists(MEDIA, max_size=5))
def test_what_was_said_is_what_the_api_infers(first: str | None, last: str | None, references: list[str]) -> None:
    try:
        urls = media.in_order(first, last, references)
    except sw.RequestInvalid:
        return
    said = ["first frame"] * (first is not None) + ["last frame"] * (last is not None) + ["reference"] * len(references)
    assert list(media_roles(urls)) == said


def test_a_medium_by_its_content_is_no_link_and_never_leaves_as_one() -> None:
    from seedance_widgets.api import open_api

    request = sw.GenerationRequest(prompt="x", model="seedance-2.0", media_urls=(A, FILM))
    assert media.references_in(request) == (A,)
    with pytest.raises(sw.RequestInvalid, match="no link that the server could fetch"):
        open_api.create_generation(request)
    sent = media.with_links(request, {A: "https://host.org/a.png"})
    assert sent.media_urls == ("https://host.org/a.png", FILM)
    assert open_api.create_generation(sent).body is not None


def test_only_a_whole_hash_and_a_known_ending_are_a_medium() -> None:
    assert media.is_reference(A)
    for other in ("media:abc.png", A.replace(".png", ".exe"), A.upper(), A + "?x", 5):
        assert not media.is_reference(other)
    assert media.shown(A) == "aaaaaaaa….png"
