"""What several test files share: a request, a row, a real clip, a clock that is set by hand."""

from __future__ import annotations

import os
from collections.abc import Callable, Generator, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import site_build
import team_database
from film_library import FilmLibrary
from hypothesis import settings
from samples import NOW, Clock, make_clip
from slow_tests import is_slow
from taking_turns import turn

from seedance_widgets.life import Row, schedule
from seedance_widgets.simulator import film
from seedance_widgets.types import GenerationRequest

for name in ("API_KEY", "BASE_URL", "HOME", "DATABASE_URL", "CAP_PER_DAY_USD", "WEBHOOK_SECRET"):
    os.environ.pop(f"SEEDANCE_{name}", None)  # no test may ever meet a real account
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.null.Keyring"  # nor a real keyring

settings.register_profile("repeatable", deadline=None, derandomize=True, database=None, max_examples=60)
settings.load_profile("repeatable")


QUICK = "not browser and not slow"
"""What `pytest` runs by itself; see pyproject.toml."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow ones before pytest leaves them out."""
    for item in items:
        if is_slow(item.path.as_posix(), item.name.partition("[")[0]):
            item.add_marker(pytest.mark.slow)


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Write down what became of a test, where SEEDANCE_OUTCOMES names a file: docs/where-it-works.md is held to it."""
    path = os.environ.get("SEEDANCE_OUTCOMES")
    if path and "PYTEST_XDIST_WORKER" not in os.environ and (report.when == "call" or report.outcome != "passed"):
        with open(path, "a", encoding="utf-8") as file:
            file.write(f"{report.outcome} {report.nodeid.removeprefix('tests/')}\n")


def pytest_unconfigure(config: pytest.Config) -> None:
    """Say last what was left out, and how to run it."""
    if config.option.markexpr == QUICK and not hasattr(config, "workerinput"):
        print("The browser tests and the slow ones were left out: pytest -n 2 -m 'browser or slow' runs them.")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    """A test that is marked `alone` runs while the other processes rest."""
    with turn(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="session")
def film_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the films of this run, one for all its processes."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "films"
    folder.mkdir(exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def film_library(film_folder: Path) -> FilmLibrary:
    return FilmLibrary(film_folder)


@pytest.fixture(autouse=True)
def shared_films(request: pytest.FixtureRequest, film_library: FilmLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
    """A simulator in this process films a prompt once and not for each seed, unless the test is marked `own_films`."""
    if request.node.get_closest_marker("own_films") is None:
        monkeypatch.setattr(film, "render", film_library.render)


@pytest.fixture(scope="session")
def team_server() -> Iterator[str]:
    """The address of a PostgreSQL that ends with the tests."""
    with team_database.running() as server:
        yield server.address


SCHEMAS = count()


@pytest.fixture
def team_address(team_server: str) -> str:
    """An empty team's database: a schema of its own."""
    return team_database.with_schema(team_server, f"test{next(SCHEMAS)}")


@pytest.fixture(params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    """Where a history is kept: a file of one's own, or a team's database. What holds for one holds for the other."""
    return tmp_path / "home" / "history.db" if request.param == "sqlite" else request.getfixturevalue("team_address")


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    """A look every twentieth of a second, instead of when it is worth one."""

    def next_look_at(row: Row, prior: schedule.Prior, **_: Any) -> float:
        return max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05

    monkeypatch.setattr(schedule, "next_look_at", next_look_at)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Callable[..., Any]]:
    """Runs a command on a pseudo terminal, in a folder of its own; see `pseudo_terminal.Terminal`."""
    from pseudo_terminal import Terminal  # there is none on Windows

    opened: list[Terminal] = []

    def run(*command: str, **named: Any) -> Terminal:
        opened.append(Terminal(tmp_path, *command, **named))
        return opened[-1]

    yield run
    for each in opened:
        each.close()


@pytest.fixture
def request_of() -> Callable[..., GenerationRequest]:
    """A request with our defaults; keywords change it."""

    def make(**changes: Any) -> GenerationRequest:
        plain = GenerationRequest(
            prompt="A paper boat crosses a puddle",
            model="seedance-2.0",
            duration=5,
            aspect_ratio="16:9",
            resolution="720p",
        )
        return replace(plain, **changes)

    return make


@pytest.fixture
def row_of(request_of: Callable[..., GenerationRequest]) -> Callable[..., Row]:
    """A row that was just written and sent; keywords change it."""

    def make(**changes: Any) -> Row:
        plain = Row(id="abcd2345", service="simulator", request=request_of(), created_at=NOW, sent_at=NOW)
        return replace(plain, **changes)

    return make


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built once: it runs the notebooks. Its tests need a longer timeout than others."""
    return site_build.build(tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="session")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clip of two seconds, 160 x 96, with sound. Do not change it: tests share it."""
    return make_clip(tmp_path_factory.mktemp("clip") / "whole.mp4")
