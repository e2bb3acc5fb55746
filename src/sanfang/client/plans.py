"""How the calls of a path are made: which host, which method, which token, what goes where.

The catalogue answers these for every documented call; the rest follows the habits of the two
hosts. A plan is made once per path and kept.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal, NamedTuple
from urllib.parse import quote

from . import gateway
from .choices import candidates, choose
from .errors import BadCall

if TYPE_CHECKING:
    from sanfang.catalog import Catalog, Endpoint

TokenUse = Literal["", "corp", "suite", "sso", "sns", "sns_user", "user", "signature"]

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
    ``operation`` is the same with the ids in the path as ``{...}``, ``safe`` says that a call only
    reads. ``places`` maps a parameter to query, body, path or header; ``csv`` names those that are lists
    in a text. ``has_body``: a body is sent even if there is nothing in it. ``gateway``: the call goes
    to the TOP gateway, and its arguments with those of `gateway.arguments`.
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
    operation: str = ""
    safe: bool = False
    gateway: bool = False


class Planner:
    """Make and keep the plans of one platform, given by the addresses of its two hosts."""

    def __init__(self, base_url: str, api_url: str) -> None:
        self.base_url = base_url
        self.api_url = api_url
        self._plans: dict[tuple[str, str | None, bool], Plan] = {}
        self._choices: dict[tuple[str, bool], list[Endpoint]] = {}

    def plan(
        self,
        path: str,
        method: str | None,
        has_body: bool,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        params: Mapping[str, Any] = {},
    ) -> Plan:
        """Return the plan of a path; raise `BadCall` for what is no path or method.

        The arguments decide where a path has several methods and none is named.
        """
        key = (path, method, has_body)
        plan = self._plans.get(key)
        if plan is None:
            _check(path, method)
            if method is None:
                method = self._choice(path, has_body, (query, body, params))
                if method is not None:
                    return self.plan(path, method, has_body)
            plan = self._make(path.removeprefix("/"), method, has_body)
            if len(self._plans) >= _MAX_PLANS:  # paths with ids written into them
                self._plans.clear()
            self._plans[key] = plan
        return plan

    def _choice(self, path: str, has_body: bool, given: tuple[Any, Any, Any]) -> str | None:
        """Return the method that the arguments mean, or None where a path has no choice."""
        key = (path, has_body)
        found = self._choices.get(key)
        if found is None:
            plain = path.removeprefix("/")
            host = "api" if _NEW_HOST.match(plain) else "oapi"
            found = candidates(_table(), host, f"/{plain}", has_body)
            if len(found) < 2:
                return None
            if len(self._choices) >= _MAX_PLANS:
                self._choices.clear()
            self._choices[key] = found
        return choose(f"/{path.removeprefix('/')}", found, given)

    def _make(self, path: str, method: str | None, has_body: bool) -> Plan:
        if gateway.is_name(path):
            return self._by_name(path, method, has_body)
        new_host = _NEW_HOST.match(path) is not None
        host, slashed = "api" if new_host else "oapi", f"/{path}"
        if method is None:
            found = candidates(_table(), host, slashed, has_body)
            endpoint = found[0] if found else None
        else:
            endpoint = _table().find(host, method, slashed)
        if endpoint is None:
            verb = method or _usual_method(path, has_body)
            use: TokenUse = "suite" if path.startswith("service/") else "corp"
            old_name = ""
        else:
            verb, use, old_name = endpoint.method, _token_use(endpoint), endpoint.token_name
        takes_body = verb not in ("GET", "DELETE")
        places = _places(endpoint)
        api = f"/{path}" if new_host else path
        return Plan(
            verb,
            api,
            f"{self.api_url if new_host else self.base_url}/{quote(path, safe=_KEPT)}",
            _NO_HEADERS if verb == "GET" else _JSON_HEADERS,
            use,
            TOKEN_HEADER if new_host else old_name or _usual_name(use),
            places,
            _csv(endpoint),
            "body" if takes_body else "query",
            takes_body if endpoint is None else "body" in places.values(),
            "{" in path,
            api if endpoint is None else endpoint.path if new_host else endpoint.path[1:],
            verb == "GET" or _reads(path),
        )

    def _by_name(self, name: str, method: str | None, has_body: bool) -> Plan:
        """Plan a call by its name on the gateway; what is documented under a path goes there."""
        endpoint = _table().find_top(name)
        if endpoint is not None and endpoint.host == "oapi" and endpoint.documented:
            return self._make(endpoint.path[1:], method or endpoint.method, has_body)
        return Plan(
            method or "POST",
            name,
            gateway.address(self.base_url),
            _NO_HEADERS,
            "corp",
            "session",
            {},
            _csv(endpoint),
            operation=name,
            safe=_reads(name.replace(".", "/")),
            gateway=True,
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


# A POST whose name says that it asks. Not those that ask for what is given once.
_READING = re.compile(
    r"(?:batch_?)?(?:get|list|query|search|count|check|is)(?![a-z]*(?:code|token))"
)
_GIVEN_ONCE = frozenset({"call_back/get_call_back_failed_result"})


def _reads(path: str) -> bool:
    last = path.rpartition("/")[2].lower()
    if "code" in last or "token" in last or path in _GIVEN_ONCE:
        return False
    return _READING.match(last) is not None


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


def _csv(endpoint: Endpoint | None) -> frozenset[str]:
    return frozenset(p.name for p in endpoint.params if p.format == "csv") if endpoint else _NONE


_NONE: frozenset[str] = frozenset()


def _table() -> Catalog:
    from sanfang import catalog  # read at the first call, not at import

    return catalog.load()


_USES: dict[str, TokenUse] = {"suite": "suite", "sso": "sso", "personal": "sns"}


def _token_use(endpoint: Endpoint) -> TokenUse:
    match endpoint.scheme:
        case "suite_access_token":
            return "suite"
        case "sns_token":
            return "sns_user"
        case "signature":
            return "signature"
        case "access_token":
            if "user" in endpoint.tokens and {"user", "personal"}.issuperset(endpoint.tokens):
                return "user"
            only = endpoint.tokens[0] if len(endpoint.tokens) == 1 else ""
            return _USES.get(only, "corp")
    return ""
