"""The ASGI application of the workbench: routes, the headers of every answer, and how it says no."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match, Route

from ...domain.core import Core
from ...domain.refusals import Refusal
from ...store.errors import StoreError
from ..signin import inframe
from . import contacts_api, frames_api, live, media_api, pages, people, talk
from .addresses import framed
from .asking import Fault, answer, check_origin, take_away_planted

log = logging.getLogger("sanfang.workbench")
Endpoint = Callable[[Core, Request], Awaitable[Response]]

_ROUTES: list[tuple[str, dict[str, Endpoint]]] = [
    ("/api/people", {"GET": people.choose}),
    (
        "/api/desk",
        {"GET": people.show, "POST": people.sign_in, "DELETE": people.sign_out},
    ),
    ("/api/link", {"POST": people.enter_by_link}),
    ("/api/link/look", {"POST": people.look_at_link}),
    ("/api/apps", {"GET": frames_api.apps}),
    ("/api/frames", {"POST": frames_api.open_frame}),
    ("/api/frames/{frame}", {"DELETE": frames_api.close}),
    ("/api/frames/{frame}/page", {"POST": frames_api.page}),
    ("/api/frames/{frame}/signin", {"POST": frames_api.sign_in}),
    ("/api/frames/{frame}/hash", {"POST": frames_api.hash_changed}),
    ("/api/frames/{frame}/invoke", {"POST": frames_api.invoke}),
    ("/api/frames/{frame}/finish", {"POST": frames_api.finish}),
    ("/api/conversations", {"GET": talk.conversations}),
    ("/api/conversations/{cid}/messages", {"GET": talk.messages, "POST": talk.say}),
    ("/api/conversations/{cid}/read", {"POST": talk.read}),
    ("/api/media", {"POST": media_api.upload}),
    ("/api/media/{media_id}", {"GET": media_api.download}),
    ("/api/contacts/departments/{dept_id}", {"GET": contacts_api.department}),
    ("/api/contacts/search", {"GET": contacts_api.search}),
]
# <img> and <audio> of apps' pages may show a member's media; everything else is for our own page.
_FOR_APPS = "/api/media/"


def workbench_app(core: Core) -> Starlette:
    """Make the application; it is mounted at the root of the workbench's host."""
    routes = [_route(core, path, methods) for path, methods in _ROUTES]
    routes += [
        _route(core, "/api/live", {"GET": live.Live().stream}),
        Route("/", _plain(core, pages.page), methods=["GET"]),
        Route("/static/{path:path}", _plain(core, pages.static), methods=["GET"]),
    ]

    async def no_route(request: Request, error: Exception) -> Response:
        response = _http_fault(request, error)
        _protect(core, request, response)
        return response

    app = Starlette(routes=routes, exception_handlers={HTTPException: no_route})
    app.router.redirect_slashes = False
    return app


def _route(core: Core, path: str, methods: dict[str, Endpoint]) -> Route:
    async def endpoint(request: Request) -> Response:
        function = methods["GET" if request.method == "HEAD" else request.method]

        async def run() -> Response:
            if not path.startswith(_FOR_APPS):
                check_origin(core, request)
            return await function(core, request)

        return await _guarded(core, request, run)

    return Route(path, endpoint, methods=list(methods))


def _plain(core: Core, send: Callable[[Request], Response]) -> Callable[..., Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        async def run() -> Response:
            return send(request)

        return await _guarded(core, request, run)

    return endpoint


async def _guarded(
    core: Core, request: Request, run: Callable[[], Awaitable[Response]]
) -> Response:
    try:
        _check_path(request)
        response = await run()
    except Refusal as refusal:
        response = refused(refusal)
    except ClientDisconnect:
        return Response(status_code=400)
    except StoreError as error:
        log.exception("%s failed", request.url.path)
        response = refused(Fault(503, error.zh, error.en))
    except Exception:
        log.exception("%s failed", request.url.path)
        response = refused(
            Fault(
                500,
                "平台内部错误，详情见平台的日志。",
                "The platform failed; its log says why.",
            )
        )
    _protect(core, request, response)
    return response


def refused(refusal: Refusal) -> Response:
    """Return a refusal as the front-end reads it."""
    fault = isinstance(refusal, Fault)
    body: dict[str, Any] = {
        "code": refusal.code,
        "zh": refusal.zh,
        "en": refusal.en,
        "faq": refusal.faq or "",
    }
    response = answer(body, refusal.code if fault else 400)
    if isinstance(refusal, Fault) and refusal.allow:
        response.headers["allow"] = refusal.allow
    return response


def _check_path(request: Request) -> None:
    if any("\0" in str(value) for value in request.path_params.values()):
        raise Fault(404, "地址里有 NUL 字符。", "The address holds a NUL character.")


def _framed(core: Core, request: Request) -> list[str]:
    """Apps, and the sign-in pages that an app sends its frame to."""
    return [framed(core.settings, request.scope), *inframe.origins(core.settings, request.scope)]


def _protect(core: Core, request: Request, response: Response) -> None:
    take_away_planted(core, request, response)
    headers = response.headers
    headers.setdefault("content-security-policy", pages.policy(" ".join(_framed(core, request))))
    headers.setdefault("cross-origin-resource-policy", "same-origin")
    headers["x-content-type-options"] = "nosniff"
    headers["referrer-policy"] = "no-referrer"


def _http_fault(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        allowed = ", ".join(sorted(_methods(request)))
        return refused(
            Fault(
                405,
                f"这里不能用 {request.method}，可用 {allowed}。",
                f"{request.method} cannot be used here; {allowed} can.",
                allow=allowed,
            )
        )
    return refused(Fault(404, "没有这个地址。", "There is no such address."))


def _methods(request: Request) -> set[str]:
    found: set[str] = set()
    for route in request.app.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            found |= route.methods
    return found
