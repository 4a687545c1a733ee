"""The models as `Session.models` returns them: a tuple that shows itself as a table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..render.table import Column, Table
from ..render.text import usd
from ..types import Model


class Models(tuple[Model, ...]):
    """Models with what each takes and costs: a tuple of `Model` that shows as a table."""

    __slots__ = ()

    @property
    def table(self) -> Table[Model]:
        """The table."""
        return Table(self, COLUMNS, empty="The server lists no models.")

    def __repr__(self) -> str:
        return repr(self.table)

    def _repr_html_(self) -> str:
        return self.table._repr_html_()


def _runs(numbers: Sequence[int]) -> str:
    """4, 5, 6, 10 as "4–6, 10"."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return _listed(f"{run[0]}–{run[-1]}" if len(run) > 2 else _listed(run) for run in runs)


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values))


def _prices(model: Model) -> str:
    known = [f"{usd(price)} at {resolution}" for resolution, price in model.usd_per_second.items()]
    odd = [f"unknown (the server says {text})" for text in model.odd_prices]
    return _listed(known + odd) or "not named"


COLUMNS: Sequence[Column[Model]] = (
    Column("model", lambda model: model.id),
    Column("best for", lambda model: model.best_for, wraps=True),
    Column("seconds", lambda model: _runs(model.durations)),
    Column("aspect ratios", lambda model: _listed(model.aspect_ratios)),
    Column("resolutions", lambda model: _listed(model.resolutions)),
    Column("$ a second", _prices, wraps=True),
)
