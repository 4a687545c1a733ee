"""Ask the real service, once, on purpose: the models, one short job, one cancel, and a key that is wrong.

    SEEDANCE_LIVE_KEY=… python -m tests.live [--yes] [--base-url URL] [--record FOLDER]

**Spends credits**: two jobs of 4 s at 480p, of which one is cancelled at once. It says what they cost and asks first;
`--yes` answers for you. The answers are recorded without key, ids and links, to be compared with `tests/golden/`.
It is no part of the test suite, and it has not been run against the real service yet.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from seedance_widgets import Client, Unauthorized
from seedance_widgets.errors import SeedanceError
from seedance_widgets.request.models import price_usd
from seedance_widgets.types import FINAL_STATUSES, GenerationRequest

VENDOR = "https://www.seedance2.ink"
REQUEST = GenerationRequest(
    prompt="A paper boat crosses a puddle", model="seedance-2.0", duration=4, aspect_ratio="16:9", resolution="480p"
)
WRONG_KEY = "sd2_live_this_key_is_wrong"
DEADLINE_S = 1200.0
_LINK = re.compile(r"https?://[^\s\"']+")


def redacted(value: Any, key: str, ids: dict[str, str]) -> Any:
    """The same without the key, without what is named like an id of ours, and without links."""
    if isinstance(value, dict):
        return {name: redacted(inner, key, ids) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redacted(inner, key, ids) for inner in value]
    if not isinstance(value, str):
        return value
    for found, name in ids.items():
        value = value.replace(found, name)
    return _LINK.sub("https://redacted.example/file", value.replace(key, "sd2_live_redacted"))


def look_until(client: Client, request_id: str, every_s: float) -> Any:
    """The generation when it has ended."""
    end = time.monotonic() + DEADLINE_S
    while (found := client.get(request_id)).status not in FINAL_STATUSES:
        if time.monotonic() > end:
            raise SystemExit(f"{request_id} has not ended after {DEADLINE_S:.0f} s; it goes on at the server.")
        time.sleep(every_s)
    return found


def run(key: str, base_url: str, every_s: float, agree: Callable[[str], bool]) -> dict[str, Any] | None:
    """What was asked and answered, redacted; `None` when the price was not agreed to, and then nothing was sent."""
    answers: dict[str, Any] = {}
    with Client(key, base_url) as client:
        models = client.models()
        answers["models"] = [asdict(model) for model in models]
        price = price_usd(REQUEST, models)
        said = "an unknown price each" if price is None else f"${price:.2f} each (estimate)"
        if not agree(f"Two jobs of 4 s at 480p, {said}, are sent to {base_url}."):
            return None
        accepted = client.create(REQUEST)
        unwanted = client.create(REQUEST)
        answers["created"] = asdict(accepted)
        answers["cancelled"] = (told := client.cancel(unwanted.request_id)) and asdict(told)
        answers["after the cancel"] = asdict(client.get(unwanted.request_id))
        answers["final"] = asdict(look_until(client, accepted.request_id, every_s))
    with Client(WRONG_KEY, base_url) as stranger:
        try:
            stranger.get(accepted.request_id)
        except Unauthorized as error:
            answers["wrong key"] = {"status_code": error.status_code, "code": error.code, "message": error.message}
    ids = {accepted.request_id: "req_first", unwanted.request_id: "req_cancelled"}
    plain: dict[str, Any] = redacted(json.loads(json.dumps(answers, default=dict)), key, ids)
    return plain


def main(given: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.live", description=__doc__.splitlines()[0])
    parser.add_argument("--yes", action="store_true", help="agree to the price")
    parser.add_argument("--base-url", default=VENDOR)
    parser.add_argument("--record", type=Path, help="a folder for the redacted answers")
    parser.add_argument("--every-s", type=float, default=5.0, help="seconds between looks")
    asked = parser.parse_args(given)
    key = os.environ.get("SEEDANCE_LIVE_KEY", "")
    if not key:
        print("SEEDANCE_LIVE_KEY is not set. Nothing was sent.")
        return 2

    def agree(price: str) -> bool:
        print(price)
        if asked.yes:
            return True
        return sys.stdin.isatty() and input("Send them? [y/N] ").strip().lower() in ("y", "yes")

    try:
        answers = run(key, asked.base_url, asked.every_s, agree)
    except SeedanceError as error:
        print(error)
        return 1
    if answers is None:
        print("Nothing was sent.")
        return 2
    text = json.dumps(answers, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
    if asked.record is not None:
        asked.record.mkdir(parents=True, exist_ok=True)
        (asked.record / "live.json").write_text(text, encoding="utf-8")
    print(text)
    missing = [name for name in ("wrong key", "final", "cancelled") if not answers.get(name)]
    ended = answers["final"]["status"] == "succeeded"
    print(
        "All as the reference says." if ended and not missing else f"Not as the reference says: {missing or 'the end'}"
    )
    return 0 if ended and not missing else 1


if __name__ == "__main__":
    sys.exit(main())
