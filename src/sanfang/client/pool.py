"""The transport of the sync client: kept-alive connections, one per thread that is calling.

Our own and not urllib3's: a fifth of its cost per call (benchmarks/client.py), and every wait,
for headers that drip as for bodies that drip, ends with the deadline of the exchange. What HTTP is,
is in `http1`; here are the sockets.
"""

from __future__ import annotations

import os
import select
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from typing import Protocol

from .errors import BadCall, ProxyFailed
from .failures import connect_failed, connect_timed_out, lost, proxy_refused, timed_out
from .http1 import Reader, head
from .names import addresses
from .routes import Route, origin_of, route_to, tls_context
from .tunnel import TunnelledTls
from .wire import Body, Request, Response

IDLE = 55.0
"""Seconds after which an idle connection is not used again: servers close them after 60 or 75."""

_FIRST, _MORE = 16_384, 262_144
_ROUTES = 256


class Socket(Protocol):
    """What is needed of a socket, of a TLS socket, and of TLS within TLS."""

    def settimeout(self, seconds: float | None, /) -> None: ...
    def send(self, data: memoryview, /) -> int: ...
    def sendall(self, data: bytes, /) -> None: ...
    def recv(self, size: int, /) -> bytes: ...
    def close(self) -> None: ...
    def fileno(self) -> int: ...


class _Connection:
    __slots__ = ("_poll", "expires", "route", "sock")

    def __init__(self, sock: Socket, route: Route) -> None:
        self.sock = sock
        self.route = route
        self.expires = 0.0
        self._poll = _Poll(sock.fileno())

    def usable(self, now: float) -> bool:
        """Tell whether it is still open, as far as one can know: an idle peer says nothing."""
        return now < self.expires and not self._poll()


class _Poll:
    """Tell whether a socket has something to read, be it the end."""

    __slots__ = ("_fileno", "_poll")

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._poll: select.poll | None = None
        if hasattr(select, "poll"):
            self._poll = select.poll()
            self._poll.register(fileno, select.POLLIN)

    def __call__(self) -> bool:
        if self._poll is not None:
            return bool(self._poll.poll(0))
        return bool(select.select([self._fileno], [], [], 0)[0])


class PoolTransport:
    """Send requests over kept-alive connections; safe to use from many threads and after fork.

    ``ca_file``: trust these authorities instead. ``proxy``: use this one instead of the
    environment's, or none at all if it is an empty text. ``connections``: kept alive per host.
    """

    def __init__(
        self, *, ca_file: str | None = None, proxy: str | None = None, connections: int = 64
    ) -> None:
        self._ca_file = ca_file
        self._proxy = proxy
        self._connections = connections
        self._routes: dict[str, Route] = {}
        self._idle: dict[str, list[_Connection]] = {}
        self._tls: ssl.SSLContext | None = None
        self._lock = threading.Lock()
        self._pid = os.getpid()
        self._closed = False

    def send(self, request: Request, /) -> Response:
        """Send one request."""
        now = time.monotonic()
        if self._pid != os.getpid():
            self._forked()
        origin = origin_of(request.url)
        route = self._routes.get(origin) or self._route(origin)
        first = head(request, route.target(request.url), route.authority, route.first_line_extra)
        connection = self._take(origin, now)
        deadline = now + request.timeout
        if connection is None:
            connection = self._connect(request, route, deadline)
        reader = Reader(request)
        try:
            _exchange(connection, request, first, reader, deadline)
        finally:
            if reader.done and reader.keep_alive:
                self._give_back(connection, reader.keep_for)
            else:  # also when interrupted: what it may still say belongs to nobody
                connection.sock.close()
        return reader.response()

    # -- the connections --------------------------------------------------------------------

    def _take(self, origin: str, now: float) -> _Connection | None:
        idle = self._idle.get(origin)
        while idle:
            try:
                connection = idle.pop()  # the last one: it is the least likely to be closed
            except IndexError:  # another thread was faster
                return None
            if connection.usable(now):
                return connection
            connection.sock.close()
        return None

    def _give_back(self, connection: _Connection, keep_for: float | None) -> None:
        stay = IDLE if keep_for is None else min(IDLE, keep_for - 1.0)
        connection.expires = time.monotonic() + stay
        idle = self._idle.get(connection.route.origin)
        if idle is None:
            idle = self._idle.setdefault(connection.route.origin, [])
        if len(idle) >= self._connections or stay <= 0:
            connection.sock.close()
            return
        idle.append(connection)
        if self._closed:
            self.close()

    def _route(self, origin: str) -> Route:
        if len(self._routes) >= _ROUTES:
            self._routes.clear()
        route = self._routes[origin] = route_to(origin, self._proxy)
        return route

    def _forked(self) -> None:
        """Leave the sockets to the parent, without a word to the other end."""
        self._routes, self._idle, self._pid = {}, {}, os.getpid()
        self._lock = threading.Lock()

    def close(self) -> None:
        """Close the connections; those in use, when they are given back."""
        self._closed = True
        for idle in list(self._idle.values()):
            while idle:
                try:
                    idle.pop().sock.close()
                except IndexError:
                    break

    # -- making one -------------------------------------------------------------------------

    def _connect(self, request: Request, route: Route, deadline: float) -> _Connection:
        if self._closed:
            raise BadCall("传输已关闭 / the transport is closed")
        if request.connect is not None:
            deadline = min(deadline, time.monotonic() + request.connect)
        proxy = route.proxy
        tls = self._trust() if route.tls or (proxy is not None and proxy.tls) else None
        sock: Socket | None = None
        try:
            if proxy is None:
                sock = plain = _open(route.host, route.port, deadline)
                if route.tls:
                    assert tls is not None
                    sock = _wrap(plain, tls, route.host, deadline)
            else:
                sock = self._through(request, route, tls, deadline)
            return _Connection(sock, route)
        except OSError as problem:
            if time.monotonic() >= deadline:
                raise connect_timed_out(request) from problem
            raise connect_failed(problem, request, route) from problem

    def _through(
        self, request: Request, route: Route, tls: ssl.SSLContext | None, deadline: float
    ) -> Socket:
        proxy = route.proxy
        assert proxy is not None
        plain = _open(proxy.host, proxy.port, deadline)
        sock: Socket = plain
        try:
            if proxy.tls:
                assert tls is not None
                sock = _wrap(plain, tls, proxy.host, deadline)
            if not route.tls:
                return sock
            _tunnel(sock, request, route, deadline)
            assert tls is not None
            if isinstance(sock, ssl.SSLSocket):
                return TunnelledTls(sock, tls, route.host, deadline)
            assert isinstance(sock, socket.socket)
            return _wrap(sock, tls, route.host, deadline)
        except BaseException:
            sock.close()
            raise

    def _trust(self) -> ssl.SSLContext:
        with self._lock:  # reading the system's authorities takes some 20 ms: once is enough
            if self._tls is None:
                self._tls = tls_context(self._ca_file)
            return self._tls


def _open(host: str, port: int, deadline: float) -> socket.socket:
    """Connect to the first address that answers; all but the last have a second at most."""
    found = addresses(host, port, deadline)
    failure: OSError = OSError(f"no address of {host}")
    for number, (family, kind, protocol, _, address) in enumerate(found):
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock = socket.socket(family, kind, protocol)
        try:
            sock.settimeout(time_for(left, len(found) - number))
            sock.connect(address)
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


def time_for(left: float, addresses: int) -> float:
    """Return the seconds to try an address for, when so many are left: a black hole takes one."""
    return left if addresses == 1 else min(left / addresses, 1.0)


def _wrap(plain: socket.socket, tls: ssl.SSLContext, host: str, deadline: float) -> ssl.SSLSocket:
    try:
        plain.settimeout(max(deadline - time.monotonic(), 0.001))
        # An end without the TLS farewell may be somebody else's cut: it is an error here.
        return tls.wrap_socket(plain, server_hostname=host, suppress_ragged_eofs=False)
    except BaseException:
        plain.close()
        raise


def _tunnel(sock: Socket, request: Request, route: Route, deadline: float) -> None:
    """Ask the proxy for a way to the host."""
    proxy = route.proxy
    assert proxy is not None
    wish = Request("CONNECT", route.origin, {}, api=request.api)
    reader = Reader(wish)
    sock.settimeout(max(deadline - time.monotonic(), 0.001))
    sock.sendall(head(wish, route.connect, route.connect, proxy.login))
    while True:
        sock.settimeout(max(deadline - time.monotonic(), 0.001))
        data = sock.recv(1)  # not a byte more: what follows is TLS's
        if not data:
            raise ProxyFailed("代理断开了 / the proxy hung up", api=request.api)
        if reader.feed(data):
            break
        if time.monotonic() > deadline:
            raise TimeoutError
    if not 200 <= reader.status < 300:
        raise proxy_refused(reader.status, request)


# -- an exchange --------------------------------------------------------------------------------


def _exchange(
    connection: _Connection, request: Request, first: bytes, reader: Reader, deadline: float
) -> None:
    """Write the request and read the answer; nothing here waits beyond the deadline."""
    sock, route = connection.sock, connection.route
    broken: OSError | None = None
    for piece in _pieces(first, request.body):  # what a body of the caller's raises is the caller's
        try:
            _write(sock, piece, deadline)
        except TimeoutError as problem:
            raise timed_out(request) from problem
        except OSError as problem:  # it may have answered and hung up before it read all of it
            broken = problem
            break
    size = _FIRST
    while True:
        try:
            data = _receive(sock, size, request, deadline)
        except OSError as problem:
            raise lost(reader, request, route, broken or problem) from problem
        if not data:
            if reader.eof():
                return
            raise lost(reader, request, route, broken) from broken
        if reader.feed(data):
            reader.keep_alive = reader.keep_alive and broken is None
            return
        size = _MORE


def _receive(sock: Socket, size: int, request: Request, deadline: float) -> bytes:
    left = deadline - time.monotonic()
    if left <= 0:
        raise timed_out(request)
    phase = "exchange"
    if request.read is not None and request.read < left:
        left, phase = request.read, "read"
    sock.settimeout(left)
    try:
        return sock.recv(size)
    except TimeoutError as problem:
        raise timed_out(request, phase=phase) from problem


def _pieces(first: bytes, body: bytes | Body | None) -> Iterator[bytes]:
    if body is None:
        yield first
    elif isinstance(body, bytes):
        if len(body) <= _FIRST:
            yield first + body
        else:
            yield first
            yield body
    else:
        yield first
        yield from exactly(body.size, iter(body))


def _write(sock: Socket, piece: bytes, deadline: float) -> None:
    sock.settimeout(max(deadline - time.monotonic(), 0.001))
    if len(piece) <= _MORE:
        sock.sendall(piece)
        return
    view = memoryview(piece)
    while view:
        view = view[sock.send(view[:_MORE]) :]
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        sock.settimeout(left)


def exactly(size: int, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pass the pieces on; raise `BadCall` if they are not of the size that was announced."""
    left = size
    for piece in pieces:
        left -= len(piece)
        if left < 0:
            break
        yield piece
    if left:
        raise BadCall(
            f"正文与声明的 {size} 字节不符 / the body has not the {size} bytes it said it had"
        )
