"""A sweep as a table of pandas, which is imported only when a person asks for one."""

from __future__ import annotations

from typing import Any

from ..render.dataframe import pandas
from ..request.braces import as_text
from ..request.options import OPTIONS
from .places import Places


def frame_of(places: Places) -> Any:
    """A row for each combination: its values, its request, and what became of it.

    Raises PackageMissing without pandas.
    """
    pd = pandas(otherwise="take sweep.jobs, a list of the same")
    frame = pd.DataFrame(records_of(places))
    text = ["status", "job", "request_id", "prompt", "clip", "tags", "error"]
    marks = {"rating": "Int64", "starred": "boolean", "rejected": "boolean"}
    dtypes = {o.name: "Int64" if o.kind == "integer" else "string" for o in OPTIONS if o.is_plain}
    frame = frame.astype(dict.fromkeys(text, "string") | dtypes | marks | {"credits": "Int64", "cost_usd": "float64"})
    for name in ("created_at", "final_at"):
        frame[name] = pd.to_datetime(frame[name].astype("float64"), unit="s", utc=True)
    return frame.astype({"run_s": "float64"})


def records_of(places: Places) -> list[dict[str, Any]]:
    """The same as plain rows, in the order of the plan; axes first, a name that is a column already with `axis_`."""
    rows = []
    for number, place in enumerate(places.plan.places):
        job = places.job_at(number)
        row = job.row if job is not None else None
        facts = {
            "status": places.status_of(number),
            "job": row and row.id,
            "request_id": row and row.request_id,
            "prompt": place.request.prompt,
            **{option.name: getattr(place.request, option.name) for option in OPTIONS if option.is_plain},
            "cost_usd": place.cost_usd if row is None else row.cost_usd,
            "credits": row and row.credits_charged,
            "created_at": row and row.created_at,
            "final_at": row and row.final_at,
            "run_s": row and row.run_s,
            "clip": row and row.clip_path,
            "rating": row and row.rating,
            "starred": row and row.starred,
            "rejected": job and job.rejected,
            "tags": row and ", ".join(row.tags),
            "error": None if job is None or job.error is None else str(job.error),
        }
        same = {name for name, value in place.values.items() if facts.get(name) == value}
        axes = {
            f"axis_{name}" if name in facts else name: _cell(v) for name, v in place.values.items() if name not in same
        }
        rows.append({**axes, **facts})
    return rows


def _cell(value: Any) -> Any:
    return as_text(value) if isinstance(value, list | dict) else value
