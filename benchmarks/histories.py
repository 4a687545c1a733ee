"""Made-up histories, as long as a benchmark wants them."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from seedance_widgets.life import Row
from seedance_widgets.store import Store
from seedance_widgets.types import GenerationRequest


def fill(home: Path, many: int, rest: Callable[[int, float], dict[str, Any]]) -> None:
    """Write so many jobs of the simulator, one a second, the newest first.

    Args:
        home: The data folder.
        many: How many.
        rest: How a job ended, by its number and the time at which it was made.
    """
    home.mkdir(exist_ok=True)
    store = Store(home / "history.db")
    now = time.time()
    store.add_all(
        Row(
            id=f"a{number:07}",
            service="simulator",
            request=GenerationRequest(prompt=f"a quiet lighthouse, take {number}", model="seedance-2.0"),
            created_at=now - number,
            request_id=f"req-{number}",
            **rest(number, now - number),
        )
        for number in range(many)
    )
    store.close()
