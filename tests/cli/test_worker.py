"""`seedance worker` in a process of its own, beside kernels that live, that were killed, and other workers."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from samples import until
from worker_place import Place, asked, ended

from seedance_widgets.cli.worker import LOOK_S
from seedance_widgets.life import CancelAsked

pytestmark = pytest.mark.skipif(os.name != "posix", reason="SIGKILL")

PAGE = ("IPython", "ipykernel", "ipywidgets", "anywidget")


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


def test_one_worker_looks_after_the_jobs_of_the_simulator_and_of_the_api_in_one_history(
    make: Callable[..., Place],
) -> None:
    place = make()
    place.kernel(many=2)
    place.kernel("simulated, killed", 2)
    code, out = ended(place.worker("--until-idle"))
    assert (code, place.saved) == (0, ["boat-0", "boat-0", "boat-1", "boat-1"])
    for service in ("the simulator", place.server.base_url):
        assert f"Looks after the jobs at {service}." in out
    with place.store() as store:
        ends = sorted((row.service, row.status) for row in store.rows())
    assert ends == sorted([("simulator", "succeeded"), (place.server.base_url, "succeeded")] * 2)


def test_the_simulators_jobs_do_not_wait_for_a_key_that_those_of_the_api_need(make: Callable[..., Place]) -> None:
    place = make()
    place.kernel()
    place.kernel("simulated, killed")
    del place.environment["SEEDANCE_API_KEY"]
    code, out = ended(place.worker("--until-idle"))
    assert (code, place.saved) == (3, ["boat-0"])
    assert f"1 open at {place.server.base_url}. Their clips are not fetched: no API key was found here." in out


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
        held = set(asked(store, lease))
        worker = place.worker()
        assert worker.stdout is not None
        worker.stdout.readline()  # it has an engine by now
        time.sleep(2.5)  # past its settling and its first take-over
        assert set(asked(store, lease)) == held
    assert str(kernel.pid) in str(held)


def test_until_idle_it_waits_for_a_job_that_a_living_kernel_looks_after_and_does_not_take_it(
    make: Callable[..., Place],
) -> None:
    place = make()
    kernel = place.kernel("lives", seconds=86_400)
    place.kernel("simulated, killed")  # this one is nothing to the other kernel, which asks another service
    with place.store() as store:
        (job_id,) = asked(store, f"SELECT id FROM jobs WHERE lease_owner LIKE '%.{kernel.pid}.%'")
        lease = f"SELECT lease_owner FROM jobs WHERE id = '{job_id}'"
        worker = place.worker("--until-idle")
        assert worker.stdout is not None
        said = [worker.stdout.readline()]
        while "saved" not in said[-1]:  # the other job: it has taken over all that it takes over
            assert said[-1], said
            said.append(worker.stdout.readline())
        time.sleep(1.0 + LOOK_S)  # it looks once more at least
        assert worker.poll() is None
        owners = set(asked(store, lease))
        store.apply(job_id, CancelAsked(time.time()))  # its kernel carries that out

        def has_ended() -> bool:
            owners.update(asked(store, lease))
            return worker.poll() is not None

        until(has_ended)
        assert {str(owner).split(".")[-2] for owner in owners - {None}} == {str(kernel.pid)}
        assert sorted(row.status for row in store.rows()) == ["cancelled", "succeeded"]
    code, out = ended(worker)
    assert (code, kernel.poll()) == (0, None)
    assert "No job is open any more." in out


@pytest.mark.alone
def test_sigterm_ends_it_within_a_second_and_leaves_every_row_to_the_next(make: Callable[..., Place]) -> None:
    place = make(speed=0.01)
    place.kernel(many=3)
    worker = place.worker()
    with place.store() as store:
        held = "SELECT count(*) FROM jobs WHERE lease_owner LIKE '%." + str(worker.pid) + ".%'"
        until(lambda: asked(store, held) == [3], 30)
        time.sleep(1.0)  # past the loading of modules, which holds the interpreter
        began = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        code, out = ended(worker)
        assert (code, time.monotonic() - began < 1.0) == (0, True)
        assert "3 open jobs go on" in out
        assert asked(store, "SELECT lease_owner FROM jobs") == [None] * 3


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
    worker = place.run([sys.executable, "-c", run, "worker", "--until-idle"])
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
