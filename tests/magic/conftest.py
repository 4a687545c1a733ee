"""A real IPython shell in this process, with the magics loaded over a fake session."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from IPython.core.interactiveshell import ExecutionResult, InteractiveShell
from IPython.utils.capture import capture_output
from traitlets.config import Config

from seedance_widgets import magic
from seedance_widgets.session import default

sys.path.insert(0, str(Path(__file__).parent))
from fake_session import FakeSession

Run = Callable[..., Any]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> FakeSession:
    """The default session for the length of a test."""
    fake = FakeSession()
    monkeypatch.setattr(default, "default_session", lambda: fake)
    monkeypatch.setattr(default, "current_session", lambda: fake)
    return fake


@pytest.fixture(scope="session")
def bare_shell() -> InteractiveShell:
    """IPython without history file, as a script or a terminal has it: no kernel."""
    return InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))


@pytest.fixture
def shell(bare_shell: InteractiveShell) -> Iterator[InteractiveShell]:
    config = deepcopy(bare_shell.config)
    magic.load(bare_shell)
    yield bare_shell
    magic.unload(bare_shell)
    bare_shell.config = config  # %config writes there, and so outlives a reload of the extension
    vars(bare_shell).pop("kernel", None)


@pytest.fixture
def page(shell: InteractiveShell) -> SimpleNamespace:
    """Makes the shell believe that a person looks at it through a front end."""
    parent = {"content": {"allow_stdin": True}}
    vars(shell)["kernel"] = SimpleNamespace(get_parent=lambda: parent, parent=parent)
    return vars(shell)["kernel"]


@pytest.fixture
def run(shell: InteractiveShell, session: FakeSession) -> Run:
    """Run a cell through the whole of IPython; the answer has `result`, `error`, `stdout` and `cards`."""

    def run_cell(cell: str) -> SimpleNamespace:
        with capture_output() as caught:
            done: ExecutionResult = shell.run_cell(cell, store_history=True)
        return SimpleNamespace(
            result=done.result,
            error=done.error_before_exec or done.error_in_exec,
            stdout=re.sub(r"(?m)^Out\[\d+\]: ", "", caught.stdout),
            shown=re.sub(r"(?m)^Out\[\d+\]: ", "", caught.stdout + caught.stderr),
            badges=[
                o.data.get("text/plain", "") for o in caught.outputs if "card of" not in o.data.get("text/plain", "")
            ],
            cards=[o.data.get("text/plain", "") for o in caught.outputs if "card of" in o.data.get("text/plain", "")],
        )

    return run_cell
