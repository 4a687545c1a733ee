"""The Open API's four endpoints as data: what to send, how to read the answer, whether it may be sent again. Pure.

Each function above the line returns a `Call`; a client sends it and hands the `Answer` back to `Call.read`. Reading is
strict about what we act on (a request id, a status) and lenient about everything else: unknown fields are kept in
`extra`, unknown statuses are passed on, and a nonsense `creditsCharged` never costs us an accepted job.
"""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from itertools import islice
from typing import Annotated, Any, NoReturn, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, WrapValidator

from ..errors import (
    AnswerUnreadable,
    ApiError,
    InsufficientCredits,
    NotFound,
    RateLimited,
    RequestInvalid,
    RequestRefused,
    ServerFailed,
    Unauthorized,
)
from ..request.body import request_body
from ..request.check import check_links
from ..request.media import references_in
from ..request.models import BUNDLED_MODELS, usable_prices, with_known_price
from ..text import links
from ..types import Accepted, Generation, GenerationRequest, Json, Model, Problem
from ..values.plain import is_broken, shown
from .call import EXCERPT_BYTES, Answer, Call, excerpt, retry_after_s

PREFIX = "/api/open/v1"
MAX_MODELS = 100
"""The contract lists three. A list of many thousands would be megabytes in every widget."""
MAX_VALUES = 100
"""Durations, aspect ratios, resolutions and prices of one model."""
MAX_SECONDS = 3600
"""Of a video: what a list names beyond is no duration."""
MAX_REQUEST_ID = 500
"""Characters: the server's word, and no longer."""
MAX_LISTED = 10_000
"""Items of such a list that are looked at."""
MAX_WORD = 200
"""Characters of a model's id, aspect ratio or resolution."""


# --- GET /models ("overview") ---------------------------------------------------------------------------------------
def list_models() -> Call[tuple[Model, ...]]:
    """The models with their durations, aspect ratios, resolutions and prices."""
    return Call(method="GET", path=f"{PREFIX}/models", read=_read_models, repeatable=True)


# --- POST /video/generations ("text-to-video", "image-to-video") ----------------------------------------------------
def create_generation(request: GenerationRequest) -> Call[Accepted]:
    """Start a generation. **Spends credits.** Sent once: the API has no idempotency key.

    Raises RequestInvalid for a link whose signature was not kept.
    """
    if not isinstance(request, GenerationRequest):
        raise RequestInvalid(f"create() takes a GenerationRequest, not {shown(request)}.", field="prompt")
    try:
        check_links(request)
        if references_in(request):
            raise RequestInvalid(
                "A medium of the request has no link that the server could fetch.",
                field="media_urls",
                next_step="session.submit puts it in its place and makes the link; a client sends links only.",
            )
        body = json.dumps(request_body(request), ensure_ascii=False, allow_nan=False).encode()
    except (TypeError, ValueError, AttributeError, RecursionError):  # made by hand, of values that JSON does not know
        raise RequestInvalid("The request holds a value that cannot be written as JSON.", field="prompt") from None
    return Call(
        method="POST",
        path=f"{PREFIX}/video/generations",
        body=body,
        read=_read_accepted,
        repeatable=False,
        kind="create",
    )


# --- GET /video/generations/{requestId} -----------------------------------------------------------------------------
def get_generation(request_id: str) -> Call[Generation]:
    """The status of a generation, and the output URL when it is there."""
    return Call(method="GET", path=_generation_path(request_id), read=_read_generation, repeatable=True, kind="look")


# --- POST /video/generations/{requestId}/cancel ---------------------------------------------------------------------
def cancel_generation(request_id: str) -> Call[Generation | None]:
    """Cancel a queued or processing generation.

    The body of the answer is not documented, so `None` is a fine answer: look at the status to know what is true.
    """
    return Call(
        method="POST", path=f"{_generation_path(request_id)}/cancel", body=b"{}", read=_read_cancelled, repeatable=True
    )


# --- Webhook --------------------------------------------------------------------------------------------------------


# --- reading --------------------------------------------------------------------------------------------------------
def _or_none(value: Any, handler: Callable[[Any], Any]) -> Any:
    try:
        return handler(value)
    except ValidationError:
        return None


def _problem(value: Any) -> Any:
    """The contract leaves its shape open: whatever it is, its words are kept."""
    if value in (None, {}, []):
        return None
    if isinstance(value, Mapping) and ("code" in value or "message" in value):
        return value
    return {"code": "", "message": value}


def _output_url(value: Any) -> Any:
    return value.get("url") if isinstance(value, Mapping) else value


def _short(value: Any) -> str:
    """At most 2 kB of words; what is no text is shown as JSON."""
    text = "" if value is None else value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = links.kept_in_text(text[: 8 * EXCERPT_BYTES])
    return text.encode("utf-8", "replace")[:EXCERPT_BYTES].decode("utf-8", "ignore")


OptionalInt = Annotated[int | None, WrapValidator(_or_none)]
OptionalText = Annotated[str | None, WrapValidator(_or_none)]
Text = Annotated[str, BeforeValidator(_short)]


def _name(value: Any) -> Any:
    """A request id is worth money: take it as a number, too."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


OptionalBool = Annotated[bool | None, WrapValidator(_or_none)]
RequestId = Annotated[str, BeforeValidator(_name), Field(min_length=1, max_length=MAX_REQUEST_ID)]
Status = Annotated[str, Field(min_length=1, max_length=100)]
Url = Annotated[str, Field(max_length=8_000)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="allow")


class _ProblemBody(_Body):
    code: Text = ""
    message: Text = ""


OptionalProblem = Annotated[
    Annotated[_ProblemBody | None, BeforeValidator(_problem)], WrapValidator(_or_none), Field(default=None)
]


class _AcceptedBody(_Body):
    requestId: RequestId
    status: Annotated[Status | None, WrapValidator(_or_none)] = None
    creditsCharged: OptionalInt = None
    success: OptionalBool = True


class GenerationBody(_Body):
    requestId: RequestId
    status: Status
    success: OptionalBool = True
    model: OptionalText = None
    prompt: OptionalText = None
    duration: OptionalInt = None
    aspectRatio: OptionalText = None
    creditsCharged: OptionalInt = None
    output: Annotated[Url | None, BeforeValidator(_output_url), WrapValidator(_or_none)] = None
    error: OptionalProblem


def _seconds_only(value: Any) -> Any:
    """The whole numbers of a list, also as text; what else stands there hides neither them nor the model."""
    many = value[:MAX_LISTED] if isinstance(value, list) else ()
    return tuple(number for each in many if (number := _whole_or_none(each)) is not None)


def _words_only(value: Any) -> Any:
    many = value[:MAX_LISTED] if isinstance(value, list) else ()
    return tuple(each for each in many if isinstance(each, str) and each)


def _whole_or_none(value: Any) -> int | None:
    if isinstance(value, str):
        value = int(value) if value.isascii() and value.isdigit() and len(value) < 10 else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


Whole = Annotated[tuple[int, ...], BeforeValidator(_seconds_only)]
Words = Annotated[tuple[str, ...], BeforeValidator(_words_only)]


class _ModelBody(_Body):
    id: Annotated[str, Field(min_length=1)]
    type: Text = "video_generation"
    mode: Text = ""
    durations: Whole = ()
    aspectRatios: Words = ()
    resolutions: Words = ()
    usdPerSecond: Any = None


def _read_models(answer: Answer) -> tuple[Model, ...]:
    data = _payload(answer).get("data")
    if not isinstance(data, list):
        raise _unreadable(answer, "the list of models is missing")
    bodies = []
    for item in data:
        with contextlib.suppress(ValidationError):  # one that we cannot read must not hide the others
            bodies.append(_ModelBody.model_validate(item))
    if data and not bodies:
        raise _unreadable(answer, "none of its models can be read")
    return with_known_price(_some(bodies))


def _some(bodies: list[_ModelBody]) -> list[Model]:
    """The models as far as anybody can look through them: the first, and those that are known, wherever they stand."""
    known = {model.id for model in BUNDLED_MODELS}
    those_known = [body for body in bodies if body.id in known][:MAX_MODELS]
    room = MAX_MODELS - len(those_known)
    others = [body for body in bodies if body.id not in known and len(body.id) <= MAX_WORD][:room]
    chosen = {id(body) for body in (*those_known, *others)}
    return [_model(body) for body in bodies if id(body) in chosen]


def _words(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(value for value in values[:MAX_VALUES] if len(value) <= MAX_WORD)


def _model(body: _ModelBody) -> Model:
    named, odd = usable_prices(body.usdPerSecond)
    return Model(
        id=body.id,
        type=body.type,
        mode=body.mode,
        durations=tuple(each for each in body.durations if 1 <= each <= MAX_SECONDS)[:MAX_VALUES],
        aspect_ratios=_words(body.aspectRatios),
        resolutions=_words(body.resolutions),
        usd_per_second=dict(islice(named.items(), MAX_VALUES)),
        odd_prices=odd,
        extra=body.model_extra or {},
    )


def _read_accepted(answer: Answer) -> Accepted:
    try:
        payload = _payload(answer)
    except NotFound as error:
        raise NotFound(
            error.message,
            status_code=404,
            code=error.code,
            charged="Nothing was charged.",
            next_step="Check SEEDANCE_BASE_URL: no generation can be made there.",
        ) from None
    inner = payload.get("data")
    if not payload.get("requestId") and isinstance(inner, Mapping):
        payload = {**payload, **inner}  # a request id is worth money: take it wherever the server puts it
    body = _validated(answer, _AcceptedBody, payload)
    return Accepted(
        request_id=body.requestId,
        status=body.status or "queued",
        credits_charged=body.creditsCharged,
        retry_after_s=retry_after_s(answer),
        extra=body.model_extra or {},
    )


def _read_generation(answer: Answer) -> Generation:
    generation = generation_of(_validated(answer, GenerationBody, _payload(answer)))
    return replace(generation, retry_after_s=retry_after_s(answer))


def _read_cancelled(answer: Answer) -> Generation | None:
    try:
        return _read_generation(answer)
    except AnswerUnreadable:
        if 200 <= answer.status_code < 300:
            return None
        raise


def generation_of(body: GenerationBody) -> Generation:
    return Generation(
        request_id=body.requestId,
        status=body.status,
        output_url=body.output or None,
        problem=Problem(code=body.error.code, message=body.error.message) if body.error else None,
        model=body.model,
        prompt=body.prompt,
        duration=body.duration,
        aspect_ratio=body.aspectRatio,
        credits_charged=body.creditsCharged,
        extra=body.model_extra or {},
    )


B = TypeVar("B", bound=BaseModel)


def _validated(answer: Answer, shape: type[B], value: Json) -> B:
    try:
        return shape.model_validate(value)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise _unreadable(answer, f"{where or 'the answer'}: {first['msg'].lower()}") from None
    except RecursionError:
        raise _unreadable(answer, "it is nested too deeply") from None


def _payload(answer: Answer) -> dict[str, Json]:
    """The decoded body of a 2xx answer that says success; anything else raises the error it stands for."""
    try:
        payload = decode(answer.body)
    except (ValueError, RecursionError):
        payload = None
    if not 200 <= answer.status_code < 300 or (isinstance(payload, dict) and payload.get("success") is False):
        _raise_refusal(answer, payload)
    if not isinstance(payload, dict):
        raise _unreadable(answer, "it is not a JSON object")
    return payload


def decode(body: bytes) -> Json:
    """JSON as text that can be stored. Half a pair of surrogates, which no database takes, becomes a question mark."""
    decoded = json.loads(body.decode("utf-8"))
    if b"\\ud" not in body.lower():
        return decoded
    return json.loads(json.dumps(decoded, ensure_ascii=False).encode("utf-8", "replace"))


_BY_CODE: Mapping[str, int] = {
    "invalid_request": 400,
    "unauthorized": 401,
    "insufficient_credits": 402,
    "not_found": 404,
    "rate_limited": 429,
    "internal_error": 500,
}
_BY_STATUS: Mapping[int, type[ApiError]] = {
    400: RequestRefused,
    401: Unauthorized,
    402: InsufficientCredits,
    404: NotFound,
}


def _raise_refusal(answer: Answer, payload: Json) -> NoReturn:
    """The error table of the overview page. A 2xx that says `success: false` is judged by its code."""
    problem = _or_none_problem(payload)
    code, message = (problem.code, problem.message) if problem else ("", "")
    status = answer.status_code
    if 200 <= status < 300:
        status = _BY_CODE.get(code, status)
    if status == 429:
        raise RateLimited(message or "too many requests", retry_after_s=retry_after_s(answer))
    if problem is None and not 400 <= status < 600:
        raise _unreadable(answer, "it is a redirect" if 300 <= status < 400 else "its status is not one of this API")
    message = message or _no_reason(answer.body)
    kind = ServerFailed if status >= 500 else _BY_STATUS.get(status, ApiError)
    raise kind(message, status_code=status, code=code, retry_after_s=retry_after_s(answer))


def refusal_of(problem: Problem) -> ApiError | None:
    """A refusal that was kept as a problem, as its error again; `None` for what is not one of the API's codes."""
    status = _BY_CODE.get(problem.code)
    if status is None:
        return None
    if status == 429:
        return RateLimited(problem.message)
    kind = ServerFailed if status >= 500 else _BY_STATUS.get(status, ApiError)
    return kind(problem.message, status_code=status, code=problem.code)


def _no_reason(body: bytes) -> str:
    """Words where the server gives no reason. Never markup: of a web page only that it is one."""
    began = excerpt(body).strip()
    if "<" in began and re.search(r"<[!/a-zA-Z]", began):
        return "no reason given, but a web page"
    return f"no reason given; the answer began {began[:120]!r}" if began else "no reason given"


def _or_none_problem(payload: Json) -> _ProblemBody | None:
    if not isinstance(payload, dict) or payload.get("error") is None:
        return None
    try:
        return _ProblemBody.model_validate(_problem(payload["error"]))
    except (ValidationError, RecursionError):
        return None


def _unreadable(answer: Answer, why: str) -> AnswerUnreadable:
    return AnswerUnreadable(
        f"the answer is not one of this API ({why})",
        status_code=answer.status_code,
        excerpt=excerpt(answer.body),
        retry_after_s=retry_after_s(answer),
    )


def _generation_path(request_id: str) -> str:
    if not isinstance(request_id, str) or not 0 < len(request_id) <= MAX_REQUEST_ID or is_broken(request_id):
        raise RequestInvalid(f"A request id is text, not {shown(request_id)}.", field="request_id")
    part = quote(request_id, safe="")
    return f"{PREFIX}/video/generations/{part if part.strip('.') else part.replace('.', '%2E')}"
