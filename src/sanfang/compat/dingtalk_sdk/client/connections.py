"""The connections that all clients of a process share, as those of `dingtalk-sdk` do.

Programs written for it make a client wherever they need one, and never close it.
"""

from __future__ import annotations

import threading

from sanfang.client import Request, Response, Transport


class SharedTransport:
    """A transport that opens with the first request, and again with the first after `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._transport: Transport | None = None

    def send(self, request: Request, /) -> Response:
        return (self._transport or self._opened()).send(request)

    def _opened(self) -> Transport:
        from sanfang.client.pool import PoolTransport  # not before it is needed

        with self._lock:
            if self._transport is None:
                self._transport = PoolTransport()
            return self._transport

    def close(self) -> None:
        """Close the connections."""
        with self._lock:
            transport, self._transport = self._transport, None
        if transport is not None:
            transport.close()


SHARED = SharedTransport()


def close_connections() -> None:
    """Close the connections of this process's clients; they open new ones when they are used."""
    SHARED.close()
