"""One HTTP exchange through the proxy: bytes go both ways as they come, nothing is kept."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Iterator
from typing import Any

import aiohttp

from ...outbound import Forbidden
from ..asgi import Receive, Scope, Send
from . import backward, faults, forward
from .backward import Answer
from .codings import decoder
from .faults import Fault
from .forward import Way
from .insertion import Insertion
from .upstream import Upstream, address

log = logging.getLogger("sanfang.console.proxy")

_QUERIES = re.compile(r"(?<=\S)\?[^\s'\")]*")
PATIENCE_S = 120  # how long an app may take to begin its answer; after that it may take for ever


class _Gone(Exception):  # noqa: N818 - the browser has gone away
    pass


class Incoming:
    """A browser's request body, and the news that the browser has gone."""

    def __init__(self, receive: Receive, headers: forward.Pairs) -> None:
        self._receive = receive
        names = {name for name, value in headers if value != "0"}
        self.has_body = "transfer-encoding" in names or "content-length" in names
        self.gone = False
        self._read = asyncio.Event()
        if not self.has_body:
            self._read.set()

    async def body(self, patience: asyncio.Timeout) -> AsyncIterator[bytes]:
        """Yield the body; every piece gives the app its time again."""
        try:
            while True:
                message = await self._receive()
                if message["type"] == "http.disconnect":
                    self.gone = True
                    raise _Gone
                if not patience.expired() and patience.when() is not None:
                    patience.reschedule(asyncio.get_running_loop().time() + PATIENCE_S)
                if message.get("body"):
                    yield message["body"]
                if not message.get("more_body"):
                    return
        finally:
            self._read.set()

    async def watch(self, patience: asyncio.Timeout) -> None:
        """Wait until the browser has gone, then end the exchange."""
        await self._read.wait()
        while not self.gone:
            message = await self._receive()
            self.gone = message["type"] == "http.disconnect"
        with contextlib.suppress(RuntimeError):  # it has ended by itself
            patience.reschedule(0)


async def exchange(
    scope: Scope,
    headers: forward.Pairs,
    receive: Receive,
    send: Send,
    way: Way,
    upstream: Upstream,
) -> None:
    """Pass one request to the app, and its answer back."""
    what = forward.asked(scope["method"], headers)
    incoming = Incoming(receive, headers)
    out = _Out(send)
    patience = asyncio.timeout(PATIENCE_S)
    watching: asyncio.Task[None] | None = None
    fault: Fault | None = None
    try:
        async with patience:
            watching = asyncio.create_task(incoming.watch(patience), name="proxy: browser")
            await upstream.check(way.here)
            async with upstream.session.request(
                scope["method"],
                address(way.here, scope["raw_path"], scope["query_string"]),
                headers=forward.for_app(headers, way, what),
                data=incoming.body(patience) if incoming.has_body else None,
                allow_redirects=False,
            ) as response:
                patience.reschedule(None)
                await _relay(scope["method"], response, out, way, what)
    except _Gone:
        return
    except Exception as error:
        if incoming.gone:
            return
        fault = _fault(error, way.here)
        if fault is None:
            raise
    finally:
        if watching is not None:
            watching.cancel()
    if fault is None:
        return
    log.info("%s: %s", way.here, fault.en)
    if not out.started:
        await refuse(send, fault, html=what.document)
    # Else the answer has begun: it ends unfinished, which the browser can see.


async def refuse(send: Send, fault: Fault, *, html: bool) -> None:
    """Answer with a fault instead of the app's page."""
    headers, body = faults.answer(fault, html=html)
    await send({"type": "http.response.start", "status": fault.status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class _Out:
    """The browser's side of the answer."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.started = False

    async def start(self, status: int, headers: backward.Raw) -> None:
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": headers})

    async def body(self, data: bytes, *, more: bool = True) -> None:
        if data or not more:
            await self._send({"type": "http.response.body", "body": data, "more_body": more})


async def _relay(
    method: str, response: aiohttp.ClientResponse, out: _Out, way: Way, what: forward.Asked
) -> None:
    if not 200 <= response.status <= 599:
        raise ValueError(f"HTTP {response.status}")
    nonce = secrets.token_urlsafe(16) if what.document else ""
    answer = backward.for_browser(response.status, response.raw_headers, way, what, nonce)
    edit = _Edit.of(answer)
    if (answer.script or answer.prefix) and edit is None:
        # Nobody here reads this coding: the page is shown, though without abilities.
        plain = forward.Asked(document=False, worker=False)
        answer = backward.for_browser(response.status, response.raw_headers, way, plain, nonce)
        log.warning("%s: a page in a coding that cannot be read has no bridge", way.here)
    await out.start(answer.status, answer.headers)
    if method != "HEAD":
        async for data in response.content.iter_any():
            if edit is None:
                await out.body(data)
                continue
            for piece in edit.feed(data):
                await out.body(piece)
        if edit is not None:
            await out.body(edit.end())
    await out.body(b"", more=False)


class _Edit:
    """What is done to the body of a page or of a service worker's script."""

    def __init__(self, answer: Answer, decode: Any) -> None:
        self._decode = decode
        self._page = Insertion(answer.script, answer.charset) if answer.script else None
        self._prefix = answer.prefix.encode()

    @classmethod
    def of(cls, answer: Answer) -> _Edit | None:
        if not answer.script and not answer.prefix:
            return None
        decode = decoder(answer.coding)
        return None if decode is None else cls(answer, decode)

    def feed(self, data: bytes) -> Iterator[bytes]:
        for piece in self._decode.feed(data):
            if self._page is not None:
                yield self._page.feed(piece)
            elif piece:
                yield self._prefix + piece
                self._prefix = b""

    def end(self) -> bytes:
        return b"" if self._page is None else self._page.end()


def _fault(error: Exception, origin: str) -> Fault | None:
    """Tell a person what an error means; None when it is none of the app's."""
    if isinstance(error, Forbidden):
        return faults.forbidden(origin, error.zh, error.en)
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return faults.unreachable(origin, "连接超时 / timed out")
    if isinstance(error, TimeoutError):
        return faults.too_slow(origin, PATIENCE_S)
    if isinstance(error, aiohttp.ClientConnectorCertificateError | ssl.SSLError):
        return faults.unreachable(origin, f"TLS: {error}"[:200])
    if isinstance(error, aiohttp.ClientConnectorError | aiohttp.ClientProxyConnectionError):
        return faults.unreachable(origin, _cause(error.os_error))
    if isinstance(error, aiohttp.ServerDisconnectedError | aiohttp.ClientOSError):
        return faults.bad_answer(origin, "连接中断 / it hung up")
    if isinstance(error, aiohttp.ClientError | ValueError):
        return faults.bad_answer(origin, cause(error))
    return faults.unreachable(origin, _cause(error)) if isinstance(error, OSError) else None


def cause(error: Exception) -> str:
    """Return what an error says, without the queries of addresses: codes for signing in are there."""
    said = error.message if isinstance(error, aiohttp.ClientResponseError) else str(error)
    return _QUERIES.sub("", said)[:200] or type(error).__name__


def _cause(error: OSError) -> str:
    return error.strerror or cause(error)
