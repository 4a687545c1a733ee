"""What importing and loading cost, before anything is asked for."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys

from .figures import Figure, figure, interleaved, ratio
from .kernels import Kernel, fresh_kernel

HEAVY = ("httpx", "pydantic", "sqlalchemy", "av", "PIL", "starlette", "uvicorn", "anyio._backends", "ipywidgets")
ROUNDS = 9
EMPTY_CELLS = 7

_COUNT = f"""
import json, sys
before = set(sys.modules)
import seedance_widgets
print(json.dumps([len(set(sys.modules) - before), [name for name in {HEAVY} if name in sys.modules]]))
"""


def measure() -> list[Figure]:
    """Modules that an import loads; `%load_ext` against `import ipywidgets`, each in fresh kernels."""
    modules, heavy = json.loads(subprocess.check_output([sys.executable, "-c", _COUNT]))
    samples = interleaved(
        ROUNDS, lambda: _beyond_empty("%load_ext seedance_widgets"), lambda: _beyond_empty("import ipywidgets")
    )
    ours, theirs = samples
    return [
        figure("import seedance_widgets: heavy modules loaded", [len(heavy)], digits=0, at_most=0),
        figure("import seedance_widgets: modules loaded in all", [modules], digits=0),
        figure("%load_ext, beyond an empty cell", [1000 * s for s in ours], "ms"),
        figure("import ipywidgets, beyond an empty cell", [1000 * s for s in theirs], "ms"),
        ratio("%load_ext / import ipywidgets", ours, theirs, at_most=0.1),
    ]


def _beyond_empty(cell: str) -> float:
    """Seconds that a cell takes in a fresh kernel, less those of an empty cell there."""
    with fresh_kernel() as kernel:
        empty = _empty(kernel)
        return kernel.run(cell) - empty


def _empty(kernel: Kernel) -> float:
    return statistics.median(kernel.run("pass") for _ in range(EMPTY_CELLS))
