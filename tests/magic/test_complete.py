"""Tab after `%seedance`."""

from __future__ import annotations

from typing import Any

import pytest
from fake_session import FakeSession
from IPython.core.completer import provisionalcompleter
from IPython.core.interactiveshell import InteractiveShell

from seedance_widgets.magic.complete import matcher
from seedance_widgets.magic.reading.prompt import FLAGS
from seedance_widgets.session import default


@pytest.fixture
def tab(shell: InteractiveShell, session: FakeSession) -> Any:
    """What Tab offers at the `|` of a cell, through the whole completer."""

    def complete(cell: str) -> list[str]:
        at = cell.index("|")
        with provisionalcompleter():
            return [found.text for found in shell.Completer.completions(cell.replace("|", ""), at)]

    return complete


@pytest.mark.parametrize(
    "start", ["%seedance ", "%%seedance ", "job = %seedance ", "x = 1\n%seedance ", "if 1:\n  %seedance "]
)
def test_options_are_offered_in_every_form(tab: Any, start: str) -> None:
    assert sorted(tab(start + "|")) == sorted(FLAGS)
    assert tab(start + "--mo|") == ["--model"]
    assert sorted(tab(start + "--d|")) == ["--dry-run", "--duration"]


@pytest.mark.parametrize(
    ("cell", "offered"),
    [
        ("%seedance --model |", ["seedance-2.0", "seedance-2.0-fast", "seedance-1.5-pro"]),
        ("%seedance --model seedance-2.0-|", ["seedance-2.0-fast"]),
        ("%seedance a boat --aspect-ratio |", ["16:9", "9:16", "1:1"]),
        ("%seedance a boat --aspect-ratio 16|", ["16:9"]),
        ("%seedance a boat --resolution=|", ["--resolution=480p", "--resolution=720p", "--resolution=1080p"]),
        ("%seedance --duration 1|", ["10", "11", "12", "13", "14", "15"]),
        ("%seedance --model seedance-1.5-pro --duration |", ["5", "10"]),
        ("%seedance --model=seedance-1.5-pro a boat --duration |", ["5", "10"]),
        ("%seedance_jobs --st|", ["--status", "--starred"]),
        ("%seedance_jobs --status succ|", ["succeeded"]),
        ("%seedance_doctor |", ["--network"]),
        ("%seedance_export boats.zip --st|", ["--starred", "--status"]),
        ("%seedance_key |", ["--save", "--forget"]),
    ],
)
def test_values_are_offered_after_their_option(tab: Any, cell: str, offered: list[str]) -> None:
    assert sorted(tab(cell)) == sorted(offered)


def test_an_option_is_offered_once_but_media_again(tab: Any) -> None:
    offered = tab("%seedance --duration 5 --wait --media https://a.example/1.png a boat --|")
    assert "--media" in offered
    assert not {"--duration", "--wait", "--no-wait"} & set(offered)


@pytest.mark.parametrize(
    "cell",
    [
        "%%seedance\n--|",
        "%%seedance\na boat --mo|",
        "%seedance a bo|",
        "%seedance -- a --|",
        "%seedancex --|",
        "'%seedance --|",
    ],
)
def test_it_is_silent_in_prompts_and_bodies(tab: Any, cell: str) -> None:
    assert not set(tab(cell)) & set(FLAGS)


def test_compare_is_offered_each_id_once(tab: Any, session: FakeSession) -> None:
    for number in range(2):
        session.start(f"boat {number}")
    first, second = sorted(tab("%seedance_compare |"))
    assert tab(f"%seedance_compare {first} |") == [second]


def test_ids_of_jobs_are_offered_to_show_and_cancel(tab: Any, session: FakeSession) -> None:
    session.start("a boat")
    session.start("a cat")
    assert sorted(tab("%seedance_show |")) == ["job1", "job2"]
    assert tab("j = %seedance_cancel job2|") == ["job2"]


def test_a_tab_never_starts_a_session(tab: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def started() -> None:
        pytest.fail("a Tab started a session")

    monkeypatch.setattr(default, "default_session", started)
    monkeypatch.setattr(default, "current_session", lambda: None)
    assert "seedance-2.0" in tab("%seedance --model |")
    assert "job1" not in tab("%seedance_show |")


def test_other_names_are_still_completed(tab: Any) -> None:
    assert "%seedance_jobs" in tab("%seedance_j|")
    assert "print" in tab("pri|")


def test_the_matcher_is_quick_to_say_no(shell: InteractiveShell) -> None:
    assert shell.Completer.custom_matchers.count(matcher) == 1
