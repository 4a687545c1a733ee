"""Reading a create body: what fits the contract becomes a request, what does not becomes a 400 that names the field.

Unknown fields are ignored: the contract does not forbid them. A `null` is not the absence of a field, and is refused.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NoReturn
from urllib.parse import urlsplit

from ..errors import RequestInvalid
from ..request import check, models
from ..request import options as catalog
from ..types import GenerationRequest
from .answers import Refusal
from .faults import read_fault

MAX_BODY_BYTES = 1_000_000  # the contract names no limit; this one keeps a mistake from filling the memory

_STANDS_IN = "https://media.example.com/of-this-machine.png"

LONGEST_S = 86_400  # a day: the longest that a generation can be asked to take

_KINDS: Mapping[str, tuple[str, type | tuple[type, ...]]] = {
    "choice": ("a string", str),
    "integer": ("an integer", int),
    "urls": ("an array of strings", list),
    "url": ("a string", str),
    "json": ("an object", dict),
}


def read_request(body: bytes) -> GenerationRequest:
    """The request in a create body, with the simulator's defaults filled in. Raises Refusal."""
    fields = _read_object(body)
    for name in ("model", "prompt"):
        if name not in fields:
            _refuse(name, "is required")
    if not isinstance(fields["prompt"], str):
        _refuse("prompt", "must be a string")
    options = {o.name: _typed(o, fields[o.wire]) for o in catalog.OPTIONS if o.wire in fields}
    _check_wishes(options.get("metadata", {}))
    local_url = options.pop("webhook_url") if is_loopback(options.get("webhook_url")) else None
    local_media = options.get("media_urls") or []
    if any(map(is_local_medium, local_media)):  # the others are checked as ever
        options["media_urls"] = [_STANDS_IN if is_local_medium(url) else url for url in local_media]
    try:
        request = check.make_request(fields["prompt"], options)
        check.check(request, models.BUNDLED_MODELS)
    except RequestInvalid as error:
        option = catalog.OPTION.get(error.field)
        _refuse(option.wire if option else error.field, f"does not fit. {error.what} {error.next_step}".strip())
    if any(map(is_local_medium, local_media)):
        request = replace(request, media_urls=tuple(local_media))
    return request if local_url is None else replace(request, webhook_url=local_url)


def is_loopback(url: object) -> bool:
    """Tell whether a URL names this machine: such webhooks are let through, http too, so that they can be tried."""
    if not isinstance(url, str):
        return False
    try:
        parts = urlsplit(url)
        local = parts.hostname in ("127.0.0.1", "::1", "localhost") and parts.port != 0
        return local and parts.scheme in ("http", "https") and not any(c.isspace() for c in url)
    except ValueError:
        return False


def is_local_medium(url: object) -> bool:
    """Tell whether a medium is served on this machine, by http: it stands in for a public one, and is fetched."""
    return is_loopback(url) and str(url).startswith("http:")


def _read_object(body: bytes) -> dict[str, Any]:
    if len(body) > MAX_BODY_BYTES:
        raise Refusal(400, "invalid_request", f"The body is larger than {MAX_BODY_BYTES} bytes.")
    try:
        fields = json.loads(body.decode("utf-8"), parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refusal(400, "invalid_request", "The body is not valid JSON in UTF-8.") from None
    if not isinstance(fields, dict):
        raise Refusal(400, "invalid_request", "The body must be a JSON object.")
    return fields


def _no_constant(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")


def _typed(option: catalog.Option, value: Any) -> Any:
    """The value when it has the option's JSON type. Raises Refusal."""
    words, kind = _KINDS[option.kind]
    if option.kind == "integer" and isinstance(value, float) and value.is_integer():
        return int(value)  # 5.0 is an integer in JSON
    if not isinstance(value, kind) or isinstance(value, bool):
        _refuse(option.wire, f"must be {words}")
    if isinstance(value, list) and not (value and all(isinstance(url, str) for url in value)):
        _refuse(option.wire, f"must be an array of 1 to {check.MAX_MEDIA_URLS} strings")
    return value


def _check_wishes(metadata: Any) -> None:
    """Refuse wishes to the simulator that it would not understand, rather than do something else."""
    wishes: Any = metadata.get("simulator", {})
    if not isinstance(wishes, dict):
        _refuse("metadata.simulator", "must be an object")
    if wishes.get("outcome", "succeeded") not in ("succeeded", "failed", "cancelled"):
        _refuse("metadata.simulator.outcome", "must be succeeded, failed or cancelled")
    seconds = wishes.get("seconds", 0)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_S:
        _refuse("metadata.simulator.seconds", f"must be a number from 0 to {LONGEST_S}")
    for text in _list(wishes.get("faults", [])):
        try:
            read_fault(text)
        except ValueError as error:
            _refuse("metadata.simulator.faults", f"is not understood. {error}")
    if isinstance(wishes.get("seed", 0), bool) or not isinstance(wishes.get("seed", 0), int):
        _refuse("metadata.simulator.seed", "must be an integer")


def _list(texts: Any) -> list[str]:
    if not isinstance(texts, list) or not all(isinstance(text, str) for text in texts):
        _refuse("metadata.simulator.faults", "must be an array of strings such as create:lost")
    return texts


def _refuse(field: str, why: str) -> NoReturn:
    raise Refusal(400, "invalid_request", f"{field} {why}")
