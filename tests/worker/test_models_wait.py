"""A `Retry-After` of GET /models is kept to by whoever asks for the list, by a clock that is set by hand."""

from __future__ import annotations

import asyncio
from typing import Any, cast

import pytest
from samples import Clock

from seedance_widgets.errors import RateLimited, ServerFailed
from seedance_widgets.request.models import BUNDLED_MODELS
from seedance_widgets.types import Model
from seedance_widgets.worker.connection import Connection
from seedance_widgets.worker.model_list import Models
from seedance_widgets.worker.needs import Needs

LIVE = (Model(id="seedance-9", durations=(5,), aspect_ratios=("16:9",), resolutions=("720p",)),)


class Vendor:
    """The client of a line, which counts how often it is asked."""

    def __init__(self) -> None:
        self.client = self
        self.asked = 0
        self.says: Any = LIVE

    async def models(self) -> tuple[Model, ...]:
        self.asked += 1
        if isinstance(self.says, Exception):
            raise self.says
        return cast("tuple[Model, ...]", self.says)


@pytest.fixture
def vendor() -> Vendor:
    return Vendor()


@pytest.fixture
def models(vendor: Vendor, clock: Clock) -> Models:
    nothing: Any = None
    doors = Needs(store=nothing, client=nothing, files=nothing, service="x", clock=clock)
    return Models(doors, cast(Connection, vendor))


def ask(models: Models, **how: bool) -> tuple[Model, ...]:
    return asyncio.run(models.fresh(**how))


@pytest.mark.parametrize(
    "said",
    [RateLimited("slow down", retry_after_s=120.0), ServerFailed("resting", status_code=503, retry_after_s=120.0)],
    ids=["429", "503"],
)
def test_nobody_asks_for_the_models_before_the_server_wants_it(
    models: Models, vendor: Vendor, clock: Clock, said: Exception
) -> None:
    """Whoever refreshed, or was shown a price, asked all the same."""
    vendor.says = said
    with pytest.raises(type(said)):
        ask(models, refresh=True)
    vendor.says = LIVE
    clock.pass_s(100.0)
    with pytest.raises(type(said), match="try again in 20 s") as again:
        ask(models, refresh=True)
    assert again.value.retry_after_s == 20.0  # type: ignore[attr-defined]
    assert ask(models, anew=True) == ask(models) == BUNDLED_MODELS
    assert vendor.asked == 1
    clock.pass_s(20.0)
    assert ask(models, anew=True) == LIVE
    assert vendor.asked == 2


def test_meanwhile_the_list_that_is_known_is_good(models: Models, vendor: Vendor, clock: Clock) -> None:
    assert ask(models) == LIVE
    vendor.says = RateLimited("slow down", retry_after_s=120.0)
    assert ask(models, anew=True) == LIVE
    assert ask(models, anew=True) == LIVE
    assert vendor.asked == 2


def test_without_a_retry_after_a_refresh_asks_at_once(models: Models, vendor: Vendor) -> None:
    vendor.says = ServerFailed("oh", status_code=500)
    for _ in range(2):
        with pytest.raises(ServerFailed):
            ask(models, refresh=True)
    assert vendor.asked == 2


def test_a_clock_that_is_set_back_does_not_make_it_wait_for_ever(models: Models, vendor: Vendor, clock: Clock) -> None:
    vendor.says = RateLimited("slow down", retry_after_s=120.0)
    ask(models)
    clock.pass_s(-3_600.0)
    vendor.says = LIVE
    assert ask(models, refresh=True) == LIVE
