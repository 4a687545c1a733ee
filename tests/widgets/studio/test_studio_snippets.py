"""A request as code makes exactly the same request again, whatever stands in it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from IPython.core.inputtransformer2 import TransformerManager

import seedance_widgets
from seedance_widgets.errors import RequestInvalid
from seedance_widgets.magic.reading.prompt import parse_cell
from seedance_widgets.magic.reading.transform import prompt_cell
from seedance_widgets.request import check
from seedance_widgets.request.code import as_magic, as_python
from seedance_widgets.types import GenerationRequest

BOAT = check.make_request("A paper boat", {})
PROMPTS = [
    "it's a cat's \"life\"",
    "two\nlines\n",
    "\n\n  indented\n\n",
    "ends in \\",
    "--duration 9 is said here",
    "-- ",
    "%%seedance inside",
    "can a cat fly??",
    "{braces} {{twice}} $name",
    "# every line\n# commented out",
    "# one line\nis not",
    "#hash",
    ">>> not a shell",
    "... and then the boat sinks",
    "In [1]: a boat",
    "🚣‍♀️ im Regen",
    "سفينة من ورق ‏في المطر",
    "a\u2028b\x0cc\x85d",
    "\r\ntabs\tand\r",
    "'''three''' \"\"\"three\"\"\"",
]

text = st.text(st.characters(exclude_categories=["Cs"]))
words = st.sampled_from(
    ["--", "--duration", "'", '"', "\n", "{", "}", "\\", "# ", "%%seedance", "…", "🚣", "؟", " ", "a"]
)
prompts = st.sampled_from(PROMPTS) | st.lists(words | text, min_size=1).map("".join)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=5,
)
urls = st.text(st.characters(categories=["L", "N", "P", "S"]), max_size=12).map("https://example.com/".__add__)
options = st.fixed_dictionaries(
    {},
    optional={
        "model": st.sampled_from(["seedance-2.0", "seedance 3 (beta)", "--new", "'odd'", 'the "best" one', "“a”"])
        | text,
        "duration": st.integers(1, 60),
        "aspect_ratio": st.sampled_from(["16:9", "21:9", "wide screen"]),
        "resolution": st.sampled_from(["480p", "4 k"]),
        "media_urls": st.lists(urls, max_size=5),
        "webhook_url": urls,
        "metadata": st.dictionaries(text, json_values, max_size=4),
    },
)


def request_of(prompt: str, **given_options: Any) -> GenerationRequest:
    """A request that our checks let pass; any other is no request."""
    try:
        return check.make_request(prompt, given_options)
    except RequestInvalid:
        assume(False)
        raise


def from_magic(code: str) -> GenerationRequest:
    """What the magic makes of a cell, after IPython has had its hands on it."""
    manager = TransformerManager()
    manager.cleanup_transforms.insert(0, prompt_cell)
    calls: list[tuple[str, str, str]] = []
    shell = SimpleNamespace(run_cell_magic=lambda *call: calls.append(call))
    exec(manager.transform_cell(code), {"get_ipython": lambda: shell})
    ((name, line, body),) = calls
    assert name == "seedance"
    found = parse_cell(line, body)
    return check.make_request(found.text, found.options)


def from_python(code: str, monkeypatch: pytest.MonkeyPatch) -> GenerationRequest:
    made: list[GenerationRequest] = []

    def submit(prompt: str, **given_options: Any) -> None:
        made.append(check.make_request(prompt, given_options))

    monkeypatch.setitem(vars(seedance_widgets), "default_session", lambda: SimpleNamespace(submit=submit))
    exec(code, {})
    (request,) = made
    return request


@pytest.mark.parametrize("prompt", PROMPTS)
def test_a_prompt_comes_back_from_the_magic_as_it_was(prompt: str) -> None:
    request = replace(BOAT, prompt=prompt)
    assert from_magic(as_magic(request)) == request


@given(prompt=prompts, given_options=options)
@example(prompt="A boat", given_options={"metadata": {"it's": "a \u2028 'quoted' \"one\" --x\n"}})
def test_every_request_comes_back_from_the_magic_as_it_was(prompt: str, given_options: dict[str, Any]) -> None:
    request = request_of(prompt, **given_options)
    assert from_magic(as_magic(request)) == request


@pytest.fixture(scope="module")
def patch() -> Any:
    with pytest.MonkeyPatch.context() as patch:
        yield patch


@given(prompt=prompts, given_options=options)
def test_every_request_comes_back_from_python_as_it_was(
    patch: pytest.MonkeyPatch, prompt: str, given_options: dict[str, Any]
) -> None:
    request = request_of(prompt, **given_options)
    assert from_python(as_python(request), patch) == request


def test_a_plain_request_is_plain_code() -> None:
    assert as_magic(BOAT).splitlines() == [
        "%%seedance --model seedance-2.0 --duration 5 --aspect-ratio 16:9 --resolution 720p",
        "A paper boat",
    ]
