"""An export of a hundred clips: how long, and how much of them is ever in memory."""

from __future__ import annotations

import shutil
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import seedance_widgets as sw
from seedance_widgets.jobs.job import Job
from seedance_widgets.life import Row
from seedance_widgets.session.session import Session
from seedance_widgets.types import GenerationRequest

from .figures import Figure, figure

CLIPS = 100
CLIP_BYTES = 8_000_000
"""A clip of five seconds at 720p."""
ROUNDS = 3


def measure() -> list[Figure]:
    """Export the same hundred clips to a folder and to a zip."""
    with TemporaryDirectory() as place, _session(Path(place)) as session:
        jobs = list(_jobs(session, Path(place)))
        figures = []
        for kind, ending in (("folder", ""), (".zip", ".zip")):
            spent = [_timed(session, jobs, Path(place) / f"{kind}-{n}{ending}") for n in range(ROUNDS)]
            peak = _peak(session, jobs, Path(place) / f"{kind}-peak{ending}")
            figures += [
                figure(f"export of {CLIPS} clips of 8 MB to a {kind}", spent, "s"),
                figure(f"memory at most, {kind}, in clips", [peak / CLIP_BYTES], "clips", at_most=1, worst_counts=True),
            ]
        return figures


@contextmanager
def _session(place: Path) -> Iterator[Session]:
    session = sw.simulate(home=place / "home")
    try:
        yield session
    finally:
        session.close()


def _jobs(session: Session, place: Path) -> Iterator[Job]:
    """Jobs with clips that are only bytes: an export copies them and does not look inside."""
    clip, poster = place / "clip.mp4", place / "clip.jpg"
    clip.write_bytes(bytes(CLIP_BYTES))
    poster.write_bytes(bytes(15_000))
    request = GenerationRequest(prompt="A paper boat crosses a puddle in heavy rain " * 4, model="seedance-2.0")
    facts = {"size_bytes": CLIP_BYTES, "width": 1280, "height": 720, "duration_s": 5.0, "fps": 24.0, "has_audio": True}
    row = Row(
        id="", service=session.service, request=request, created_at=time.time(), status="succeeded", request_id="req_1"
    )
    for number in range(CLIPS):
        saved = {"clip_path": str(clip), "poster_path": str(poster), "clip_facts": facts}
        yield Job(session, replace(row, id=f"job{number:05}", **saved))  # type: ignore[arg-type]


def _timed(session: Session, jobs: list[Job], target: Path) -> float:
    began = time.perf_counter()
    session.export(target, jobs)
    spent_s = time.perf_counter() - began
    _remove(target)
    return spent_s


def _peak(session: Session, jobs: list[Job], target: Path) -> int:
    tracemalloc.start()
    session.export(target, jobs)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    _remove(target)
    return peak


def _remove(target: Path) -> None:
    """Each is 800 MB."""
    shutil.rmtree(target) if target.is_dir() else target.unlink()
