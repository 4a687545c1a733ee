"""What the doctor tells a page: from a process of its own, which may fail."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import psutil
import pytest

from seedance_widgets.server import extension as extension_module

KEY = "sd2_live_canary1234567890"
Ask = Callable[..., Any]


@pytest.fixture
def examined(ask: Ask, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Asks as a page does, where the server's environment has a key."""
    monkeypatch.setenv("SEEDANCE_API_KEY", KEY)

    async def examined() -> tuple[int, Any]:
        answer: tuple[int, Any] = await ask("doctor", request_timeout=90)
        return answer

    return examined


async def test_the_doctor_answers_with_what_the_page_shows_and_without_the_key(examined: Ask) -> None:
    status, answer = await examined()
    assert status == 200
    assert answer.keys() == {"ok", "checks"}
    shapes = {(*check, *(type(check[each]) for each in ("name", "detail", "next_step"))) for check in answer["checks"]}
    assert shapes == {("name", "ok", "detail", "next_step", str, str, str)}
    assert {check["ok"] for check in answer["checks"]} <= {True, False, None}
    assert answer["ok"] is all(check["ok"] is not False for check in answer["checks"])
    assert {check["name"]: check["detail"] for check in answer["checks"]}["key"].startswith("found in SEEDANCE_API_KEY")
    assert KEY not in str(answer)


async def test_a_setting_that_the_doctors_process_refuses_is_its_answer(
    examined: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_BASE_URL", "nonsense")
    status, answer = await examined()
    assert status == 400
    assert "SEEDANCE_BASE_URL" in answer["error"]["what"]
    assert KEY not in str(answer)


async def test_a_doctors_process_that_dies_is_told_in_a_sentence(
    examined: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONHASHSEED", "nonsense")  # with which no Python begins
    status, answer = await examined()
    assert status == 503
    assert answer["error"]["what"] == "It could not be done in a process of its own."
    assert answer["error"]["next_step"]


async def test_a_doctors_process_that_takes_too_long_is_ended_and_told(
    examined: Ask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extension_module, "CHILD_S", 0.01)
    status, answer = await examined()
    assert status == 503
    assert answer["error"]["what"]
    assert not [each for each in psutil.Process().children() if "seedance_widgets.server.child" in each.cmdline()]
