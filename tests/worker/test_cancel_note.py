"""Whether a click on Cancel waits for the running cell: both the kernel's and the page's version decide."""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedance_widgets as sw
from seedance_widgets.notebook import environment
from seedance_widgets.widgets.card.card import Card

NOTE = "Takes effect when the running cell ends"


@pytest.fixture
def kernel(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """The newest ipykernel, as far as we look at it."""
    module = types.ModuleType("ipykernel")
    module.version_info = (7, 4, 0)  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "ipykernel", module)
    return module


@pytest.mark.usefixtures("kernel")
@pytest.mark.parametrize(
    ("page", "interrupts"),
    [
        ("JupyterLab 4.6.6", True),
        ("JupyterLab 4.4.0", True),
        ("JupyterLab 4.4.0rc1", True),
        ("JupyterLab 4.3.8", False),
        ("JupyterLab 3.6.7", False),
        ("Jupyter Notebook 7.6.5", True),
        ("Jupyter Notebook 7.3.3", False),
        ("", False),
        ("Another 1.0", False),
        ("JupyterLab", False),
        ("JupyterLab 4." + "9" * 5000, False),
    ],
)
def test_a_page_that_is_not_known_to_use_subshells_makes_clicks_wait(page: str, interrupts: bool) -> None:
    assert environment.clicks_interrupt(page) is interrupts


def test_an_old_kernel_makes_clicks_wait_whatever_the_page(kernel: types.ModuleType) -> None:
    kernel.version_info = (6, 31, 0)  # type: ignore[attr-defined]
    assert not environment.clicks_interrupt("JupyterLab 4.6.6")


@pytest.fixture
def card(kernel: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """The card of a job in the queue."""
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=1.0, home=tmp_path / "home")
    yield Card(session.submit("A boat", duration=4, resolution="480p"))
    session.close()


@pytest.mark.parametrize(("page", "note"), [("JupyterLab 4.3.8", NOTE), ("JupyterLab 4.6.6", None), (None, NOTE)])
def test_a_card_goes_by_what_its_page_says_of_itself(card: Card, page: str | None, note: str | None) -> None:
    said = {} if page is None else {"page": page}
    card._on_message(None, {"type": "hello", "click_id": "a", **said}, [])
    assert card._view()["cancel_note"] == note


@pytest.mark.parametrize("page", [7, None, ["JupyterLab 4.3.8"], {"a": math.nan}])
def test_of_a_page_that_says_nonsense_of_itself_nothing_is_known(card: Card, page: object) -> None:
    card._on_message(None, {"type": "hello", "click_id": "a", "page": page}, [])
    assert card._view()["cancel_note"] == NOTE


def test_before_a_page_has_said_anything_it_can_tell_by_itself_whether_the_note_is_for_it(card: Card) -> None:
    """While a cell runs its first word may come as late as its click: nbclassic cancelled too late, without a word."""
    assert card._view()["cancel_note"] == NOTE
    assert card._view()["cancel_at_once"] == ["JupyterLab 4.4", "Jupyter Notebook 7.4"]


def test_where_the_kernel_is_old_the_note_is_for_every_page(kernel: types.ModuleType, card: Card) -> None:
    kernel.version_info = (6, 31, 0)  # type: ignore[attr-defined]
    assert card._view()["cancel_at_once"] == []


def test_a_reason_why_a_job_was_not_cancelled_is_for_every_page(card: Card) -> None:
    card._cancel_problem = "It has ended."
    assert (card._view()["cancel_note"], card._view()["cancel_at_once"]) == ("It has ended.", [])


def test_nothing_is_said_of_a_cancel_that_is_not_there(card: Card) -> None:
    card.job.cancel()
    assert card._view()["cancel_note"] is None
