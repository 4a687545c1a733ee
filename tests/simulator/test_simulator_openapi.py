"""The simulator against its own description, with requests that schemathesis thinks up."""

from __future__ import annotations

import asyncio
import math

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings

from seedance_widgets.simulator import SimulatorSettings, app
from seedance_widgets.simulator.openapi import DESCRIPTION, ERRORS

KEY = {"Authorization": "Bearer sd2_live_simulator"}


SIMULATOR = app(SimulatorSettings(credits=10**9, speed=math.inf, api_key="sd2_live_simulator"))
SCHEMA = schemathesis.openapi.from_asgi("/openapi.json", SIMULATOR)


@SCHEMA.parametrize()
@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_is_as_described(case: schemathesis.Case) -> None:
    case.call_and_validate(headers=KEY)


def test_the_description_is_served_to_everyone() -> None:
    async def fetch() -> httpx.Response:
        transport = httpx.ASGITransport(app=SIMULATOR)
        async with httpx.AsyncClient(transport=transport, base_url="http://simulator.test") as client:
            return await client.get("/openapi.json")

    assert asyncio.run(fetch()).json() == DESCRIPTION


@pytest.mark.parametrize("status", ERRORS)
def test_every_error_of_the_contract_is_described(status: int) -> None:
    described = {
        code
        for path in DESCRIPTION["paths"].values()
        for method, operation in path.items()
        if method != "parameters"
        for code in operation["responses"]
    }
    assert str(status) in described
