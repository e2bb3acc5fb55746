"""Connections to ISVs, kept alive between pushes.

There is no common limit: the dispatcher limits the pushes to each suite, and a limit across suites
would let a dead ISV take the connections of others.
"""

from __future__ import annotations

import asyncio
import ssl
from functools import partial

from ..outbound import Forbidden, Origin, Resolver
from . import network
from .connection import Connection, Raw
from .trouble import Trouble

# Shorter than the 5 s after which uvicorn and node close an idle connection.
_IDLE_S = 4.0


class Pool:
    """Exchanges requests for answers with any number of origins."""

    def __init__(self, *, sandbox: bool, limit: int, timeout_ms: int) -> None:
        self._resolver = Resolver(sandbox=sandbox)
        self._limit = limit
        self._timeout_ms = timeout_ms
        self._idle: dict[Origin, list[tuple[float, Connection]]] = {}
        self._busy: set[Connection] = set()
        self._tls: ssl.SSLContext | None = None
        self._sweep: asyncio.TimerHandle | None = None

    async def exchange(self, origin: Origin, request: bytes) -> Raw:
        """Send ``request``; looking up and connecting count for the time it may take.

        Raises `Trouble` when no complete answer came.
        """
        loop = asyncio.get_running_loop()
        end = loop.time() + self._timeout_ms / 1000
        while True:
            connection = self._take(origin) or await self._open(origin, end)
            self._busy.add(connection)
            try:
                raw = await connection.exchange(request, end - loop.time())
            except Trouble as trouble:
                if trouble.step == "closed" and connection.unanswered and connection.exchanges > 1:
                    continue  # it was closed while it lay idle, most likely; a new one will tell
                raise
            finally:
                self._busy.discard(connection)
            self._give(origin, connection)
            return raw

    def close(self) -> None:
        """Close every connection; exchanges under way end as closed."""
        if self._sweep is not None:
            self._sweep.cancel()
            self._sweep = None
        for idle in self._idle.values():
            for _, connection in idle:
                connection.close()
        self._idle.clear()
        for connection in list(self._busy):
            connection.close()

    def _take(self, origin: Origin) -> Connection | None:
        """Return the connection used last; others may then grow old and be closed."""
        idle = self._idle.get(origin)
        while idle:
            _, connection = idle.pop()
            if connection.reusable:
                return connection
        return None

    def _give(self, origin: Origin, connection: Connection) -> None:
        if not connection.reusable:
            connection.close()
            return
        loop = asyncio.get_running_loop()
        self._idle.setdefault(origin, []).append((loop.time() + _IDLE_S, connection))
        if self._sweep is None:
            self._sweep = loop.call_later(_IDLE_S / 2, self._close_old)

    def _close_old(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for origin, idle in list(self._idle.items()):
            young = [entry for entry in idle if entry[0] > now and entry[1].reusable]
            for entry in idle:
                if entry[0] <= now:
                    entry[1].close()
            if young:
                self._idle[origin] = young
            else:
                del self._idle[origin]
        self._sweep = loop.call_later(_IDLE_S / 2, self._close_old) if self._idle else None

    async def _open(self, origin: Origin, end: float) -> Connection:
        try:
            async with asyncio.timeout_at(end):
                addresses = await self._resolver.addresses(origin.host)
        except TimeoutError:
            raise network.name_timed_out(self._timeout_ms, origin) from None
        except Forbidden as fault:
            raise network.forbidden(fault) from None
        except OSError as error:
            raise network.unresolved(error, origin) from None
        try:
            async with asyncio.timeout_at(end):
                return await self._connect(origin, addresses, end)
        except TimeoutError:
            raise network.connect_timed_out(self._timeout_ms, origin) from None
        except ssl.SSLError as error:
            raise network.tls_failed(error) from None
        except OSError as error:
            raise network.unreachable(error, origin) from None

    async def _connect(self, origin: Origin, addresses: list[str], end: float) -> Connection:
        """Connect to the first address that answers; none may use up the others' time."""
        loop = asyncio.get_running_loop()
        fault: OSError = OSError("the name has no address")
        for left in range(len(addresses), 0, -1):
            now = loop.time()
            try:
                async with asyncio.timeout_at(now + (end - now) / left):
                    _, connection = await loop.create_connection(
                        partial(Connection, self._limit, self._timeout_ms),
                        addresses[-left],
                        origin.port,
                        ssl=self._context() if origin.secure else None,
                        server_hostname=origin.host.rstrip(".") if origin.secure else None,
                    )
                    return connection
            except ssl.SSLError:
                raise
            except OSError as error:
                fault = error
        raise fault

    def _context(self) -> ssl.SSLContext:
        """Trust what the system trusts, or SSL_CERT_FILE."""
        if self._tls is None:
            self._tls = ssl.create_default_context()
            self._tls.set_alpn_protocols(["http/1.1"])
        return self._tls
