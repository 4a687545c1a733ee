"""Every word of a search is found, in every script, with the index of trigrams and without it."""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import NOW, Clock

from seedance_widgets.life import Marked, Removed, Row
from seedance_widgets.store import Store, search

MakeRow = Callable[..., Row]
PROMPTS = {
    "thai": "เรือกระดาษลอยในสายฝน แมวบินได้",
    "chinese": "一艘纸船在大雨中航行",
    "japanese": "紙の船が雨の中を進む",
    "english": "A paper BOAT in heavy rain",
    "russian": "Бумажный кораблик и МОСТ",
    "turkish": "İstanbul'da bir gece",
    "georgian": "ᲥᲐᲦᲐᲚᲓᲘᲡ ნავი",
    "hostile": "\"quoted\" 'single' NEAR(a b) col:umn * ^ -- ; DROP TABLE jobs",
}


@pytest.fixture(params=["index", "no index"])
def store(tmp_path: Path, request: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    if request.param == "no index":
        monkeypatch.setattr(search, "is_possible", lambda: False)
    store = Store(tmp_path / "history.db", clock=clock)
    yield store
    store.close()


@pytest.fixture
def shelf(store: Store, row_of: MakeRow, request_of: Any) -> Store:
    return filled(store, row_of, request_of)


@pytest.fixture(params=["index", "no index", "team"])
def anywhere(
    request: Any, tmp_path: Path, row_of: MakeRow, request_of: Any, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Store]:
    """The same jobs in a file, with the index and without, and in a team's PostgreSQL."""
    if request.param == "no index":
        monkeypatch.setattr(search, "is_possible", lambda: False)
    place = request.getfixturevalue("team_address") if request.param == "team" else tmp_path / "history.db"
    store = filled(Store(place, clock=clock), row_of, request_of)
    yield store
    store.close()


def filled(store: Store, row_of: MakeRow, request_of: Any) -> Store:
    for n, (name, prompt) in enumerate(PROMPTS.items()):
        store.add(row_of(id=name, request=request_of(prompt=prompt), created_at=NOW - n, request_id=f"req_{n}"))
    return store


def found(store: Store, text: str) -> list[str]:
    return [row.id for row in store.rows(text=text)]


def indexed(store: Store) -> bool:
    with store._engine.connect() as connection:
        return search._is_installed(connection)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("กระดาษ", ["thai"]),
        ("ฝน", ["thai"]),
        ("แมวบิน เรือ", ["thai"]),
        ("แมวบิน ไม่มี", []),
        ("纸船", ["chinese"]),
        ("雨", ["chinese", "japanese"]),
        ("大雨中 一艘", ["chinese"]),
        ("紙の船", ["japanese"]),
        ("boat", ["english"]),
        ("PAPER ra", ["english"]),
        ("мост", ["russian"]),
        ("КОРАБЛИК мо", ["russian"]),
        ("İstanbul", ["turkish"]),
        ("ქაღალდის", ["georgian"]),
        ('"quoted"', ["hostile"]),
        ("NEAR(a", ["hostile"]),
        ("col:umn", ["hostile"]),
        ("^", ["hostile"]),
        ("* --", ["hostile"]),
        ("[]", []),
        ("req_3", ["english"]),
        ("russ", ["russian"]),
    ],
)
def test_a_word_is_found_in_every_script_and_as_it_is_written(anywhere: Store, text: str, names: list[str]) -> None:
    assert found(anywhere, text) == names


def test_the_dotted_capital_of_turkish_is_folded_as_python_folds_it(shelf: Store) -> None:
    assert found(shelf, "i\u0307stanbul") == ["turkish"]  # a team's database folds as its locale does


def test_notes_and_tags_are_found_as_soon_as_they_are_written_and_no_longer_than_they_stand(anywhere: Store) -> None:
    anywhere.apply("english", Marked(note="ใช้ตอนจบ", tags=("keeper", 'say "hi"', "雨")))
    for text in ("ตอนจบ", "keeper", '"hi"', "雨 boat", "กระดาษ"):
        assert found(anywhere, text) == (["thai"] if text == "กระดาษ" else ["english"])
    anywhere.apply("english", Marked(note="", tags=()))
    assert [found(anywhere, text) for text in ("ตอนจบ", "keeper", '"hi"')] == [[], [], []]


def test_a_word_never_reaches_from_one_tag_into_the_next(anywhere: Store) -> None:
    anywhere.apply("english", Marked(tags=("abc", "def")))
    assert found(anywhere, "bcde") == found(anywhere, 'c","d') == []


def test_what_was_deleted_is_not_found(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(status="failed", note="keeper"))
    assert found(store, "keeper") == found(store, "paper") == ["abcd2345"]
    store.apply("abcd2345", Removed(NOW))
    assert found(store, "keeper") == found(store, "paper") == []


def test_counting_agrees_with_listing(anywhere: Store) -> None:
    assert anywhere.count(text="雨") == len(found(anywhere, "雨")) == 2


def test_a_pasted_page_of_words_is_searched_for_and_not_an_error(anywhere: Store) -> None:
    assert found(anywhere, " ".join(f"word{n}" for n in range(300))) == []


def test_the_index_takes_capitals_as_python_does_or_is_not_asked() -> None:
    """Every letter of Unicode that has a capital: what a plain search finds the index finds, or it is not asked."""
    with contextlib.closing(sqlite3.connect(":memory:")) as memory:
        memory.execute("CREATE VIRTUAL TABLE probe USING fts5(words, tokenize='trigram')")
        letters = [c for c in map(chr, range(0x20000)) if not 0xD800 <= ord(c) < 0xE000 and c.lower() != c]
        memory.executemany("INSERT INTO probe VALUES (?)", [(f"xx{c}xx{ord(c):x}",) for c in letters])
        missed = [
            c
            for c in letters
            if search._is_indexed(word := f"xx{c.lower()}xx{ord(c):x}")
            and not memory.execute("SELECT 1 FROM probe WHERE probe MATCH ?", (f'"{word}"',)).fetchone()
        ]
    assert missed == []


words = st.text(st.sampled_from("abAB éÉсС雨ฝน\"%_\\*'[]"), max_size=6)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=80)
@given(notes=st.lists(words, min_size=1, max_size=5), text=words)
def test_the_index_finds_exactly_what_looking_at_every_row_finds(
    tmp_path_factory: pytest.TempPathFactory, notes: list[str], text: str
) -> None:
    from seedance_widgets.types import GenerationRequest

    store = Store(tmp_path_factory.mktemp("pair") / "history.db")
    for n, note in enumerate(notes):
        request = GenerationRequest(prompt=note, model="m")
        store.add_all([Row(id=f"j{n}", service="simulator", request=request, created_at=NOW + n, tags=(note,))])
    with_index = found(store, text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search, "is_possible", lambda: False)
        without = found(store, text)
    store.close()
    assert with_index == without


# --- in step ----------------------------------------------------------------------------------------------------------
def test_a_history_without_an_index_gets_one_with_all_that_is_in_it(
    tmp_path: Path, row_of: MakeRow, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(search, "is_possible", lambda: False)
        older = Store(tmp_path / "history.db")
        older.add(row_of(request=request_of(prompt="เรือกระดาษ"), tags=("keeper",)))
        older.close()
    store = Store(tmp_path / "history.db")
    assert found(store, "กระดาษ keeper") == ["abcd2345"]
    assert indexed(store)
    store.close()


def test_a_kernel_whose_sqlite_has_no_index_can_write_and_the_next_one_finds_it(
    tmp_path: Path, row_of: MakeRow, request_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The triggers would fail there: they go, and the index is made anew by the next kernel that has one."""
    first = Store(tmp_path / "history.db")
    first.add(row_of(id="first"))
    with monkeypatch.context() as patch:
        patch.setattr(search, "is_possible", lambda: False)
        second = Store(tmp_path / "history.db")
        second.add(row_of(id="second", request=request_of(prompt="紙の船")))
        assert not indexed(second)
        second.close()
    assert found(first, "紙の船") == ["second"]  # it looks at every row meanwhile
    first.close()
    third = Store(tmp_path / "history.db")
    assert found(third, "紙の船") == ["second"]
    assert indexed(third)
    third.close()


def test_a_history_that_is_built_from_the_paper_trail_is_searched_as_before(shelf: Store, tmp_path: Path) -> None:
    shelf.apply("thai", Marked(tags=("keeper",)))
    shelf.close()
    (tmp_path / "history.db").unlink()
    again = Store(tmp_path / "history.db")
    assert found(again, "กระดาษ keeper") == ["thai"]
    assert found(again, "纸船") == ["chinese"]
    again.close()


def test_a_history_in_memory_is_searched_too(shelf: Store, row_of: MakeRow, request_of: Any) -> None:
    shelf._go_on_in_memory("disk full")
    shelf.add(row_of(id="late", request=request_of(prompt="ใหม่มาก เรือ")))
    assert found(shelf, "เรือ") == ["late", "thai"]
    shelf._back_to_file()
    assert not shelf.is_in_memory
    assert found(shelf, "เรือ") == ["late", "thai"]


def test_a_vacuum_by_another_program_leaves_the_index_right(shelf: Store, tmp_path: Path) -> None:
    shelf.close()
    with contextlib.closing(sqlite3.connect(tmp_path / "history.db")) as file:
        file.execute("DELETE FROM jobs WHERE id = 'thai'") if indexed(shelf) else None
        file.commit()
        file.execute("VACUUM")
    assert found(shelf, "紙の船") == ["japanese"]


def test_tags_that_another_hand_has_damaged_hide_nothing(store: Store, row_of: MakeRow) -> None:
    store.add(row_of(id="whole"))
    store.add(row_of(id="broken"))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("UPDATE jobs SET tags = 'not json', note = 'noted' WHERE id = 'broken'")
    assert found(store, "paper") == ["whole"]  # the other cannot be read; it hides nothing


@pytest.mark.parametrize("use", ["search", "write"])
def test_a_damaged_index_is_made_anew_and_loses_no_job(
    tmp_path: Path, row_of: MakeRow, request_of: Any, use: str
) -> None:
    store = Store(tmp_path / "history.db")
    for number in range(50):
        store.add(row_of(id=f"job{number}", request=request_of(prompt=f"A paper boat, take {number:03}")))
    with store._engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM jobs_words_data")
    if use == "write":
        store.add(row_of(id="late", request=request_of(prompt="A late boat")))
        assert found(store, "late") == ["late"]
    assert found(store, "take 007") == ["job7"]
    assert store.count() == 50 + (use == "write")
    store.close()
