"""`%seedance --sweep`: what is shown and asked before anything is sent."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from IPython.core.error import UsageError
from IPython.core.interactiveshell import InteractiveShell
from scripted import error
from sweeping import SweepApi, api

import seedance_widgets as sw
from seedance_widgets.magic.reading.flags import LineInvalid
from seedance_widgets.magic.reading.prompt import parse, parse_cell
from seedance_widgets.magic.reading.values import axis
from seedance_widgets.notebook import presenters
from seedance_widgets.session import default
from seedance_widgets.session.session import Session
from seedance_widgets.sweep import Sweep

__all__ = ["api"]

CELL = "%%seedance --sweep animal=fox,owl --sweep weather=rain,snow"
BODY = "\na {animal} in {weather}"


@pytest.fixture
def session(api: SweepApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, brisk: None) -> Iterator[Session]:
    """A real session with a scripted API in place of the fake one."""
    monkeypatch.chdir(tmp_path)
    made = sw.connect("sd2_live_x", api.server.url, tmp_path / "home", requests_per_minute=60_000)
    monkeypatch.setattr(default, "default_session", lambda: made)
    monkeypatch.setattr(default, "current_session", lambda: made)
    yield made
    made.close()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What the person will say; each question is kept in its place."""
    said: list[str] = []

    def ask(question: str) -> str:
        said.append(question)
        return said.pop(0)

    monkeypatch.setattr("builtins.input", ask)
    return said


# --- the line ---------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "name", "values"),
    [
        ("animal=fox,owl", "animal", ["fox", "owl"]),
        ('animal="fox, red",owl', "animal", ["fox, red", "owl"]),
        ("animal='fox, red',“a b”", "animal", ["fox, red", "a b"]),
        ("name=dog's,cat's", "name", ["dog's", "cat's"]),
        ("say='twas,is", "say", ["'twas", "is"]),
        ("duration=5,10", "duration", [5, 10]),
        ("aspect-ratio=16:9,9:16", "aspect_ratio", ["16:9", "9:16"]),
        ("media=https://a.example/1.png", "media_urls", [("https://a.example/1.png",)]),
        ("eq=a=b,c", "eq", ["a=b", "c"]),
    ],
)
def test_values_are_split_at_commas_and_quoted_ones_keep_theirs(text: str, name: str, values: list[Any]) -> None:
    assert axis(text) == ((name, values),)


@pytest.mark.parametrize("text", ["animal", "=fox", "animal=", "animal=fox,", "animal=fox,,owl", 'a="fox,owl', "a b=c"])
def test_a_list_that_cannot_be_meant_is_refused(text: str) -> None:
    with pytest.raises(LineInvalid, match="--sweep"):
        axis(text)


def test_quoted_parts_keep_their_spaces_in_a_line() -> None:
    asked = parse('--sweep animal="red fox, asleep",owl --sweep "weather=light rain,snow" a {animal}, {weather} --zip')
    assert asked.axes == {"animal": ["red fox, asleep", "owl"], "weather": ["light rain", "snow"]}
    assert asked.text == "a {animal}, {weather}"
    assert asked.zip


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("--sweep a=1 --sweep a=2", "a is given twice"),
        ("--sweep model=x,y --model z", "model is given twice"),
        ("--sweep a=1 --vars a", "a is given twice"),
        ("--takes 0", "--takes takes a whole number"),
        ("--takes 2 --sweep take=1,2", "take is given twice"),
        ("--takes 1 --name x", "--name belongs to a sweep"),
        ("--takes 2 --fresh", "--fresh is for one job"),
        ("--zip", "--zip belongs to a sweep"),
        ("--name x", "--name belongs to a sweep"),
        ("--sweep a=1 --fresh", "--fresh is for one job"),
        ("--sweep a=1 --unrecorded", "--unrecorded is for one job"),
        ("--sweep a=1 --at-once 0", "--at-once takes a whole number"),
        ("--vars 1x", "--vars takes names"),
        ("--sweep a=fox, owl", "an empty value"),
    ],
)
def test_a_first_line_that_cannot_be_meant_is_refused(line: str, said: str) -> None:
    with pytest.raises(LineInvalid, match=said):
        parse_cell(line, "a {a}")


# --- sending ----------------------------------------------------------------------------------------------------------
@pytest.fixture(autouse=True)
def as_a_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """The grid has tests of its own; here a sweep shows itself in words, and asks in words."""
    monkeypatch.setattr(presenters, "present_sweep", None)


def test_a_sweep_shows_its_plan_and_its_price_and_is_sent(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    done = run(CELL + " --wait --out all" + BODY)
    assert done.error is None
    assert isinstance(done.result, Sweep)
    assert sorted(api.prompts) == ["a fox in rain", "a fox in snow", "a owl in rain", "a owl in snow"]
    assert done.badges[0].startswith("Plan: 4 jobs (2 animal x 2 weather), about $2.00 (estimate)")
    assert done.badges[1].startswith("Sweep s")
    assert len(done.badges) == 2, "the value of the cell is not shown again"
    assert run("all").result is done.result


def test_a_line_can_be_a_sweep(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    run("%seedance --sweep n=one,two shot {n} --wait")
    assert sorted(api.prompts) == ["shot one", "shot two"]


def test_takes_are_a_sweep_of_the_same_prompt_braces_and_all(
    run: Any, page: Any, session: Session, api: SweepApi
) -> None:
    done = run("%seedance a {fox} in rain --takes 3 --wait")
    assert isinstance(done.result, Sweep)
    assert api.prompts == ["a {fox} in rain"] * 3
    assert done.result.axes == {"take": [1, 2, 3]}


def test_takes_go_with_the_names_of_a_template(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    run("%seedance a {animal} --sweep animal=fox,owl --takes 2 --wait")
    assert sorted(api.prompts) == ["a fox", "a fox", "a owl", "a owl"]


def test_one_take_is_one_job(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    done = run("%seedance a fox --takes 1 --quiet")
    assert not isinstance(done.result, Sweep)


@pytest.fixture
def grids(monkeypatch: pytest.MonkeyPatch, as_a_table: None) -> list[Sweep]:
    """The sweeps that were shown as a grid, where a page shows widgets."""
    shown: list[Sweep] = []
    monkeypatch.setattr(presenters, "present_sweep", shown.append)
    return shown


def test_more_than_the_threshold_is_asked_about_in_the_grid(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep]
) -> None:
    run("%config SeedanceMagics.confirm_above_usd = 1.9")
    done = run(CELL + " --out all --name zoo --at-once 2" + BODY)
    assert done.error is None
    assert done.badges[0].startswith("Plan: 4 jobs")
    assert grids == [done.result], "shown once"
    assert done.result.asking.question.text == "4 jobs, about $2.00 (estimate)"
    assert api.prompts == []
    assert run("all").result is done.result
    assert session.sweep_of("zoo") is done.result, "the plan is not lost"
    done.result.asking.send(done.result.asking.question.id)
    assert done.result.wait(20).status == {"succeeded": 4}
    assert api.most_open <= 2


def test_a_plan_that_was_not_sent_outlives_its_kernel(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep], tmp_path: Path
) -> None:
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    run(CELL + " --name zoo" + BODY)
    later = sw.connect("sd2_live_x", api.server.url, tmp_path / "home")
    try:
        found = later.sweep_of("zoo")
        assert found.asking.question is None
        assert found.wait(5).status == {"not sent": 4}
    finally:
        later.close()
    assert api.prompts == []


def test_the_same_cell_again_asks_again(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep]
) -> None:
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    first = run(CELL + BODY).result
    before = first.asking.question
    first.asking.decline(before.id)
    done = run(CELL + BODY)
    assert done.result is first
    assert first.asking.question.text == before.text
    assert first.asking.question.id != before.id
    assert [badge.partition(":")[0] for badge in done.badges] == ["Plan"], "nothing was begun that it goes on with"
    first.asking.send(before.id)
    assert (api.prompts, len(grids)) == ([], 2)


def test_the_grid_asks_about_what_is_left_only(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep]
) -> None:
    api.answers = {4: error(402, "insufficient_credits")}
    run(CELL + " --wait --at-once 1" + BODY)
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    done = run(CELL + BODY)
    assert done.badges[1].startswith("Reused: This sweep was begun before as s")
    question = done.result.asking.question
    assert question.text == "1 job, about $0.50 (estimate)"
    done.result.asking.send(question.id)
    assert done.result.wait(20).status == {"succeeded": 4}
    assert len(api.prompts) == 5


@pytest.mark.parametrize("flag", ["--wait", "--quiet"])
def test_a_cell_that_waits_or_shows_nothing_asks_in_words(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep], answers: list[str], flag: str
) -> None:
    answers.append("n")
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    assert run(f"{CELL} {flag}{BODY}").stdout.endswith("Nothing was sent.\n")
    assert "Send 4 jobs" in answers[0]
    assert (grids, api.prompts) == ([], [])


def test_yes_in_the_line_is_asked_nothing(
    run: Any, page: Any, session: Session, api: SweepApi, grids: list[Sweep]
) -> None:
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    done = run(CELL + " --yes" + BODY)
    assert done.result.asking.question is None
    assert done.result.wait(20).status == {"succeeded": 4}


def test_more_than_the_threshold_is_asked_about_in_words_where_no_page_shows_widgets(
    run: Any, page: Any, session: Session, api: SweepApi, answers: list[str]
) -> None:
    answers.append("n")
    run("%config SeedanceMagics.confirm_above_usd = 1.9")
    done = run(CELL + BODY)
    assert answers == [f"{session.label}. Send 4 jobs, about $2.00 (estimate)? [y/N] "]
    assert done.stdout.endswith("Nothing was sent.\n")
    assert (done.result, api.prompts, session.sweeps()) == (None, [], [])
    answers[:] = ["y"]
    run(CELL + " --wait" + BODY)
    assert len(api.prompts) == 4


@pytest.mark.parametrize(
    "line",
    ["--sweep animal=fox --model seedance-2.0-fast", "--sweep animal=a,b,c,d,e,f,g,h,i,j,k --duration 4"],
    ids=["a price that is not known", "more than ten jobs"],
)
def test_what_may_be_much_is_asked_about_too(
    run: Any, page: Any, session: Session, api: SweepApi, answers: list[str], line: str
) -> None:
    run("%config SeedanceMagics.confirm_above_usd = 100.0")
    answers.append("")
    run(f"%%seedance {line}\na {{animal}}")
    assert "? [y/N]" in answers[0]
    assert api.prompts == []


def test_where_nobody_can_be_asked_it_needs_yes(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    page.parent["content"]["allow_stdin"] = False
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    done = run(CELL + BODY)
    assert type(done.error) is UsageError
    assert "4 jobs, about $2.00 (estimate): add --yes" in str(done.error)
    assert "Nothing was sent." in str(done.error)
    assert api.prompts == []
    done = run(CELL + " --yes" + BODY)  # and waits, for nobody looks
    assert done.result.status == {"succeeded": 4}
    assert "4 succeeded" in done.badges[-1]


def test_a_dry_run_shows_the_plan_only(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    done = run(CELL + " --dry-run" + BODY)
    assert "a owl in snow" in done.badges[0]
    assert done.stdout == "Dry run: nothing was sent, nothing was charged.\n"
    assert (done.result, api.prompts, session.sweeps()) == (None, [], [])


def test_the_same_cell_again_asks_nothing_and_sends_nothing(
    run: Any, page: Any, session: Session, api: SweepApi
) -> None:
    first = run(CELL + " --wait" + BODY).result
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    done = run(CELL + " --wait" + BODY)
    assert done.result is first
    assert done.badges[1].startswith("Reused: This sweep was begun before as s")
    assert "Nothing new is sent" in done.badges[1]
    assert len(api.prompts) == 4


def test_only_what_is_left_is_asked_about(
    run: Any, page: Any, session: Session, api: SweepApi, answers: list[str]
) -> None:
    api.answers = {4: error(402, "insufficient_credits")}
    done = run(CELL + " --wait --at-once 1" + BODY)
    assert isinstance(done.error, sw.InsufficientCredits)
    assert "1 of 4 combinations" in done.shown
    run("%config SeedanceMagics.confirm_above_usd = 0.0")
    answers.append("yes")
    asked: list[str] = []
    answers_before = list(answers)
    done = run(CELL + " --wait" + BODY)
    asked = [a for a in answers if a not in answers_before]
    assert "Send 1 job, about $0.50" in asked[0]
    assert done.result.status == {"succeeded": 4}


REFUSED = [
    ("%%seedance --sweep anmal=fox\na {animal}", "no variable {animal}; there is {anmal}"),
    ("%%seedance --sweep animal=fox,owl\na fox", "animal is given but not used"),
    ("%%seedance --sweep duration=5,99\na fox", "--duration: 1 of 2 combinations does not fit"),
    ("%%seedance --sweep duration=five\na fox", "--duration takes a whole number"),
    ("%%seedance --vars style\n{style}", "there is no variable style in this notebook"),
    ("%%seedance --sweep a=x,x\n{a}", "are the same"),
]


@pytest.mark.parametrize(("cell", "said"), REFUSED)
def test_what_is_wrong_is_one_line_and_nothing_is_sent(
    run: Any, page: Any, session: Session, api: SweepApi, cell: str, said: str
) -> None:
    done = run(cell)
    assert type(done.error) is UsageError
    assert said in str(done.error)
    assert "Nothing was sent" in str(done.error)
    assert api.prompts == []


def test_without_sweep_and_vars_braces_are_text(run: Any, page: Any, session: Session, api: SweepApi) -> None:
    run('%%seedance --wait\n{"shot": {1}}')
    assert api.prompts == ['{"shot": {1}}']


# --- variables --------------------------------------------------------------------------------------------------------
def test_variables_of_the_notebook_fill_the_braces_of_one_job(
    run: Any, page: Any, shell: InteractiveShell, session: Session, api: SweepApi
) -> None:
    shell.user_ns.update(style="noir", shot=7)
    done = run("%%seedance --vars style,shot --wait\n{style}, shot {shot}, {{x}}")
    assert api.prompts == ["noir, shot 7, {x}"]
    assert isinstance(done.result, sw.Job)


def test_a_variable_that_is_a_list_makes_a_sweep(
    run: Any, page: Any, shell: InteractiveShell, session: Session, api: SweepApi
) -> None:
    shell.user_ns.update(style="noir", animals=["fox", "owl"])
    done = run("%%seedance --vars style,animals --wait\n{style}: {animals}")
    assert sorted(api.prompts) == ["noir: fox", "noir: owl"]
    assert isinstance(done.result, Sweep)


@pytest.mark.parametrize(("value", "said"), [(None, "style is None"), (print, "which is no text"), ([], "is empty")])
def test_a_variable_without_a_text_is_refused(
    run: Any, page: Any, shell: InteractiveShell, session: Session, api: SweepApi, value: Any, said: str
) -> None:
    shell.user_ns.update(style=value)
    assert said in str(run("%%seedance --vars style\n{style}").error)
    assert api.prompts == []


# --- the companion ----------------------------------------------------------------------------------------------------
def test_sweeps_are_listed_and_shown_by_name(run: Any, page: Any, session: Session) -> None:
    assert "No sweeps yet" in repr(run("%seedance_sweeps").result)
    run(CELL + " --wait --name <b>first</b>" + BODY)
    table = run("%seedance_sweeps").result
    assert [sweep.name for sweep in table] == ["<b>first</b>"]
    assert "4 succeeded" in repr(table)
    assert "$2.00" in repr(table)
    assert "<b>" not in table._repr_html_()
    assert run("%seedance_sweeps <b>first</b>").result is table[0]
    assert isinstance(run("%seedance_sweeps nothing").error, sw.JobNotFound)


# --- a table ----------------------------------------------------------------------------------------------------------
RECORDS = [{"prompt": "a fox", "duration": 5}, {"prompt": "an owl", "duration": 10}]


@pytest.mark.parametrize("cell", ["%%seedance --vars shots --wait\n", "%seedance --vars shots --wait"])
def test_the_rows_of_a_table_are_requests(
    run: Any, page: Any, session: Session, api: SweepApi, shell: InteractiveShell, cell: str
) -> None:
    shell.user_ns["shots"] = RECORDS
    done = run(cell)
    assert done.error is None
    assert sorted(api.prompts) == ["a fox", "an owl"]


def test_the_columns_of_a_table_fill_the_template_of_the_cell(
    run: Any, page: Any, session: Session, api: SweepApi, shell: InteractiveShell
) -> None:
    shell.user_ns["shots"] = [{"animal": "fox", "out_name": "one"}, {"animal": "owl", "out_name": "two"}]
    run("%%seedance --vars shots --wait --duration 5\na {animal} in {{rain}}")
    assert sorted(api.prompts) == ["a fox in {rain}", "a owl in {rain}"]


@pytest.mark.parametrize(
    ("rows", "cell", "said"),
    [
        (RECORDS, "%%seedance --vars shots\na {duration}", "both the table and the text have one"),
        ([{"animal": "fox"}], "%%seedance --vars shots\na {weather}", "animal.* is no option"),
        (RECORDS, "%%seedance --vars shots,style\n", "shots is a table of requests, which stands alone"),
        ([{"prompt": float("nan")}], "%%seedance --vars shots\n", "prompt has no value in row 1"),
        ("plain", "%%seedance --vars shots\n", "There is no prompt"),
    ],
)
def test_a_table_that_cannot_be_sent_is_one_line(
    run: Any, page: Any, session: Session, api: SweepApi, shell: InteractiveShell, rows: Any, cell: str, said: str
) -> None:
    shell.user_ns |= {"shots": rows, "style": "noir"}
    done = run(cell)
    assert isinstance(done.error, UsageError)
    assert re.search(said, str(done.error))
    assert api.prompts == []


def test_a_price_that_rose_after_the_question_sends_nothing(
    run: Any, session: Session, api: SweepApi, answers: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Asked for $1.50, sent for $300."""
    monkeypatch.setattr("seedance_widgets.notebook.environment.takes_input", lambda: True)

    def yes(question: str) -> str:
        answers.append(question)
        api.price = 20
        return "y"

    monkeypatch.setattr("builtins.input", yes)
    done = run("%%seedance --sweep n=1,2,3,4,5,6,7,8,9,10,11 --wait\nshot {n}")
    assert isinstance(done.error, sw.PriceChanged)
    assert len(answers) == 1
    assert api.prompts == []
