"""The ASGI side, as thin as it can be: HTTP in, an `Answer` out; lifespan starts and stops."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, NamedTuple, Protocol

from . import refusals

log = logging.getLogger("sanfang.isv")

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

_JSON = b"application/json; charset=utf-8"


class Answer(NamedTuple):
    """An HTTP answer; the body is JSON."""

    status: int
    body: bytes


class App(Protocol):
    """What is served."""

    body_limit: int

    async def receive(self, query: bytes, body: bytes) -> Answer: ...

    def health_answer(self) -> Answer: ...

    async def start(self) -> None: ...

    async def stop(self) -> None: ...


async def http(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve one request."""
    method = scope["method"]
    if method == "POST":
        body = await read_body(receive, app.body_limit)
        if body is None:
            return
        if len(body) > app.body_limit:
            answer = of(refusals.too_large(app.body_limit))
        else:
            answer = await app.receive(scope.get("query_string", b""), body)
    elif method in ("GET", "HEAD"):
        answer = app.health_answer()
    else:
        answer = of(refusals.wrong_method(method))
    headers = [(b"content-type", _JSON), (b"content-length", b"%d" % len(answer.body))]
    if answer.status == 405:
        headers.append((b"allow", b"GET, HEAD, POST"))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if method == "HEAD" else answer.body})


async def others(app: App, scope: Scope, receive: Receive, send: Send) -> None:
    """Serve what is not HTTP: the server's start and stop; a websocket is turned away."""
    if scope["type"] == "lifespan":
        await _lifespan(app, receive, send)
    elif scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1003})


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """Read the body, no further than past the limit; None when the caller went away."""
    message = await receive()
    if message["type"] == "http.disconnect":
        return None
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts, size = [body], len(body)
    while size <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body", False):
            break
    return b"".join(parts)


async def _lifespan(app: App, receive: Receive, send: Send) -> None:
    await receive()
    try:
        await app.start()
    except Exception as error:  # the server shows the message and exits
        log.exception("启动失败 / could not start")
        await send({"type": "lifespan.startup.failed", "message": str(error)})
        return
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await app.stop()
    await send({"type": "lifespan.shutdown.complete"})


def of(refusal: refusals.Refused) -> Answer:
    """Make the answer of a refusal."""
    return Answer(refusal.status, refusal.body())


async def idle_lifespan(receive: Receive, send: Send) -> None:
    """Answer a server's start and stop where there is nothing to start or stop."""
    await receive()
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await send({"type": "lifespan.shutdown.complete"})
