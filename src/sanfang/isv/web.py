"""As much of HTTP as the ready endpoints need, over plain ASGI: no framework is imported."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from .asgi import Receive, Scope, Send, read_body
from .refusals import Refused

BODY_LIMIT = 16 * 1024


class Asked(msgspec.Struct, frozen=True):
    """A request. Header names are in lower case; of a header given twice the last counts."""

    method: str
    path: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    scheme: str
    body: bytes

    def cookie(self, name: str) -> str:
        """Return a cookie's value, or ''."""
        return cookie_in(self.headers.get("cookie", ""), name)


class Reply(msgspec.Struct, frozen=True):
    """An answer; headers may repeat."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = ()


def json_reply(content: Any, *headers: tuple[str, str], status: int = 200) -> Reply:
    """Answer with JSON."""
    kind = ("content-type", "application/json; charset=utf-8")
    return Reply(status, msgspec.json.encode(content), (kind, *headers))


def refused(refusal: Refused, *headers: tuple[str, str]) -> Reply:
    """Answer with an explanation."""
    kind = ("content-type", "application/json; charset=utf-8")
    return Reply(refusal.status, refusal.body(), (kind, *headers))


def redirect(location: str, *headers: tuple[str, str]) -> Reply:
    """Send the browser elsewhere."""
    return Reply(302, b"", (("location", location), *headers))


def headers_of(scope: Scope) -> dict[str, str]:
    """Return the headers of a request as text."""
    return {
        name.decode("latin-1").lower(): value.decode("latin-1")
        for name, value in scope.get("headers", ())
    }


def cookie_in(header: str, name: str) -> str:
    """Return a cookie out of a Cookie header, or ''."""
    for part in header.split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value.strip('"')
    return ""


async def asked_of(scope: Scope, receive: Receive) -> Asked | None:
    """Read a request; None when the caller went away. Raises `Refused`."""
    body = b""
    if scope["method"] not in ("GET", "HEAD"):
        read = await read_body(receive, BODY_LIMIT)
        if read is None:
            return None
        body = read
        if len(body) > BODY_LIMIT:
            raise Refused(
                413,
                413,
                "Payload Too Large",
                f"请求体超过 {BODY_LIMIT} 字节。",
                f"The body is over {BODY_LIMIT} bytes.",
            )
    query = parse_qsl(scope.get("query_string", b"").decode("latin-1"), keep_blank_values=True)
    return Asked(
        method=scope["method"],
        path=scope["path"],
        query=dict(query),
        headers=headers_of(scope),
        scheme=scope.get("scheme", "http"),
        body=body,
    )


async def answer(reply: Reply, scope: Scope, send: Send) -> None:
    """Send an answer; nothing of it may be kept by caches, nor guessed to be something else."""
    headers = [
        (name.encode("latin-1"), value.encode("latin-1"))
        for name, value in (
            *reply.headers,
            ("cache-control", "no-store"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("content-length", str(len(reply.body))),
        )
    ]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    body = b"" if scope["method"] == "HEAD" else reply.body
    await send({"type": "http.response.body", "body": body})
