"""What can be set about a simulator. Standard library only."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

from .faults import read_fault

API_KEY = "sd2_live_simulator"
"""The key that opens a simulator unless another is set. It opens nothing else, so it is no secret."""


@dataclass(frozen=True, kw_only=True)
class SimulatorSettings:
    """How fast, how rich and how strict a simulator is."""

    speed: float = 30.0
    """Times faster than life: a median job of 90 s takes 3 s. `math.inf`: final at the first look."""
    credits: int = 10_000
    """What the account holds before the first generation; a job that costs more than is left gets a 402."""
    api_key: str = API_KEY
    """The only key that is let in; any other, or none, gets a 401."""
    requests_per_minute: int | None = None
    """More than this in sixty seconds get a 429 with `Retry-After`. `None`: no limit."""
    webhook_secret: str | None = None
    """Signs webhooks with `x-seedance-signature`. `None`: they go unsigned."""
    webhook_url: str | None = None
    """Where webhooks go when the request names no other: the default callback of the key."""
    home: Path | None = None
    """Folder for generations and clips, shared with other simulators and outliving this one. `None`: a temporary
    one, removed at the end."""
    seed: int | None = None
    """Makes durations repeatable, and gives every prompt another picture. `None`: durations by chance."""

    faults: tuple[str, ...] = ()
    """What goes wrong and when, such as `create:lost` or `get:503@3x20`; docs/simulator.md lists them."""

    def __post_init__(self) -> None:
        if not self.speed > 0:
            raise ValueError(f"speed is a number above 0, not {self.speed!r}")
        for text in self.faults:
            read_fault(text)

    @property
    def at_once(self) -> bool:
        """Whether jobs are final at the first look."""
        return math.isinf(self.speed)
