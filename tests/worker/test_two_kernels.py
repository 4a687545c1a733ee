"""Two kernels on one history, as real processes that are paused, killed and set to other clocks.

Whatever becomes of them, every generation that the server charged is in the history with its request id, and nothing
that a person wanted once is charged twice.
"""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from accepting import HALF, KEY, Api
from samples import until
from scripted import ScriptedServer, answer

import seedance_widgets as sw
from seedance_widgets.store import Store
from seedance_widgets.store import history as store_history
from seedance_widgets.store import leases as store_leases
from seedance_widgets.worker import leasing as worker_leases
from seedance_widgets.worker import worker as rounds

pytestmark = [pytest.mark.skipif(os.name != "posix", reason="SIGSTOP and SIGKILL"), pytest.mark.timeout(120)]

BEGIN = """
import sys, time
import seedance_widgets as sw
session = sw.connect(sys.argv[2], sys.argv[1], home=sys.argv[3], requests_per_minute=float(sys.argv[4]))
session.models()
print("ready", flush=True)
"""

Run = Callable[..., subprocess.Popen[str]]


@pytest.fixture
def api() -> Iterator[Api]:
    with ScriptedServer() as server:
        yield Api(server)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def run(api: Api, home: Path, tmp_path: Path) -> Iterator[Run]:
    """A kernel of its own: a process with a session on the history, which does what it is told and then waits."""
    processes: list[subprocess.Popen[str]] = []

    def run(code: str, *, requests_per_minute: float = 60_000, before: str = "") -> subprocess.Popen[str]:
        text = f"{before}{BEGIN}{code}\nprint('done', flush=True)\ntime.sleep(300)\n"
        command = [sys.executable, "-c", text, api.server.url, KEY, str(home), str(requests_per_minute)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=tmp_path)
        processes.append(process)
        said(process, "ready")
        return process

    yield run
    for process in processes:
        process.kill()
        process.communicate()


def said(process: subprocess.Popen[str], word: str) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        if line.strip() == word:
            return
    pytest.fail(f"the other kernel ended without saying {word!r}")


@pytest.fixture
def watchful(monkeypatch: pytest.MonkeyPatch) -> None:
    """A kernel in this process that takes others for dead after three seconds instead of thirty."""
    monkeypatch.setattr(store_leases, "LEASE_S", 3.0)
    monkeypatch.setattr(store_history, "LEASE_S", 3.0)
    monkeypatch.setattr(rounds, "HOUSEKEEPING_S", 1.0)
    monkeypatch.setattr(worker_leases, "SLEPT_S", 2.0)


@pytest.fixture
def second(api: Api, home: Path) -> Iterator[sw.Session]:
    session = sw.connect(KEY, api.server.url, home=home, requests_per_minute=60_000)
    yield session
    session.close()


def pause(process: subprocess.Popen[str]) -> None:
    """Stop it once it has nothing to write: one that is stopped within a transaction keeps the whole file locked."""
    time.sleep(1.5)
    os.kill(process.pid, signal.SIGSTOP)


def charged(api: Api) -> Counter[str]:
    """How often the server charged for each prompt."""
    return Counter(api.charged)


def known(home: Path) -> Counter[str]:
    """The prompts of the rows that have a request id."""
    store = Store(home / "history.db")
    try:
        return Counter(row.request.prompt for row in store.rows(limit=500) if row.request_id)
    finally:
        store.close()


def statuses(session: sw.Session) -> Counter[str]:
    return Counter(job.status for job in session.jobs(limit=500))


SWEEP = f"""
session.sweep("a {{n}}", n=list(range(6)), at_once=6, name="x", **{HALF!r})
while sum(job.request_id is not None for job in session.jobs()) < 2: time.sleep(0.05)
"""


@pytest.mark.usefixtures("watchful")
def test_a_kernel_that_was_paused_sends_nothing_that_another_has_sent_meanwhile(
    api: Api, home: Path, run: Run, second: sw.Session
) -> None:
    """It paid for 20 of 40 jobs a second time, and forgot what it had paid for."""
    api.accepts = 2  # so that four wait for their turn
    first = run(SWEEP)
    said(first, "done")
    pause(first)
    api.accepts = math.inf
    until(lambda: statuses(second)["submitting"] == 0, 40)
    sweep = second.sweep_of("x").resume(6)
    until(lambda: not sweep.unsent_places() and statuses(second)["submitting"] == 0, 30)
    os.kill(first.pid, signal.SIGCONT)
    time.sleep(3)  # it has work to do, and finds that it has none
    assert set(charged(api).values()) == {1}
    assert charged(api) == known(home)
    assert len(charged(api)) == 6
    assert second.costs().total.jobs == 6


SUBMIT = f"""
for number in range(3):
    session.start("p%d" % number, **{HALF!r})
while not any(job.row.sent_at for job in session.jobs()): time.sleep(0.02)
"""


@pytest.mark.usefixtures("watchful")
def test_an_answer_that_comes_to_a_kernel_that_was_paused_over_it_is_kept(
    api: Api, home: Path, run: Run, second: sw.Session
) -> None:
    """The other kernel had closed the row meanwhile, and the acceptance was dropped."""
    reply = api._reply
    answered: list[float] = []

    def slow(seen: object) -> object:
        if getattr(seen, "method", "") == "POST":
            time.sleep(4.0)
            answered.append(time.monotonic())
        return reply(seen)  # type: ignore[arg-type]

    api.server.say(slow)  # type: ignore[arg-type]
    first = run(SUBMIT)
    said(first, "done")
    pause(first)
    until(lambda: len(answered) == 3, 30)
    until(lambda: statuses(second)["unconfirmed"] + statuses(second)["failed"] == 3, 30)
    os.kill(first.pid, signal.SIGCONT)
    until(lambda: charged(api) == known(home), 20)
    assert statuses(second)["unconfirmed"] == 0


@pytest.mark.usefixtures("watchful")
def test_a_clock_that_is_ahead_takes_no_living_kernel_for_dead(
    api: Api, home: Path, run: Run, second: sw.Session
) -> None:
    """The second worker's clock was 31 s ahead: it said "not sent" of what was then sent and paid."""
    ahead = "import time; real = time.time; time.time = lambda: real() + 31\n"
    run("", before=ahead)
    for number in range(4):
        second.start(f"p{number}", **HALF).wait_accepted()
    time.sleep(2.5)
    assert statuses(second) == {"queued": 4} or statuses(second)["failed"] == 0
    assert charged(api) == known(home)


MANY = f"""
for number in range(40):
    session.start("p%d" % number, **{HALF!r})
while sum(bool(job.request_id) for job in session.jobs(limit=100)) < 3: time.sleep(0.05)
while len(session.jobs(limit=100)) < 40: time.sleep(0.05)
"""


def test_of_many_that_waited_for_their_turn_when_the_kernel_was_killed_none_is_in_doubt(
    api: Api, home: Path, run: Run
) -> None:
    """20 of 40 had never left, and all 20 became "you may have been charged"."""
    first = run(MANY, requests_per_minute=20)
    said(first, "done")
    first.kill()
    first.wait()
    before = time.monotonic()
    session = sw.connect(KEY, api.server.url, home=home, requests_per_minute=60_000)
    until(lambda: statuses(session)["submitting"] == 0, 20)
    assert time.monotonic() - before < 15, "a dead process is seen at once"
    assert statuses(session)["unconfirmed"] <= 1, "at most the one that was just being sent"
    unsent = [job for job in session.jobs(status="failed", limit=100) if job.request_id is None]
    assert len(unsent) + len(charged(api)) + statuses(session)["unconfirmed"] >= 40
    assert set(charged(api)) >= set(known(home))
    session.close()


def test_a_job_that_another_kernel_is_sending_is_cancelled_once_it_is_accepted(
    api: Api, home: Path, run: Run, second: sw.Session
) -> None:
    """It said "Cancelling" until it succeeded."""
    reply = api._reply

    def slow(seen: object) -> object:
        if str(getattr(seen, "path", "")).endswith("/cancel"):
            api.status = "cancelled"
            return answer(200, {"success": True})
        if getattr(seen, "method", "") == "POST":
            time.sleep(2.0)
        return reply(seen)  # type: ignore[arg-type]

    api.server.say(slow)  # type: ignore[arg-type]
    first = run(SUBMIT.replace("range(3)", "range(1)"))
    said(first, "done")
    (job,) = second.jobs()
    job.cancel()
    until(lambda: second.jobs()[0].status == "cancelled", 20)
    assert len(api.server.of("POST", "/cancel")) == 1


def test_a_job_that_waits_for_its_turn_in_another_kernel_is_never_sent_once_it_is_cancelled(
    api: Api, home: Path, run: Run, second: sw.Session
) -> None:
    first = run(f'for n in range(12): session.start("p%d" % n, **{HALF!r})', requests_per_minute=6)
    said(first, "done")
    until(lambda: len(second.jobs(limit=50)) == 12)
    waiting = next(job for job in second.jobs(limit=50) if job.row.sent_at is None)
    assert waiting.cancel().status_text == "Not sent"
    assert waiting.request.prompt not in charged(api)


def test_the_same_cell_in_two_kernels_is_one_create_however_long_the_models_take(api: Api, home: Path) -> None:
    """`%seedance` was run in two notebooks two seconds apart while /models took three."""
    reply = api._reply

    def slow(seen: object) -> object:
        if str(getattr(seen, "path", "")).endswith("/models"):
            time.sleep(1.5)
        return reply(seen)  # type: ignore[arg-type]

    api.server.say(slow)  # type: ignore[arg-type]
    sessions = [sw.connect(KEY, api.server.url, home=home, requests_per_minute=60_000) for _ in range(2)]
    jobs = []
    for session in sessions:
        jobs.append(session.start("A boat", fresh=False, **HALF))
        time.sleep(0.5)
    for job in jobs:
        job.wait_accepted(20)
    assert charged(api) == {"A boat": 1}
    assert jobs[0].id == jobs[1].id
    assert sorted(job.merged for job in jobs) == [False, True]
    for session in sessions:
        session.close()
