"""One WebSocket through the proxy: messages go both ways until either side ends it."""

from __future__ import annotations

import asyncio
import logging

import aiohttp
from multidict import CIMultiDict

from ...outbound import Forbidden
from ..asgi import Receive, Scope, Send
from . import backward, forward
from .exchange import cause
from .forward import Way
from .upstream import CONNECT_S, Upstream, address

log = logging.getLogger("sanfang.console.proxy")

_HANDSHAKE_S = 30.0
_LONGEST_MESSAGE = 64 << 20  # bytes, as from the browser: an app must not fill our memory
_OWN = frozenset(
    (
        "sec-websocket-accept",
        "sec-websocket-extensions",
        "sec-websocket-key",
        "sec-websocket-protocol",
        "sec-websocket-version",
        "content-length",
    )
)
_REGISTERED = frozenset((*range(1000, 1004), *range(1007, 1015)))
_WENT_AWAY, _NO_STATUS, _ABNORMAL, _BROKEN = 1001, 1005, 1006, 1011
_BAD_GATEWAY = 502
_NOTHING = forward.Asked(document=False, worker=False)


async def relay(scope: Scope, receive: Receive, send: Send, way: Way, upstream: Upstream) -> None:
    """Connect a browser's WebSocket to the app's; what the app refuses is refused with its status."""
    await receive()  # websocket.connect
    headers = forward.for_app(forward.read(scope["headers"]), way, _NOTHING)
    given = [pair for pair in headers if pair[0].lower() not in _OWN]
    try:
        async with asyncio.timeout(_HANDSHAKE_S):
            await upstream.check(way.here)
            app = await upstream.session.ws_connect(
                address(way.here, scope["raw_path"], scope["query_string"]),
                protocols=scope["subprotocols"],
                headers=CIMultiDict(given),
                timeout=aiohttp.ClientWSTimeout(ws_close=CONNECT_S),
                autoclose=False,
                max_msg_size=_LONGEST_MESSAGE,
            )
    except aiohttp.WSServerHandshakeError as refusal:
        await _refuse(send, refusal.status if 300 <= refusal.status <= 599 else _BAD_GATEWAY)
        return
    except (aiohttp.ClientError, OSError, TimeoutError, ValueError, Forbidden) as error:
        log.info("%s: no WebSocket: %s", way.here, cause(error))
        await _refuse(send, _BAD_GATEWAY)
        return
    async with app:
        await send(
            {
                "type": "websocket.accept",
                "subprotocol": app.protocol,
                "headers": _answered(app, way),
            }
        )
        await _both_ways(app, receive, send)


async def _both_ways(
    app: aiohttp.ClientWebSocketResponse[bool], receive: Receive, send: Send
) -> None:
    ways = [
        asyncio.create_task(_to_app(app, receive), name="proxy: to the app's WebSocket"),
        asyncio.create_task(_to_browser(app, send), name="proxy: from the app's WebSocket"),
    ]
    try:
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in ways:
            task.cancel()
        await asyncio.gather(*ways, return_exceptions=True)


async def _to_app(app: aiohttp.ClientWebSocketResponse[bool], receive: Receive) -> None:
    while True:
        message = await receive()
        if message["type"] == "websocket.disconnect":
            code = message.get("code") or _NO_STATUS
            await app.close(code=_sendable(code), message=(message.get("reason") or "").encode())
            return
        try:
            if message.get("text") is not None:
                await app.send_str(message["text"])
            else:
                await app.send_bytes(message["bytes"])
        except (aiohttp.ClientError, ConnectionError):
            return  # the app has closed; what it said with that is read by the other task


async def _to_browser(app: aiohttp.ClientWebSocketResponse[bool], send: Send) -> None:
    code, reason = _BROKEN, ""
    while True:
        message = await app.receive()
        if message.type is aiohttp.WSMsgType.TEXT:
            await send({"type": "websocket.send", "text": message.data})
        elif message.type is aiohttp.WSMsgType.BINARY:
            await send({"type": "websocket.send", "bytes": message.data})
        elif message.type is aiohttp.WSMsgType.CLOSE:
            code, reason = message.data, message.extra or ""
            break
        elif message.type in (
            aiohttp.WSMsgType.CLOSING,
            aiohttp.WSMsgType.CLOSED,
            aiohttp.WSMsgType.ERROR,
        ):
            break
    await send({"type": "websocket.close", "code": _sendable(code), "reason": reason})


def _sendable(code: int) -> int:
    """Return a code that may stand in a close frame: some are for use inside programs only."""
    if code in (0, _NO_STATUS):
        return 1000
    if code in (_ABNORMAL, 1015):
        return _WENT_AWAY
    return code if code in _REGISTERED or 3000 <= code <= 4999 else _BROKEN


def _answered(app: aiohttp.ClientWebSocketResponse[bool], way: Way) -> backward.Raw:
    """Return what else the app said with its handshake, cookies above all."""
    head = app._response  # noqa: SLF001 - aiohttp has no public way to these headers
    answer = backward.for_browser(200, head.raw_headers, way, _NOTHING, "")
    return [pair for pair in answer.headers if pair[0].decode("latin-1") not in _OWN]


async def _refuse(send: Send, status: int) -> None:
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": b""})
