"""The simulator's own control routes, beside the API and no part of the contract: faults, the key, the ledger.

GET, PUT /simulator/faults     {"faults": ["create:lost"]}
PUT      /simulator/key        {"api_key": "sd2_live_new"}
GET      /simulator/ledger     every generation: what was asked, what was charged
"""

from __future__ import annotations

import json
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from .access import Access
from .answers import Refusal
from .service import Service

CONTROL = "/simulator"


def control_routes(service: Service, access: Access) -> list[Route]:
    """The control routes. They take the key of the settings, whatever key the API takes meanwhile."""

    async def faults(request: Request) -> Response:
        if request.method == "PUT":
            texts = (await _object(request)).get("faults")
            if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
                raise Refusal(400, "invalid_request", "faults is an array of strings such as create:lost")
            try:
                service.faults.replace(texts)
            except ValueError as error:
                raise Refusal(400, "invalid_request", str(error)) from None
        return JSONResponse(service.faults.as_json())

    async def key(request: Request) -> Response:
        value = (await _object(request)).get("api_key")
        if value is not None and not isinstance(value, str):
            raise Refusal(400, "invalid_request", "api_key is a string, or null for none at all")
        access.replace_key(value)
        return JSONResponse({})

    async def ledger(request: Request) -> Response:
        now = service.now()
        generations = [
            {
                "requestId": record.request_id,
                "prompt": record.prompt,
                "metadata": record.metadata,
                "status": record.status(now),
                "creditsCharged": record.credits_charged,
                "createdAt": record.created_at,
            }
            for record in service.folder.all()
        ]
        return JSONResponse({"generations": generations, "creditsLeft": service.credits_left()})

    return [
        Route(CONTROL + "/faults", faults, methods=["GET", "PUT"]),
        Route(CONTROL + "/key", key, methods=["PUT"]),
        Route(CONTROL + "/ledger", ledger),
    ]


async def _object(request: Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.body())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise Refusal(400, "invalid_request", "The body must be a JSON object.")
    return body
