"""Whether a webhook's address leads to a Jupyter server of ours: asked with an unsigned word, which it must refuse."""

from __future__ import annotations

import httpx

from .http import SilentClient

MARK = "x-seedance-webhook"
"""The header by which our route answers."""
ASKED_S = 10.0


def status_of(url: str) -> int | str:
    """What a plain GET of an address answers: its status, or why there is none, in words."""
    try:
        with SilentClient(timeout=ASKED_S, follow_redirects=False) as client:
            return client.get(url).status_code
    except httpx.HTTPError as error:
        return f"nothing ({type(error).__name__})"
    except (httpx.InvalidURL, ValueError):
        return "nothing, since it is not a URL"


def why_not_reached(address: str) -> str | None:
    """Why the vendor would not reach a webhook, in words; `None` where our own route refuses what is not signed."""
    try:
        with SilentClient(timeout=ASKED_S, follow_redirects=False) as client:
            answer = client.post(address, content=b"{}")
    except httpx.HTTPError as error:
        return f"it cannot be reached ({type(error).__name__})"
    except (httpx.InvalidURL, ValueError):
        return "it is not a URL"
    if MARK not in answer.headers:
        return f"what answers there is not this extension (HTTP {answer.status_code})"
    if answer.status_code == 404:
        return "the server was started without SEEDANCE_WEBHOOK_SECRET"
    return None if answer.status_code == 401 else f"it answers HTTP {answer.status_code} to what is not signed"
