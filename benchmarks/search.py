"""What a search costs in a long history, with the index and without it."""

from __future__ import annotations

import random
import tempfile
import time
from pathlib import Path

import pytest

from seedance_widgets.life import Row
from seedance_widgets.store import Store, search
from seedance_widgets.types import GenerationRequest

from .figures import Figure, figure

JOBS, BATCH, ROUNDS = 100_000, 5_000, 15
ENGLISH = """
a paper boat in heavy rain quiet lighthouse wide shot courier cycles through wet neon streets slow motion camera
pans over snow mountain fox owl city night dawn film grain cinematic close handheld drone glacier harbour kite
"""
THAI = ("เรือกระดาษ", "ในสายฝน", "แมวบินได้", "ภูเขาหิมะ", "ตลาดน้ำยามเช้า")
CHINESE = ("一艘纸船", "大雨中航行", "飞翔的猫", "雪山日出", "夜市灯火")
SEARCHES = {
    "a word of half of all jobs": "boat",
    "a word of 20 jobs": "zeppelin",
    "a common and a rare word": "boat zeppelin",
    "Thai, one job in fifty": "แมวบิน",
    "Chinese, one job in fifty": "飞翔的",
    "Chinese, two characters": "雪山",
    "two letters": "ze",
    "a tag": "keeper",
    "nothing": "nowhere",
}


def measure() -> list[Figure]:
    """Milliseconds from the question to the first page of rows, as Python objects; a count; the file's size."""
    with tempfile.TemporaryDirectory() as folder:
        store = Store(Path(folder) / "history.db")
        began = time.perf_counter()
        _fill(store)
        figures = [figure(f"write {JOBS:,} jobs", [time.perf_counter() - began], "s", digits=1)]
        figures.append(figure("make the index for them", [_index_s(store)], "s", digits=1))
        figures.append(figure("size of the file", [Path(store.where).stat().st_size / 1e6], "MB", digits=0))
        for name, text in SEARCHES.items():
            figures.append(figure(f"search: {name}", _times_ms(store, text), "ms", digits=1, at_most=50.0))
        everywhere = [ms for text in SEARCHES.values() for ms in _times_ms(store, text)]
        figures.append(figure("search: all of these", everywhere, "ms", digits=1, at_most=50.0))
        figures.append(figure("count of a common word", _times_ms(store, "boat", count=True), "ms", digits=1))
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(search, "is_possible", lambda: False)
            for name in ("a word of 20 jobs", "Thai, one job in fifty"):
                figures.append(figure(f"without the index: {name}", _times_ms(store, SEARCHES[name]), "ms", digits=1))
        store.close()
    return figures


def _index_s(store: Store) -> float:
    """What the first kernel of a new version does with an old history, once."""
    with store._engine.begin() as connection:
        search.forget(connection)
        began = time.perf_counter()
        search.install(connection)
        return time.perf_counter() - began


def _times_ms(store: Store, text: str, *, count: bool = False) -> list[float]:
    samples = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        if count:
            store.count(service="simulator", text=text)
        else:
            store.rows(service="simulator", text=text)
        samples.append(1e3 * (time.perf_counter() - began))
    return samples


def _fill(store: Store) -> None:
    dice = random.Random(1)
    for start in range(0, JOBS, BATCH):
        store.add_all(_row(dice, number) for number in range(start, start + BATCH))


def _row(dice: random.Random, number: int) -> Row:
    words = dice.choices(ENGLISH.split(), k=14)
    words += [dice.choice(THAI)] if number % 10 == 0 else [dice.choice(CHINESE)] if number % 10 == 1 else []
    words += ["zeppelin"] if number % (JOBS // 20) == 7 else []
    request = GenerationRequest(
        prompt=" ".join(words), model="seedance-2.0", duration=5, aspect_ratio="16:9", resolution="720p"
    )
    return Row(
        id=f"j{number:07}",
        service="simulator",
        request=request,
        created_at=1.8e9 + number,
        status="succeeded",
        request_id=f"req_{number}",
        cost_usd=0.5,
        credits_charged=40,
        clip_path=f"/clips/{number}.mp4",
        note="keep for the ending" if number % 97 == 0 else "",
        tags=("keeper",) if number % 500 == 0 else (),
    )
