"""Runs the cells of a page one after the other in IPython, with the names that pages take for given.

python run_snippets.py FOLDER_OF_CELLS FOLDER_OF_FILMS
"""

from __future__ import annotations

import builtins
import math
import shutil
import sys
import time
from pathlib import Path
from typing import Any

import av
import httpx
import numpy as np
from film_library import FilmLibrary
from IPython.core.interactiveshell import InteractiveShell
from PIL import Image
from traitlets.config import Config

import seedance_widgets as sw
from seedance_widgets.life import schedule
from seedance_widgets.notebook import environment
from seedance_widgets.simulator import film
from seedance_widgets.simulator.film import ClipSpec

SMALL: dict[str, Any] = {"duration": 4, "resolution": "480p"}


def next_look_at(row: Any, prior: Any, **_: Any) -> float:
    """A look every twentieth of a second."""
    return max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05


class OneFilm:
    """Gives one film for every prompt, and films it where no page before has: to film takes seconds of work."""

    def __init__(self, folder: Path) -> None:
        self._library = FilmLibrary(folder)
        self._spec: ClipSpec | None = None

    def render(self, spec: ClipSpec, path: Path, **more: Any) -> None:
        """Stands in for `film.render`."""
        self._spec = self._spec or spec
        self._library.render(self._spec, path, **more)


def lie_about(clip: Any) -> dict[str, Any]:
    """The files that pages name, in the current folder, and the objects that people have made themselves."""
    for ending in (".mp4", ".json"):
        shutil.copyfile(clip.path.with_suffix(ending), f"boat{ending}")
    picture = Image.new("RGB", (640, 480), "navy")
    picture.save("girl.png")
    with av.open("beat.mp3", "w") as container:
        stream = container.add_stream("mp3", rate=44100)
        for number in range(120):  # three seconds
            sound = av.AudioFrame.from_ndarray(np.zeros((2, 1152), np.float32), "fltp", "stereo")
            sound.rate, sound.pts = 44100, number * 1152
            container.mux(stream.encode(sound))
        container.mux(stream.encode())
    records = [{"prompt": "a fox in the snow"}, {"prompt": "an owl in the rain"}]
    Path("shots.csv").write_text("prompt\n" + "\n".join(each["prompt"] for each in records) + "\n")
    pictures = dict.fromkeys(("dawn", "dusk", "figure", "image"), picture)
    return {**pictures, "frame": records, "clock": time.time, "httpx": httpx}


def main(folder: Path, films: Path) -> int:
    """Run them; the answer is 1 where one fails."""
    builtins.input = lambda *_: "y"
    environment.takes_input = lambda: True
    film.render = OneFilm(films).render
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
    session.sweep("a paper {thing}", thing=["boat", "kite"], name="hero shots", **SMALL).wait(timeout=60)
    shell.user_ns |= {
        "sw": sw,
        "session": session,
        "job": job,
        "other": other,
        "clip": clip,
        "jobs": [job, other],
    }
    shell.user_ns |= lie_about(clip)
    for path in sorted(folder.glob("*.cell")):
        text = path.read_text(encoding="utf-8")
        text = text.replace("k3f9x2ab", job.id).replace("7hq2m4cd", other.id).replace("k7m2p9qa", job.id)
        text = text.replace("_delete ID ID", f"_delete {other.id}")  # the page goes on with the other
        text = text.replace("ID ID", f"{job.id} {other.id}").replace(" ID", f" {job.id}").replace("(ID", f"({job.id}")
        done = shell.run_cell(text)
        if not done.success:
            print(f"--- in this cell:\n{text}")
            return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main(Path(sys.argv[1]), Path(sys.argv[2])))
