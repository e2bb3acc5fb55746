"""A callback URL that answers as told: right, wrong or not at all."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sanfang.protocol.crypto import CREATE_SUITE_KEY, CallbackCipher, CallbackError, parse_push

TOKEN = "example-token"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"  # a made-up key of 43 characters
Judge = Callable[[dict[str, Any]], str]


def right(event: dict[str, Any]) -> str:
    return str(event.get("Random", "success"))


@dataclass
class Receiver:
    url: str
    judge: Judge = right
    suite_key: str = ""
    spelling: str = "timeStamp"
    events: list[dict[str, Any]] = field(default_factory=list)
    arrived: threading.Condition = field(default_factory=threading.Condition)

    def wait_for(self, event_type: str, count: int = 1) -> dict[str, Any]:
        """Wait until the ``count``-th event of a type has come; return it."""

        def found() -> list[dict[str, Any]]:
            return [event for event in self.events if event["EventType"] == event_type]

        with self.arrived:
            assert self.arrived.wait_for(lambda: len(found()) >= count, 10), self.events
            return found()[count - 1]

    def answer(self, query: str, body: bytes) -> bytes:
        push = parse_push(query, body)
        key = self.suite_key or CREATE_SUITE_KEY
        cipher = CallbackCipher(TOKEN, AES_KEY, key)
        try:
            plain = cipher.open(push.encrypt, push.signature, push.timestamp, push.nonce)
        except CallbackError:
            return b"not for me"  # pushed again until the test has told its suite_key
        event = json.loads(plain)
        with self.arrived:
            self.events.append(event)
            self.arrived.notify_all()
        sealed = cipher.seal(self.judge(event))
        reply = json.loads(sealed.reply())
        reply[self.spelling] = reply.pop("timeStamp")
        return json.dumps(reply).encode()


@contextlib.contextmanager
def receiver() -> Iterator[Receiver]:
    """Listen on a free port until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answer = one.answer(self.path.partition("?")[2], body)
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_: object) -> None:
            pass

    listening = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    listening.daemon_threads = True
    one = Receiver(f"http://127.0.0.1:{listening.server_port}/callback")
    thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield one
    finally:
        listening.shutdown()
        listening.server_close()
        thread.join()
