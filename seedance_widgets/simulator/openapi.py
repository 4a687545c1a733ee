"""The contract as an OpenAPI description, written by hand, so that tools can read it and test the simulator by it.

Served at `/openapi.json`. Where the reference leaves a shape open, it describes what the simulator does.
"""

from __future__ import annotations

from typing import Any

from ..request import check, models, options
from ..types import Model

Schema = dict[str, Any]

STATUSES = ("queued", "processing", "succeeded", "failed", "cancelled")
ERRORS = {
    400: ("invalid_request", "The request does not fit the schema."),
    401: ("unauthorized", "The key is missing or wrong."),
    402: ("insufficient_credits", "Not enough credits for this job."),
    404: ("not_found", "No such job under this key."),
    429: ("rate_limited", "Over the limit of requests a minute."),
    500: ("internal_error", "Unexpected failure."),
}


def _ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def _object(required: dict[str, Schema], optional: dict[str, Schema] | None = None) -> Schema:
    return {"type": "object", "required": list(required), "properties": required | (optional or {})}


def _error(status: int) -> Schema:
    code, meaning = ERRORS[status]
    about = _object({"code": {"const": code}, "message": {"type": "string"}})
    schema = _object({"success": {"const": False}, "error": about})
    answer: Schema = {"description": meaning, "content": {"application/json": {"schema": schema}}}
    if status == 429:
        seconds = {"type": "string", "pattern": "^[0-9]+$"}
        answer["headers"] = {"Retry-After": {"description": "Seconds to wait.", "required": True, "schema": seconds}}
    return answer


def _operation(name: str, summary: str, answer: str, errors: tuple[int, ...], **more: Any) -> Schema:
    good = {"description": summary, "content": {"application/json": {"schema": _ref(answer)}}}
    responses = {"200": good} | {str(status): _error(status) for status in (*errors, 401, 429, 500)}
    return {"operationId": name, "summary": summary, "security": [{"key": []}], "responses": responses} | more


def _option(option: options.Option, model: Model) -> Schema:
    """The schema of an option, as a model takes it."""
    a_url = r"^https://[a-z]{1,20}\.example\.com/[a-z0-9]{1,20}"
    allowed = list(models.allowed_values(option, model))
    schema: Schema = {
        "choice": {"enum": allowed} if allowed else {"type": "string", "pattern": "^[a-z0-9]{1,20}$"},
        "integer": {"type": "integer"} | ({"enum": allowed} if allowed else {}),
        "urls": {
            "type": "array",
            "minItems": 1,
            "maxItems": check.MAX_MEDIA_URLS,
            "items": {"type": "string", "pattern": rf"{a_url}\.(png|mp4|wav)$"},
        },
        "url": {"type": "string", "pattern": f"{a_url}$"},
        "json": {"type": "object", "propertyNames": {"not": {"const": "simulator"}}},
    }[option.kind]
    return schema | {"description": f"{option.label}: {option.help}."}


def _model_body(model_id: str) -> Schema:
    """The schema of a create of one model."""
    model = next(m for m in models.BUNDLED_MODELS if m.id == model_id)
    required: dict[str, Schema] = {"model": {"const": model.id}, "prompt": {"type": "string", "pattern": r"\S"}}
    optional = {o.wire: _option(o, model) for o in options.OPTIONS if o.wire not in required}
    return _object(required, optional)


_REQUEST_ID: Schema = {"type": "string", "pattern": "^req_[A-Za-z0-9]{10,64}$"}
_PATH_ID: Schema = {"name": "requestId", "in": "path", "required": True, "schema": _REQUEST_ID}
_WORDS: Schema = {"type": "array", "minItems": 1, "items": {"type": "string"}}

_MODEL = _object(
    {
        "id": {"type": "string"},
        "type": {"type": "string"},
        "mode": {"type": "string"},
        "durations": {"type": "array", "minItems": 1, "items": {"type": "integer", "minimum": 1}},
        "aspectRatios": _WORDS,
        "resolutions": _WORDS,
        "usdPerSecond": {"type": "object", "additionalProperties": {"type": "number", "minimum": 0}},
    }
)
_OUTPUT = _object({"type": {"const": "video"}, "url": {"type": "string"}})
_PROBLEM = _object({"code": {"type": "string"}, "message": {"type": "string"}})
_ENDING: dict[str, Schema] = {
    "success": {"const": True},
    "requestId": _REQUEST_ID,
    "status": {"enum": list(STATUSES)},
    "output": {"oneOf": [_OUTPUT, {"type": "null"}]},
    "error": {"oneOf": [_PROBLEM, {"type": "null"}]},
}
_REQUEST_FIELDS: dict[str, Schema] = {
    "model": {"type": "string"},
    "prompt": {"type": "string"},
    "duration": {"type": "integer"},
    "aspectRatio": {"type": "string"},
}
_ACCEPTED = _object(
    {
        "success": {"const": True},
        "requestId": _REQUEST_ID,
        "status": {"const": "queued"},
        "creditsCharged": {"type": "integer", "minimum": 0},
    }
)
_ONE = "/api/open/v1/video/generations/{requestId}"
_CREATE_BODY: Schema = {
    "required": True,
    "content": {"application/json": {"schema": {"oneOf": [_model_body(m.id) for m in models.BUNDLED_MODELS]}}},
}

DESCRIPTION: Schema = {
    "openapi": "3.1.0",
    "info": {
        "title": "Seedance 2.0 Open API, as the simulator of seedance_widgets answers it",
        "version": "1",
        "description": "Nothing is generated and nothing is charged. The vendor's reference is the authority.",
    },
    "paths": {
        "/api/open/v1/models": {"get": _operation("models", "The models and what they take.", "Models", ())},
        "/api/open/v1/video/generations": {
            "post": _operation(
                "create", "Accept a generation and charge for it.", "Accepted", (400, 402), requestBody=_CREATE_BODY
            )
        },
        _ONE: {
            "parameters": [_PATH_ID],
            "get": _operation("get", "A generation as it is now.", "Generation", (404,)),
        },
        _ONE + "/cancel": {
            "parameters": [_PATH_ID],
            "post": _operation("cancel", "Stop a queued or processing generation.", "Generation", (400, 404)),
        },
    },
    "webhooks": {
        "final": {
            "post": {
                "summary": "The final result, signed with x-seedance-signature where a secret is set.",
                "requestBody": {"content": {"application/json": {"schema": _ref("Event")}}},
                "responses": {"200": {"description": "Taken."}},
            }
        }
    },
    "components": {
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        "schemas": {
            "Models": _object({"success": {"const": True}, "data": {"type": "array", "items": _MODEL}}),
            "Accepted": _ACCEPTED,
            "Generation": _object(_ENDING | _REQUEST_FIELDS),
            "Event": _object(_ENDING),
        },
    },
}
