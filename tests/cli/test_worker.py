"""`seedance worker` in a process of its own, beside kernels that live, that were killed, and other workers."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from samples import until

from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.store import Store

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

KEY = "sd2_live_do_not_show_me_4711"
PAGE = ("IPython", "ipykernel", "ipywidgets", "anywidget")

KERNEL = """
import os, sys, time
from pathlib import Path
import seedance_widgets as sw
how, many, clips = sys.argv[1], int(sys.argv[2]), sys.argv[3]
named = {"requests_per_minute": 6000, "clips": clips}
session = sw.simulate(speed=10, clips=clips) if how.startswith("simulated") else sw.connect(**named)
jobs = [session.start(f"boat {n}", model="seedance-2.0-fast", duration=4, resolution="480p") for n in range(many)]
for job in jobs:
    job.wait_accepted()
if how.endswith("lives"):
    print("accepted", flush=True)
    sys.stdin.read()
    session.close()
else:
    os.kill(os.getpid(), 9)
"""
"""A process that sends jobs, and is killed as soon as they are accepted, or lives on."""

WORKER = [sys.executable, "-m", "seedance_widgets.cli.main", "worker", "--requests-per-minute", "6000"]


class Place:
    """A server, a data folder beside it, and the processes that use both."""

    def __init__(self, server: Simulator, folder: Path, environment: dict[str, str]) -> None:
        self.server, self.home, self.clips = server, folder / "home", folder / "clips"
        own = {"API_KEY": KEY, "BASE_URL": server.base_url, "HOME": str(self.home), **environment}
        self.environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in own.items()}}
        self.running: list[subprocess.Popen[str]] = []

    def kernel(self, how: str = "killed", many: int = 1) -> subprocess.Popen[str]:
        kernel = self._run([sys.executable, "-c", KERNEL, how, str(many), str(self.clips)], stdin=subprocess.PIPE)
        if how.endswith("lives"):
            assert kernel.stdout is not None
            assert kernel.stdout.readline() == "accepted\n"
        else:
            assert kernel.wait(60) == -signal.SIGKILL
        return kernel

    def worker(self, *options: str, **named: Any) -> subprocess.Popen[str]:
        return self._run([*WORKER, *options], **{"stdin": subprocess.DEVNULL, **named})

    def _run(self, command: list[str], **named: Any) -> subprocess.Popen[str]:
        piped: dict[str, Any] = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        self.running.append(subprocess.Popen(command, env=self.environment, **piped, **named))
        return self.running[-1]

    @contextlib.contextmanager
    def store(self) -> Iterator[Store]:
        store = Store(self.environment.get("SEEDANCE_DATABASE_URL") or self.home / "history.db")
        yield store
        store.close()

    @property
    def saved(self) -> list[str]:
        """The prompts of the clips that lie in the folder, each as often as it lies there."""
        return sorted(path.stem.rpartition("-")[0] for path in self.clips.glob("*.mp4"))


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., Place]]:
    """A place whose server ends jobs at once, or as fast as it is told."""
    with contextlib.ExitStack() as closing:
        places: list[Place] = []

        def make_place(speed: float = float("inf"), faults: tuple[str, ...] = (), **environment: str) -> Place:
            folder = tmp_path / "server"
            settings = SimulatorSettings(home=folder, speed=speed, credits=10**9, api_key=KEY, faults=faults)
            places.append(Place(closing.enter_context(Simulator(settings)), tmp_path, environment))
            return places[-1]

        yield make_place
        for place in places:
            for process in place.running:
                with process:  # closes its pipes
                    process.kill()


def ended(worker: subprocess.Popen[str], timeout_s: float = 90.0) -> tuple[int, str]:
    """Its exit code and what it said."""
    out, err = worker.communicate(timeout=timeout_s)
    assert err == ""
    return worker.returncode, out


def test_the_clip_of_a_kernel_that_was_killed_right_after_acceptance_is_saved(make: Callable[..., Place]) -> None:
    place = make()
    place.kernel()
    code, out = ended(place.worker("--until-idle"))
    assert (code, place.saved) == (0, ["boat-0"])
    assert "saved" in out
    assert "boat" not in out, "a prompt, or a file's name, which is made from it"
    with place.store() as store:
        assert [row.status for row in store.rows()] == ["succeeded"]


def test_nothing_open_ends_at_once_and_makes_no_history(make: Callable[..., Place]) -> None:
    place = make()
    assert ended(place.worker("--until-idle"))[0] == 0
    assert not place.home.exists()


def test_the_simulators_jobs_are_looked_after_by_running_one_over_the_same_folder(make: Callable[..., Place]) -> None:
    place = make()
    place.environment.pop("SEEDANCE_API_KEY")
    place.kernel("simulated, killed", 2)
    code, _ = ended(place.worker("--until-idle"))
    assert (code, place.saved) == (0, ["boat-0", "boat-1"])


def test_a_request_whose_kernel_was_killed_before_it_left_is_never_sent(
    make: Callable[..., Place], row_of: Callable[..., Any]
) -> None:
    place = make()
    with place.store() as store:
        store.add(row_of(service=place.server.base_url, sent_at=None), owner="host.1.0123456789abcdef")
        store.release("host.1.0123456789abcdef")
    code, out = ended(place.worker("--until-idle"))
    assert code == 0
    assert "abcd2345: not sent, nothing was charged" in out
    assert place.server.settings.home is not None
    assert list((place.server.settings.home / "generations").glob("*.json")) == []


def test_a_download_that_failed_is_tried_again(make: Callable[..., Place]) -> None:
    place = make(faults=("file:503",))
    place.kernel()
    code, out = ended(place.worker("--until-idle"))
    assert (code, place.saved) == (0, ["boat-0"]), out


def test_a_wish_to_cancel_is_carried_out(make: Callable[..., Place]) -> None:
    from seedance_widgets.life import CancelAsked

    place = make(speed=0.01)
    place.kernel()
    with place.store() as store:
        (row,) = store.rows()
        store.apply(row.id, CancelAsked(time.time()))
    code, out = ended(place.worker("--until-idle"))
    assert (code, "cancelled" in out) == (0, True)
    with place.store() as store:
        assert [row.status for row in store.rows()] == ["cancelled"]


def test_the_jobs_of_a_kernel_that_lives_stay_its_own(make: Callable[..., Place]) -> None:
    place = make(speed=0.01)
    kernel = place.kernel("lives")
    with place.store() as store:
        lease = "SELECT lease_owner FROM jobs"
        held = set(_asked(store, lease))
        worker = place.worker()
        assert worker.stdout is not None
        worker.stdout.readline()  # it has an engine by now
        time.sleep(2.5)  # past its settling and its first take-over
        assert set(_asked(store, lease)) == held
    assert str(kernel.pid) in str(held)


@pytest.mark.alone
def test_sigterm_ends_it_within_a_second_and_leaves_every_row_to_the_next(make: Callable[..., Place]) -> None:
    place = make(speed=0.01)
    place.kernel(many=3)
    worker = place.worker()
    with place.store() as store:
        held = "SELECT count(*) FROM jobs WHERE lease_owner LIKE '%." + str(worker.pid) + ".%'"
        until(lambda: _asked(store, held) == [3], 30)
        time.sleep(1.0)  # past the loading of modules, which holds the interpreter
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        code, out = ended(worker)
        assert (code, time.monotonic() - began < 1.0) == (0, True)
        assert "3 open jobs go on" in out
        assert _asked(store, "SELECT lease_owner FROM jobs") == [None] * 3


def test_it_ends_with_the_parent_that_holds_its_standard_input(make: Callable[..., Place]) -> None:
    place = make(speed=0.01)
    place.kernel()
    worker = place.worker("--with-parent", stdin=subprocess.PIPE)
    assert worker.stdout is not None
    worker.stdout.readline()
    assert worker.poll() is None
    assert worker.stdin is not None
    worker.stdin.close()
    assert worker.wait(5) == 0


def test_jobs_whose_key_is_not_here_are_told_and_left(make: Callable[..., Place]) -> None:
    place = make()
    place.kernel()
    del place.environment["SEEDANCE_API_KEY"]
    code, out = ended(place.worker("--until-idle"))
    assert code == 3
    assert "no API key was found here" in out
    assert place.saved == []


def test_jobs_of_another_address_are_told_and_left(make: Callable[..., Place]) -> None:
    place = make()
    place.kernel()
    place.environment["SEEDANCE_BASE_URL"] = "https://elsewhere.example"
    code, out = ended(place.worker("--until-idle"))
    assert code == 3
    assert f"SEEDANCE_BASE_URL={place.server.base_url}" in out


def test_a_password_on_the_command_line_is_refused_and_not_repeated(make: Callable[..., Place]) -> None:
    worker = make().worker("--database", "postgresql://ann:hunter2@nowhere.example/team")
    out, err = worker.communicate(timeout=60)
    assert worker.returncode == 1
    assert "SEEDANCE_DATABASE_URL" in err
    assert "hunter2" not in out + err


def test_it_loads_nothing_of_a_notebook(make: Callable[..., Place]) -> None:
    place = make()
    place.kernel()
    run = "import sys; from seedance_widgets.cli.main import main; main(sys.argv[1:]); print(*sys.modules)"
    worker = place._run([sys.executable, "-c", run, "worker", "--until-idle"])
    code, out = ended(worker)
    assert (code, place.saved) == (0, ["boat-0"])
    assert not set(PAGE) & {name.partition(".")[0] for name in out.splitlines()[-1].split()}


@pytest.mark.parametrize("where", ["sqlite", "postgresql"])
def test_two_workers_share_twenty_rows_and_save_each_clip_once(
    make: Callable[..., Place], where: str, request: pytest.FixtureRequest
) -> None:
    team = {"DATABASE_URL": request.getfixturevalue("team_address")} if where == "postgresql" else {}
    place = make(**team)
    place.kernel(many=20)
    workers = [place.worker("--until-idle") for _ in range(2)]
    told = [ended(worker) for worker in workers]
    assert [code for code, _ in told] == [0, 0]
    assert place.saved == sorted(f"boat-{number}" for number in range(20))
    assert sum(out.count(": saved") for _, out in told) == 20


def _asked(store: Store, query: str) -> list[Any]:
    import sqlalchemy as sa

    return store._read(lambda connection: list(connection.execute(sa.text(query)).scalars()))
