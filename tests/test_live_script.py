"""`python -m tests.live`, tried against the simulator: it asks first, spends what it says, and records no secret."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from seedance_widgets.simulator import Simulator, SimulatorSettings

ROOT = Path(__file__).parents[1]


def live(simulator: Simulator, *given: str, key: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "tests.live", "--base-url", simulator.base_url, "--every-s", "0.1", *given]
    env = {**os.environ, "SEEDANCE_LIVE_KEY": key}
    return subprocess.run(
        command, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )


def test_it_sends_two_jobs_when_agreed_to_and_records_neither_key_nor_link(tmp_path: Path) -> None:
    settings = SimulatorSettings(home=tmp_path / "server", speed=300, api_key="sd2_live_a_canary_4711")
    with Simulator(settings) as simulator:
        ended = live(simulator, "--yes", "--record", str(tmp_path / "told"), key=settings.api_key)
        generations = list((tmp_path / "server" / "generations").glob("*.json"))
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "$0.20 each (estimate)" in ended.stdout
    assert len(generations) == 2
    text = (tmp_path / "told" / "live.json").read_text(encoding="utf-8")
    told = json.loads(text)
    assert told["final"]["status"] == "succeeded"
    assert told["wrong key"]["status_code"] == 401
    assert settings.api_key not in text + ended.stdout
    assert "http://127.0.0.1" not in text
    assert not [path.stem for path in generations if path.stem in text]


def test_without_an_answer_to_its_question_nothing_is_sent(tmp_path: Path) -> None:
    settings = SimulatorSettings(home=tmp_path / "server", speed=300, api_key="sd2_live_a_canary_4711")
    with Simulator(settings) as simulator:
        ended = live(simulator, key=settings.api_key)
        assert ended.returncode == 2
        assert "Nothing was sent." in ended.stdout
        assert not list((tmp_path / "server" / "generations").glob("*.json"))
