"""The JSON body of a request, as it goes over the wire (POST /generate in the API's reference)."""

from __future__ import annotations

from collections.abc import Mapping

from ..types import GenerationRequest, Json
from .options import OPTIONS


def request_body(request: GenerationRequest) -> dict[str, Json]:
    """The JSON body of a create: the API's names, and nothing that was left to the server."""
    body: dict[str, Json] = {"model": request.model, "prompt": request.prompt}
    for option in OPTIONS:
        value = getattr(request, option.name)
        if value is None or (isinstance(value, tuple) and not value) or option.name == "model":
            continue
        body[option.wire] = list(value) if isinstance(value, tuple) else value
    return body


def request_from_body(body: Mapping[str, Json]) -> GenerationRequest:
    """The request that `request_body` wrote; the inverse, for reading history back."""
    values = {option.name: body[option.wire] for option in OPTIONS if option.wire in body}
    values |= {option.name: tuple(values.get(option.name, ())) for option in OPTIONS if option.kind == "urls"}
    return GenerationRequest(prompt=body["prompt"], **values)
