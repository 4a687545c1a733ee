"""Runs the cells of a page one after the other in IPython, with the names that pages take for given.

python run_snippets.py FOLDER_OF_CELLS
"""

from __future__ import annotations

import math
import sys
from pathlib import Path
from typing import Any

from IPython.core.interactiveshell import InteractiveShell
from traitlets.config import Config

import seedance_widgets as sw
from seedance_widgets.life import schedule
from seedance_widgets.simulator import film

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}


def next_look_at(row: Any, prior: Any, **_: Any) -> float:
    """A look every twentieth of a second."""
    return max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05


class OneFilm:
    """Films once, and gives that film for every prompt: to film takes seconds of work."""

    def __init__(self) -> None:
        self._render = film.render
        self._made: bytes | None = None

    def render(self, spec: Any, path: Path, **more: Any) -> None:
        """Stands in for `film.render`."""
        if self._made is None:
            self._render(spec, path, **more)
            self._made = path.read_bytes()
        path.write_bytes(self._made)


def main(folder: Path) -> int:
    """Run them; the answer is 1 where one fails."""
    film.render = OneFilm().render
    schedule.next_look_at = next_look_at  # type: ignore[assignment]
    shell = InteractiveShell.instance(config=Config({"HistoryManager": {"enabled": False}}))
    shell.run_cell("%load_ext seedance_widgets")
    session = sw.simulate(speed=math.inf)
    sw.use_session(session)
    sw.connect = lambda *_, **__: session
    job = session.submit("a paper boat", **SMALL)
    clip = job.wait(timeout=60)
    other = session.submit("a paper boat in rain", parent_id=job.id, **SMALL)
    other.wait(timeout=60)
    job.mark(starred=True)
    shell.user_ns |= {
        "sw": sw,
        "session": session,
        "job": job,
        "other": other,
        "clip": clip,
        "jobs": [job, other],
    }
    for path in sorted(folder.glob("*.cell")):
        text = path.read_text(encoding="utf-8")
        text = text.replace("ID ID", f"{job.id} {other.id}").replace(" ID", f" {job.id}").replace("(ID", f"({job.id}")
        done = shell.run_cell(text)
        if not done.success:
            print(f"--- in this cell:\n{text}")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1])))
