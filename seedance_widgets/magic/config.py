"""The state of `%config SeedanceMagics`, as a value: the work reads it and no magics object."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, NamedTuple


class Config(NamedTuple):
    """The settings of one call of a magic. See `SeedanceMagics`, which has a trait for each."""

    options: Mapping[str, Any]
    """The options of a request that were set."""
    wait: bool | None
    """Wait for the end of each job; `None`: only where no page shows the card."""
    wait_timeout_s: float
    quiet: bool
    confirm_above_usd: float
    names: MutableMapping[str, Any]
    """The variables of the notebook."""
