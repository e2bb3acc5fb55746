"""A stand-in for the platform: a small local server that issues, counts and refuses tokens."""

from __future__ import annotations

import contextlib
import json
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NamedTuple
from urllib.parse import parse_qsl, urlsplit


class Seen(NamedTuple):
    """A request as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes
    target: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Reply(NamedTuple):
    """An answer to send as it is.

    ``length`` may lie about the body; ``chunked``: the body holds chunks already; ``drip``: one
    byte after another, that many seconds apart.
    """

    body: bytes | str | dict[str, Any]
    status: int = 200
    content_type: str = "application/json"
    headers: tuple[tuple[str, str], ...] = ()
    length: int | None = None
    chunked: bool = False
    drip: float = 0.0

    def raw(self) -> bytes:
        if isinstance(self.body, dict):
            return json.dumps(self.body, ensure_ascii=False).encode()
        return self.body.encode() if isinstance(self.body, str) else self.body


Route = Callable[[Seen], "Reply | dict[str, Any] | None"]


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128  # 50 threads connect at once


TOKEN_PATHS = ("/gettoken", "/service/get_suite_token", "/service/get_corp_token")


class StandIn:
    """The server. ``seen`` lists the requests; ``on(path, route)`` answers a path otherwise.

    A route that returns None closes the connection without an answer. Tokens are numbered in
    the order they are issued; `refuse` makes one dead.
    """

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.seen: list[Seen] = []
        self.life: Any = 7200
        self.hold = threading.Event()
        self.connections = 0
        self.on_connect: Callable[[str], None] = lambda _: None
        self._routes: dict[str, Route] = {}
        self._issued = 0
        self._alive: dict[str, str] = {}
        self._lock = threading.Lock()
        self._server = Server(("127.0.0.1", 0), self._handler())
        if tls is not None:
            self._server.socket = tls.wrap_socket(
                self._server.socket, server_side=True, do_handshake_on_connect=False
            )
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign]
        self._scheme = "http" if tls is None else "https"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))
        self._thread.start()

    @property
    def url(self) -> str:
        return f"{self._scheme}://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.hold.set()
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    # -- what it knows ----------------------------------------------------------------------

    def calls(self, path: str) -> list[Seen]:
        return [seen for seen in self.seen if seen.path == path]

    @property
    def token_calls(self) -> int:
        return sum(seen.path in TOKEN_PATHS for seen in self.seen)

    def on(self, path: str, route: Route | Reply | dict[str, Any]) -> None:
        self._routes[path] = route if callable(route) else lambda _: route

    def refuse(self, token: str) -> None:
        with self._lock:
            self._alive.pop(token, None)

    def refuse_all(self) -> None:
        with self._lock:
            self._alive.clear()

    def issue(self, owner: str) -> str:
        with self._lock:
            self._issued += 1
            token = f"token-{self._issued:04d}-of-{owner}"
            self._alive[token] = owner
            return token

    # -- how it answers ---------------------------------------------------------------------

    def answer(self, seen: Seen) -> Reply | dict[str, Any] | None:
        self.seen.append(seen)
        route = self._routes.get(seen.path)
        if route is not None:
            return route(seen)
        if seen.path in TOKEN_PATHS:
            return self.grant(seen)
        if seen.path.startswith("/v1.0/"):
            if seen.headers.get("x-acs-dingtalk-access-token") not in self._alive:
                body = {
                    "code": "InvalidAuthentication",
                    "requestid": "R-1",
                    "message": "不合法的access_token",
                }
                return Reply(body, status=400)
            return {"nick": "测试员甲"}
        token = seen.query.get("access_token") or seen.query.get("suite_access_token")
        if "signature" not in seen.query and token not in self._alive:
            code = 40082 if "suite_access_token" in seen.query else 40014
            return {"errcode": code, "errmsg": "不合法的access_token"}
        owner = self._alive.get(token or "", "")
        return {"errcode": 0, "errmsg": "ok", "owner": owner, "name": "示例部门"}

    def grant(self, seen: Seen) -> dict[str, Any]:
        owner = seen.query.get("corpid") or seen.query.get("appkey")
        if owner is None:
            owner = seen.json.get("auth_corpid") or seen.json["suite_key"]
        field = "suite_access_token" if "suite_token" in seen.path else "access_token"
        reply = {"errcode": 0, "errmsg": "ok", field: self.issue(owner)}
        return reply if self.life is None else {**reply, "expires_in": self.life}

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        stand_in = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # The headers and the body go out in two writes; without this, 40 ms lie between.
            disable_nagle_algorithm = True

            def setup(self) -> None:
                super().setup()
                stand_in.connections += 1

            def handle_call(self) -> None:
                length = int(self.headers.get("content-length") or 0)
                body = self.rfile.read(length)
                parts = urlsplit(self.path)
                headers = {name.lower(): value for name, value in self.headers.items()}
                query = dict(parse_qsl(parts.query, keep_blank_values=True))
                seen = Seen(self.command, parts.path, query, headers, body, self.path)
                reply = stand_in.answer(seen)
                if reply is None:
                    self.close_connection = True
                    return
                self.reply(reply if isinstance(reply, Reply) else Reply(reply))

            def reply(self, reply: Reply) -> None:
                raw = reply.raw()
                self.send_response(reply.status)
                self.send_header("Content-Type", reply.content_type)
                length = len(raw) if reply.length is None else reply.length
                if reply.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                else:
                    self.send_header("Content-Length", str(length))
                for name, value in reply.headers:
                    self.send_header(name, value)
                self.end_headers()
                with contextlib.suppress(OSError):
                    if reply.drip:
                        self.drip(raw, reply.drip)
                    else:
                        self.wfile.write(raw)
                self.close_connection = self.close_connection or length != len(raw)

            def drip(self, raw: bytes, pause: float) -> None:
                for byte in raw:
                    if stand_in.hold.wait(pause):
                        break
                    self.wfile.write(bytes((byte,)))

            def do_CONNECT(self) -> None:
                stand_in.on_connect(self.path)
                self.send_error(403)

            do_GET = do_POST = do_PUT = do_DELETE = handle_call  # noqa: N815

            def log_message(self, *args: object) -> None:
                pass

        return Handler
