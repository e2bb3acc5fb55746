"""Files as answers: sent piece by piece, always as a download, never as a page of our origin."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any
from urllib.parse import quote

from .handling import Binary

Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_TYPE = re.compile(r"[\w.+-]{1,60}/[\w.+-]{1,60}", re.ASCII)
_NOT_PLAIN = re.compile(r"[^ !#-\[\]-~]")  # printable ASCII without the quote and the backslash


async def send_file(send: Send, file: Binary) -> None:
    """Send a file, and close it also when the client goes away."""
    try:
        await send(
            {"type": "http.response.start", "status": 200, "headers": list(headers_of(file))}
        )
        left = file.size
        async for chunk in file.chunks:
            left -= len(chunk)
            await send({"type": "http.response.body", "body": chunk, "more_body": left > 0})
        if not file.size:
            await send({"type": "http.response.body", "body": b""})
    finally:
        close = getattr(file.chunks, "aclose", None)
        if close is not None:
            await close()


def headers_of(file: Binary) -> tuple[tuple[bytes, bytes], ...]:
    """Return Content-Type, Content-Length and a Content-Disposition that keeps the name (RFC 6266)."""
    kind = file.content_type if _TYPE.fullmatch(file.content_type) else "application/octet-stream"
    plain = _NOT_PLAIN.sub("_", file.filename)[:200]
    name = quote(file.filename[:200], safe="", errors="replace")
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{name}"
    return (
        (b"content-type", kind.encode("ascii")),
        (b"content-length", b"%d" % file.size),
        (b"content-disposition", disposition.encode("ascii")),
        (b"x-content-type-options", b"nosniff"),
    )


def origin_of(scope: Mapping[str, Any], proxy_header: str) -> str:
    """Return the origin under which the client reached us: ``https://host:port``.

    X-Forwarded-Proto counts only when ``proxy_header`` says that a proxy is trusted.
    """
    headers: dict[bytes, bytes] = dict(scope.get("headers") or ())
    host = headers.get(b"host", b"").decode("latin-1")
    if not _HOST.fullmatch(host):
        address, port = scope.get("server") or ("127.0.0.1", None)
        host = address if port is None else f"{address}:{port}"
    scheme = str(scope.get("scheme") or "http")
    forwarded = headers.get(b"x-forwarded-proto", b"") if proxy_header else b""
    if forwarded.rpartition(b",")[2].strip().lower() == b"https":
        scheme = "https"
    return f"{scheme}://{host}"


_HOST = re.compile(r"(?:[A-Za-z0-9.-]{1,253}|\[[0-9A-Fa-f:.]{2,45}\])(?::\d{1,5})?")
