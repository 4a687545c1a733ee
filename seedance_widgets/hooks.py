"""The one seam that leads upwards: a job knows how to be shown, and must not know the widgets.

The package's root puts the live card here; imports go down only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

present: Callable[[Any], None] = print
"""Shows a job where the person is looking."""
