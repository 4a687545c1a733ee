"""The one seam that leads upwards: jobs and sessions know how to be shown, and must not know the widgets.

The package's root puts the live card and the Studio here; imports go down only.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

present: Callable[[Any], None] = print
"""Shows a job where the person is looking."""

widget_of: Callable[[Any], Any] = print
"""Gives the live card of a job as a widget, for layouts."""

grid_of: Callable[[Any], Any] = print
"""Makes the grid of a sweep."""

open_studio: Callable[..., Any] = print
"""Makes the Studio of a session, with the values that its form begins with."""

present_sweep: Callable[[Any], None] | None = None
"""Shows a sweep where the person is looking; `None`: as a table."""

open_compare: Callable[..., Any] = print
"""Makes the widget that compares the clips of two to four jobs."""

open_choose: Callable[[Any], Any] = print
"""Makes the widget in which a person looks through the clips of a sweep, or of jobs, and marks each."""
