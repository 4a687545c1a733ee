"""Only what the vendor signed is believed, and even then it is only a reason to look."""

from __future__ import annotations

import hashlib
import hmac
import json
from pathlib import Path
from typing import Any

import pytest

from seedance_widgets.api.webhook import verify_webhook
from seedance_widgets.errors import WebhookInvalid
from seedance_widgets.types import Problem, WebhookEvent

SECRET = "whsec_test"
BODY = b'{"success": true, "requestId": "req_1", "status": "succeeded", "output": {"url": "https://f.example/a.mp4"}}'
GOLDEN = [
    pytest.param(golden, id=path.stem)
    for path in sorted((Path(__file__).parents[1] / "golden").glob("*.json"))
    if "event" in (golden := json.loads(path.read_text(encoding="utf-8")))["means"]
]


def sign(body: bytes, secret: str = SECRET) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


@pytest.mark.parametrize("golden", GOLDEN)
def test_we_read_the_golden_webhook(golden: dict[str, Any]) -> None:
    raw = golden["request"]["raw_body"].encode()
    event = verify_webhook(raw, golden["request"]["headers"]["x-seedance-signature"], golden["secret"])
    wanted = dict(golden["means"]["event"])
    problem = wanted.pop("problem", None)
    assert {name: getattr(event, name) for name in wanted} == wanted
    assert event.problem == (None if problem is None else Problem(**problem))


@pytest.mark.parametrize("golden", GOLDEN)
def test_a_golden_webhook_with_one_bit_changed_is_refused(golden: dict[str, Any]) -> None:
    raw = golden["request"]["raw_body"].encode() + b" "
    with pytest.raises(WebhookInvalid, match="signature"):
        verify_webhook(raw, golden["request"]["headers"]["x-seedance-signature"], golden["secret"])


def test_a_signed_event_is_read() -> None:
    event = verify_webhook(BODY, sign(BODY), SECRET)
    assert event == WebhookEvent(request_id="req_1", status="succeeded", output_url="https://f.example/a.mp4")


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview])
def test_any_kind_of_bytes_will_do(kind: Any) -> None:
    assert verify_webhook(kind(BODY), sign(BODY), SECRET).request_id == "req_1"


@pytest.mark.parametrize(
    "signature",
    [
        "",
        None,
        "0" * 64,
        sign(BODY, "another"),
        sign(BODY).upper(),
        "sha256=" + sign(BODY),
        sign(BODY)[:-1],
        sign(BODY) + "0",
        "é" * 64,
        b"bytes",
    ],
)
def test_a_signature_that_is_not_exactly_ours_is_refused(signature: Any) -> None:
    with pytest.raises(WebhookInvalid, match="does not match"):
        verify_webhook(BODY, signature, SECRET)


def test_a_signature_is_compared_in_constant_time(monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[tuple[bytes, bytes]] = []
    compare = hmac.compare_digest
    monkeypatch.setattr(hmac, "compare_digest", lambda a, b: compared.append((a, b)) or compare(a, b))
    verify_webhook(BODY, sign(BODY), SECRET)
    assert compared == [(sign(BODY).encode(), sign(BODY).encode())]


def test_the_raw_bytes_are_signed_and_not_what_they_mean() -> None:
    same = json.dumps(json.loads(BODY), indent=1).encode()
    with pytest.raises(WebhookInvalid, match="does not match"):
        verify_webhook(same, sign(BODY), SECRET)


def test_a_body_of_exactly_the_bound_is_read() -> None:
    body = BODY + b" " * (64_000 - len(BODY))
    assert verify_webhook(body, sign(body), SECRET).request_id == "req_1"


def test_without_a_secret_nothing_is_believed() -> None:
    with pytest.raises(WebhookInvalid, match="no webhook secret"):
        verify_webhook(BODY, sign(BODY, ""), "")


@pytest.mark.parametrize("body", [BODY.decode(), json.loads(BODY), None])
def test_a_body_that_was_decoded_is_refused_with_the_reason(body: Any) -> None:
    with pytest.raises(WebhookInvalid, match="raw bytes"):
        verify_webhook(body, sign(BODY), SECRET)


@pytest.mark.parametrize(
    "body",
    [b"", b"null", b"[]", b"<html>", b"{}", b'{"requestId": "r"}', b'{"status": "failed"}', b"\xff", b"[" * 60_000],
)
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(WebhookInvalid, match="not an event"):
        verify_webhook(body, sign(body), SECRET)


def test_a_body_over_the_bound_is_refused_before_it_is_read() -> None:
    body = b" " * 64_001
    with pytest.raises(WebhookInvalid, match="64001 bytes"):
        verify_webhook(body, sign(body), SECRET)


def test_no_refusal_shows_the_secret_or_the_signature_that_was_wanted() -> None:
    for signature, body in (("wrong", BODY), (sign(b"{}"), b"{}")):
        with pytest.raises(WebhookInvalid) as caught:
            verify_webhook(body, signature, SECRET)
        assert SECRET not in str(caught.value)
        assert sign(body) not in str(caught.value)
