"""The costs of jobs, added up: a table, a small chart and a frame. Dollars are estimates, credits the server's word."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from html import escape
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, Protocol

from ..errors import SeedanceError
from ..render import dataframe
from ..render.html import safe_svg
from ..render.table import Column, Table
from ..render.text import shortened, usd
from ..text.printable import one_line
from ..types import Spending
from ..values.plain import shown
from ..when import When, instant

if TYPE_CHECKING:
    from ..store import Store

BY = ("day", "model", "sweep", "notebook")
NONE = {"sweep": "no sweep", "notebook": "no notebook"}
"""What jobs of an empty name are called."""
BARS = 31
"""The chart has no more; the newest days, or the most expensive of the rest."""
RIGHT = 0.005
"""An estimate that was off by less was right."""
WIDTH, ROW, LEFT, BAR = 560, 20, 180, 300
"""The chart: its width, the height of a row, where bars begin, and how long the longest is; in pixels."""


class Books(Protocol):
    """What is added up: an engine, or another one that has a history and means one service of it."""

    @property
    def store(self) -> Store:
        """The history."""

    @property
    def service(self) -> str:
        """Where the jobs ran."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostLine(Spending):
    """One line of what was spent, with what its credits came to."""

    charged_usd: float | None
    """What the credits of all three kinds come to, at the price of a credit that the history shows."""
    off: float | None
    """How far the estimate was above what was charged: 0.04 is 4 % above. `None` where it is unknown."""

    @property
    def total_usd(self) -> float:
        """The estimate of all three kinds."""
        return self.estimated_usd + self.failed_usd + self.cancelled_usd


class Costs(Table[CostLine]):
    """The lines as a sequence, `total`, and ways to show them."""

    def __init__(self, lines: Sequence[CostLine], by: str, *, usd_per_credit: float | None, samples: int) -> None:
        self.by = by
        self.usd_per_credit = usd_per_credit
        """What a credit has cost in most jobs; `None` where the history does not show it."""
        self.total = _total(lines)
        most = max((line.total_usd for line in lines), default=0.0)
        named: Column[CostLine] = Column(by, lambda line: shortened(line.name), wraps=True)
        self._bars: Column[CostLine] = Column("", lambda line: _bar(line.total_usd, most))
        note = _note(self.total, usd_per_credit, samples)
        super().__init__(lines, (named, *_columns(lines)), note=note, empty="Nothing was spent here.")

    def to_frame(self) -> Any:
        """A pandas DataFrame. Raises PackageMissing without pandas."""
        names = [field.name for field in fields(CostLine)]
        kinds = {
            name: dataframe.NUMBER if name.endswith("_usd") or name == "off" else dataframe.WHOLE for name in names
        }
        records = ([getattr(line, name) for name in names] for line in self)
        return dataframe.to_frame(records, {**kinds, "name": dataframe.TEXT})

    def __repr__(self) -> str:
        shown = self._columns
        if self.total.total_usd:
            shown = (*shown[:2], self._bars, *shown[2:])
        return self._as_text(shown)

    def _repr_html_(self) -> str:
        return self._chart() + super()._repr_html_()

    def _chart(self) -> str:
        """Bars as SVG, in the colours of the page it stands in."""
        lines = [line for line in self if line.total_usd][-BARS if self.by == "day" else 0 :][:BARS]
        if not lines:
            return ""
        most = max(line.total_usd for line in lines)
        label = escape(f"Estimated cost by {self.by}: {self.total.total_usd:.2f} US dollars in all.")
        bars = "".join(_svg_bar(number, line, most) for number, line in enumerate(lines))
        lost = any(line.total_usd > line.estimated_usd for line in lines)
        if lost:
            bars += f'<text x="{LEFT}" y="{ROW * len(lines) + 14}">grey: failed or cancelled</text>'
        height = ROW * (len(lines) + lost)
        style = "max-width: 100%; font: 12px var(--jp-ui-font-family, sans-serif); "
        style += "fill: var(--jp-ui-font-color1, currentColor)"
        return (
            f'<svg class="seedance-costs" role="img" aria-label="{label}" viewBox="0 0 {WIDTH} {height}" '
            f'width="{WIDTH}" height="{height}" style="{style}"><title>{label}</title>{bars}</svg>'
        )


def costs(engine: Books, by: str, *, since: When | None, until: When | None) -> Costs:
    """See `Session.costs`. Raises SeedanceError for a group that there is not, or what names no instant."""
    if not isinstance(by, str) or by not in BY:
        raise SeedanceError(f"costs() takes by={', '.join(BY)}; not {shown(by)}.", charged="")
    from_at = None if since is None else instant(since, name="since")
    until_at = None if until is None else instant(until, name="until", end=True)
    groups = engine.store.sums(engine.service, by, from_at, until_at)
    rate, samples = engine.store.usd_per_credit(engine.service)
    names = engine.store.sweeps.names(engine.service) if by == "sweep" else {}
    lines = []
    for sums in groups:
        values = {field.name: getattr(sums, field.name, None) for field in fields(CostLine)}
        credits = sums.credits_charged + sums.failed_credits + sums.cancelled_credits
        values["charged_usd"] = credits * rate if rate and credits else None
        credit_usd = sums.compared_credits * (rate or 0.0)
        values["off"] = sums.compared_usd / credit_usd - 1 if credit_usd else None
        values["name"] = names.get(sums.name) or _name(sums.name, by)
        lines.append(CostLine(**values))  # type: ignore[arg-type]
    return Costs(lines, by, usd_per_credit=rate, samples=samples)


def off_text(off: float | None) -> str:
    """The distance of estimates from the truth, in words."""
    if off is None:
        return ""
    if abs(off) < RIGHT:
        return "as charged"
    return f"usually {abs(off) * 100:.0f} % {'above' if off > 0 else 'below'}"


def _name(name: str, by: str) -> str:
    if not name:
        return NONE.get(by, "")
    return "/".join(PurePath(name.replace("\\", "/")).parts[-2:]) if by == "notebook" else name


def _total(lines: Sequence[CostLine]) -> CostLine:
    added: dict[str, Any] = {}
    for field in fields(CostLine):
        values = [getattr(line, field.name) for line in lines if field.name not in ("name", "off")]
        added[field.name] = sum(value for value in values if value is not None)
    return CostLine(**{**added, "name": "total", "off": None})


def _columns(lines: Sequence[CostLine]) -> list[Column[CostLine]]:
    """The columns that have something to say; jobs and estimate always."""
    number: Callable[..., Column[CostLine]] = lambda title, read: Column(title, read, number=True)  # noqa: E731
    always = [number("jobs", lambda line: str(line.jobs)), number("estimate", lambda line: usd(line.estimated_usd))]
    rest = [
        number("credits", lambda line: str(line.credits_charged or "")),
        number("failed", lambda line: _apart(line.failed, line.failed_usd, line.failed_credits)),
        number("cancelled", lambda line: _apart(line.cancelled, line.cancelled_usd, line.cancelled_credits)),
        number("price unknown", lambda line: str(line.unknown or "")),
        number("not charged", lambda line: str(line.not_charged or "")),
        number("charged (≈)", lambda line: usd(line.charged_usd)),
        Column("estimate was", lambda line: off_text(line.off)),
    ]
    return always[:1] + always[1:] + [column for column in rest if any(column.read(line) for line in lines)]


def _apart(many: int, cost: float, credits: int) -> str:
    if not many:
        return ""
    parts = [f"{many}: {usd(cost)}"] + ([f"{credits} credits"] if credits else [])
    return ", ".join(parts)


def _note(total: CostLine, rate: float | None, samples: int) -> str:
    note = f"In all {usd(total.total_usd)} (estimate)"
    credits = total.credits_charged + total.failed_credits + total.cancelled_credits
    note += f" and {credits} credits charged." if credits else "."
    if rate is not None:
        note += f" A credit has cost about ${rate:.4f} in most of {samples} jobs."
    if total.failed or total.cancelled:
        note += " Whether credits of failed and cancelled jobs come back, the API does not say."
    return note


def _bar(value: float, most: float, width: int = 20) -> str:
    eighths = round(value / most * width * 8) if most else 0
    return "█" * (eighths // 8) + " ▏▎▍▌▋▊▉"[eighths % 8].strip()


def _svg_bar(number: int, line: CostLine, most: float) -> str:
    """One row: its name, what went well, what failed or was cancelled beside it, and the sum."""
    top, good = number * ROW, BAR * line.estimated_usd / most
    lost = BAR * (line.total_usd - line.estimated_usd) / most
    name = shortened(line.name, 26)
    title = f"{one_line(line.name)}: {line.total_usd:.2f} US dollars, {line.jobs + line.failed + line.cancelled} jobs"
    rect = '<rect x="{:.1f}" y="{}" width="{:.1f}" height="12" rx="2" style="fill: {}"/>'
    return (
        f"<g><title>{escape(title)}</title>"
        f'<text x="{LEFT - 8}" y="{top + 14}" text-anchor="end">{safe_svg(name)}</text>'
        + rect.format(LEFT, top + 4, good, "var(--jp-brand-color1, #1976d2)")
        + rect.format(LEFT + good, top + 4, lost, "var(--jp-ui-font-color2, #757575)")
        + f'<text x="{LEFT + good + lost + 6:.1f}" y="{top + 14}">{safe_svg(usd(line.total_usd))}</text></g>'
    )
