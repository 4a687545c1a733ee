"""The cost and the time of a request, before anything is sent."""

from __future__ import annotations

import json
from dataclasses import dataclass

from ..errors import PriceChanged
from ..render.html import facts_html
from ..render.text import usd
from ..request.caps import micros
from ..request.models import price_note
from ..text.printable import for_stdout, visible
from ..types import GenerationRequest, Json
from .estimate import Estimate

ROUNDING_MICROS = 100
"""A page rounds a price to a hundredth of a cent by rules of its own: what differs by that has not risen."""


TITLE = "A plan: nothing was sent, nothing was charged"


@dataclass(frozen=True, slots=True, repr=False)
class Plan:
    """What would be sent, and what it would cost. Nothing was sent."""

    request: GenerationRequest
    cost_usd: float | None
    """Estimate in US dollars; `None` where the server names no price."""
    estimate: Estimate

    @property
    def cost_note(self) -> str:
        """What the price list does not cover of it, as a sentence; empty where it covers all."""
        return price_note(self.request)

    @property
    def body(self) -> dict[str, Json]:
        """The JSON body as it would go over the wire."""
        from ..request.body import request_body

        return request_body(self.request)

    def __repr__(self) -> str:
        lines = [f"{name}: {value}" for name, value in self._facts()]
        return for_stdout(visible("\n  ".join([TITLE, *lines])))

    def _repr_html_(self) -> str:
        return facts_html(TITLE, self._facts())

    def _facts(self) -> list[tuple[str, str]]:
        cost = "not known: the service names no price" if self.cost_usd is None else f"{usd(self.cost_usd)} (estimate)"
        facts = [("Cost", " ".join(filter(None, (cost, self.cost_note))))]
        median_s, p90_s, source = self.estimate.median_s, self.estimate.p90_s, self.estimate.source
        facts.append(("Time", f"about {median_s:.0f} s, nine in ten within {p90_s:.0f} s (estimate: {source})"))
        return [*facts, ("Request", json.dumps(_shown_body(self.request), indent=2, ensure_ascii=False))]


def _shown_body(request: GenerationRequest) -> dict[str, Json]:
    """The JSON body without what signs its links."""
    from ..request.body import request_body

    return request_body(request.kept)


def has_risen(shown_usd: float | None, now_usd: float | None) -> bool:
    """Tell whether something costs more now than was shown, or nobody knows. What showed no price never rises."""
    return shown_usd is not None and (now_usd is None or micros(now_usd) > micros(shown_usd) + ROUNDING_MICROS)


def refuse_risen(now: Plan, shown_usd: float | None) -> None:
    """Raise PriceChanged where a request costs more now than a person was shown. A price that fell is fine."""
    if shown_usd is not None and has_risen(shown_usd, now.cost_usd):
        raise PriceChanged(
            price_rise(shown_usd, now.cost_usd),
            shown_usd=shown_usd,
            now_usd=now.cost_usd,
            plan=now,
            next_step="session.submit(error.plan) sends it at the price of now.",
        )


def price_rise(shown_usd: float, now_usd: float | None) -> str:
    """A risen price as a sentence."""
    now = "no price is known for it now" if now_usd is None else f"it is {usd(now_usd)} now"
    return f"The price has changed: {usd(shown_usd)} was shown, and {now} (estimate)."
