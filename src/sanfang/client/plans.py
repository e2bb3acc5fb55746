"""From a path and arguments to a request: which host, which method, what goes where.

The catalogue answers these for every documented call; the rest follows the habits of the two
hosts. A plan is made once per path and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote, urlencode

import msgspec

from .errors import BadCall
from .wire import Request

if TYPE_CHECKING:
    from sanfang.catalog import Endpoint

TokenUse = Literal["", "corp", "suite"]

# 43004 and 43005: the old host asks for this header on every POST.
JSON_TYPE = "application/json;charset=UTF-8"
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - the header's name

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_NEW_HOST = re.compile(r"v\d+\.\d+/")
_BAD_PATH = re.compile(r"//|[?#\\\s\x00-\x1f]|(^|/)\.\.?(/|$)")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_MAX_PLANS = 4096

_encode = msgspec.json.Encoder().encode


class Plan(NamedTuple):
    """How calls of one path are made. ``places`` maps a parameter to query, body, path or header."""

    method: str
    path: str
    api: str
    new_host: bool
    token: TokenUse
    token_name: str
    places: Mapping[str, str]
    default_place: str
    has_body: bool

    @property
    def safe(self) -> bool:
        """Tell whether the call changes nothing, as far as its method says."""
        return self.method == "GET"


class Call(NamedTuple):
    """A call with its arguments, complete but for the token."""

    method: str
    url: str
    query: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes | None
    api: str
    token: TokenUse = ""
    token_name: str = "access_token"  # noqa: S105
    safe: bool = False
    secrets: tuple[str, ...] = ()

    def request(self, token: str | None, timeout: float, limit: int) -> Request:
        """Make the request, with the token in its place."""
        query, headers, secrets = self.query, self.headers, self.secrets
        if token is not None:
            secrets = (*secrets, token)
            if self.token_name == TOKEN_HEADER:
                headers = {**headers, TOKEN_HEADER: token}
            else:
                query = {self.token_name: token, **query}
        url = f"{self.url}?{urlencode(query)}" if query else self.url
        return Request(self.method, url, headers, self.body, timeout, limit, self.api, secrets)


class Planner:
    """Make and keep the plans of one platform, given by the addresses of its two hosts."""

    def __init__(self, base_url: str, api_url: str, user_agent: str) -> None:
        self.base_url = base_url
        self.api_url = api_url
        self._plans: dict[tuple[str, str | None, bool], Plan] = {}
        self._get = {"Accept": "application/json", "User-Agent": user_agent}
        self._send = {**self._get, "Content-Type": JSON_TYPE}

    def plan(self, path: str, method: str | None, has_body: bool) -> Plan:
        """Return the plan of a path; raise `BadCall` for what is no path."""
        key = (path, method, has_body)
        plan = self._plans.get(key)
        if plan is None:
            plan = _plan(path, method, has_body)
            if len(self._plans) >= _MAX_PLANS:  # paths with ids written into them
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def call(
        self,
        path: str,
        method: str | None,
        query: Mapping[str, Any] | None,
        body: Any,
        params: Mapping[str, Any],
    ) -> Call:
        """Put the arguments of a call where they belong; None is left out."""
        plan = self.plan(path, method, body is not None)
        sorted_in = _sort(plan, params)
        in_query = sorted_in["query"]
        if query:
            in_query.update(query)
        return self._finish(plan, sorted_in, in_query, _body(plan, body, sorted_in["body"]))

    def _finish(
        self, plan: Plan, sorted_in: dict[str, dict[str, Any]], query: dict[str, Any], body: Any
    ) -> Call:
        where, headers = plan.path, self._get
        if "{" in where:
            where = _fill(plan, sorted_in["path"])
        raw: bytes | None = None
        if body is not None:
            raw, headers = _json(plan, body), self._send
        elif plan.method != "GET":
            headers = self._send
        if sorted_in["header"]:
            headers = {**headers, **{k: _text(v) for k, v in sorted_in["header"].items()}}
        texts = {name: _text(value) for name, value in query.items() if value is not None}
        return Call(
            plan.method,
            (self.api_url if plan.new_host else self.base_url) + where,
            texts,
            headers,
            raw,
            plan.api,
            "" if plan.token_name in texts or plan.token_name in headers else plan.token,
            plan.token_name,
            plan.safe,
        )


def _plan(path: str, method: str | None, has_body: bool) -> Plan:
    path = path.removeprefix("/")
    if not path or _BAD_PATH.search(path):
        raise BadCall(
            f"{path[:80]!r} 不是接口路径：请只写路径，参数另外传入"
            " / not a path of an API: give the path alone and the parameters beside it"
        )
    new_host = _NEW_HOST.match(path) is not None
    endpoint = _endpoint("api" if new_host else "oapi", "/" + path, method, has_body)
    if endpoint is None:
        return _by_habit(path, method, has_body, new_host)
    places: dict[str, str] = {}
    for param in endpoint.params:
        place = "body" if param.in_ == "form" else param.in_
        if places.get(param.name) != "body":  # some are documented in both places
            places[param.name] = place
    verb, use = endpoint.method, _token_use(endpoint)
    return Plan(
        verb,
        "/" + path,
        f"/{path}" if new_host else path,
        new_host,
        use,
        _token_name(path, use, new_host),
        places,
        "query" if verb in ("GET", "DELETE") else "body",
        "body" in places.values(),
    )


def _by_habit(path: str, method: str | None, has_body: bool, new_host: bool) -> Plan:
    """Plan a call that is not in the catalogue: topapi is always POST, service/ takes the suite's token."""
    verb = method or ("POST" if has_body or path.startswith(("topapi/", "service/")) else "GET")
    use: TokenUse = "suite" if path.startswith("service/") else "corp"
    takes_body = verb not in ("GET", "DELETE")
    return Plan(
        verb,
        "/" + path,
        f"/{path}" if new_host else path,
        new_host,
        use,
        _token_name(path, use, new_host),
        {},
        "body" if takes_body else "query",
        takes_body,
    )


def _token_name(path: str, use: TokenUse, new_host: bool) -> str:
    if new_host:
        return TOKEN_HEADER
    if use == "suite" and path.startswith(("service/", "topapi/process/")):
        return "suite_access_token"
    return "access_token"


def _endpoint(host: str, path: str, method: str | None, has_body: bool) -> Endpoint | None:
    from sanfang import catalog  # read at the first call, not at import

    table = catalog.load()
    if method is not None:
        return table.find(host, method, path)
    found = [hit for verb in _METHODS if (hit := table.find(host, verb, path)) is not None]
    if len(found) > 1:
        wanted = "POST" if has_body else "GET"
        return next((hit for hit in found if hit.method == wanted), None)
    return found[0] if found else None


def _token_use(endpoint: Endpoint) -> TokenUse:
    scheme = endpoint.scheme
    if scheme == "suite_access_token" or list(endpoint.tokens) == ["suite"]:
        return "suite"
    if scheme == "signature":
        return "suite" if endpoint.path.startswith("/service/") else ""
    return "corp" if scheme == "access_token" else ""


def _sort(plan: Plan, params: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    sorted_in: dict[str, dict[str, Any]] = {"query": {}, "body": {}, "path": {}, "header": {}}
    for name, value in params.items():
        if value is None:
            continue
        place = plan.places.get(name, plan.default_place)
        if "{" in plan.path and "{" + name + "}" in plan.path:
            place = "path"
        sorted_in[place][name] = value
    return sorted_in


def _body(plan: Plan, body: Any, fields: dict[str, Any]) -> Any:
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


def _fill(plan: Plan, values: Mapping[str, Any]) -> str:
    def put(match: re.Match[str]) -> str:
        name = match[1]
        if name not in values or values[name] == "":
            raise BadCall(f"{plan.api}: 缺少路径参数 {name} / the path parameter {name} is missing")
        return quote(_text(values[name]), safe="", errors="replace")

    return _PLACEHOLDER.sub(put, plan.path)


def _json(plan: Plan, body: Any) -> bytes:
    if isinstance(body, bytes):
        return body
    try:
        return _encode(body)
    except (TypeError, ValueError, UnicodeError, RecursionError) as problem:
        raise BadCall(
            f"{plan.api}: 参数不能写成 JSON / the arguments cannot be written as JSON: {problem}"
        ) from None


def _text(value: Any) -> str:
    """Write a query value: booleans in lower case, lists and objects as JSON text."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (list, tuple, dict)):
        return _encode(value).decode()
    return str(value)
