"""One HTTP/1.1 connection to an ISV, one exchange at a time.

Why not the HTTP client that the toolkit uses: pushing is a hot path, and all it needs is to write
one block of bytes and to parse one answer. Doing just that, with llhttp as parser, takes a third of
the time (benchmarks/push.py), and what an ISV must not be able to cause is not switched off here, it
does not exist: redirects, cookies, proxies, decompression, credentials.

An answer is bounded: ``limit`` bytes of body, and as much again with ``_HEAD`` for headers and framing.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple, cast

import httptools

from . import network
from .trouble import Trouble

_HEAD = 65_536


class Raw(NamedTuple):
    """An HTTP answer."""

    status: int
    content_type: str
    location: str
    body: bytes


class Connection(asyncio.Protocol):
    """Sends a request with `exchange`; ``reusable`` says whether another may follow."""

    def __init__(self, limit: int, timeout_ms: int) -> None:
        self._limit = limit
        self._timeout_ms = timeout_ms
        self._transport: asyncio.Transport | None = None
        self._answer: asyncio.Future[None] | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._received = 0
        self._framed = self._headers_done = self._complete = False
        self._content_type = self._location = b""
        self._status = 0
        self._body = bytearray()
        self._dropped = False
        self.exchanges = 0
        self.reusable = True

    async def exchange(self, request: bytes, seconds: float) -> Raw:
        """Send ``request`` and return the answer; one at a time.

        Raises `Trouble`, which has what came till then; the connection is closed.
        """
        assert self._transport is not None
        loop = asyncio.get_running_loop()
        self._begin()
        self._answer = answer = loop.create_future()
        expiry = loop.call_later(seconds, self._expire)
        try:
            self._transport.write(request)
            await answer
        except Trouble as trouble:
            self.close()
            trouble.status, trouble.body = self._status, bytes(self._body)
            raise
        except BaseException:
            self.close()
            raise
        finally:
            expiry.cancel()
            self._answer = None
        return Raw(
            self._status,
            self._content_type.decode("latin-1"),
            self._location.decode("latin-1"),
            bytes(self._body),
        )

    @property
    def unanswered(self) -> bool:
        """Whether not one byte came in the latest exchange."""
        return self._received == 0

    def close(self) -> None:
        """Drop the connection at once; an exchange under way fails."""
        self.reusable = False
        self._dropped = True
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._received = self._status = 0
        self._framed = self._headers_done = self._complete = False
        self._content_type = self._location = b""
        self._body.clear()
        self.exchanges += 1

    def _expire(self) -> None:
        self._fail(network.timed_out(self._timeout_ms, answering=self._received > 0))

    def _fail(self, trouble: Trouble) -> None:
        self.reusable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(trouble)

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(None)

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        if self._parser is None or self._answer is None or self._complete:
            self.close()  # it speaks without being asked
            return
        self._received += len(data)
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._fail(network.garbage("101 Switching Protocols"))
        except httptools.HttpParserError as error:
            self._fail(network.garbage(str(error)))
        if len(self._body) > self._limit or self._received > 2 * self._limit + _HEAD:
            self._fail(network.too_long(self._limit))

    def connection_lost(self, exc: Exception | None) -> None:
        self.reusable = False
        if self._headers_done and not self._framed and exc is None and not self._dropped:
            self._finish()  # an answer without a length ends with the connection
        else:
            self._fail(network.closed(answering=self._received > 0))

    # the parser's side

    def on_header(self, name: bytes, value: bytes) -> None:
        if self._complete:
            return
        key = name.lower()
        if key in (b"content-length", b"transfer-encoding"):
            self._framed = True
        elif key == b"content-type":
            self._content_type = value
        elif key == b"location":
            self._location = value

    def on_headers_complete(self) -> None:
        if self._complete:
            return
        assert self._parser is not None
        self._status = self._parser.get_status_code()
        self._headers_done = self._status >= 200

    def on_body(self, body: bytes) -> None:
        if not self._complete and len(self._body) <= self._limit:
            self._body += body

    def on_message_begin(self) -> None:
        if self._complete:
            self.reusable = False  # a second answer to one request; nothing of it is taken

    def on_message_complete(self) -> None:
        if self._complete or self._status < 200:
            return  # 100 Continue, 103 Early Hints: the answer proper follows
        assert self._parser is not None
        self._complete = True
        if not self._parser.should_keep_alive():
            self.reusable = False
        self._finish()
