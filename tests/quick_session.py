"""The first lines of a script or a cell whose jobs end soon: a simulator that hurries, looked at often."""

from __future__ import annotations


def quick_session(speed: int = 60) -> str:
    """The lines. They leave `session`, and `small`, the options of the cheapest clip."""
    return f"""\
import seedance_widgets as sw
from seedance_widgets.life import schedule
schedule.next_look_at = lambda row, prior, **_: max(row.looked_at or 0.0, row.look_failed_at or 0.0) + 0.05
session = sw.simulate(speed={speed}, home="home")
sw.use_session(session)
small = dict(duration=4, resolution="480p", model="seedance-2.0-fast")
"""
