"""A simulator in a process of its own whose faults a test sets, and a person with a session whose time flies.

Time flies for the schedule only: a fake clock runs 200 times faster than life, and no wait between tries is waited.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from impatience import Retry, no_waiting

import seedance_widgets as sw
from seedance_widgets.clips import video
from seedance_widgets.session import wiring
from seedance_widgets.session.session import Session
from seedance_widgets.worker import Needs, worker

KEY = "sd2_live_simulator"
SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p", "model": "seedance-2.0-fast"}
PROMPT = "a paper boat"
FASTER = 200.0


@dataclass
class Service:
    """The simulator's process, as its keeper sees it."""

    url: str
    http: httpx.Client

    def set(self, *faults: str) -> None:
        """These faults from now on; calls are counted anew."""
        self.http.put("/simulator/faults", json={"faults": list(faults)}).raise_for_status()

    def let_in(self, key: str | None) -> None:
        self.http.put("/simulator/key", json={"api_key": key}).raise_for_status()

    def calls(self, endpoint: str) -> int:
        """How many calls an endpoint had since faults were set."""
        return int(self.http.get("/simulator/faults").json()["calls"][endpoint])

    def charged(self, tag: str) -> list[str]:
        """The request ids of everything that was charged for one test."""
        told = self.http.get("/simulator/ledger").json()["generations"]
        return [g["requestId"] for g in told if (g["metadata"] or {}).get("tag") == tag]


@pytest.fixture(scope="session")
def process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """`seedance simulator`, started once: what it keeps is told apart by each test's tag."""
    home = tmp_path_factory.mktemp("simulator")
    command = [sys.executable, "-m", "seedance_widgets.cli", "simulator", "--port", "0", "--speed", "inf"]
    command += ["--credits", "1000000", "--home", str(home), "--key", KEY]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        url = next(line.partition("=")[2].strip() for line in running.stdout if "SEEDANCE_BASE_URL" in line)
        headers = {"Authorization": f"Bearer {KEY}"}
        with httpx.Client(base_url=url, headers=headers, trust_env=False, timeout=30.0) as http:
            yield Service(url, http)
        running.terminate()


@pytest.fixture
def service(process: Service) -> Iterator[Service]:
    process.set()
    yield process
    process.set()
    process.let_in(KEY)


class Flying:
    """A clock that runs faster than life, and can be set."""

    def __init__(self) -> None:
        self._began = time.time()
        self.ahead_s = 0.0

    def __call__(self) -> float:
        now = time.time()
        return now + (now - self._began) * (FASTER - 1) + self.ahead_s


@dataclass
class Person:
    """Somebody who submits, and knows how often they meant to."""

    service: Service
    home: Path
    tag: str
    meant: int = 0
    sessions: list[Session] = field(default_factory=list)

    def connect(self, **settings: Any) -> Session:
        """A session of this person's, over the same history every time."""
        settings = {"api_key": KEY, "base_url": self.service.url, "home": self.home, **settings}
        self.sessions.append(sw.connect(requests_per_minute=60_000, **settings))
        return self.sessions[-1]

    @property
    def session(self) -> Session:
        return self.sessions[-1] if self.sessions else self.connect(read_timeout_s=2.0)

    def start(self, *faults: str, prompt: str = PROMPT, **simulated: Any) -> sw.Job:
        """Submit once, with faults that happen to this job alone."""
        self.meant += 1
        metadata = {"tag": self.tag, "simulator": {"faults": list(faults), **simulated}}
        return self.session.start(prompt, metadata=metadata, **SMALL)

    def charged(self) -> int:
        return len(self.service.charged(self.tag))

    def row(self) -> Any:
        """The only job of this history, as it is on disk."""
        (row,) = self.session.store.rows()
        return row

    def goes_on_working(self) -> None:
        """Another job still comes to its end: the worker has survived."""
        other = self.session.start("another", metadata={"simulator": {"outcome": "failed"}}, **SMALL)
        with pytest.raises(sw.GenerationFailed, match="asked to fail"):
            other.wait(timeout=20)

    def clips(self) -> list[Path]:
        return sorted(Path("seedance_clips").glob("*"))


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Flying:
    flying, needs_of = Flying(), wiring.needs_of

    def with_clock(*given: Any) -> Needs:
        return replace(needs_of(*given), clock=flying)

    monkeypatch.setattr("seedance_widgets.session.base.needs_of", with_clock)
    monkeypatch.setattr(worker, "WAKE_S", 0.02)
    return flying


@pytest.fixture
def person(
    service: Service,
    clock: Flying,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request: pytest.FixtureRequest,
) -> Iterator[Person]:
    monkeypatch.chdir(tmp_path)
    somebody = Person(service, tmp_path / "home", f"{request.node.name}/{time.time_ns()}")
    yield somebody
    for session in somebody.sessions:
        session.close()


@pytest.fixture(autouse=True)
def retries() -> Iterator[list[Retry]]:
    """What was sent again, without the waits before it."""
    with no_waiting() as seen:
        yield seen


@pytest.fixture
def until() -> Callable[..., None]:
    def wait(reached: Callable[[], Any], deadline_s: float = 60.0) -> None:
        end = time.monotonic() + deadline_s
        while not reached():
            assert time.monotonic() < end, "it did not come to pass"
            time.sleep(0.005)

    return wait


def is_whole(clips: Sequence[Path]) -> bool:
    """Whether a folder holds one clip that plays to its end, its poster, its story, and nothing else."""
    films = [path for path in clips if path.suffix == ".mp4"]
    return (
        sorted(path.suffix for path in clips) == [".jpg", ".json", ".mp4"]
        and video.probe(films[0])["duration_s"] == 4.0
    )
