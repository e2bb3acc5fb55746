"""The sign-in pages as an ASGI application.

Browsers and programs take the same way: whoever asks for HTML gets pages, everybody else the same
refusals as JSON. Both with the statuses that HTTP has for them.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable

from starlette.requests import ClientDisconnect
from starlette.requests import Request as HttpRequest
from starlette.responses import Response

from sanfang.protocol import errors

from ...domain.core import Core
from ...domain.refusals import Refusal
from ...domain.signin_pages import LONGEST, PAGES
from ...store.errors import StoreError
from .. import names
from ..asgi import App, Receive, Scope, Send
from . import backends, entrance, files, persons, refused, scanning
from .addresses import BACKENDS, QR_FRAME, SCAN, script_of
from .looks import STATIC
from .visit import Visit, wants_page

log = logging.getLogger("sanfang.signin")
Answer = Callable[[Visit], Awaitable[Response]]

_GET: dict[str, Answer] = {
    **dict.fromkeys(PAGES, entrance.enter),
    QR_FRAME: scanning.old_frame,
    persons.PEOPLE: persons.show,
    BACKENDS: backends.show,
}
_POST: dict[str, Answer] = {
    persons.DESK: persons.sit,
    persons.LEAVE: persons.stand,
    entrance.DECIDE: entrance.decide,
    scanning.ANSWER: scanning.answered,
    scanning.POLL: scanning.poll,
    backends.ENTER: backends.enter,
}


def signin_app(core: Core) -> App:
    """Make the application; it answers every path of `addresses.is_ours`, and 404 to others."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        visit = Visit(core, HttpRequest(scope, receive))
        try:
            response = await _answer(visit)
        except ClientDisconnect:
            return
        await visit.dress(response)(scope, receive, send)

    return app


async def _answer(visit: Visit) -> Response:
    try:
        return await _route(visit)
    except ClientDisconnect:
        raise
    except Refusal as refusal:
        return _refused(visit, refusal)
    except StoreError as error:
        log.exception("%s failed", visit.path)
        return _broken(visit, error.zh, error.en)
    except Exception:
        log.exception("%s failed", visit.path)
        return _broken(
            visit, "平台内部错误，详情见平台的日志。", "The platform failed; see its log."
        )


async def _route(visit: Visit) -> Response:
    method, path = visit.request.method, visit.path
    if len(visit.query) > 3 * LONGEST:
        raise Refusal(40035, "查询串太长。", "The query is too long.", facts={"field": "query"})
    if not visit.host_is_sound:
        raise Refusal(
            40035, "Host 头不合法。", "The Host header is malformed.", facts={"field": "host"}
        )
    if path.startswith(STATIC) or script_of(path):
        return files.send(visit) if method in ("GET", "HEAD") else _wrong_method("GET, HEAD")
    get = scanning.opened if path.startswith(SCAN) else _GET.get(path)
    post = _POST.get(path)
    if get is None and post is None:
        raise Refusal(404, "没有这个页面。", "There is no such page.")
    if get is not None:
        if method not in ("GET", "HEAD"):
            return _wrong_method("GET, HEAD")
        if path in PAGES and not wants_page(visit.request.headers):
            return await entrance.enter_without_pages(visit)
        return await get(visit)
    assert post is not None
    return await post(visit) if method == "POST" else _wrong_method("POST")


def _refused(visit: Visit, refusal: Refusal) -> Response:
    refusal.faq = refusal.faq or getattr(errors.lookup(refusal.code), "faq", None)
    if not wants_page(visit.request.headers):
        return refused.answer(refusal)
    inside = visit.is_framed and visit.path in PAGES  # an app's frame: its developer has to see why
    workbench = names.workbench_origin(visit.core.settings, visit.scope)
    return refused.page(refusal, framed_by=(workbench,) if inside else ())


def _broken(visit: Visit, zh: str, en: str) -> Response:
    response = _refused(visit, Refusal(-1, zh, en))
    response.status_code = 500
    return response


def _wrong_method(allowed: str) -> Response:
    return Response(status_code=405, headers={"allow": allowed})
