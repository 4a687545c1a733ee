"""Films the first page's clip: a prompt is typed, the card follows it, the video is there.

SEEDANCE_SCREENSHOTS=docs/_static pytest -m browser tests/browser/test_site_film.py
"""

from __future__ import annotations

import io
import os
import time
from pathlib import Path

import av
import pytest
from cells import LOAD
from notebook_page import NotebookPage, OpenNotebook, Theme
from PIL import Image
from playwright.sync_api import expect

FOLDER = Path(os.environ.get("SEEDANCE_SCREENSHOTS", ""))
THEMES: dict[str, Theme] = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
LINE = "%seedance a paper boat in heavy rain --duration 8"
SIZE = 736, 516
RATE = 12
"""Pictures a second: the film is not as long as taking them is."""
SEEK = "(v, at) => new Promise(done => { v.onseeked = done; v.currentTime = at })"
WAITS_S, HOLDS_S, PLAYS_S = 5, 0.6, 4


class Film:
    """Pictures of a part of the page."""

    def __init__(self, notebook: NotebookPage, cell: int) -> None:
        box = notebook.cell(cell).bounding_box()
        assert box is not None
        self._page = notebook.page
        self._clip = {"x": box["x"], "y": box["y"], "width": SIZE[0], "height": SIZE[1]}
        self.pictures: list[bytes] = []

    def shoot(self) -> None:
        """Take one."""
        self.pictures.append(self._page.screenshot(clip=self._clip, type="png"))  # type: ignore[arg-type]

    def hold(self, seconds: float) -> None:
        """Show the last one for longer."""
        self.pictures += [self.pictures[-1]] * round(seconds * RATE)

    def shorten(self, since: int, seconds: float) -> None:
        """Leave out so many of those since a number that the others take so long."""
        taken, wanted = self.pictures[since:], round(seconds * RATE)
        if len(taken) > wanted:
            self.pictures[since:] = [taken[i * (len(taken) - 1) // (wanted - 1)] for i in range(wanted)]

    def save(self, path: Path) -> None:
        """As a film, with the last picture as its poster."""
        with av.open(str(path), "w", options={"movflags": "+faststart"}) as container:
            stream = container.add_stream("libx264", rate=RATE, options={"crf": "26", "preset": "veryslow"})
            stream.width, stream.height, stream.pix_fmt = *SIZE, "yuv420p"
            for picture in self.pictures:
                image = Image.open(io.BytesIO(picture)).convert("RGB")
                container.mux(stream.encode(av.VideoFrame.from_image(image)))
            container.mux(stream.encode())
        Image.open(io.BytesIO(self.pictures[-1])).convert("RGB").save(path.with_suffix(".webp"), quality=80)


@pytest.mark.pictures
@pytest.mark.parametrize("theme", THEMES)
def test_the_film_can_be_taken(open_notebook: OpenNotebook, theme: str) -> None:
    notebook = open_notebook(LOAD, "", "")
    notebook.resize(1280)
    notebook.use_theme(THEMES[theme])
    notebook.run(0)
    notebook.select(1)
    film = Film(notebook, 1)
    for end in range(0, len(LINE) + 1, 2):
        notebook.rewrite(1, LINE[:end])
        film.shoot()
    notebook.rewrite(1, LINE)
    film.shoot()
    film.hold(HOLDS_S)
    notebook.fire(1)
    video = notebook.video(1)
    sent = len(film.pictures)
    until = time.monotonic() + 90
    while not video.count() and time.monotonic() < until:
        film.shoot()
    film.shorten(sent, WAITS_S)
    expect(video).to_be_visible()
    video.evaluate("v => { v.muted = true; v.controls = false }")
    for number in range(PLAYS_S * RATE):
        video.evaluate(
            "(v, at) => new Promise(done => { v.onseeked = done; v.currentTime = at })", number / RATE + 0.01
        )
        film.shoot()
    FOLDER.mkdir(parents=True, exist_ok=True)
    film.save(FOLDER / f"first-{theme}.mp4")
