"""An app's server that sends exactly the bytes it is told to, one connection after another."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

Talk = Callable[[socket.socket, bytes], None]


@contextlib.contextmanager
def raw_app(talk: Talk) -> Iterator[str]:
    """Listen until the block ends; ``talk`` gets each connection and the head that came over it."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            connection.settimeout(10)
            with connection, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head and (piece := connection.recv(65536)):
                    head += piece
                talk(connection, head)

    thread = threading.Thread(target=serve, name="raw app")
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()
