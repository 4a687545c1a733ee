"""An API that accepts every create and ends no job by itself, with the price of one model and not of the other."""

from __future__ import annotations

import itertools
import math
from typing import Any

from scripted import Raw, ScriptedServer, Seen, answer, error

KEY = "sd2_live_do_not_show_me_4711"
HALF: dict[str, Any] = {"duration": 5, "resolution": "720p", "model": "seedance-2.0"}
"""A job of half a dollar."""
MODELS = {
    "success": True,
    "data": [
        {
            "id": name,
            "durations": [4, 5],
            "aspectRatios": ["16:9"],
            "resolutions": ["480p", "720p"],
            **({"usdPerSecond": {"720p": 0.1}} if name == "seedance-2.0" else {}),
        }
        for name in ("seedance-2.0", "seedance-2.0-fast")
    ],
}


class Api:
    """Accepts every create, and ends a job when its `status` is set."""

    def __init__(self, server: ScriptedServer) -> None:
        self.server = server
        self.status = "processing"
        self.accepts = math.inf
        """So many creates; any more are refused as too many at once, and free."""
        self.charged: list[str] = []
        """The prompts of the creates that were accepted."""
        self._numbers = itertools.count(1)
        server.say(self._reply)

    @property
    def creates(self) -> int:
        return len(self.server.of("POST", "/generations"))

    def _reply(self, seen: Seen) -> Raw:
        if seen.method == "POST" and seen.path.endswith("/generations"):
            if len(self.charged) >= self.accepts:
                return error(429, "rate_limited", retry_after="5")
            self.charged.append(seen.json["prompt"])
        if seen.method == "POST":
            accepted = {"success": True, "requestId": f"req_{next(self._numbers)}", "status": "queued"}
            return answer(200, accepted)
        if seen.path.endswith("/models"):
            return answer(200, MODELS)
        request_id = seen.path.rpartition("/")[2]
        return answer(200, {"success": True, "requestId": request_id, "status": self.status})
