"""Whether a click on Cancel waits for the running cell: both the kernel's and the page's version decide."""

from __future__ import annotations

import math
import sys
import types
from collections.abc import Iterator
from pathlib import Path

import pytest

import seedance_widgets as sw
from seedance_widgets import notebook
from seedance_widgets.widgets.card import Card

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
        ("", True),
        ("Another 1.0", True),
        ("JupyterLab", True),
        ("JupyterLab 4." + "9" * 5000, True),
    ],
)
def test_a_page_that_uses_no_subshells_makes_clicks_wait(page: str, interrupts: bool) -> None:
    assert notebook.clicks_interrupt(page) is interrupts


def test_an_old_kernel_makes_clicks_wait_whatever_the_page(kernel: types.ModuleType) -> None:
    kernel.version_info = (6, 31, 0)  # type: ignore[attr-defined]
    assert not notebook.clicks_interrupt("JupyterLab 4.6.6")


@pytest.fixture
def card(kernel: types.ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Card]:
    """The card of a job in the queue."""
    monkeypatch.chdir(tmp_path)
    session = sw.simulate(speed=1.0, home=tmp_path / "home")
    yield Card(session.submit("A boat", duration=4, resolution="480p"))
    session.close()


@pytest.mark.parametrize(("page", "note"), [("JupyterLab 4.3.8", NOTE), ("JupyterLab 4.6.6", None), (None, None)])
def test_a_card_goes_by_what_its_page_says_of_itself(card: Card, page: str | None, note: str | None) -> None:
    said = {} if page is None else {"page": page}
    card._on_message(None, {"type": "hello", "click_id": "a", **said}, [])
    assert card._view()["cancel_note"] == note


@pytest.mark.parametrize("page", [7, None, ["JupyterLab 4.3.8"], {"a": math.nan}])
def test_a_page_that_says_nonsense_of_itself_is_taken_for_a_new_one(card: Card, page: object) -> None:
    card._on_message(None, {"type": "hello", "click_id": "a", "page": page}, [])
    assert card._view()["cancel_note"] is None
