"""Sound questions for every endpoint of the catalogue."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlencode

from sanfang.catalog import Endpoint, Field, Param
from sanfang.platform.openapi import OpenApi

from ..openapi.world import JSON, Reply, World, send

TOKEN_HEADER = b"x-acs-dingtalk-access-token"
_PLAIN: dict[str, Any] = {"integer": 1, "number": 1.5, "boolean": True, "map": {}, "any": {}}


def value_of(field: Field) -> Any:
    """A value that the catalogue allows."""
    if field.type == "array":
        single = {"object": value_of_members(field.fields), "string": "x"}
        kind = field.items or "any"
        if field.enum:
            return [field.enum[0]]
        return [single.get(kind, [] if kind == "array" else _PLAIN.get(kind))]
    if field.type == "object":
        return value_of_members(field.fields)
    if field.enum:
        return field.enum[0]
    if field.type == "string":
        return _text(field)
    value = _PLAIN[field.type]
    if isinstance(value, int) and not isinstance(value, bool):
        value = max(value, int(field.min or value))
        value = min(value, int(value if field.max is None else field.max))
    return value


def value_of_members(fields: list[Field]) -> dict[str, Any]:
    return {field.name: value_of(field) for field in fields if field.required}


def _text(field: Field) -> str:
    if field.format == "date-time":
        return "2024-01-02 03:04:05"
    if field.format == "json":
        return json.dumps(value_of_members(field.fields))
    if field.name == "redirect_uri":
        return "https://example.com/back"
    return "x".ljust(field.min_length or 1, "x")


def sound(endpoint: Endpoint) -> dict[str, Any]:
    """Every required parameter, and one whole group where one has to be sent."""
    grouped = set(endpoint.one_of[0]) if endpoint.one_of else set()
    return {
        param.name: value_of(param)
        for param in endpoint.params
        if (param.required or param.name in grouped or param.name == "redirect_uri")
        and param.in_ != "header"
        and param.type != "file"
    }


def tokens(world: World) -> dict[str, str]:
    return {"suite_access_token": world.suite_token}


async def ask(
    api: OpenApi,
    world: World,
    endpoint: Endpoint,
    values: Mapping[str, Any],
    *,
    token: str | None = None,
    kind: str = "",
) -> Reply:
    """Send values to an endpoint, each in its place, with a token that fits."""
    if endpoint.host == "top":
        return await ask_top(api, world, endpoint.top_api, values)
    token = world.own if token is None else token
    if "internal" not in endpoint.tokens and "isv_corp" in endpoint.tokens:
        token = world.isv
    if not {"internal", "isv_corp"} & set(endpoint.tokens):
        token = next((t for kind, t in world.signed_in.items() if kind in endpoint.tokens), token)
    if endpoint.tokens == ["suite"] or endpoint.scheme == "suite_access_token":
        token = world.suite_token
    values = dict(values)
    headers = list(JSON)
    path = re.sub(r"\{(\w+)\}", lambda m: _part(values.pop(m[1], "x")), endpoint.path)
    query: dict[str, Any] = {}
    if endpoint.token_in == "header":
        headers.append((TOKEN_HEADER, token.encode()))
    elif endpoint.token_in == "query" and endpoint.token_name:
        query[endpoint.token_name] = token
    places = {param.name: param for param in endpoint.params}
    for name in [*values]:
        param = places.get(name)
        if endpoint.method == "GET" or (param is not None and param.in_ == "query"):
            query[name] = _in_query(values.pop(name))
    if any(param.type == "file" for param in endpoint.params):
        return await _upload(api, path, query, values, places)
    root = next((param.name for param in endpoint.params if param.root), None)
    sent: Any = values if root is None else values.get(root)
    body = b"" if endpoint.method == "GET" else json.dumps(sent).encode("utf-8", "replace")
    target = f"{path}?{urlencode(query, errors='replace')}"
    return await send(api, endpoint.method, target, body, headers)


async def ask_top(
    api: OpenApi, world: World, method: str, values: Mapping[str, Any], token: str | None = None
) -> Reply:
    session = world.own if token is None else token
    fields = {name: _in_query(value) for name, value in values.items()}
    fields |= {"method": method, "session": session, "v": "2.0"}
    query = urlencode(fields, errors="replace")
    return await send(api, "POST", f"/router/rest?{query}")


async def _upload(
    api: OpenApi,
    path: str,
    query: dict[str, Any],
    values: dict[str, Any],
    places: dict[str, Param],
) -> Reply:
    body = b""
    for name, param in places.items():
        if param.type == "file":
            body += (
                f'--x\r\nContent-Disposition: form-data; name="{name}"; filename="a.png"\r\n'
                "Content-Type: image/png\r\n\r\n\x89PNG\r\n"
            ).encode("latin-1")
        elif name in values:
            text = _in_query(values[name])
            head = f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'
            body += head.encode() + str(text).encode("utf-8", "replace") + b"\r\n"
    kind = [(b"content-type", b"multipart/form-data; boundary=x")]
    target = f"{path}?{urlencode(query, errors='replace')}"
    return await send(api, "POST", target, body + b"--x--\r\n", kind)


def _part(value: object) -> str:
    return quote(str(value), safe="", errors="replace") or "x"


def _in_query(value: Any) -> Any:
    return json.dumps(value) if isinstance(value, (dict, list, bool)) else value
