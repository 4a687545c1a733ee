"""The history that 0.1.0 left, put where a test can use it, and what can be said of a history in public words.

`golden/make_history_0_1_0.py` tells how it was made.
"""

from __future__ import annotations

import json
import shutil
import sqlite3
from dataclasses import asdict
from pathlib import Path
from typing import Any

from samples import until

import seedance_widgets as sw

FOLDER = Path(__file__).parent / "golden" / "history-0.1.0"
ROOT, API = "@ROOT@", "@API@"
"""What stands for the folder that it lies in, and for the address of the API."""
RUN_ON = ("Never ends", "At the API, still running")
"""The prompts of the jobs that the server has not ended yet, however late it is."""


def prepared(place: Path, api_url: str) -> Path:
    """A copy of the folder that could have been made at `place`: absolute paths in it lead there."""
    for name in ("home", "project"):
        shutil.copytree(FOLDER / name, place / name)
    values = {ROOT: str(place), API: api_url}
    database = sqlite3.connect(place / "home" / "history.db")
    with database:
        for table in ("jobs", "sweeps"):
            for _, name, kind, *_ in database.execute(f"PRAGMA table_info({table})").fetchall():
                for mark, value in values.items() if kind == "TEXT" else ():
                    change = f"UPDATE {table} SET {name} = replace({name}, ?, ?) WHERE {name} LIKE '%' || ? || '%'"
                    database.execute(change, (mark, value, mark))
    database.close()
    for path in (place / "home" / "submissions.jsonl", place / "project" / "first.ipynb"):
        text = path.read_text(encoding="utf-8")
        for mark, value in values.items():
            text = text.replace(mark, json.dumps(value)[1:-1])
        path.write_text(text, encoding="utf-8")
    return place


def resume_all(*sessions: sw.Session) -> None:
    """Wait until all has ended that can: what was open when the last kernel went is looked after anew."""

    def settled() -> bool:
        jobs = [job for session in sessions for job in session.jobs(limit=1000)]
        return all(job.settled or job.request.prompt in RUN_ON or job.status == "unconfirmed" for job in jobs)

    until(settled, 120.0)


def said_of(session: sw.Session, place: Path) -> dict[str, Any]:
    """What a session says of its history: every job with all its marks, every sweep, and what it all cost."""
    jobs = session.jobs(limit=1000)
    return {
        "jobs": {job.id: _job(job, place) for job in jobs},
        "sweeps": {sweep.id: _sweep(sweep) for sweep in session.sweeps(limit=100)},
        "costs": {by: _costs(session, by) for by in ("model", "sweep", "notebook")},
    }


def _job(job: sw.Job, place: Path) -> dict[str, Any]:
    clip = job.clip
    request = {name: value for name, value in asdict(job.request).items() if value not in (None, (), [], {})}
    return {
        "request_id": job.request_id,
        "status": job.status,
        "request": json.loads(json.dumps(request)),
        "created_at": job.created_at,
        "starred": job.starred,
        "rating": job.rating,
        "tags": list(job.tags),
        "note": job.note,
        "cost": job.cost,
        "credits": job.credits_charged,
        "parent": job.parent and job.parent.id,
        "sweep": job.sweep and job.sweep.id,
        "error": type(job.error).__name__,
        "clip": clip and clip.path.relative_to(place).as_posix(),
        "poster": clip and clip.poster_path and clip.poster_path.relative_to(place).as_posix(),
        "notebook": job.row.notebook and Path(job.row.notebook).relative_to(place).as_posix(),
    }


def _sweep(sweep: sw.Sweep) -> dict[str, Any]:
    return {
        "name": sweep.row.name,
        "status": sweep.status,
        "cost": sweep.cost,
        "jobs": sorted(job.id for job in sweep.jobs),
    }


def _costs(session: sw.Session, by: str) -> list[list[Any]]:
    """The figures of each line, in the order of their size: by what words a line is named may change."""
    names = ("jobs", "estimated_usd", "credits_charged", "failed", "failed_usd", "failed_credits", "cancelled")
    names = (*names, "cancelled_usd", "cancelled_credits", "unknown", "not_charged")
    lines = [[getattr(line, name) for name in names] for line in session.costs(by)]
    return sorted([round(value, 6) for value in line] for line in lines)
