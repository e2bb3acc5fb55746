"""A call: a plan filled with arguments, complete but for the token."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote, quote_plus

import msgspec

from .errors import BadCall
from .plans import TOKEN_HEADER, Plan, TokenUse
from .wire import Body, Request

_PLACEHOLDER = re.compile(r"\{(\w+)\}")

_encode = msgspec.json.Encoder().encode


class Call(msgspec.Struct, frozen=True, gc=False):
    """What to send; ``safe`` says that it changes nothing and may be repeated.

    ``operation`` is ``api`` with the ids of its path as ``{...}``: what limits and spans count by.
    """

    method: str
    url: str
    query: str
    headers: Mapping[str, str]
    body: bytes | Body | None
    api: str
    token: TokenUse
    token_name: str
    safe: bool
    secrets: tuple[str, ...] = ()
    operation: str = ""

    def request(
        self,
        token: str | None,
        timeout: float,
        limit: int,
        connect: float | None = None,
        read: float | None = None,
    ) -> Request:
        """Make the request, with the token in its place."""
        query, headers, secrets = self.query, self.headers, self.secrets
        if token is not None:
            secrets = (*secrets, token)
            if self.token_name == TOKEN_HEADER:
                headers = {**headers, TOKEN_HEADER: token}
            else:
                query = f"{self.token_name}={_quoted(token)}{query and '&' + query}"
        url = f"{self.url}?{query}" if query else self.url
        return Request(
            self.method, url, headers, self.body, timeout, limit, self.api, secrets, connect, read
        )


def fill(plan: Plan, query: Mapping[str, Any] | None, body: Any, params: Mapping[str, Any]) -> Call:
    """Put the arguments where they belong; None is left out.

    A credential that the caller gives by hand is not added to. Raises `BadCall`. The loop is long
    and flat because every call goes through it.
    """
    in_query: list[str] = []
    in_body: dict[str, Any] = {}
    elsewhere: dict[str, str] = {}
    token = plan.token
    for name, value in params.items():
        if value is None:
            continue
        if name in plan.csv and isinstance(value, (list, tuple)) and not _is_nested(value):
            value = ",".join(map(_text, value))
        place = plan.places.get(name, plan.default_place)
        if plan.is_template and f"{{{name}}}" in plan.url:
            place = "path"
        if place == "body":
            in_body[name] = value
        elif place == "query":
            in_query.append(f"{_quoted(name)}={_quoted(_text(value))}")
        else:
            elsewhere[name] = _text(value)
        if name == plan.token_name:
            token = ""
    for name, value in query.items() if query else ():
        if value is not None:
            in_query.append(f"{_quoted(name)}={_quoted(_text(value))}")
            if name == plan.token_name:
                token = ""
    content = _content(plan, body, in_body)
    url, headers = plan.url, plan.headers
    if plan.is_template:
        url = _address(plan, elsewhere)
    if elsewhere:
        headers = {**headers, **_headers(plan, elsewhere)}
    raw = (
        None if content is None else content if type(content) is bytes else _json(plan.api, content)
    )
    return Call(
        plan.method,
        url,
        "&".join(in_query),
        headers,
        raw,
        plan.api,
        token,
        plan.token_name,
        plan.safe,
        (),
        plan.operation,
    )


def _content(plan: Plan, body: Any, fields: dict[str, Any]) -> Any:
    if body is None:
        return fields if fields or plan.has_body else None
    if not fields:
        return body
    if not isinstance(body, Mapping):
        raise BadCall(
            f"{plan.api}: body 不是对象，不能再加字段 {', '.join(fields)}"
            " / body is not an object, so these fields cannot be added to it"
        )
    return {**body, **fields}


def _address(plan: Plan, values: dict[str, str]) -> str:
    """Fill the path's ``{...}`` parts, and take them out of ``values``."""

    def put(match: re.Match[str]) -> str:
        name = match[1]
        if not values.get(name):
            raise BadCall(f"{plan.api}: 缺少路径参数 {name} / the path parameter {name} is missing")
        return quote(values.pop(name), safe="")

    return _PLACEHOLDER.sub(put, plan.url)


def _headers(plan: Plan, values: dict[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not (value.isascii() and value.isprintable()):
            raise BadCall(f"{plan.api}: 请求头 {name} 只能是 ASCII 文本 / must be ASCII text")
    return values


def _is_nested(values: Sequence[Any]) -> bool:
    return any(isinstance(each, (dict, list, tuple)) for each in values)


def _json(api: str, content: Any) -> bytes:
    try:
        return _encode(content)
    except (TypeError, ValueError, RecursionError) as problem:
        raise BadCall(
            f"{api}: 参数不能写成 JSON / the arguments cannot be written as JSON: {problem}"
        ) from None


def _text(value: Any) -> str:
    """Write a value as text: booleans in lower case, lists and objects as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return _json("query", value).decode()
    return str(value)


def _quoted(text: str) -> str:
    # Nine values of ten are plain; quote_plus takes ten times as long to find that out.
    return text if text.isalnum() and text.isascii() else quote_plus(text, errors="replace")
