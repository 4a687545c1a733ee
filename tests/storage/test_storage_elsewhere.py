"""Clips in object storage for others than the kernel that made them: a team, a worker without a disk, the doctor."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from buckets import HERE, SMALL, Connect
from s3_server import BUCKET, READER, Server
from samples import until

import seedance_widgets as sw
from seedance_widgets.clips.hashes import sha256_of
from seedance_widgets.store import Store

pytestmark = pytest.mark.slow


def test_two_people_on_one_postgresql_and_one_bucket_see_each_others_clips(
    connect: Connect, team_address: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEEDANCE_DATABASE_URL", team_address)
    made = {}
    for name in ("ann", "bob"):
        (tmp_path / name).mkdir()
        monkeypatch.chdir(tmp_path / name)
        made[name] = connect(tmp_path / f"{name}s-home")
        made[name].start(f"A boat of {name}", **SMALL).wait(60)
    for name, other in (("ann", "bob"), ("bob", "ann")):
        monkeypatch.chdir(tmp_path / name)
        (theirs,) = [job for job in made[name].jobs() if other in job.request.prompt]
        clip = theirs.clip
        assert clip is not None
        assert clip.path.parent == tmp_path / name / "seedance_clips"
        (own,) = [job for job in made[other].jobs() if job.id == theirs.id]
        assert own.clip is not None
        assert sha256_of(clip.path) == sha256_of(own.clip.path)


KERNEL = """
import os, sys
import seedance_widgets as sw
session = sw.connect(clips=sys.argv[1], requests_per_minute=6000)
session.start("A boat", model="seedance-2.0-fast", duration=4, resolution="480p").wait_accepted()
os.kill(os.getpid(), 9)
"""


@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_worker_puts_the_clip_of_a_killed_kernel_and_keeps_nothing_on_its_disk(
    simulator: sw.Simulator, tmp_path: Path, s3: Server
) -> None:
    """As in a container: no room for copies."""
    home = tmp_path / "home"
    named = {"API_KEY": simulator.settings.api_key, "BASE_URL": simulator.base_url, "HOME": str(home)}
    named["CLIPS_CACHE_BYTES"] = "0"
    environment = {**os.environ, **{f"SEEDANCE_{name}": value for name, value in named.items()}}
    command = [sys.executable, "-c", KERNEL, HERE]
    killed = subprocess.run(command, env=environment, cwd=tmp_path, timeout=60, check=False)
    assert killed.returncode == -signal.SIGKILL
    worker = [
        sys.executable,
        "-m",
        "seedance_widgets.cli.main",
        "worker",
        "--until-idle",
        "--requests-per-minute",
        "6000",
    ]
    ended = subprocess.run(
        worker, env=environment, cwd=tmp_path, timeout=100, check=False, capture_output=True, text=True
    )
    assert (ended.returncode, ended.stderr) == (0, "")
    assert len(s3.names()) == 3
    store = Store(home / "history.db")
    assert [(row.clip_path or "").rpartition("/")[0] for row in store.rows()] == [HERE]
    store.close()
    films = [path for path in tmp_path.rglob("*.mp4") if tmp_path / "service" not in path.parents]
    assert films == []


def test_the_doctor_puts_a_tiny_file_looks_at_it_and_deletes_it(session: sw.Session, s3: Server) -> None:
    report = str(session.doctor(network=True))
    assert f"put into {HERE}; copies in" in report
    assert f"{HERE}: a tiny file was put, looked at and deleted" in report
    assert s3.names() == []


@pytest.mark.parametrize(
    ("bucket", "name", "value", "why"),
    [
        (HERE, "AWS_ACCESS_KEY_ID", READER, "these credentials may not do that"),
        (HERE, "AWS_ENDPOINT_URL", "http://127.0.0.1:9", "it could not be reached"),
        ("s3://missing/films", "AWS_REGION", "us-east-1", "."),
    ],
    ids=["only to read", "nobody there", "no such bucket"],
)
def test_the_doctor_says_why_a_bucket_takes_no_clip(
    connect: Connect, monkeypatch: pytest.MonkeyPatch, bucket: str, name: str, value: str, why: str
) -> None:
    monkeypatch.setenv(name, value)
    monkeypatch.setattr("seedance_widgets.storage.bucket.RETRYING_S", 1)
    checks = [check for check in connect(clips=bucket).doctor(network=True).checks if check.name == "clips"]
    assert [check.ok for check in checks] == [True, False]
    assert why in checks[1].detail
    assert BUCKET in checks[1].detail or "missing" in checks[1].detail


def test_the_simulator_puts_its_clips_there_too(tmp_path: Path, s3: Server) -> None:
    session = sw.simulate(speed=1e9, home=tmp_path / "pretended", clips=HERE)
    try:
        job = session.start("A boat", **SMALL)
        until(lambda: job.row.clip_path is not None)
        assert job.row.clip_path == f"{HERE}/a-boat-{job.id}.mp4"
        assert len(s3.names()) == 3
    finally:
        session.close()


def test_a_sweep_puts_every_clip_there(session: sw.Session, s3: Server) -> None:
    sweep = session.sweep("a {colour} boat", colour=["red", "blue"], **SMALL)
    sweep.wait(60)
    assert len([name for name in s3.names() if name.endswith(".mp4")]) == 2
