"""What signs a link is found and left out, and the rest of the link stays as it was."""

from __future__ import annotations

import json

import pytest
from signed_links import BARE, HOOK, ODD, SECRET, SIGNED

from seedance_widgets.text import links


@pytest.mark.parametrize(
    ("query", "left"),
    [
        (
            "X-Amz-Algorithm=a&X-Amz-Credential=b&X-Amz-Date=c&X-Amz-Security-Token=f&X-Amz-Signature=e",
            "",
        ),
        ("x-amz-signature=e&v=1", "v=1"),
        ("X-Goog-Signature=a&X-Goog-Date=b&w=3", "w=3"),
        ("sv=1&st=2&se=3&sr=b&sp=r&spr=https&sig=abc&w=3", "w=3"),
        ("Expires=1&Signature=2&Key-Pair-Id=3&Policy=4", ""),
        ("AWSAccessKeyId=1&Expires=2&Signature=3", ""),
        ("OSSAccessKeyId=1&Expires=2&Signature=3&x-oss-security-token=4&a=5", "a=5"),
        (
            "q-sign-algorithm=sha1&q-ak=1&q-sign-time=2&q-key-time=3&q-url-param-list=&q-signature=4",
            "",
        ),
        ("X-Tos-Signature=1&X-Tos-Date=2", ""),
        ("alt=media&token=abc", "alt=media"),
        ("access_token=1&a=b", "a=b"),
        ("X%2DAmz%2DSignature=abc&v=1", "v=1"),
        ("v=1;sig=abc", "v=1"),
        ("ex=1&is=2&hm=3&width=4", "width=4"),
        (
            "url=https%3A%2F%2Fb.example%2Fa.png%3Fsig%3D1%26v%3D2&w=3",
            "url=https%3A%2F%2Fb.example%2Fa.png%3Fv%3D2&w=3",
        ),
        ("a=b&c=&&d=e%20f", "a=b&c=&&d=e%20f"),
        ("is=open&ex=1&sv=2", "is=open&ex=1&sv=2"),
    ],
)
def test_what_signs_a_link_is_left_out_and_the_rest_stays_byte_for_byte(query: str, left: str) -> None:
    assert links.without_signature(f"https://h.example/a.png?{query}") == "https://h.example/a.png" + (
        f"?{left}" if left else ""
    )


@pytest.mark.parametrize("url", ODD.values(), ids=ODD)
def test_a_secret_is_found_wherever_it_stands_in_a_link(url: str) -> None:
    kept = links.kept(url)
    assert SECRET not in kept
    assert links.is_kept(kept)
    assert links.kept(kept) == kept
    assert SECRET not in links.bare(url)
    assert SECRET not in links.kept_in_text(f"cannot fetch ({url}), sorry")
    assert SECRET not in links.kept_in_text(json.dumps({"asked": url}))
    assert "sorry" in links.kept_in_text(f"cannot fetch ({url}), sorry")


@pytest.mark.parametrize(
    "url",
    [
        "https://h.example/~me/@you/a;v=1/b.png?design=1&keyword=a&author=b&passenger=c&w=3#t=1,2",
        "https://h.example:8080/a@b.png?at=12:30@noon&signal=1&u=https%3A%2F%2Fh%2Fa%3Fv%3D1",
        "https://[::1]:80/a@b.png",
        "https://h.example/a.png?code=TH&session=evening-session-of-may&sid=12",
        "s3://bucket/a=b/c.png?versionId=1",
    ],
)
def test_a_link_without_a_secret_stays_as_it_is(url: str) -> None:
    assert links.kept(url) == url == links.kept_in_text(url)


@pytest.mark.parametrize(
    ("said", "left"),
    [
        (f"see https://h/a?v=(1)&sig={SECRET}, or not", "see https://h/a?v=(1), or not"),
        (f"(https://h/a?sig={SECRET})", "(https://h/a)"),
        (f"GET /a.png?v=1&sig={SECRET} failed", "GET /a.png?v=1 failed"),
        (f"'//h.example/a.png?sig={SECRET}'", "'//h.example/a.png'"),
        (f"https:\\/\\/h\\/a\\u003fv=1\\u0026sig\\u003d{SECRET}", "https:\\/\\/h\\/a\\u003fv=1"),
        (f"https://h/a?v=1&#38;sig={SECRET} and", "https://h/a?v=1 and"),
        (f"https://h/a b?v=1&sig={SECRET}", "https://h/a b?v=1"),
        ("no link; sig=1, token=2 @you", "no link; sig=1, token=2 @you"),
    ],
)
def test_of_a_sentence_nothing_but_the_secret_is_left_out(said: str, left: str) -> None:
    assert links.kept_in_text(said) == left


@pytest.mark.parametrize("signs", ["\\", "%25", "&#", "://", "://a:b", "?a=b&", "x=1;", ")"])
def test_a_hostile_text_hides_no_secret_and_is_read_in_linear_time(signs: str) -> None:
    """Backslashes without an end took a minute and a half."""
    url = f"https://h.example/a?{signs * (16_000 // len(signs))}&sig={SECRET}"
    assert SECRET not in links.kept(url)
    assert SECRET not in links.kept_in_text(f"cannot fetch {url}")


@pytest.mark.parametrize(
    "text", ["", "a boat", "https://", "http://[::1", "https://h.example:port/a", "?", "#", "\ud800"]
)
def test_what_is_no_link_comes_back_as_it_was(text: str) -> None:
    assert links.without_signature(text) == links.kept(text) == text


@pytest.mark.parametrize(
    "url", [SIGNED, HOOK, f"https://u:{SECRET}@h.example/a.png", f"https://h.example/a#token={SECRET}"]
)
def test_a_kept_link_says_that_it_was_signed_and_is_kept_the_same_again(url: str) -> None:
    kept = links.kept(url)
    assert SECRET not in kept
    assert links.is_kept(kept)
    assert links.kept(kept) == kept


def test_a_link_in_a_servers_words_loses_its_signature() -> None:
    said = f'{{"message": "cannot fetch https:\\/\\/b.example\\/a.png?v=1\\u0026sig={SECRET}"}} and {SIGNED}.'
    assert SECRET not in links.kept_in_text(said)
    assert BARE in links.kept_in_text(said)
