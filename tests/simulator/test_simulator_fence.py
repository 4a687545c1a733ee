"""No page of a stranger reaches a simulator on loopback, and nobody guesses its key."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import httpx
import pytest

from seedance_widgets.simulator import Simulator, SimulatorSettings

from .conftest import GENERATIONS

REQUEST = {"model": "seedance-2.0", "prompt": "a boat"}


@pytest.fixture
def simulator(instant_films: None) -> Iterator[Simulator]:
    with Simulator(SimulatorSettings(speed=1e6)) as simulator:
        yield simulator


def ask(simulator: Simulator, url: str, method: str = "GET", **headers: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {simulator.settings.api_key}"} | headers
    body = REQUEST if method == "POST" else None
    return httpx.request(method, url, headers=headers, json=body, trust_env=False)


@pytest.mark.parametrize(
    "host",
    [
        "attacker.example",
        "127.0.0.1.attacker.example",
        "localhost.attacker.example",
        "attacker.example:80",
        "10.0.0.1",
        "0.0.0.0",
        "2130706433",
        "localhost@attacker.example",
        "attacker.example#127.0.0.1",
        "127.0.0.1/",
        "",
    ],
)
@pytest.mark.parametrize(
    "path", ["/api/open/v1/models", "/openapi.json", "/simulator/ledger", "/open-api-results/a.mp4"]
)
def test_a_name_that_leads_here_is_not_our_name(simulator: Simulator, host: str, path: str) -> None:
    """DNS rebinding: the page's own name leads to 127.0.0.1, and the browser lets it read the answers."""
    url = simulator.files_url if path.endswith("mp4") else simulator.base_url
    assert ask(simulator, url + path, Host=host).status_code == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost:9", "[::1]:9", "LOCALHOST", "127.0.0.1:8787"])
def test_every_name_of_this_machine_is_taken(simulator: Simulator, host: str) -> None:
    assert ask(simulator, simulator.base_url + "/api/open/v1/models", Host=host).status_code == 200


@pytest.mark.parametrize("origin", ["https://attacker.example", "http://localhost:8888", "null", "file://", ""])
def test_a_page_of_another_origin_is_refused_and_charges_nothing(simulator: Simulator, origin: str) -> None:
    before = simulator.credits_left
    answer = ask(simulator, simulator.base_url + GENERATIONS, "POST", Origin=origin)
    assert answer.status_code == 403
    assert answer.json()["success"] is False
    assert "access-control-allow-origin" not in answer.headers
    assert simulator.credits_left == before


def test_a_page_of_the_same_origin_is_let_in(simulator: Simulator) -> None:
    assert ask(simulator, simulator.base_url + GENERATIONS, "POST", Origin=simulator.base_url).status_code == 200


def test_each_simulator_has_a_key_of_its_own_which_no_repr_shows() -> None:
    one, other = SimulatorSettings(), SimulatorSettings()
    assert one.api_key != other.api_key
    assert len(one.api_key) > 40
    assert one.api_key not in f"{one!r} {Simulator(one)!r}"
    assert SimulatorSettings(api_key="sd2_mine").api_key == "sd2_mine"


def test_the_old_key_that_everybody_knows_opens_nothing(simulator: Simulator) -> None:
    answer = ask(simulator, simulator.base_url + "/api/open/v1/models", Authorization="Bearer sd2_live_simulator")
    assert answer.status_code == 401


@pytest.mark.parametrize("key", ["", " ", "a b", "a\n", "schlüssel"])
def test_a_key_that_no_header_holds_is_refused_by_its_name(key: str) -> None:
    with pytest.raises(ValueError, match="api_key"):
        SimulatorSettings(api_key=key)


@pytest.mark.parametrize("named", [[], ["--key", "sd2_live_mine"]])
def test_the_shell_prints_the_key_in_force(named: list[str]) -> None:
    command = [sys.executable, "-m", "seedance_widgets.cli", "simulator", "--port", "0", *named]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        told = {}
        for line in running.stdout:
            name, equals, value = line.strip().removeprefix("export ").partition("=")
            told |= {name: value} if equals else {}
            if "SEEDANCE_API_KEY" in told:
                break
        headers = {"Authorization": f"Bearer {told['SEEDANCE_API_KEY']}"}
        url = told["SEEDANCE_BASE_URL"] + "/api/open/v1/models"
        assert httpx.get(url, headers=headers, trust_env=False).status_code == 200
        running.terminate()
    assert told["SEEDANCE_API_KEY"] != "sd2_live_simulator"
    assert not named or told["SEEDANCE_API_KEY"] == named[1]
