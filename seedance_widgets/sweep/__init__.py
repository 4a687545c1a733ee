"""Sweeps: one template, many jobs, one object.

Read `handle.Sweep` first. `plan` is what would be sent, `runner` sends it, `start` finds or begins one.
"""

from ..given import plain
from ..template import axis
from .asking import Question, count_text, rest_text
from .handle import NOT_SENT, REFUSED, Sweep
from .plan import Misfit, Place, SweepPlan, make_plan, one_prompt, plan_of_rows
from .rows import rows_of
from .runner import AT_ONCE
from .show import cost_of
from .start import find, keep, known, listed, start
from .table import Lines, sum_text, usd

__all__ = [
    "AT_ONCE",
    "NOT_SENT",
    "REFUSED",
    "Lines",
    "Misfit",
    "Place",
    "Question",
    "Sweep",
    "SweepPlan",
    "axis",
    "cost_of",
    "count_text",
    "find",
    "keep",
    "known",
    "listed",
    "make_plan",
    "one_prompt",
    "plain",
    "plan_of_rows",
    "rest_text",
    "rows_of",
    "start",
    "sum_text",
    "usd",
]
