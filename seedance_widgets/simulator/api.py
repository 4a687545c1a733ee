"""The four endpoints over HTTP, and the second origin that hands out clips. Loads starlette."""

from __future__ import annotations

import logging
from typing import Any

from anyio import to_thread
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ..request.models import BUNDLED_MODELS
from . import answers, create_body, media
from .access import Access
from .answers import RESULTS, Refusal
from .control import CONTROL, control_routes
from .faulty_line import FaultyLine, LineCut
from .openapi import DESCRIPTION
from .service import Service

_log = logging.getLogger(__name__)

PREFIX = "/api/open/v1"
_FAILURE = Refusal(500, "internal_error", "Unexpected failure")
_OPEN_PATHS = ("/openapi.json",)


class Endpoints:
    """The four endpoints of the contract: from an HTTP request to the service and back."""

    def __init__(self, service: Service) -> None:
        self._service = service

    async def models(self, request: Request) -> Response:
        """GET /models."""
        return JSONResponse(answers.models_body(BUNDLED_MODELS))

    async def create(self, request: Request) -> Response:
        """POST /video/generations."""
        wanted = create_body.read_request(await _bounded_body(request))
        pictures = media.Pictures()
        if wanted.media_urls:
            refused = bool(request.scope.get(media.UNFETCHED))
            pictures = await to_thread.run_sync(lambda: self._service.fetch(wanted, refused=refused))
        return JSONResponse(answers.accepted_body(self._service.create(wanted, pictures)))

    async def look(self, request: Request) -> Response:
        """GET /video/generations/{requestId}. Waits for the clip only at infinite speed."""
        request_id = request.path_params["request_id"]
        record, status, film = self._service.look(request_id)
        if film is not None and self._service.settings.at_once:
            await to_thread.run_sync(film.exception)
            record, status, _ = self._service.look(request_id)
        return JSONResponse(answers.generation_body(record, status, self._service.files_url))

    async def cancel(self, request: Request) -> Response:
        """POST /video/generations/{requestId}/cancel. Answers with the generation, as a look does."""
        record = self._service.cancel(request.path_params["request_id"])
        return JSONResponse(answers.generation_body(record, "cancelled", self._service.files_url))


async def _description(request: Request) -> Response:
    return JSONResponse(DESCRIPTION)


def make_api(service: Service) -> ASGIApp:
    """The API's origin."""
    endpoints = Endpoints(service)
    access = Access(service.settings)
    one = PREFIX + "/video/generations/{request_id}"
    app = Starlette(
        routes=[
            Route(PREFIX + "/models", endpoints.models),
            Route(PREFIX + "/video/generations", endpoints.create, methods=["POST"]),
            Route(one, endpoints.look),
            Route(one + "/cancel", endpoints.cancel, methods=["POST"]),
            Route("/openapi.json", _description),
            *control_routes(service, access),
        ],
        exception_handlers={Refusal: _refused, HTTPException: _no_route, Exception: _failed},
    )
    app.router.redirect_slashes = False
    return GuardedApi(FaultyLine(app, service, access), service, access)


def make_files(service: Service) -> ASGIApp:
    """The origin of the clips: no key, byte ranges, nothing else."""

    async def clip(request: Request) -> Response:
        record = service.folder.find(request.path_params["request_id"])
        film = service.film(record) if record and record.status(service.now()) == "succeeded" else None
        if film is None:
            return PlainTextResponse("Not Found", 404)
        return FileResponse(film, media_type="video/mp4")

    app = Starlette(routes=[Route(RESULTS + "{request_id}.mp4", clip)])
    app.router.redirect_slashes = False
    return FaultyLine(app, service)


class GuardedApi:
    """In front of the API: the key and the limit first, and an envelope for whatever goes wrong behind it."""

    def __init__(self, app: ASGIApp, service: Service, access: Access) -> None:
        self._app = app
        self._service = service
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            if scope["method"] == "HEAD" and message["type"] == "http.response.body":
                message = {**message, "body": b""}
            await send(message)

        try:
            self._let_in(scope)
            await self._app(scope, receive, sending)
        except Refusal as refusal:
            await _envelope(refusal)(scope, receive, sending)
        except LineCut:
            raise
        except Exception:  # noqa: BLE001 - the contract: unexpected failures come in the envelope too
            _log.exception("unexpected failure in the simulator")
            if not begun:
                await _envelope(_FAILURE)(scope, receive, sending)

    def _let_in(self, scope: Scope) -> None:
        authorization = Headers(scope=scope).get("authorization")
        if scope["path"].startswith(CONTROL + "/"):
            self._access.admit_control(authorization)
        elif scope["path"] not in _OPEN_PATHS and scope["method"] != "OPTIONS":
            self._access.admit(authorization, self._service.now())


def _envelope(refusal: Refusal) -> Response:
    body = answers.error_body(refusal.code, refusal.message)
    return JSONResponse(body, refusal.status_code, refusal.headers)


async def _refused(request: Request, refusal: Exception) -> Response:
    assert isinstance(refusal, Refusal)
    return _envelope(refusal)


async def _failed(request: Request, error: Exception) -> Response:
    return _envelope(_FAILURE)  # starlette raises the error again behind this answer: the door logs it


async def _no_route(request: Request, error: Exception) -> Response:
    """Other paths and methods. The contract has no code for a wrong method: it is a request that does not fit."""
    assert isinstance(error, HTTPException)
    headers = dict(error.headers or {})
    if error.status_code != 405:
        return _envelope(Refusal(error.status_code, "not_found", f"There is nothing at {request.url.path}"))
    if request.method == "OPTIONS":
        return Response(status_code=204, headers=headers)
    message = f"{request.url.path} does not take {request.method}"
    return _envelope(Refusal(405, "invalid_request", message, headers))


async def _bounded_body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > create_body.MAX_BODY_BYTES:
            break
    return bytes(body)


def in_one(service: Service) -> ASGIApp:
    """Both origins in one app, told apart by path: for tests that call it without a network."""
    api, files = make_api(service), make_files(service)

    async def both(scope: Scope, receive: Receive, send: Send) -> Any:
        chosen = files if scope.get("path", "").startswith(RESULTS) else api
        await chosen(scope, receive, send)

    return both
