"""TLS within TLS: an https platform behind an https proxy, for the sync transport.

Python's TLS sockets cannot be stacked, but its TLS engine can: bytes go through two memory buffers.
(asyncio does the same by itself.)
"""

from __future__ import annotations

import ssl
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")

_PIECE = 65_536


class TunnelledTls:
    """The part of a socket that the transport uses, with TLS of its own inside ``outer``."""

    def __init__(
        self, outer: ssl.SSLSocket, tls: ssl.SSLContext, host: str, deadline: float
    ) -> None:
        self._outer = outer
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._engine = tls.wrap_bio(self._in, self._out, server_hostname=host)
        self._timeout: float | None = None
        self.settimeout(max(deadline - time.monotonic(), 0.001))
        self._run(self._engine.do_handshake)

    def settimeout(self, seconds: float | None, /) -> None:
        self._timeout = seconds
        self._outer.settimeout(seconds)

    def send(self, data: memoryview, /) -> int:
        sent = self._run(lambda: self._engine.write(data))
        self._flush()
        return sent

    def sendall(self, data: bytes, /) -> None:
        view = memoryview(data)
        while view:
            view = view[self.send(view) :]

    def recv(self, size: int, /) -> bytes:
        return self._run(lambda: self._engine.read(size))

    def close(self) -> None:
        self._outer.close()

    def fileno(self) -> int:
        return self._outer.fileno()

    def _run(self, step: Callable[[], T]) -> T:
        """Repeat a step of the engine until it has what it wants from the other end."""
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        while True:
            try:
                return step()
            except ssl.SSLWantReadError:
                self._flush()
                if deadline is not None and time.monotonic() > deadline:
                    raise TimeoutError from None
                data = self._outer.recv(_PIECE)
                if data:
                    self._in.write(data)
                else:
                    self._in.write_eof()

    def _flush(self) -> None:
        waiting = self._out.read()
        if waiting:
            self._outer.sendall(waiting)
