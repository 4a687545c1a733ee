"""Catalogues of other languages: complete, in step with the sources, and looked up here as a page does it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.errors import SeedanceError
from seedance_widgets.jobs.words import STATUS_TEXT
from seedance_widgets.languages import catalogue
from seedance_widgets.languages.catalogue import ENGLISH, HERE, PARTS, entries_of, languages, translated, words_of
from seedance_widgets.request.options import OPTIONS
from seedance_widgets.session.base import SIMULATOR_LABEL
from seedance_widgets.widgets.card.card import REUSED
from seedance_widgets.widgets.card.view import WAITS
from seedance_widgets.widgets.shared.words import TITLES

ROOT = Path(__file__).parents[2]
GOLDEN = json.loads((Path(__file__).parent / "words.json").read_text("utf-8"))
"""What a small catalogue becomes. The page's half of it is in `frontend/tests/words.test.tsx`."""

OTHERS = [language for language in languages() if language != ENGLISH]
_PLACEHOLDER = re.compile(r"\{\w+\}")


def file_of(language: str) -> dict[str, Any]:
    file: dict[str, Any] = json.loads((HERE / f"{language}.json").read_text("utf-8"))
    return file


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    (tmp_path / "xx.json").write_text(json.dumps(GOLDEN["catalogue"]), "utf-8")
    monkeypatch.setattr(catalogue, "HERE", tmp_path)
    yield "xx"
    for cached in (entries_of, words_of, languages):
        cached.cache_clear()


def test_a_catalogue_becomes_what_the_page_reads(small: str) -> None:
    assert json.loads(json.dumps(words_of(small, ("card",)))) == GOLDEN["words"]


@pytest.mark.parametrize(("english", "expected"), GOLDEN["said"])
def test_a_text_is_looked_up_as_the_page_does_it(small: str, english: str, expected: str) -> None:
    assert translated(english, small) == expected


def test_english_has_no_catalogue_and_sends_none() -> None:
    assert words_of(ENGLISH) == {}
    assert translated("Cancel", ENGLISH) == "Cancel"


def test_thai_and_chinese_are_there() -> None:
    assert OTHERS == ["th", "zh"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_catalogue_has_every_key_in_the_same_part(language: str) -> None:
    first, file = file_of(OTHERS[0]), file_of(language)
    assert [list(file[part]) for part in PARTS] == [list(first[part]) for part in PARTS]


@pytest.mark.parametrize("language", OTHERS)
def test_a_key_stands_in_one_part_only(language: str) -> None:
    keys = [key for part in PARTS for key in file_of(language)[part]]
    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", OTHERS)
def test_the_placeholders_of_a_translation_are_those_of_its_key(language: str) -> None:
    for key, form in entries_of(language).items():
        for text in [form] if isinstance(form, str) else form.values():
            assert sorted(_PLACEHOLDER.findall(text)) == sorted(_PLACEHOLDER.findall(key)), (key, text)


@pytest.mark.parametrize("language", OTHERS)
def test_plural_forms_have_one_for_the_rest(language: str) -> None:
    assert all("other" in form for form in entries_of(language).values() if not isinstance(form, str))


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_marked_as_unsure_is_in_the_catalogue(language: str) -> None:
    assert set(file_of(language)["unsure"]) <= set(entries_of(language))


def sources() -> str:
    """All that draws, in one string: what ends a line in the middle of a sentence is a space there."""
    folders = [(ROOT / "frontend/src", "*.ts*"), (ROOT / "frontend/lab/src", "*.ts*"), (HERE.parent, "*.py")]
    files = [path for folder, names in folders for path in sorted(folder.rglob(names))]
    text = "\n".join(path.read_text("utf-8") for path in files)
    return " ".join(re.sub(r"""["'`]\s*\n\s*f?["'`]""", "", text).split())


PUT_TOGETHER = re.compile(
    r"Not accepted yet; .* at|1 (simulated )?credit|Copy the \w+ id|.*; history in memory only|This browser cannot play"
    r"|a few seconds left|estimate(:| from)|taking a little longer|Deleting .* their files in|Deleting .* and its files"
    r"|(Cap )?[Pp]er (job|session|day)|Copied as|(Excludes|Exported) .* jobs?|Generate: sending|Price not published for"
    r"|Send the same as a new job|The (first|last) frame|The media have changed"
    r"|Open \{prompt\}, |1 clip, |(The same|All options are the same):|Export [\w -]+…|(Back|Forward) one frame"
    r"|(Play|Pause) \(|.* clips compared"
)
"""Keys that stand in no source as they are, because they are put together of parts that do."""


def test_every_key_stands_in_the_sources() -> None:
    text = sources()
    for key in entries_of(OTHERS[0]):
        pieces = _PLACEHOLDER.split(key)
        parts = " ".join(pieces).split() if PUT_TOGETHER.match(key) else [piece.strip(" .") for piece in pieces]
        assert [part for part in parts if len(part) > 3 and part.strip("():;.,?“”…") not in text] == [], key


def test_what_the_kernel_says_of_a_job_is_in_every_catalogue() -> None:
    texts = {*STATUS_TEXT.values(), *(title for _, title in TITLES), *(option.label for option in OPTIONS)}
    texts |= {kind.default_charged for kind in kinds_of(SeedanceError)}
    texts |= {WAITS, REUSED, SIMULATOR_LABEL}
    known = {key.removesuffix("{id}") for key in entries_of(OTHERS[0])}
    assert sorted(texts - known - {"", "Metadata"}) == []  # metadata is never shown


def kinds_of(kind: type[SeedanceError]) -> Iterator[type[SeedanceError]]:
    yield kind
    for each in kind.__subclasses__():
        yield from kinds_of(each)
