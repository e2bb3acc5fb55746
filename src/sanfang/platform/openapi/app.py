"""The open API as an ASGI application, without a framework: a router's regular expressions and request
objects cost more than all steps of the gate together (stack.md, part i).
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from time import perf_counter_ns

import msgspec

from sanfang.catalog import Catalog, load

from ..domain.core import Core
from ..domain.refusals import Refusal
from . import reasons, top
from .answers import JSON, Header, explained, style_of
from .body import ClientGone, Receive
from .gate import Gate
from .handlers import ALL
from .handling import Binary, Handler, Raw
from .request import Request, Scope, Send, record_of
from .routes import Router, host_of
from .sending import send_file

log = logging.getLogger(__name__)


class OpenApi:
    """The open API of a platform, as an ASGI application.

    Every answer is JSON, also to the worst request; only files, redirects and answers documented as
    empty are as they are. Serve it with the server's own reading of ``X-Forwarded-*`` switched off:
    here only ``Settings.trusted_proxy_header`` is believed.
    """

    def __init__(
        self, core: Core, *, catalog: Catalog | None = None, handlers: Iterable[Handler] = ALL
    ) -> None:
        settings = core.settings
        self._core = core
        self._router = Router(catalog or load(), handlers, made_up=settings.synthetic_answers)
        self._static = self._router.static
        self._gate = Gate(core, self._router)
        self._log = core.calls if settings.call_log else None
        self._proxy_header = settings.trusted_proxy_header.lower().encode("latin-1")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await _not_http(scope, receive, send)
            return
        begin = perf_counter_ns()
        request = Request(scope, receive, self._proxy_header)
        status, refused = 200, None
        try:
            body = await self._gate.answer(request)
            headers = request.answer_headers
        except Refusal as refusal:
            refused = refusal
            status, body, headers = _refused(request, refusal)
        except ClientGone:
            return
        except Exception:
            log.exception("%s failed", request.route.endpoint if request.route else "the router")
            refused = reasons.broken()
            status, body, headers = _refused(request, refused)
        if self._log is not None:
            micros = (perf_counter_ns() - begin) // 1000
            self._log.add(record_of(request, self._core.clock.now(), status, refused, micros))
        if isinstance(body, Binary):
            await send_file(send, body)
            return
        if isinstance(body, Raw):
            status, headers, body = _plain(body, headers)
        headers.append((b"content-length", b"%d" % len(body)))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})


def _refused(request: Request, refusal: Refusal) -> tuple[int, bytes, list[Header]]:
    route = request.route
    if route is not None:
        style, names = route.style, route.names
    elif request.path == top.PATH:
        style, names = top.GATEWAY, {}
    else:
        style, names = style_of(request.path, host_of(request.headers.get(b"host", b""))), {}
    if refusal.code == 1111:  # what stands before the gate answers alike for all hosts
        status, body = 200, msgspec.json.encode(refusal.facts["body"])
    else:
        status, body = style.refused(refusal, names)
    return status, body, [JSON, *explained(refusal)]


def _plain(answer: Raw, usual: list[Header]) -> tuple[int, list[Header], bytes]:
    """Return an answer without envelope, and the usual headers except that the body is JSON."""
    kind = answer.content_type.encode("latin-1", "replace")
    own = [(b"content-type", kind)] if kind else []
    return answer.status, [*own, *answer.headers, *usual[1:]], answer.body


async def _not_http(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1003})
        return
    while True:
        message = await receive()
        await send({"type": message["type"] + ".complete"})
        if message["type"] == "lifespan.shutdown":
            return
