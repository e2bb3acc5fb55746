"""One request on its way through the gate: what came, and what the steps have found out so far."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from ..domain.calls import Record
from ..domain.model import Identity
from ..domain.refusals import Refusal
from .answers import JSON, Header
from .body import Receive
from .routes import Route

Scope = MutableMapping[str, Any]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
Fields = dict[str, Any]


class Request:
    """``answer_headers`` are those of a success; ``identity`` is None until a token was accepted."""

    __slots__ = (
        *("answer_headers", "headers", "identity", "ip", "method", "path", "receive", "route"),
        *("scope", "values"),
    )

    def __init__(self, scope: Scope, receive: Receive, proxy_header: bytes) -> None:
        self.scope = scope
        self.receive = receive
        self.path: str = scope["path"]
        self.method: str = scope["method"]
        self.headers: dict[bytes, bytes] = dict(scope["headers"])
        self.route: Route | None = None
        self.values: dict[str, str] | None = None
        self.identity: Identity | None = None
        self.answer_headers: list[Header] = [JSON]
        client = scope.get("client")
        self.ip: str = client[0] if client else ""
        if proxy_header:
            self.ip = _forwarded(self.headers.get(proxy_header, b""), self.ip)

    @property
    def has_body(self) -> bool:
        headers = self.headers
        return (
            self.method != "GET" or b"content-length" in headers or b"transfer-encoding" in headers
        )


def record_of(
    request: Request, now: int, status: int, refusal: Refusal | None, micros: int
) -> Record:
    """Return what the call log remembers."""
    identity, route = request.identity or _NOBODY, request.route
    path, ip = request.path[:_LONGEST_PATH], request.ip[:64]
    if not path.isascii() or "\0" in path:
        path = _storable(path)
    if not ip.isascii() or "\0" in ip:
        ip = _storable(ip)
    who = (identity.app_key, identity.suite_key, identity.corp_id)
    endpoint, synthetic = ("", False) if route is None else (route.endpoint, route.synthetic)
    if refusal is None:
        return (now, ip, *who, endpoint, path, status, 0, micros, synthetic, "", "")
    texts = (_storable(refusal.zh[:300]), _storable(refusal.en[:300]))
    return (now, ip, *who, endpoint, path, status, refusal.code, micros, False, *texts)


_NOBODY = Identity("internal")
_LONGEST_PATH = 200


def _storable(text: str) -> str:
    return text.replace("\0", "?").encode("utf-8", "replace").decode()


def _forwarded(value: bytes, socket: str) -> str:
    """Return the address the trusted proxy appended last; without one the socket's."""
    return value.rpartition(b",")[2].strip().decode("latin-1") or socket
