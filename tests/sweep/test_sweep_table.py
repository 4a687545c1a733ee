"""A table is a list of requests: a DataFrame, records, JSON Lines or CSV; all of it is checked before any is sent."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import polars as pl
import pytest

import seedance_widgets as sw
from seedance_widgets.session.session import Session

RECORDS: list[dict[str, Any]] = [
    {"prompt": "a {fox}", "duration": 5, "resolution": "480p", "out_name": "first"},
    {"prompt": "an owl", "duration": 10, "resolution": "720p", "out_name": "second"},
]


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=math.inf, home=tmp_path / "home")
    yield session
    session.close()


def as_csv(rows: list[dict[str, Any]]) -> Path:
    pd.DataFrame(rows).to_csv("shots.csv", index=False)
    return Path("shots.csv")


def as_lines(rows: list[dict[str, Any]]) -> str:
    Path("shots.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n\n", "utf-8")
    return "shots.jsonl"


TABLES = {
    "records": list,
    "pandas": pd.DataFrame,
    "polars": pl.DataFrame,
    "csv": as_csv,
    "jsonl": as_lines,
    "nullable": lambda rows: pd.DataFrame(rows).convert_dtypes(),
    "numpy": lambda rows: [{**row, "duration": np.int64(row["duration"])} for row in rows],
}


@pytest.mark.parametrize("kind", TABLES)
def test_each_row_of_a_table_is_a_request(session: Session, kind: str) -> None:
    plan = session.plan_sweep(TABLES[kind](RECORDS))
    asked = [place.request for place in plan.places]
    assert [(each.prompt, each.duration, each.resolution) for each in asked] == [
        ("a {fox}", 5, "480p"),
        ("an owl", 10, "720p"),
    ]
    assert [place.cost_usd for place in plan.places] == [0.25, 1.0]
    assert plan.title.startswith("Plan: 2 jobs (the rows of a table), about $1.25")
    assert session.count() == 0


def test_a_table_is_sent_with_a_name_for_each_clip_and_never_twice(session: Session) -> None:
    frame = pd.DataFrame(RECORDS)
    sweep = session.sweep(frame).wait(timeout=40)
    assert [job.clip.path.name.split("-")[0] for job in sweep.jobs if job.clip] == ["first", "second"]
    again = session.sweep(RECORDS).wait(timeout=40)
    assert (again.id, session.count()) == (sweep.id, 2)
    assert session.sweep_of(sweep.id).resume().unsent == []
    assert sweep.job(duration=10).request.prompt == "an owl"
    assert "an owl" in repr(sweep.plan)
    assert "an owl" in str(sweep)


def test_options_beside_a_table_hold_for_every_row_that_names_none(session: Session) -> None:
    rows = [{"prompt": "a fox"}, {"prompt": "an owl", "aspect_ratio": "9:16"}]
    plan = session.plan_sweep(rows, aspect_ratio="1:1", duration=np.int64(4))
    assert [(p.request.aspect_ratio, p.request.duration) for p in plan.places] == [("1:1", 4), ("9:16", 4)]


@pytest.mark.parametrize("missing", [None, math.nan, pd.NA, pd.NaT, "", "  "])
@pytest.mark.parametrize("column", ["prompt", "duration", "resolution", "out_name"])
def test_a_missing_cell_is_refused_by_row_and_column(session: Session, missing: Any, column: str) -> None:
    rows = [RECORDS[0], {**RECORDS[1], column: missing}]
    for table in (rows, pd.DataFrame(rows)):
        with pytest.raises(sw.RequestInvalid, match=f"{column} has no value in row 2"):
            session.sweep(table)
    assert session.count() == 0


def test_a_blank_cell_of_a_file_is_refused_by_row_and_column(session: Session) -> None:
    Path("a.csv").write_text("prompt,duration\na fox,5\nan owl,\n", "utf-8")
    with pytest.raises(sw.RequestInvalid, match="duration has no value in row 2"):
        session.sweep("a.csv")
    Path("a.jsonl").write_text('{"prompt": "a fox"}\n{"prompt": null}\n', "utf-8")
    with pytest.raises(sw.RequestInvalid, match="prompt has no value in row 2"):
        session.sweep(Path("a.jsonl"))


def test_a_row_that_its_model_does_not_take_is_named_and_can_be_left_out(session: Session) -> None:
    rows = [*RECORDS, {"prompt": "a cat", "duration": 99}]
    with pytest.raises(sw.RequestInvalid, match="1 of 3 combinations does not fit: row 3: .*duration 99"):  # noqa: RUF043
        session.sweep(rows)
    assert len(session.plan_sweep(rows, skip_invalid=True)) == 2
    assert session.count() == 0


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ([{"prompt": "a", "durration": 5}], "'durration' is no option.*Did you mean duration"),
        ([{"duration": 5}], "neither the table nor a text has one"),
        ([{"prompt": "a"}, {"duration": 5}], "Row 2 has no prompt"),
        ([{"prompt": "a"}, {"prompt": "a"}], "Rows 1 and 2 are the same"),
        ([{"prompt": "a", "duration": 5}, {"prompt": "a", "duration": 5.0}], "Rows 1 and 2 are the same"),
        ([{"prompt": "a"}, {}], "Row 2 is empty"),
        ([{5: "a"}], "A column is named 5"),
        ([{"prompt": print}], "prompt in row 1 is of type"),
        ([{"prompt": f"a {n}"} for n in range(1001)], "more than 1,000 rows"),
        (pd.DataFrame({"prompt": []}), "The table has no rows"),
        (pd.DataFrame([["a", "b"]], columns=["prompt", "prompt"]), "two columns 'prompt'"),
        ([{"prompt": "a", "media_urls": ["https://a.example/1.png", None]}], "media_urls has no value at place 2 of 2"),
        ([{"prompt": "a", "media_urls": {"https://a.example/1.png"}}], "is a set, and their order matters"),
        ("nothere.csv", "nothere.csv cannot be read"),
        (Path("notes.txt"), "cannot be read|is no table"),
    ],
)
def test_what_is_no_table_of_requests_is_a_sentence(session: Session, table: Any, said: str) -> None:
    with pytest.raises(sw.RequestInvalid, match=f"(?s){said}"):
        session.sweep(table)
    assert session.count() == 0


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("prompt,duration\na fox\n", "row 1 has 1 cells, and 2 columns"),
        ("prompt,prompt\na,b\n", "two columns 'prompt'"),
        ("prompt,duration\na fox,long\n", "duration in row 1 cannot be 'long'"),
        ("", "no rows"),
        ('prompt\n"a fox', "is no CSV file"),
    ],
)
def test_a_broken_csv_is_a_sentence(session: Session, text: str, said: str) -> None:
    Path("a.csv").write_text(text, "utf-8")
    with pytest.raises(sw.RequestInvalid, match=said):
        session.plan_sweep("a.csv")


def test_a_csv_of_a_spreadsheet_is_read_as_it_is_written(session: Session) -> None:
    """With a mark of its encoding, semicolons, numbers with a point, and several media in a cell."""
    media = "https://a.example/1.png https://a.example/2.png"
    text = f'\ufeffprompt;duration;media_urls;metadata\r\n"a fox; red";5.0;{media};"{{""n"": 1}}"\r\n'
    Path("a.csv").write_bytes(text.encode())
    (place,) = session.plan_sweep("a.csv").places
    request = place.request
    assert (request.prompt, request.duration, request.metadata) == ("a fox; red", 5, {"n": 1})
    assert request.media_urls == tuple(media.split())


def test_a_column_take_asks_for_the_same_thing_twice(session: Session) -> None:
    assert len(session.plan_sweep([{"prompt": "a fox", "take": 1}, {"prompt": "a fox", "take": 2}])) == 2


def test_a_list_of_values_is_not_combined_with_a_table(session: Session) -> None:
    with pytest.raises(sw.RequestInvalid, match="duration cannot be combined with a table"):
        session.plan_sweep(RECORDS, duration=[5, 10])


def test_a_table_that_comes_late_in_the_history_is_whole(session: Session) -> None:
    from seedance_widgets.sweep import keep

    keep(session.registry, session.plan_sweep(RECORDS), "mine")
    session.registry._sweeps.clear()
    found = session.sweep_of("mine")
    assert (found.plan.is_table, [place.out_name for place in found.plan.places]) == (True, ["first", "second"])


def test_rows_are_the_same_where_one_of_them_spells_a_default_out(session: Session) -> None:
    with pytest.raises(sw.RequestInvalid, match="Rows 1 and 2 are the same"):
        session.plan_sweep([{"prompt": "a fox"}, {"prompt": "a fox", "duration": 5, "resolution": "720p"}])
    assert len(session.plan_sweep([{"prompt": "a fox", "take": 1}, {"prompt": "a fox", "duration": 5, "take": 2}])) == 2


@pytest.mark.parametrize(
    "name", ["gone.csv", "gone.tsv", "gone.JSONL", "data/my shots.csv", "gone.xlsx", "gone.parquet", "~/gone.csv"]
)
def test_a_table_that_is_not_there_is_never_sent_as_a_prompt(session: Session, name: str) -> None:
    with pytest.raises(sw.RequestInvalid, match=r"cannot be read|no table"):
        session.plan_sweep(name, duration=[5, 10])


@pytest.mark.parametrize("text", ["Rain falls on a file named shots.csv", "a\nb.csv", "x" * 2_000 + ".csv"])
def test_a_sentence_that_ends_like_a_table_is_a_prompt(session: Session, text: str) -> None:
    plan = session.plan_sweep(text, duration=[5, 10])
    assert [place.request.prompt for place in plan.places] == [text, text]


def test_a_template_that_ends_like_a_table_is_a_template_unless_there_is_such_a_file(session: Session) -> None:
    plan = session.plan_sweep("{n}.csv", n=["a", "b"])
    assert [place.request.prompt for place in plan.places] == ["a.csv", "b.csv"]
    Path("{n}.csv").write_text("prompt\na fox\n", "utf-8")
    assert [place.request.prompt for place in session.plan_sweep("{n}.csv").places] == ["a fox"]


def test_a_table_of_tabs_is_read(session: Session) -> None:
    Path("shots.tsv").write_text("prompt\tduration\na fox, red\t10\n", "utf-8")
    asked = [place.request for place in session.plan_sweep("shots.tsv").places]
    assert [(each.prompt, each.duration) for each in asked] == [("a fox, red", 10)]
