"""The API as tests of sweeps want it: every create is a generation of its own, whose end a test decides."""

from __future__ import annotations

import copy
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import CUT, Raw, ScriptedServer, Seen, answer

MODELS: dict[str, Any] = {
    "success": True,
    "data": [
        {
            "id": model,
            "durations": durations,
            "aspectRatios": ["16:9", "9:16"],
            "resolutions": ["480p", "720p"],
            "usdPerSecond": {"720p": 0.1} if priced else {},
        }
        for model, durations, priced in (
            ("seedance-2.0", [4, 5, 6, 10], True),
            ("seedance-2.0-fast", [4, 5], False),
        )
    ],
}


class SweepApi:
    """Counts creates by prompt; `status` of a generation is `processing` until `end` is called, or at once."""

    def __init__(self, server: ScriptedServer, clip: Path) -> None:
        self.server = server
        self.price: Any = 0.1
        """Dollars for a second of `seedance-2.0` at 720p."""
        self.at_once = True
        """Whether a generation has succeeded at the first look."""
        self.answers: dict[int, Raw | Callable[[], Raw]] = {}
        """Other answers to creates, by their number from 1."""
        self.prompts: list[str] = []
        self.statuses: dict[str, str] = {}
        self.most_open = 0
        self._clip = clip.read_bytes()
        self._lock = threading.Lock()
        server.say(self.reply)

    def reply(self, seen: Seen) -> Raw:
        with self._lock:
            return self._reply(seen)

    def _reply(self, seen: Seen) -> Raw:
        if seen.path.endswith("/models"):
            models = copy.deepcopy(MODELS)
            models["data"][0]["usdPerSecond"] = {"720p": self.price}
            return answer(200, models)
        if seen.path.endswith(".mp4"):
            return answer(200, self._clip, content_type="video/mp4")
        if seen.method == "POST" and not seen.path.endswith("/cancel"):
            if len(seen.body) < int(seen.headers["content-length"]):
                return CUT  # the client was killed while it wrote
            return self._create(seen.json["prompt"])
        request_id = seen.path.removesuffix("/cancel").rpartition("/")[2]
        if seen.path.endswith("/cancel"):
            self.statuses[request_id] = "cancelled"
        return self._generation(request_id)

    def _create(self, prompt: str) -> Raw:
        self.prompts.append(prompt)
        number = len(self.prompts)
        if number in self.answers:
            said = self.answers[number]
            return said if isinstance(said, Raw) else said()
        request_id = f"req_{number}"
        self.statuses[request_id] = "processing"
        self.most_open = max(self.most_open, self.open)
        if self.at_once:
            self.statuses[request_id] = "succeeded"
        return answer(200, {"success": True, "requestId": request_id, "status": "queued", "creditsCharged": 40})

    def _generation(self, request_id: str) -> Raw:
        status = self.statuses[request_id]
        output = {"type": "video", "url": f"{self.server.url}/files/{request_id}.mp4"}
        body = {"success": True, "requestId": request_id, "status": status}
        return answer(200, {**body, "output": output if status == "succeeded" else None})

    @property
    def open(self) -> int:
        """How many generations have not ended."""
        return sum(status == "processing" for status in self.statuses.values())

    def end(self, status: str = "succeeded") -> None:
        """All that run end now."""
        with self._lock:
            for request_id, now in self.statuses.items():
                if now == "processing":
                    self.statuses[request_id] = status

    @property
    def charged(self) -> Counter[str]:
        """How often each prompt was accepted."""
        return Counter(self.prompts[int(request_id.removeprefix("req_")) - 1] for request_id in self.statuses)


@pytest.fixture
def api(clip: Path) -> Iterator[SweepApi]:
    """A server of its own for each test."""
    with ScriptedServer() as server:
        yield SweepApi(server, clip)
