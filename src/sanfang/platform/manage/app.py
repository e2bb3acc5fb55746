"""The ASGI application of the management API: routes made from the table of operations."""

from __future__ import annotations

import hmac
import importlib
import logging
from collections.abc import Awaitable, Callable
from typing import Any, cast

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from ..domain.core import Core
from ..domain.refusals import Refusal
from ..store.errors import StoreError
from . import problems
from .document import document
from .forms import Form
from .operations import OPERATIONS, PREFIX, Operation
from .reading import read

log = logging.getLogger("sanfang.manage")
Function = Callable[[Core, Form], Awaitable[Any]]
Endpoint = Callable[[Request], Awaitable[Response]]


def function_of(operation: Operation) -> Function:
    """Find the function that does an operation."""
    module, _, name = operation.function.partition(":")
    found = importlib.import_module(f".{module}", __package__)
    return cast(Function, getattr(found, name))


def management_app(core: Core, token: str) -> Starlette:
    """Make the application; ``token`` is the bearer token every caller has to show.

    A header that no page of another origin can set also keeps browsers out: DNS rebinding and
    cross-site forms reach the port, but not past the token.
    """
    routes = [_route(operation, core, token) for operation in OPERATIONS]
    routes.append(Route(f"{PREFIX}/openapi.json", _document(), methods=["GET"]))
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_fault})
    app.router.redirect_slashes = False  # an unknown path is told so; it is not sent elsewhere
    return app


def _route(operation: Operation, core: Core, token: str) -> Route:
    function, expected = function_of(operation), token.encode()

    async def endpoint(request: Request) -> Response:
        try:
            if not operation.public:
                _check(request, expected)
            answer = await function(core, await read(operation, request))
        except Refusal as refusal:
            return _refused(refusal)
        except StoreError as error:
            log.exception("%s failed", operation.name)
            return _refused(problems.no_store(error))
        except ClientDisconnect:
            return Response(status_code=400)
        except Exception:
            log.exception("%s failed", operation.name)
            return _refused(problems.internal())
        return _json(200, answer)

    return Route(PREFIX + operation.path, endpoint, methods=[operation.method])


def _check(request: Request, expected: bytes) -> None:
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    right = hmac.compare_digest(given.strip().encode("latin-1", "replace"), expected)
    if scheme.lower() != "bearer" or not right:
        raise problems.no_token(given=bool(given))


def _document() -> Endpoint:
    made: list[bytes] = []

    async def endpoint(request: Request) -> Response:
        if not made:
            made.append(msgspec.json.encode(document()))
        return Response(made[0], media_type="application/json")

    return endpoint


async def _http_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods(request)))
        response = _refused(problems.wrong_method(request.method, allowed))
        response.headers["allow"] = allowed
        return response
    return _refused(problems.no_such_path(request.url.path))


def _methods(request: Request) -> set[str]:
    """Return the methods of all routes that fit the path."""
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods
    return found


def _refused(refusal: Refusal) -> Response:
    return _json(problems.status_of(refusal), problems.problem_of(refusal))


def _json(status: int, value: object) -> Response:
    headers = {"cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(msgspec.json.encode(value), status, headers, "application/json")
