"""Webhooks: signed words make a job be looked at now, and nothing else; a create names the address on the wire only."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import seedance_widgets as sw
from seedance_widgets.api.reaching import why_not_reached
from seedance_widgets.life import Row
from seedance_widgets.session.doctor import Check
from seedance_widgets.settings import webhooks
from seedance_widgets.simulator import SimulatorSettings
from seedance_widgets.store import Store

SECRET = "whsec_canary"
Ask = Callable[..., Any]


@pytest.fixture
def deliver(jp_base_url: str, http_server_client: Any, extension: Any, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """Deliver a body as the vendor does: without any login."""
    monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", SECRET)

    async def deliver(body: bytes, signature: str | None = None) -> tuple[int, Any]:
        sign = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest() if signature is None else signature
        got = await http_server_client.fetch(
            f"{jp_base_url}seedance/webhook",
            method="POST",
            body=body,
            headers={"x-seedance-signature": sign, "Content-Type": "application/json"},
            raise_error=False,
        )
        return got.code, json.loads(got.body) if got.body else None

    return deliver


def event(request_id: str = "req_1", **more: Any) -> bytes:
    return json.dumps({"requestId": request_id, "status": "succeeded", **more}).encode()


async def test_a_signed_event_asks_for_a_look_and_is_not_believed(
    deliver: Ask, store: Store, row_of: Callable[..., Row]
) -> None:
    store.add(row_of(status="processing", request_id="req_1", accepted_at=1.0))
    assert await deliver(event(output={"url": "https://evil.test/x.mp4"})) == (204, None)
    row = store.get("abcd2345")
    assert row is not None
    assert row.look_asked_at is not None
    assert (row.status, row.output_url) == ("processing", None)
    assert store.webhooks_arrive("simulator")


async def test_what_is_not_signed_changes_nothing(deliver: Ask, store: Store, row_of: Callable[..., Row]) -> None:
    before = store.add(row_of(status="processing", request_id="req_1", accepted_at=1.0))
    for signature in ("", "0" * 64, SECRET):
        status, answer = await deliver(event(), signature)
        assert status == 401
        assert SECRET not in json.dumps(answer)
    assert store.get("abcd2345") == before
    assert not store.webhooks_arrive("simulator")


async def test_an_event_of_another_history_is_taken_and_does_nothing(
    deliver: Ask, store: Store, row_of: Callable[..., Row]
) -> None:
    before = store.add(row_of(status="processing", request_id="req_1"))
    assert (await deliver(event("req_2")))[0] == 204
    assert (await deliver(event("abcd2345")))[0] == 204  # our own name for it is none of the vendor's
    assert store.get("abcd2345") == before


async def test_without_a_secret_no_webhook_is_taken(deliver: Ask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SEEDANCE_WEBHOOK_SECRET")
    assert (await deliver(event()))[0] == 404


async def test_an_event_over_64_kb_is_refused(deliver: Ask) -> None:
    assert (await deliver(event(prompt="x" * 70_000)))[0] == 413


@pytest.mark.parametrize(
    ("public", "secret", "base_url", "address"),
    [
        ("https://hub.test/user/bob/", SECRET, "https://api.test", "https://hub.test/user/bob/seedance/webhook"),
        ("http://127.0.0.1:8888", SECRET, "http://127.0.0.1:9", "http://127.0.0.1:8888/seedance/webhook"),
        ("http://127.0.0.1:8888", SECRET, "https://api.test", None),
        ("https://hub.test", "", "https://api.test", None),
        ("https://hub.test?x=1", SECRET, "https://api.test", None),
        ("not a url", SECRET, "https://api.test", None),
        ("", SECRET, "https://api.test", None),
    ],
)
def test_an_address_is_named_only_where_the_vendor_could_reach_it(
    public: str, secret: str, base_url: str, address: str | None
) -> None:
    found = webhooks.read(base_url, {"SEEDANCE_PUBLIC_URL": public, "SEEDANCE_WEBHOOK_SECRET": secret})
    assert found.address == address
    assert bool(found.why_not) is (address is None and bool(public))
    assert SECRET not in found.why_not


async def test_what_the_simulator_really_delivers_is_taken(
    deliver: Ask, jp_base_url: str, http_server_client: Any, store: Store, row_of: Callable[..., Row]
) -> None:
    address = http_server_client.get_url(f"{jp_base_url}seedance/webhook")
    with sw.Simulator(SimulatorSettings(speed=math.inf, webhook_secret=SECRET)) as simulator:
        async with sw.AsyncClient(simulator.settings.api_key, simulator.base_url) as client:
            request = sw.GenerationRequest(prompt="A boat", model="seedance-2.0", duration=5, webhook_url=address)
            accepted = await client.create(request)
            store.add(row_of(status="processing", request_id=accepted.request_id, accepted_at=1.0))
            until = time.monotonic() + 30
            while (row := store.get("abcd2345")) is None or row.look_asked_at is None:
                assert time.monotonic() < until
                await asyncio.sleep(0.05)
                await client.get(accepted.request_id)


# --- whether the vendor would reach it --------------------------------------------------------------------------------
@pytest.fixture
def here(http_server_client: Any, jp_base_url: str, jp_http_port: int, extension: Any) -> str:
    """Where the real server with the extension is reached."""
    return f"http://127.0.0.1:{jp_http_port}{jp_base_url}".rstrip("/")


@pytest.fixture
def examined(home: Path, monkeypatch: pytest.MonkeyPatch) -> Ask:
    """What the doctor says of the webhook, where a kernel names this public address."""

    def look() -> Check:
        session = sw.connect("sd2_live_x", "http://127.0.0.1:9/api/open/v1", home)
        try:
            report = session.doctor(network=True)
        finally:
            session.close()
        assert SECRET not in str(report)
        _, reached = [each for each in report.checks if each.name == "webhook"]
        return reached

    async def examined(public: str) -> Check:
        monkeypatch.setenv("SEEDANCE_PUBLIC_URL", public)
        monkeypatch.setenv("SEEDANCE_WEBHOOK_SECRET", SECRET)
        return await asyncio.to_thread(look)

    return examined


async def test_the_doctor_finds_the_route_that_refuses_what_is_not_signed(examined: Ask, here: str) -> None:
    check = await examined(here)
    assert (check.ok, check.next_step) == (True, "")
    assert check.detail == f"{here}/seedance/webhook answers, and refuses what is not signed"


async def test_the_doctor_tells_another_address_of_the_server_from_the_route(examined: Ask, here: str) -> None:
    check = await examined(f"{here}/nowhere")
    assert check.ok is False
    assert "what answers there is not this extension (HTTP 40" in check.detail
    assert "docs/jupyterlab.md" in check.next_step


async def test_a_server_that_was_started_without_the_secret_is_told(here: str) -> None:
    why = await asyncio.to_thread(why_not_reached, f"{here}/seedance/webhook")
    assert why == "the server was started without SEEDANCE_WEBHOOK_SECRET"


async def test_asking_whether_it_is_reached_changes_nothing(
    examined: Ask, here: str, store: Store, row_of: Callable[..., Row]
) -> None:
    before = store.add(row_of(status="processing", request_id="req_1", accepted_at=1.0))
    assert (await examined(here)).ok is True
    assert store.get("abcd2345") == before
    assert not store.webhooks_arrive("simulator")
