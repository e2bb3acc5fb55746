"""How the calls of a path are made: which host, which method, which token, what goes where.

The catalogue answers these for every documented call; the rest follows the habits of the two
hosts. A plan is made once per path and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, NamedTuple
from urllib.parse import quote

from .errors import BadCall

if TYPE_CHECKING:
    from sanfang.catalog import Endpoint

TokenUse = Literal["", "corp", "suite"]

# 43004 and 43005: the old host asks for this header on every POST.
_JSON_HEADERS = {"Content-Type": "application/json;charset=UTF-8"}
_NO_HEADERS: dict[str, str] = {}
TOKEN_HEADER = "x-acs-dingtalk-access-token"  # noqa: S105 - the header's name

_METHODS = ("GET", "POST", "PUT", "DELETE", "PATCH")
_NEW_HOST = re.compile(r"v\d+\.\d+/")
_BAD_PATH = re.compile(r"//|[?#\\\s\x00-\x1f]|(^|/)\.\.?(/|$)")
_MAX_PLANS = 4096


class Plan(NamedTuple):
    """What all calls of one path have in common.

    ``api`` is the path as errors show it, with a slash in front if it is on the new host.
    ``places`` maps a parameter to query, body, path or header; ``csv`` names those that are lists
    in a text. ``has_body``: a body is sent even if there is nothing in it.
    """

    method: str
    api: str
    url: str
    headers: Mapping[str, str]
    token: TokenUse
    token_name: str
    places: Mapping[str, str] = {}
    csv: frozenset[str] = frozenset()
    default_place: str = "query"
    has_body: bool = False
    is_template: bool = False


class Planner:
    """Make and keep the plans of one platform, given by the addresses of its two hosts."""

    def __init__(self, base_url: str, api_url: str) -> None:
        self.base_url = base_url
        self.api_url = api_url
        self._plans: dict[tuple[str, str | None, bool], Plan] = {}

    def plan(self, path: str, method: str | None, has_body: bool) -> Plan:
        """Return the plan of a path; raise `BadCall` for what is no path or method."""
        key = (path, method, has_body)
        plan = self._plans.get(key)
        if plan is None:
            _check(path, method)
            plan = self._make(path.removeprefix("/"), method, has_body)
            if len(self._plans) >= _MAX_PLANS:  # paths with ids written into them
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def _make(self, path: str, method: str | None, has_body: bool) -> Plan:
        new_host = _NEW_HOST.match(path) is not None
        endpoint = _endpoint("api" if new_host else "oapi", f"/{path}", method, has_body)
        if endpoint is None:
            verb = method or _usual_method(path, has_body)
            use: TokenUse = "suite" if path.startswith("service/") else "corp"
            old_name = ""
        else:
            verb, use, old_name = endpoint.method, _token_use(endpoint), endpoint.token_name
        takes_body = verb not in ("GET", "DELETE")
        places = _places(endpoint)
        return Plan(
            verb,
            f"/{path}" if new_host else path,
            f"{self.api_url if new_host else self.base_url}/{quote(path, safe=_KEPT)}",
            _NO_HEADERS if verb == "GET" else _JSON_HEADERS,
            use,
            TOKEN_HEADER if new_host else old_name or _usual_name(use),
            places,
            frozenset(p.name for p in endpoint.params if p.format == "csv")
            if endpoint
            else frozenset(),
            "body" if takes_body else "query",
            takes_body if endpoint is None else "body" in places.values(),
            "{" in path,
        )


_KEPT = "/{}%:@!$&'()*+,;=~"


def _check(path: str, method: str | None) -> None:
    if method is not None and method not in _METHODS:
        raise BadCall(f"没有这种请求方法 / no such method: {method[:20]!r}")
    if path in ("", "/") or _BAD_PATH.search(path):
        raise BadCall(
            f"{path[:80]!r} 不是接口路径：请只写路径，参数另外传入"
            " / not a path of an API: give the path alone and the parameters beside it"
        )


def _usual_method(path: str, has_body: bool) -> str:
    return "POST" if has_body or path.startswith(("topapi/", "service/")) else "GET"


def _usual_name(use: TokenUse) -> str:
    return "suite_access_token" if use == "suite" else "access_token"


def _places(endpoint: Endpoint | None) -> dict[str, str]:
    places: dict[str, str] = {}
    for param in endpoint.params if endpoint else ():
        if places.get(param.name) != "body":  # some are documented in both places
            places[param.name] = "body" if param.in_ == "form" else param.in_
    return places


def _endpoint(host: str, path: str, method: str | None, has_body: bool) -> Endpoint | None:
    from sanfang import catalog  # read at the first call, not at import

    table = catalog.load()
    if method is not None:
        return table.find(host, method, path)
    methods = table.methods(host, path)
    if not methods:
        return None
    wanted = "POST" if has_body else "GET"
    return table.find(host, wanted if wanted in methods and methods[1:] else methods[0], path)


def _token_use(endpoint: Endpoint) -> TokenUse:
    if endpoint.scheme == "suite_access_token" or endpoint.tokens == ["suite"]:
        return "suite"
    return "corp" if endpoint.scheme == "access_token" else ""
