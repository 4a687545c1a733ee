"""Sweeps: one template, many jobs, one object.

Read `handle.Sweep` first. `plan` is what would be sent, `runner` sends it, `start` finds or begins one.
"""

from .handle import NOT_SENT, REFUSED, Sweep
from .plan import Misfit, Place, SweepPlan, make_plan
from .start import find, keep, known, listed, start
from .table import Lines, sum_text, usd

__all__ = [
    "NOT_SENT",
    "REFUSED",
    "Lines",
    "Misfit",
    "Place",
    "Sweep",
    "SweepPlan",
    "find",
    "keep",
    "known",
    "listed",
    "make_plan",
    "start",
    "sum_text",
    "usd",
]
