"""A server that writes down what arrives, byte by byte, and answers what it is told to."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any, NamedTuple, Self
from urllib.parse import parse_qsl

import msgspec


class Arrived(NamedTuple):
    """A request as its bytes came; ``connection`` counts the connections of the recorder."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes
    connection: int

    @property
    def method(self) -> str:
        return self.line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.line.split(" ")[1]

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]

    @property
    def query(self) -> list[tuple[str, str]]:
        return parse_qsl(self.target.partition("?")[2], keep_blank_values=True)

    def header(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    @property
    def json(self) -> Any:
        return msgspec.json.decode(self.body) if self.body else None


class Told(NamedTuple):
    """An answer; ``content_type`` and ``status`` as they are sent."""

    body: Any
    content_type: str = "application/json"
    status: int = 200


Answer = Callable[[Arrived], Any]


class Recorder:
    """Listen on a port of 127.0.0.1. ``answer`` returns JSON, bytes or a `Told`."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.arrived: list[Arrived] = []
        self.connections = 0
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def url(self) -> str:
        return f"http://{self.address}"

    def take(self) -> list[Arrived]:
        """Return what arrived since the last time."""
        with self._lock:
            found, self.arrived = self.arrived, []
        return found

    def close(self) -> None:
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for one in list(self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
        self._thread.join(5)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _accept(self) -> None:
        while True:
            try:
                accepted, _ = self._listener.accept()
            except OSError:
                return
            accepted.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self._lock:
                self.connections += 1
                number = self.connections
                self._open.add(accepted)
            threading.Thread(target=self._serve, args=(accepted, number), daemon=True).start()

    def _serve(self, accepted: socket.socket, number: int) -> None:
        with accepted, accepted.makefile("rb") as stream, contextlib.suppress(OSError):
            while arrived := _read(stream, number):
                with self._lock:
                    self.arrived.append(arrived)
                accepted.sendall(_written(self.answer(arrived)))
        with self._lock:
            self._open.discard(accepted)


def _read(stream: Any, number: int) -> Arrived | None:
    line = stream.readline().decode("latin-1").rstrip("\r\n")
    if not line:
        return None
    headers = []
    while text := stream.readline().decode("latin-1").rstrip("\r\n"):
        name, _, value = text.partition(":")
        headers.append((name, value.strip()))
    head = Arrived(line, headers, b"", number)
    if head.header("transfer-encoding") == "chunked":
        body = b""
        while size := int(stream.readline(), 16):
            body += stream.read(size)
            stream.readline()
        stream.readline()
    else:
        body = stream.read(int(head.header("content-length") or 0))
    return head._replace(body=body)


def _written(answer: Any) -> bytes:
    told = answer if isinstance(answer, Told) else Told(answer)
    body = told.body if isinstance(told.body, bytes) else msgspec.json.encode(told.body)
    head = f"HTTP/1.1 {told.status} X\r\nContent-Type: {told.content_type}\r\n"
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body
