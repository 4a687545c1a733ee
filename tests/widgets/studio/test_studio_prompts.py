"""Saved prompts and those of earlier jobs, as the page asks for them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from samples import until
from studio_page import MakeStudio, Page

from seedance_widgets.session.saved_prompts import FILE
from seedance_widgets.session.session import Session
from seedance_widgets.widgets.studio import prompts

FILE_OF_MINE = """\
# for the autumn film
[boat]
prompt = "A paper boat crosses a puddle"
duration = 6  # long enough
aspect_ratio = "9:16"
mood = "calm"

[owl]
prompt = "An owl"
"""


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file of saved prompts of a notebook's folder."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / FILE
    path.write_text(FILE_OF_MINE)
    return path


def ask(page: Page, type_: str, **content: Any) -> dict[str, Any]:
    """The answer to a message about saved prompts."""
    click_id = page.post(type_, **content)
    return until(lambda: next((each for each, _ in page.answers if each["click_id"] == click_id), None))


def test_saved_prompts_come_with_every_option_that_the_form_has(page: Page, file: Path) -> None:
    answer = ask(page, "prompts")
    boat, owl = answer["items"]
    assert (boat["name"], boat["request"]["prompt"], boat["text"]) == ("boat", "A paper boat crosses a puddle", "")
    assert (boat["request"]["duration"], boat["request"]["aspect_ratio"]) == (6, "9:16")
    assert (owl["request"]["duration"], owl["request"]["media_urls"]) == (5, [])
    assert (answer["file"], answer["problem"]) == (FILE, "")


@pytest.mark.parametrize("by", ["another Studio", "code", "hand"])
def test_a_page_that_has_asked_hears_of_prompts_that_change_elsewhere(
    page: Page, file: Path, studio_of: MakeStudio, simulated: Session, by: str
) -> None:
    """Another open Studio had them only when it was opened again."""
    ask(page, "prompts")
    if by == "another Studio":
        other = studio_of(simulated, prompt="A fox")
        ask(other, "save_prompt", name="fox", request=other.request(prompt="A fox"))
    elif by == "code":
        simulated.save_template("fox", "A fox")
    else:
        file.write_text(FILE_OF_MINE + '\n[fox]\nprompt = "A fox"\n')
    told = until(lambda: [each for each, _ in page.answers if each["type"] == "prompts" and not each["click_id"]])
    assert [item["name"] for item in told[-1]["items"]] == ["boat", "owl", "fox"]


def test_a_page_that_has_asked_for_no_prompts_hears_of_none(
    page: Page, file: Path, simulated: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prompts, "LOOK_S", 0.0)
    monkeypatch.setattr(prompts, "in_background", lambda work: work())
    simulated.save_template("fox", "A fox")
    for _ in range(20):
        page.studio._desk.on_tick()
    assert [each for each, _ in page.answers if each["type"] == "prompts"] == []


def test_where_no_prompt_is_saved_the_answer_is_empty(page: Page, file: Path) -> None:
    file.unlink()
    assert (ask(page, "prompts")["items"], ask(page, "prompts")["problem"]) == ([], "")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('[x]\nprompt = "p"\nduration = "five"', "Duration of 'x' is not usable: 'five'."),
        ('[x]\nprompt = "p"\nduration = true', "Duration of 'x' is not usable"),
        ('[x]\nprompt = "p"\nmedia_urls = [1]', "of 'x' is not usable: '[1]'"),
        ('[x]\nprompt = "p"\nmodel = 3', "Model of 'x' is not usable: '3'"),
        ("[x]\nduration = 5", "has no prompt"),
    ],
)
def test_a_saved_prompt_that_no_field_can_show_says_why_and_the_others_are_there(
    page: Page, file: Path, text: str, said: str
) -> None:
    file.write_text(f'{text}\n[fine]\nprompt = "q"\n')
    odd, fine = ask(page, "prompts")["items"]
    assert odd["request"] is None
    assert said in odd["text"]
    assert fine["request"]["prompt"] == "q"


def test_a_file_that_is_no_toml_is_a_problem_with_its_line(page: Page, file: Path) -> None:
    file.write_text("[boat\n")
    answer = ask(page, "prompts")
    assert answer["items"] == []
    assert "line 1" in answer["problem"]


def test_what_signs_a_link_stays_out_of_the_page(page: Page, file: Path) -> None:
    file.write_text('[x]\nprompt = "p"\nmedia_urls = ["https://a.example/b.png?X-Amz-Signature=0123456789abcdef"]\n')
    assert "0123456789abcdef" not in str(ask(page, "prompts"))


def test_the_form_is_saved_under_a_name_and_the_rest_of_the_file_stays(page: Page, file: Path) -> None:
    answer = ask(page, "save_prompt", name="  night   boat ", request=page.request(duration=6), replace=False)
    assert (answer["saved"], [each["name"] for each in answer["items"]]) == (
        "night boat",
        ["boat", "owl", "night boat"],
    )
    assert page.studio.session.templates["night boat"].options["duration"] == 6
    assert "# for the autumn film" in file.read_text()


def test_a_name_that_is_taken_is_replaced_only_where_that_is_asked_for(page: Page, file: Path) -> None:
    answer = ask(page, "save_prompt", name="boat", request=page.request(), replace=False)
    assert (answer["taken"], answer["saved"]) == ("boat", "")
    assert answer["problem"] == "There is a saved prompt “boat” already."
    assert file.read_text() == FILE_OF_MINE
    assert ask(page, "save_prompt", name="boat", request=page.request(), replace=True)["saved"] == "boat"
    assert page.studio.session.templates["boat"].prompt == "A paper boat"
    assert 'mood = "calm"' in file.read_text()


@pytest.mark.parametrize(("name", "prompt"), [("", "p"), ("--with", "p"), ("x" * 101, "p"), ("boat", " "), ("\n", "p")])
def test_what_cannot_be_saved_is_said_and_leaves_the_file(page: Page, file: Path, name: str, prompt: str) -> None:
    answer = ask(page, "save_prompt", name=name, request=page.request(prompt=prompt), replace=False)
    assert answer["problem"]
    assert (answer["taken"], answer["saved"]) == ("", "")
    assert file.read_text() == FILE_OF_MINE


def test_a_saved_prompt_is_deleted_and_the_rest_of_the_file_stays(page: Page, file: Path) -> None:
    answer = ask(page, "forget_prompt", name="owl")
    assert ([each["name"] for each in answer["items"]], answer["problem"]) == (["boat"], "")
    assert file.read_text().startswith(FILE_OF_MINE.split("[owl]")[0].rstrip())
    until(
        lambda: {"type": "delete", "click_id": answer["click_id"], "gone": True} in [each for each, _ in page.answers]
    )


def test_one_that_is_not_there_cannot_be_deleted_and_that_is_said(page: Page, file: Path) -> None:
    answer = ask(page, "forget_prompt", name="fox")
    assert "There is no template 'fox'" in answer["problem"]
    assert file.read_text() == FILE_OF_MINE


def test_earlier_prompts_come_newest_first_and_each_once(
    studio_of: MakeStudio, connect: Callable[..., Session], fill: Callable[..., list[str]]
) -> None:
    session = connect()
    fill(session, 3, asked={"prompt": "again and again"})
    fill(session, 1, prefix="old", created_at=1.0, asked={"prompt": "the first"})
    page = studio_of(session)
    assert ask(page, "recent")["prompts"] == ["again and again", "the first"]


def test_a_history_that_cannot_be_read_gives_no_earlier_prompts(
    page: Page, monkeypatch: pytest.MonkeyPatch, simulated: Session
) -> None:
    from seedance_widgets.errors import StoreError

    def fail(*_: object, **__: object) -> None:
        raise StoreError("The history is locked.")

    monkeypatch.setattr(simulated.registry, "listed", fail)
    assert ask(page, "recent")["prompts"] == []
