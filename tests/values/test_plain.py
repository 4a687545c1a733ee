"""Values as people give them: of numpy, pandas, polars, enums, paths and links; and what stands for no value."""

from __future__ import annotations

import enum
import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest
from pydantic import AnyUrl, HttpUrl
from samples import NOW

import seedance_widgets as sw
from seedance_widgets.life import Row
from seedance_widgets.request import braces
from seedance_widgets.request.check import make_request
from seedance_widgets.session.session import Session
from seedance_widgets.values.plain import is_missing, plain
from seedance_widgets.when import instant

URL = "https://media.example/fox.png"


class Models(enum.Enum):
    FAST = "seedance-2.0-fast"


class Words(enum.StrEnum):
    FAST = "seedance-2.0-fast"


class Length(enum.IntEnum):
    LONG = 10


MISSING = [
    None, math.nan, Decimal("NaN"), Decimal("sNaN"), pd.NA, pd.NaT, np.nan, np.float32("nan"), np.datetime64("NaT"),
    np.timedelta64("NaT"), np.ma.masked, complex("nan"),
]  # fmt: skip


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


# --- no value ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_value_is_told_from_every_other(missing: Any) -> None:
    assert is_missing(missing)


@pytest.mark.parametrize("there", ["", "nan", 0, False, [], {}, np.array([np.nan]), pd.Series([pd.NA]), date.today()])
def test_what_is_there_is_not_missing(there: Any) -> None:
    assert not is_missing(there)


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_value_in_a_list_is_refused_by_name_and_place(missing: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match="animal has no value at place 2 of 3"):
        braces.axis("animal", ["fox", missing, "owl"])


@pytest.mark.parametrize(
    "column",
    [
        pd.Series(["fox", pd.NA], dtype="string"),
        pd.Series(["fox", None], dtype="category"),
        pd.Series([5, pd.NA], dtype="Int64"),
        pd.Series([True, pd.NA], dtype="boolean"),
        pd.Series(["2026-01-01", None], dtype="datetime64[ns]"),
        pd.Series(["fox", "  "]),
        pd.Index(["fox", np.nan]),
        np.array([1.0, np.nan]),
        np.array(["2026-01-01", "NaT"], dtype="datetime64[ns]"),
        pl.Series(["fox", None]),
        pl.Series([1.0, math.nan]),
    ],
)
def test_a_missing_value_in_a_column_is_refused_by_name_and_place(column: Any) -> None:
    """It was sent, and paid for, as the prompt "a <NA>"."""
    with pytest.raises(sw.RequestInvalid, match="n has no value at place 2 of 2"):
        braces.axis("n", column)


@pytest.mark.parametrize("missing", MISSING[1:])
@pytest.mark.parametrize("name", ["duration", "model", "resolution", "media_urls", "webhook_url", "metadata"])
def test_a_missing_option_is_refused_by_name_and_not_left_out(name: str, missing: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match=f"{name} has no value"):
        make_request("A boat", {name: missing})


@pytest.mark.parametrize("missing", MISSING)
def test_a_missing_prompt_is_refused(missing: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match="prompt has no value"):
        make_request(missing, {})


def test_a_missing_variable_is_refused_before_anything_is_sent(session: Session) -> None:
    with pytest.raises(sw.RequestInvalid, match="style has no value"):
        session.sweep("a {animal} in {style}", animal=["fox", "owl"], style=pd.NA)
    with pytest.raises(sw.RequestInvalid, match="media_urls has no value at place 2"):
        session.submit("A boat", media_urls=[URL, pd.NA])
    assert session.count() == 0


# --- what stands for a plain value ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "plainly"),
    [
        (np.int64(5), 5),
        (np.float64(0.5), 0.5),
        (np.float32(0.5), 0.5),
        (np.bool_(True), True),
        (np.str_("fox"), "fox"),
        (np.array(5), 5),
        (Decimal("5"), 5),
        (Decimal("0.5"), 0.5),
        (Path("a/b"), "a/b"),
        (Models.FAST, "seedance-2.0-fast"),
        (Words.FAST, "seedance-2.0-fast"),
        (Length.LONG, 10),
        (HttpUrl(URL), URL),
        (date(2026, 1, 2), "2026-01-02"),
        (np.datetime64("2026-01-02", "ns"), "2026-01-02T00:00:00.000000000"),
        (pd.Series([1, 2]), [1, 2]),
        ({"a": np.int64(1), "b": [np.int64(2)], "c": None}, {"a": 1, "b": [2], "c": None}),
    ],
)
def test_a_value_of_another_library_is_the_plain_one_that_it_stands_for(given: Any, plainly: Any) -> None:
    found = plain(given)
    assert (found, type(found)) == (plainly, type(plainly))


@pytest.mark.parametrize("odd", [b"fox", {"fox"}, bytearray(b"x"), print, object(), math])
def test_what_has_no_plain_value_is_refused(odd: Any) -> None:
    with pytest.raises(sw.RequestInvalid):
        plain(odd)


@pytest.mark.parametrize("five", [np.int64(5), np.float64(5), np.int8(5), Decimal(5), np.array(5), 5.0])
def test_a_number_of_another_library_is_a_duration(five: Any) -> None:
    request = make_request("A boat", {"duration": five})
    assert (request.duration, type(request.duration)) == (5, int)


@pytest.mark.parametrize(
    "odd",
    [np.float64(5.5), np.bool_(True), Decimal("5.5"), "5", [5], math.inf, Decimal("Infinity")],
)
def test_what_is_no_whole_number_is_no_duration(odd: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match=r"(?i)duration"):
        make_request("A boat", {"duration": odd})


@pytest.mark.parametrize("model", [Models.FAST, Words.FAST, np.str_("seedance-2.0-fast")])
def test_a_word_of_another_library_is_a_model(model: Any) -> None:
    found = make_request("A boat", {"model": model}).model
    assert (found, type(found)) == ("seedance-2.0-fast", str)


@pytest.mark.parametrize(
    "media",
    [
        HttpUrl(URL), AnyUrl(URL), np.str_(URL), [HttpUrl(URL)], pd.Series([URL]), np.array([URL]), pl.Series([URL]),
        pd.Index([URL]), (url for url in [URL]),
    ],
)  # fmt: skip
def test_media_come_in_any_ordered_collection_and_as_links_of_other_libraries(media: Any) -> None:
    assert make_request("A boat", {"media_urls": media}).media_urls == (URL,)


@pytest.mark.parametrize("media", [{URL}, frozenset([URL])])
def test_a_set_of_media_is_refused_since_their_order_matters(media: Any) -> None:
    with pytest.raises(sw.RequestInvalid, match="is a set, and their order matters"):
        make_request("A boat", {"media_urls": media})


def test_a_path_of_this_machine_is_refused_as_that(session: Session) -> None:
    with pytest.raises(sw.RequestInvalid, match="is a path on this machine"):
        session.submit("A boat", media_urls=[Path("fox.png")])


def test_metadata_may_hold_numbers_of_another_library() -> None:
    given = {"n": np.int64(1), "at": Path("a"), "who": Models.FAST, "many": np.array([1, 2])}
    plainly = {"n": 1, "at": "a", "who": "seedance-2.0-fast", "many": [1, 2]}
    assert make_request("A boat", {"metadata": given}).metadata == plainly


def test_a_webhook_may_be_a_link_of_another_library() -> None:
    assert make_request("A boat", {"webhook_url": HttpUrl(URL)}).webhook_url == URL


def test_numbers_of_another_library_are_taken_wherever_a_number_is(session: Session) -> None:
    session.caps = sw.Caps(per_day_usd=np.float32(500))  # type: ignore[arg-type]
    job = session.submit("A boat", duration=np.int64(5), out_name=np.str_("hero"))  # type: ignore[arg-type]
    assert job.rate(np.int64(4)).rating == 4  # type: ignore[arg-type]
    assert len(session.jobs(limit=np.int64(5), rating=np.int8(4))) == 1  # type: ignore[arg-type]
    assert len(session.plan_sweep("shot {n}", n=np.arange(3), duration=pd.Series([5, 10]))) == 6


# --- filters ----------------------------------------------------------------------------------------------------------
@pytest.fixture
def filled(session: Session, row_of: Callable[..., Row]) -> Session:
    for number, (status, model, starred) in enumerate(
        (("succeeded", "a", True), ("failed", "a", False), ("cancelled", "b", False), ("paused_by_moon", "b", False))
    ):
        row = row_of(id=f"job{number}", status=status, starred=starred, request_id=f"req{number}", final_at=NOW)
        session.store.add(replace(row, service=session.service, request=replace(row.request, model=model)))
    return session


@pytest.mark.parametrize(
    ("wanted", "many"),
    [
        ({"status": ["succeeded"]}, 1),
        ({"status": ("succeeded", "failed")}, 2),
        ({"status": {"succeeded", "failed"}}, 2),
        ({"status": pd.Series(["succeeded", "failed"])}, 2),
        ({"status": np.array(["succeeded"])}, 1),
        ({"status": []}, 0),
        ({"status": ""}, 4),
        ({"status": "queued"}, 0),
        ({"status": "paused_by_moon"}, 1),
        ({"model": ["a", "b"]}, 4),
        ({"model": ["b"], "status": ["cancelled", "failed"]}, 1),
        ({"starred": True}, 1),
        ({"starred": False}, 3),
        ({"starred": None}, 4),
        ({"starred": np.bool_(False)}, 3),
    ],
)
def test_filters_take_lists_and_say_no(filled: Session, wanted: dict[str, Any], many: int) -> None:
    assert (len(filled.jobs(**wanted)), filled.count(**wanted)) == (many, many)


@pytest.mark.parametrize("status", ["done", ["succeeded", "sucess"], "Succeeded"])
def test_a_status_that_is_neither_known_nor_in_the_history_is_refused(filled: Session, status: Any) -> None:
    with pytest.raises(sw.SeedanceError, match=r"There is no status .*submitting, unconfirmed, queued.*paused_by_moon"):
        filled.jobs(status=status)
    with pytest.raises(sw.SeedanceError, match="There is no status"):
        filled.count(status=status)


@pytest.mark.parametrize(
    "wanted",
    [
        {"status": 5}, {"status": [5]}, {"model": {"a": 1}}, {"text": ["a"]}, {"text": 5}, {"starred": "yes"},
        {"starred": 2}, {"rating": 2.5}, {"rating": 10**30}, {"rating": [4]}, {"tag": 5}, {"sweep": 5},
        {"since": [1]}, {"limit": "5"}, {"limit": -1}, {"limit": 10**30}, {"limit": 2.5}, {"offset": -3},
    ],
)  # fmt: skip
def test_a_wrong_type_is_said_and_the_folder_of_the_history_is_not_blamed(session: Session, wanted: Any) -> None:
    with pytest.raises(sw.SeedanceError) as caught:
        session.jobs(**wanted)
    assert not isinstance(caught.value, sw.StoreError)
    assert "SEEDANCE_HOME" not in str(caught.value)


def test_a_value_that_no_database_takes_is_not_the_fault_of_the_history(session: Session) -> None:
    for odd in (object(), 10**400):
        with pytest.raises(sw.SeedanceError, match="cannot hold or look for") as caught:
            session.store.rows(model=odd)  # type: ignore[arg-type]
        assert not isinstance(caught.value, sw.StoreError)


# --- instants ---------------------------------------------------------------------------------------------------------
TEN = datetime(2026, 1, 1, 10, tzinfo=UTC).timestamp()
TEN_HERE = datetime(2026, 1, 1, 10).timestamp()


@pytest.mark.parametrize(
    ("said", "at"),
    [
        ("2026-01-01T10:00:00Z", TEN),
        ("2026-01-01t10:00:00z", TEN),
        ("2026-01-01T10:00:00.500Z", TEN + 0.5),
        ("2026-01-01T12:00:00+02:00", TEN),
        ("2026-01-01 10:00", TEN_HERE),
        (np.datetime64("2026-01-01T10:00:00"), TEN_HERE),
        (np.datetime64("2026-01-01T10:00:00", "ns"), TEN_HERE),
        (pd.Timestamp("2026-01-01T10:00:00Z"), TEN),
        (pd.Timestamp("2026-01-01 10:00"), TEN_HERE),
        (np.float64(TEN), TEN),
        (np.int64(TEN), TEN),
        (timedelta(days=7), NOW - 7 * 86_400),
        (pd.Timedelta(days=7), NOW - 7 * 86_400),
        (np.timedelta64(7, "D"), NOW - 7 * 86_400),
        (np.timedelta64(60, "s").astype("timedelta64[ns]"), NOW - 60),
    ],
)
def test_an_instant_is_understood_however_it_is_given(said: Any, at: float) -> None:
    assert instant(said, name="since", now=NOW) == pytest.approx(at)


def test_a_day_of_numpy_is_a_day() -> None:
    day = np.datetime64("2026-01-01")
    assert instant(day, name="since") == datetime(2026, 1, 1).timestamp()  # type: ignore[arg-type]
    assert instant(day, name="until", end=True) == datetime(2026, 1, 2).timestamp()  # type: ignore[arg-type]


@pytest.mark.parametrize("odd", [pd.NaT, np.datetime64("NaT"), pd.NA, math.nan, math.inf, True, [1], "10:00Z", 10**400])
def test_what_names_no_instant_is_a_sentence(odd: Any) -> None:
    with pytest.raises(sw.SeedanceError, match="since does not take"):
        instant(odd, name="since")
