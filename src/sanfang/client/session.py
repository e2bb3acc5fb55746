"""The transport of the async client: kept-alive connections, each an `asyncio.Protocol`.

Our own and not aiohttp's: half of its cost per call (benchmarks/client.py), and what is read is
bounded in one place for both clients. What HTTP is, is in `http1`; here is asyncio.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import deque
from typing import cast

from .errors import BadCall, SanfangError
from .failures import connect_failed, connect_timed_out, lost, proxy_refused, timed_out
from .http1 import Reader, head
from .names import addresses_async
from .pool import IDLE, exactly, time_for
from .routes import Route, origin_of, route_to, tls_context
from .wire import Body, Request, Response

_SMALL = 65_536
_ROUTES = 256


class _Connection(asyncio.Protocol):
    """One connection, one exchange at a time."""

    __slots__ = (
        "_answer", "_deadline", "_drained", "_heard", "_loop", "_reader", "_request", "_timer",
        "closed", "expires", "route", "transport",
    )  # fmt: skip

    def __init__(self, loop: asyncio.AbstractEventLoop, route: Route) -> None:
        self._loop = loop
        self.route = route
        self.transport: asyncio.Transport | None = None
        self.closed = loop.create_future()
        self.expires = 0.0
        self._reader: Reader | None = None
        self._request: Request | None = None
        self._answer: asyncio.Future[Response] | None = None
        self._deadline = self._heard = 0.0
        self._timer: asyncio.TimerHandle | None = None
        self._drained: asyncio.Future[None] | None = None

    # -- our side ---------------------------------------------------------------------------

    async def exchange(self, request: Request, first: bytes, deadline: float) -> Response:
        """Send a request and return the answer; afterwards `reusable` may be asked."""
        assert self.transport is not None
        self._request, self._reader = request, Reader(request)
        answer: asyncio.Future[Response] = self._loop.create_future()
        self._answer = answer
        self._watch(deadline)
        try:
            body = request.body
            if body is None:
                self.transport.write(first)
            elif isinstance(body, bytes):
                self._write(first, body)
            else:
                await self._upload(first, body, answer)
            return await answer
        except BaseException:
            self.abort()
            raise
        finally:
            self._answer = self._request = None

    def _write(self, first: bytes, body: bytes) -> None:
        assert self.transport is not None
        if len(body) <= _SMALL:
            self.transport.write(first + body)
        else:
            self.transport.write(first)
            self.transport.write(body)

    async def _upload(self, first: bytes, body: Body, answer: asyncio.Future[Response]) -> None:
        assert self.transport is not None
        self.transport.write(first)
        for piece in exactly(body.size, iter(body)):
            if answer.done():  # refused before it was read to its end
                self.abort()
                return
            self.transport.write(piece)
            if self._drained is not None:
                await asyncio.wait((self._drained, answer), return_when="FIRST_COMPLETED")
            else:
                await asyncio.sleep(0)  # others want to live too

    def reusable(self) -> bool:
        """Tell whether another exchange may follow."""
        reader, transport = self._reader, self.transport
        return (
            reader is not None
            and reader.done
            and reader.keep_alive
            and transport is not None
            and not transport.is_closing()
            and not transport.get_write_buffer_size()
        )

    def rest(self) -> None:
        """Wait for the next exchange, for a while."""
        assert self._reader is not None
        hint = self._reader.keep_for
        self._reader = None
        self.expires = self._loop.time() + (IDLE if hint is None else min(IDLE, hint - 1.0))

    def usable(self, now: float) -> bool:
        """Tell whether it is open and not idle for too long."""
        return now < self.expires and self.transport is not None and not self.transport.is_closing()

    def abort(self) -> None:
        """Close it now, whatever is under way."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self.transport is not None:
            self.transport.abort()
        elif not self.closed.done():
            self.closed.set_result(None)

    # -- time: one timer for many exchanges, moved when it rings too early --------------------

    def _watch(self, deadline: float) -> None:
        assert self._request is not None
        self._deadline = deadline
        self._heard = self._loop.time() if self._request.read is not None else 0.0
        due = self._due()
        if self._timer is not None and self._timer.when() > due:
            self._timer.cancel()
            self._timer = None
        if self._timer is None:
            self._timer = self._loop.call_at(due, self._ring)

    def _due(self) -> float:
        request = self._request
        if request is None or request.read is None:
            return self._deadline
        return min(self._deadline, self._heard + request.read)

    def _ring(self) -> None:
        self._timer = None
        request = self._request
        if request is None:
            return
        due = self._due()
        if self._loop.time() < due:
            self._timer = self._loop.call_at(due, self._ring)
        else:
            self._fail(timed_out(request, phase="exchange" if due == self._deadline else "read"))

    # -- asyncio's side ---------------------------------------------------------------------

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        reader, answer, request = self._reader, self._answer, self._request
        if reader is None or answer is None or request is None or answer.done():
            self.abort()  # it speaks without being asked
            return
        if request.read is not None:
            self._heard = self._loop.time()
        try:
            if reader.feed(data):
                answer.set_result(reader.response())
        except Exception as problem:  # noqa: BLE001 - a sink of the caller's may raise anything
            self._fail(problem)

    def eof_received(self) -> None:
        reader, answer = self._reader, self._answer
        if reader is None or answer is None or answer.done():
            return
        try:
            if reader.eof():
                answer.set_result(reader.response())
        except SanfangError as problem:
            self._fail(problem)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)
        self.resume_writing()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._reader is not None and self._request is not None:
            problem = exc if isinstance(exc, OSError) else None
            failure = lost(self._reader, self._request, self.route, problem)
            failure.__cause__ = problem
            self._fail(failure)

    def pause_writing(self) -> None:
        self._drained = self._loop.create_future()

    def resume_writing(self) -> None:
        drained, self._drained = self._drained, None
        if drained is not None and not drained.done():
            drained.set_result(None)

    def _fail(self, problem: BaseException) -> None:
        answer = self._answer
        if answer is not None and not answer.done():
            answer.set_exception(problem)


def _time_is_up(turn: asyncio.Future[None]) -> None:
    if not turn.done():
        turn.set_exception(TimeoutError())


async def _connected(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first address that answers; see `pool`.

    Not by asyncio's happy eyeballs: cancelled at the wrong moment they lose the socket.
    """
    loop = asyncio.get_running_loop()
    failure: OSError = OSError(f"no address of {host}")
    found = await addresses_async(loop, host, port)
    for number, (family, kind, protocol, _, address) in enumerate(found):
        sock = socket.socket(family, kind, protocol)
        try:
            sock.setblocking(False)
            share = time_for(deadline - loop.time(), len(found) - number)
            async with asyncio.timeout(share):
                await loop.sock_connect(sock, address)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError as problem:
            failure = problem
            sock.close()
        except BaseException:
            sock.close()
            raise
        else:
            return sock
    raise failure


def _closed() -> BadCall:
    return BadCall("传输已关闭 / the transport is closed")


class SessionTransport:
    """Send requests over kept-alive connections of the running loop.

    The arguments are those of `PoolTransport`; ``connections`` bounds those open at a time: who
    comes when all are in use waits in turn, and the waiting counts as part of the exchange.
    """

    def __init__(
        self, *, ca_file: str | None = None, proxy: str | None = None, connections: int = 100
    ) -> None:
        self._ca_file = ca_file
        self._proxy = proxy
        self._room = connections
        self._routes: dict[str, Route] = {}
        self._idle: dict[str, list[_Connection]] = {}
        self._open: set[_Connection] = set()
        self._making: set[asyncio.Timeout] = set()
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = asyncio.Lock()
        self._closed = False

    async def send(self, request: Request, /) -> Response:
        """Send one request."""
        loop = asyncio.get_running_loop()
        now = loop.time()
        deadline = now + request.timeout
        origin = origin_of(request.url)
        route = self._routes.get(origin) or self._route(origin)
        first = head(request, route.target(request.url), route.authority, route.first_line_extra)
        connection = None
        if not self._waiting:
            connection = self._take(origin, now)
        if connection is None:
            connection = await self._acquire(request, route, deadline)
        try:
            return await connection.exchange(request, first, deadline)
        finally:
            if connection.reusable() and not self._closed:
                connection.rest()
                self._idle.setdefault(origin, []).append(connection)
            else:
                self._drop(connection)
            if self._waiting:
                self._next_please()

    # -- the connections --------------------------------------------------------------------

    def _take(self, origin: str, now: float) -> _Connection | None:
        idle = self._idle.get(origin)
        while idle:
            connection = idle.pop()  # the last one: it is the least likely to be closed
            if connection.usable(now):
                return connection
            self._drop(connection)
        return None

    async def _acquire(self, request: Request, route: Route, deadline: float) -> _Connection:
        """Wait for a connection: an idle one, or room for a new one."""
        loop = asyncio.get_running_loop()
        mine = False  # whether it is our turn already
        while True:
            if self._closed:
                raise _closed()
            if mine or not self._waiting:
                connection = self._take(route.origin, loop.time())
                if connection is not None:
                    return connection
                if len(self._open) < self._room or self._make_room():
                    return await self._connect(request, route, deadline)
            await self._queue(request, deadline, mine)
            mine = True

    async def _queue(self, request: Request, deadline: float, first: bool) -> None:
        loop = asyncio.get_running_loop()
        turn: asyncio.Future[None] = loop.create_future()
        if first:
            self._waiting.appendleft(turn)
        else:
            self._waiting.append(turn)
        timer = loop.call_at(deadline, _time_is_up, turn)
        try:
            await turn
        except TimeoutError as problem:
            self._leave(turn)
            raise connect_timed_out(request) from problem
        except asyncio.CancelledError:
            if not self._leave(turn):  # it was our turn, and we are gone
                self._next_please()
            raise
        finally:
            timer.cancel()

    def _leave(self, turn: asyncio.Future[None]) -> bool:
        if turn in self._waiting:
            self._waiting.remove(turn)
            return True
        return turn.cancelled()

    def _next_please(self) -> None:
        while self._waiting:
            turn = self._waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return

    def _make_room(self) -> bool:
        """Close the oldest idle connection; tell whether there was one."""
        for origin, idle in self._idle.items():
            if idle:
                self._drop(idle.pop(0))
                if not idle:
                    del self._idle[origin]
                return True
        return False

    def _drop(self, connection: _Connection) -> None:
        self._open.discard(connection)
        connection.abort()

    def _route(self, origin: str) -> Route:
        if len(self._routes) >= _ROUTES:
            self._routes.clear()
        route = self._routes[origin] = route_to(origin, self._proxy)
        return route

    async def close(self) -> None:
        """Close the connections, those in use too."""
        self._closed = True
        open_, self._open = self._open, set()
        self._idle = {}
        for connection in open_:
            connection.abort()
        for timeout in self._making:  # who is connecting has no time left
            if not timeout.expired():
                timeout.reschedule(asyncio.get_running_loop().time())
        while self._waiting:
            self._next_please()
        if open_:
            await asyncio.wait([connection.closed for connection in open_], timeout=1.0)

    # -- making one -------------------------------------------------------------------------

    async def _connect(self, request: Request, route: Route, deadline: float) -> _Connection:
        loop = asyncio.get_running_loop()
        connection = _Connection(loop, route)
        self._open.add(connection)
        if request.connect is not None:
            deadline = min(deadline, loop.time() + request.connect)
        try:
            async with asyncio.timeout_at(deadline) as timeout:
                self._making.add(timeout)
                await self._establish(connection, request, route, deadline)
        except BaseException as problem:
            self._drop(connection)
            self._next_please()
            if isinstance(problem, TimeoutError) and self._closed:
                raise _closed() from None
            if isinstance(problem, TimeoutError):
                raise connect_timed_out(request) from problem
            if isinstance(problem, OSError):
                raise connect_failed(problem, request, route) from problem
            raise
        finally:
            self._making.discard(timeout)
        if self._closed:
            self._drop(connection)
            raise _closed()
        return connection

    async def _establish(
        self, connection: _Connection, request: Request, route: Route, deadline: float
    ) -> None:
        loop = asyncio.get_running_loop()
        proxy = route.proxy
        tls = None
        if route.tls or (proxy is not None and proxy.tls):
            tls = await self._trust()
        way = route if proxy is None else proxy
        sock = await _connected(way.host, way.port, deadline)
        await loop.create_connection(
            lambda: connection,
            sock=sock,
            ssl=tls if way.tls else None,
            server_hostname=way.host if way.tls else None,
        )
        if proxy is None or not route.tls:
            return
        assert tls is not None
        wish = Request("CONNECT", route.origin, {}, api=request.api)
        first = head(wish, route.connect, route.connect, proxy.login)
        answer = await connection.exchange(wish, first, deadline)
        if not 200 <= answer.status < 300:
            raise proxy_refused(answer.status, request)
        inner = connection.transport
        assert inner is not None
        connection.transport = await loop.start_tls(
            inner, connection, tls, server_hostname=route.host
        )

    async def _trust(self) -> ssl.SSLContext:
        async with self._tls_lock:  # connections are shared only by those of one context
            if self._tls is None:
                # Reading the system's authorities takes some 20 ms; the loop shall not wait.
                self._tls = await asyncio.to_thread(tls_context, self._ca_file)
            return self._tls
