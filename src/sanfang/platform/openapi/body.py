"""The request body: read with a limit, told apart by looking at it, parsed as UTF-8.

The older API takes JSON whatever the Content-Type says, and forms, whose values may be JSON text
(tokens-and-limits.md section 1: the official SDK of 2018 sends forms, a sample of 2026 sends JSON
marked as a form). The newer API takes JSON only.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from typing import Any

import msgspec

from . import reasons
from .multipart import Multipart
from .query import read_form
from .sanity import check_storable, suspect

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]

LIMIT = 1 << 20  # bytes; the largest documented body (a message of 5000 characters) is far below
UPLOAD_LIMIT = 32 << 20  # bytes of a body with files, unless the handler says otherwise

_decode = msgspec.json.decode
_OFFSET = re.compile(r"\(byte (\d+)\)")
_BOM = b"\xef\xbb\xbf"
_SPACE = b" \t\r\n"


class ClientGone(Exception):  # noqa: N818 - nobody is left to be told
    """The client closed the connection before its request was complete."""


async def read_body(receive: Receive, headers: Mapping[bytes, bytes]) -> bytes:
    """Return the whole body; refuse 41101 as soon as it is known to be longer than ``LIMIT``."""
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and (len(declared) > 12 or int(declared) > LIMIT):
        raise reasons.too_long(LIMIT)
    message = await receive()
    body: bytes = message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise ClientGone
    if not message.get("more_body") and len(body) <= LIMIT:
        return body
    return await _read_more(receive, body)


async def _read_more(receive: Receive, first: bytes) -> bytes:
    chunks, size = [first], len(first)
    while size <= LIMIT:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGone
        chunk = message.get("body", b"")
        chunks.append(chunk)
        size += len(chunk)
        if not message.get("more_body") and size <= LIMIT:
            return b"".join(chunks)
    raise reasons.too_long(LIMIT)


async def read_multipart(
    receive: Receive, headers: Mapping[bytes, bytes], limit: int = UPLOAD_LIMIT
) -> Multipart:
    """Return the parts of a body; refuse 45001 as soon as it is known to be longer than ``limit``.

    The caller closes what it gets.
    """
    declared = headers.get(b"content-length", b"")
    if declared.isdigit() and (len(declared) > 12 or int(declared) > limit):
        raise reasons.too_large_upload(limit)
    parts, size, more = Multipart(headers.get(b"content-type", b"")), 0, True
    try:
        while more:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            piece = message.get("body", b"")
            size += len(piece)
            if size > limit:
                raise reasons.too_large_upload(limit)
            parts.feed(piece)
            more = message.get("more_body", False)
    except BaseException:
        parts.close()
        raise
    return parts


def media_type(headers: Mapping[bytes, bytes]) -> bytes:
    """Return the Content-Type without its parameters, in lower case."""
    return headers.get(b"content-type", b"").partition(b";")[0].strip().lower()


def parse_body(raw: bytes, media: bytes) -> dict[str, Any]:
    """Return the fields of a JSON or form body of the older API.

    Refuses -1 for broken JSON or another charset than UTF-8, 40035 for JSON that is no object,
    43009 for multipart.
    """
    start = raw[:64].lstrip(_BOM).lstrip(_SPACE)[:1]
    if start in (b"{", b"["):
        return parse_json(raw)
    if media == b"multipart/form-data":
        raise reasons.no_multipart()
    if media.endswith(b"json") or (
        media != b"application/x-www-form-urlencoded" and b"=" not in raw
    ):
        return parse_json(raw) if raw.strip(_SPACE) else {}
    return {name: _unwrap(value) for name, value in read_form(raw).items()}


def parse_json(raw: bytes, root: str = "") -> dict[str, Any]:
    """Return a JSON object; ``null`` counts as an empty one. Refuses -1 and 40035.

    ``root``: the body is one value, whatever its type, returned under this name.
    """
    raw = raw.removeprefix(_BOM)
    try:
        value = _decode(raw)
    except UnicodeDecodeError as error:
        raise reasons.bad_charset(raw) from error
    except msgspec.DecodeError as error:
        raise _pointing_at_byte(raw, str(error)) from error
    except RecursionError as error:
        raise reasons.broken_json(0, 1, 1, "嵌套过深 / nested too deeply") from error
    if value is None:
        return {}
    if root:
        value = {root: value}
    elif not isinstance(value, dict):
        raise reasons.not_an_object("JSON " + type(value).__name__)
    if suspect(raw):
        check_storable(value)
    return value


def _pointing_at_byte(raw: bytes, error: str) -> Exception:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return reasons.bad_charset(raw)
    found = _OFFSET.search(error)
    offset = int(found[1]) if found else len(raw)
    before = raw[:offset]
    line = before.count(b"\n") + 1
    column = offset - (before.rfind(b"\n") + 1) + 1
    what = _OFFSET.sub("", error.removeprefix("JSON is malformed: ")).strip()
    return reasons.broken_json(offset, line, column, what)


def _unwrap(value: str) -> Any:
    """Read a form value that is a JSON array or object (``call_back_tag=["user_add_org"]``)."""
    if value[:1] not in ("{", "["):
        return value
    try:
        read = _decode(value)
    except (msgspec.DecodeError, RecursionError):
        return value
    check_storable(read)
    return read
