"""A server that says exactly the bytes it is told to, and ends as it is told to."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from typing import Literal, NamedTuple

Ending = Literal["close", "reset", "hang", "keep"]


class Script(NamedTuple):
    """What to say on one connection: ``pause`` seconds after each byte if it is not 0."""

    data: bytes
    ending: Ending = "close"
    pause: float = 0.0
    read_all: bool = True


class RawServer:
    """Answer each request, on whatever connection, with the script that ``next_script`` gives.

    It is given the request's number; ``by_request`` instead the request.
    """

    def __init__(
        self,
        next_script: Callable[[int], Script],
        by_request: Callable[[bytes], Script] | None = None,
    ) -> None:
        self._by_request = by_request
        self.requests: list[bytes] = []
        self.connections = 0
        self._next = next_script
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self._threads: list[threading.Thread] = []
        self._sockets: list[socket.socket] = []
        self._main = threading.Thread(target=self._accept)
        self._main.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def close(self) -> None:
        self._stop.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._main.join()
        for sock in self._sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join()

    def _accept(self) -> None:
        while not self._stop.is_set():
            try:
                sock, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._sockets.append(sock)
            thread = threading.Thread(target=self._serve, args=(sock,))
            self._threads.append(thread)
            thread.start()

    def _serve(self, sock: socket.socket) -> None:
        with sock, contextlib.suppress(OSError):
            sock.settimeout(10)
            while self._one(sock):
                pass

    def _one(self, sock: socket.socket) -> bool:
        request = b""
        while b"\r\n\r\n" not in request:
            data = sock.recv(65536)
            if not data:
                return False
            request += data
        self.requests.append(request)
        by_request = self._by_request
        script = by_request(request) if by_request else self._next(len(self.requests))
        if script.pause:
            for at in range(len(script.data)):
                sock.sendall(script.data[at : at + 1])
                if self._stop.wait(script.pause):
                    break
        else:
            sock.sendall(script.data)
        if script.ending == "hang":
            self._stop.wait(10)
        if script.ending == "reset":
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return script.ending == "keep"
