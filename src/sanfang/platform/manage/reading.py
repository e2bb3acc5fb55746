"""From a request to a form: path, query and body parsed once, what does not fit refused by name."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qsl

import msgspec
from starlette.requests import Request

from . import problems
from .forms import Form
from .operations import Operation

BODY_LIMIT = 1 << 20  # bytes
_AT = re.compile(r"^(?P<what>.*?)(?: - at `(?P<path>[^`]*)`)?$", re.DOTALL)
_NAMED = re.compile(r"(?:required|unknown) field `([^`]+)`")


async def read(operation: Operation, request: Request) -> Form:
    """Return the input of an operation; refuse 40035 with the field named."""
    values = _object(await _body(request)) if operation.has_body else _query(request)
    for name, value in request.path_params.items():
        if name in values:
            raise problems.bad_field(name, "已在路径里 / it stands in the path")
        values[name] = value
    for name, value in values.items():
        if _holds_nul(value):
            raise problems.bad_field(name, "含有 NUL 字符 / it holds a NUL character")
    try:
        return msgspec.convert(values, operation.takes, strict=False)
    except msgspec.ValidationError as error:
        raise _misfit(str(error)) from None


def _misfit(message: str) -> Exception:
    match = _AT.match(message)
    what, path = (match["what"], match["path"] or "") if match else (message, "")
    field = path.removeprefix("$").lstrip(".")
    if named := _NAMED.search(what):
        field = f"{field}.{named[1]}".lstrip(".")
    return problems.bad_field(field, what)


def _holds_nul(value: Any) -> bool:
    """PostgreSQL cannot store it, and nobody means it."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(_holds_nul(one) for pair in value.items() for one in pair)
    return isinstance(value, list) and any(_holds_nul(one) for one in value)


def _query(request: Request) -> dict[str, Any]:
    text = request.scope["query_string"].decode("latin-1")
    values: dict[str, Any] = {}
    try:
        pairs = parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=100)
    except ValueError:
        raise problems.bad_field("", "查询串不是 UTF-8 / the query is not UTF-8") from None
    for name, value in pairs:
        if name in values:
            raise problems.bad_field(name, "出现了两次 / it is given twice")
        values[name] = value
    return values


async def _body(request: Request) -> bytes:
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > BODY_LIMIT:
            raise problems.Fault(
                413,
                "request too large",
                f"请求体超过 {BODY_LIMIT} 字节。",
                f"The body is longer than {BODY_LIMIT} bytes.",
            )
        pieces.append(piece)
    return b"".join(pieces)


def _object(body: bytes) -> dict[str, Any]:
    if not body.strip():
        return {}
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise problems.bad_field(
            "",
            f"请求体不是 UTF-8，第 {error.start} 字节起；是 GBK 吗"
            f" / the body is not UTF-8 from byte {error.start} on; is it GBK?",
        ) from None
    try:
        value = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise problems.bad_field("", f"请求体不是 JSON / the body is not JSON: {error}") from None
    if not isinstance(value, dict):
        raise problems.bad_field("", "请求体应为 JSON 对象 / the body has to be a JSON object")
    return value
