"""Who is let in, and how often: the checks that come before every endpoint. Pure; standard library only."""

from __future__ import annotations

import hmac
import math
from collections import deque

from .answers import Refusal
from .settings import SimulatorSettings

WINDOW_S = 60.0


class Access:
    """Checks the key, then counts the request."""

    def __init__(self, settings: SimulatorSettings) -> None:
        self._control_key = settings.api_key.encode()
        self._key: bytes | None = self._control_key
        self._limit = settings.requests_per_minute
        self._admitted: deque[float] = deque()

    def replace_key(self, api_key: str | None) -> None:
        """From now on only this key is let in; with `None`, none is."""
        self._key = None if api_key is None else api_key.encode()

    def admit_control(self, authorization: str | None) -> None:
        """For the control routes: the key of the settings, whatever was replaced since. Raises Refusal."""
        _check(authorization, self._control_key)

    def admit(self, authorization: str | None, now: float) -> None:
        """Raises Refusal: 401 without the right key, 429 over the limit, with the seconds until there is room."""
        _check(authorization, self._key)
        if self._limit is None:
            return
        while self._admitted and self._admitted[0] <= now - WINDOW_S:
            self._admitted.popleft()
        if len(self._admitted) >= self._limit:
            oldest = self._admitted[0] if self._admitted else now
            wait_s = max(1, math.ceil(oldest + WINDOW_S - now))
            raise Refusal(429, "rate_limited", f"Over {self._limit} requests a minute.", {"Retry-After": str(wait_s)})
        self._admitted.append(now)


def _check(authorization: str | None, wanted: bytes | None) -> None:
    scheme, _, key = (authorization or "").partition(" ")
    if wanted is None or scheme.lower() != "bearer" or not hmac.compare_digest(key.strip().encode(), wanted):
        raise Refusal(401, "unauthorized", "Invalid API key", {"WWW-Authenticate": "Bearer"})
