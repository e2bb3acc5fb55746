"""The catalogue of endpoints and how to find one in it."""

from __future__ import annotations

import difflib
from functools import cache
from pathlib import Path  # not importlib.resources, whose import takes 10 ms
from typing import Literal

import msgspec

Host = Literal["oapi", "api", "login", "top"]


class Param(msgspec.Struct, frozen=True, omit_defaults=True, rename={"in_": "in"}):
    """A parameter of an endpoint; the credential is not among the parameters.

    ``items`` is the element type of an array or the value type of a map. ``required`` is set only
    where every generation of the API demands it. ``root``: the body itself is this value.
    """

    name: str
    in_: Literal["path", "query", "header", "body", "form"]
    type: Literal["string", "integer", "number", "boolean", "object", "array", "map", "file", "any"]
    required: bool = False
    enum: list[str | int | float | bool] | None = None
    items: str | None = None
    format: Literal["date-time", "csv", "json"] | None = None
    min: float | None = None
    max: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    max_items: int | None = None
    root: bool = False


class Endpoint(msgspec.Struct, frozen=True, omit_defaults=True):
    """One API.

    ``scheme`` is the kind of credential, sent in ``token_in`` (query or header) as
    ``token_name``; ``tokens`` lists whose tokens are accepted (``internal``, ``isv_corp``,
    ``suite``, ``sso``, ...). ``signed`` says that the signed query (accessKey, timestamp,
    suiteTicket, signature) is accepted as well. ``one_of`` lists groups of parameters of which
    one whole group has to be sent. ``documented`` is False where only an SDK knows the API.
    """

    id: str
    host: Host
    method: Literal["GET", "POST", "PUT", "DELETE", "PATCH"]
    path: str
    title: str = ""
    scheme: Literal["none", "access_token", "suite_access_token", "sns_token", "signature"] = "none"
    token_in: Literal["", "query", "header"] = ""
    token_name: str = ""
    tokens: list[str] = []
    signed: bool = False
    content_types: list[str] = []
    params: list[Param] = []
    one_of: list[list[str]] = []
    documented: bool = True

    def param(self, name: str) -> Param | None:
        """Return the parameter of that name, or None."""
        return next((p for p in self.params if p.name == name), None)


class Catalog:
    """All endpoints, found by address."""

    def __init__(self, endpoints: list[Endpoint]) -> None:
        self.endpoints: dict[str, Endpoint] = {e.id: e for e in endpoints}
        self._exact: dict[tuple[str, str, str], Endpoint] = {}
        self._templates: dict[tuple[str, str, int], list[Endpoint]] = {}
        self._paths: dict[str, list[Endpoint]] = {}
        for endpoint in endpoints:
            self._paths.setdefault(endpoint.path, []).append(endpoint)
            if "{" in endpoint.path:
                key = (endpoint.host, endpoint.method, endpoint.path.count("/"))
                self._templates.setdefault(key, []).append(endpoint)
            else:
                self._exact[(endpoint.host, endpoint.method, endpoint.path)] = endpoint

    def find(self, host: str, method: str, path: str) -> Endpoint | None:
        """Find the endpoint that a request is for; ``path`` without its query.

        An address written out wins over one with ``{...}`` parts. A ``{...}`` part matches
        exactly one part that is not empty.
        """
        found = self._exact.get((host, method, path))
        if found is not None:
            return found
        parts = path.split("/")
        candidates = self._templates.get((host, method, len(parts) - 1), ())
        return next((e for e in candidates if _fits(e.path, parts)), None)

    def methods(self, host: str, path: str) -> list[str]:
        """List the methods that an address has: tells 43001 and 43002 from 404."""
        names = ("GET", "POST", "PUT", "DELETE", "PATCH")
        return [m for m in names if self.find(host, m, path) is not None]

    def guess(self, path: str, method: str | None = None) -> Endpoint | None:
        """Find an endpoint by its path alone, with or without the leading slash.

        Where a path has several methods: the documented one that comes first. Never guesses
        another path; see `suggest` for that.
        """
        slashed = "/" + path.lstrip("/")
        found = self._paths.get(slashed)
        if found is None:
            matches = (self._match_template(slashed, m) for m in _methods(method))
            return next((e for e in matches if e is not None), None)
        fitting = [e for e in found if method is None or e.method == method]
        return min(fitting, key=lambda e: not e.documented, default=None)

    def suggest(self, path: str, limit: int = 3) -> list[Endpoint]:
        """List endpoints that a mistaken path may have meant, likeliest first (FAQ F34).

        ``/getuserinfo`` gives ``/user/getuserinfo`` first.
        """
        slashed = "/" + path.strip("/")
        tails = sorted((p for p in self._paths if p.endswith(slashed)), key=self._rarity)
        close = difflib.get_close_matches(slashed, self._paths, n=limit, cutoff=0.8)
        return [self._paths[p][0] for p in dict.fromkeys([*tails, *close])][:limit]

    def _rarity(self, path: str) -> tuple[bool, int]:
        # An API for ordinary tokens is meant more often than one of the sign-in flows.
        ordinary = {"internal", "isv_corp"}.intersection(self._paths[path][0].tokens)
        return (not ordinary, len(path))

    def _match_template(self, path: str, method: str) -> Endpoint | None:
        hosts = ("api", "oapi", "login", "top")
        return next((e for h in hosts if (e := self.find(h, method, path)) is not None), None)


@cache
def load() -> Catalog:
    """Read the catalogue; the first call costs a few milliseconds, later ones nothing."""
    raw = (Path(__file__).parent / "data" / "endpoints.json").read_bytes()
    return Catalog(msgspec.json.decode(raw, type=list[Endpoint]))


def _fits(template: str, parts: list[str]) -> bool:
    return all(
        bool(part) if want.startswith("{") else want == part
        for want, part in zip(template.split("/"), parts, strict=True)
    )


def _methods(method: str | None) -> tuple[str, ...]:
    return (method,) if method is not None else ("GET", "POST", "PUT", "DELETE", "PATCH")
