"""Sweeps: one template, many jobs, one object.

Read `sweep.Sweep` first. `plan` is what would be sent, `places` has its jobs, `runner` sends it, `sweeps` finds or
begins one.
"""

from ..request.braces import axis
from ..values.plain import plain
from .places import NOT_SENT, REFUSED
from .plan import Misfit, Place, SweepPlan, make_plan, mode_of, one_prompt, plan_of_rows
from .question import Question, count_text, rest_text
from .rows import rows_of
from .runner import AT_ONCE
from .summary import WAIT, cost_of, progress_text
from .sweep import Sweep
from .sweeps import find, keep, known, listed, of_job, start
from .table import sum_text

__all__ = [
    "AT_ONCE",
    "NOT_SENT",
    "REFUSED",
    "WAIT",
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
    "mode_of",
    "of_job",
    "one_prompt",
    "plain",
    "plan_of_rows",
    "progress_text",
    "rest_text",
    "rows_of",
    "start",
    "sum_text",
]
