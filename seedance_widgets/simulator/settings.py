"""Settings of a simulator. Standard library only."""

from __future__ import annotations

import math
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from ..secret import why_no_webhook_secret
from .faults import read_fault


def new_key() -> str:
    """A key that nobody can guess, in the form of the vendor's. It opens one simulator, and nothing else."""
    return f"sd2_live_simulator_{secrets.token_hex(16)}"


@dataclass(frozen=True, kw_only=True)
class SimulatorSettings:
    """How fast, how rich and how strict a simulator is."""

    speed: float = 30.0
    """Times faster than life: a median job of 90 s takes 3 s. `math.inf`: final at the first look."""
    credits: int = 10_000
    """What the account holds before the first generation; a job that costs more than is left gets a 402."""
    api_key: str = field(default_factory=new_key, repr=False)
    """The only key that is let in; any other, or none, gets a 401. A new one by chance unless one is named."""
    requests_per_minute: int | None = None
    """More than this in sixty seconds get a 429 with `Retry-After`. `None`: no limit."""
    webhook_secret: str | None = field(default=None, repr=False)
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
        if not (isinstance(self.api_key, str) and self.api_key.isascii() and self.api_key.isprintable()):
            raise ValueError("api_key is a text that a header can hold")
        if not self.api_key.strip() or " " in self.api_key:
            raise ValueError("api_key is a word: not empty, and without spaces")
        if self.webhook_secret is not None and (why := why_no_webhook_secret(self.webhook_secret)) is not None:
            raise ValueError(why)
        for text in self.faults:
            read_fault(text)

    @property
    def at_once(self) -> bool:
        """Whether jobs are final at the first look."""
        return math.isinf(self.speed)
