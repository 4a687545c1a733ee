"""Films that tests share: to film takes a second of work, and most tests ask for any film of a prompt."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from seedance_widgets.simulator import film
from seedance_widgets.simulator.film import ClipSpec

_render = film.render


class FilmLibrary:
    """Films a prompt once for each size and length, with the seed that it was first asked for, and copies it after."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def render(self, spec: ClipSpec, path: Path, *, checkpoint: Callable[[], None] = lambda: None) -> None:
        """Stands in for `film.render`."""
        kept = self._folder / f"{replace(spec, seed=0).key}.mp4"
        if not kept.exists():
            _render(spec, path, checkpoint=checkpoint)
            draft = kept.with_name(f"{uuid.uuid4().hex}.part")
            shutil.copyfile(path, draft)
            os.replace(draft, kept)
            return
        checkpoint()
        shutil.copyfile(kept, path)
