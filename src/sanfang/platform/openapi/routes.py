"""Routes: what the gate must know of an endpoint, decided once, found by path.

One origin serves both hosts, oapi and api; they are told apart by the path.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from sanfang.catalog import Catalog, Endpoint

from . import reasons
from .answers import V1, Style, style_of
from .handling import Handler, Run
from .params import Plan, plan

LONGEST = 120  # characters of a wrong path that are compared with right ones


class Route:
    """One endpoint with its handler and everything the gate decides about it beforehand.

    ``absent`` and ``wrong`` are the codes for no token and a bad one.
    """

    __slots__ = (
        *("absent", "endpoint", "in_header", "kinds", "largest", "names", "path", "plan", "run"),
        *("signed", "style", "token_name", "uploads", "wrong"),
    )

    def __init__(self, endpoint: Endpoint, handler: Handler) -> None:
        self.endpoint = endpoint.id
        self.path = endpoint.path
        self.style: Style = style_of(endpoint.path)
        self.run: Run = handler.run
        self.names: Mapping[int, str] = handler.v1
        self.plan: Plan = plan(endpoint, handler)
        self.kinds = frozenset(endpoint.tokens) if handler.kinds is None else handler.kinds
        self.token_name = endpoint.token_name if self.kinds else ""  # "": no token is needed
        self.in_header = endpoint.host == "api"
        self.signed = endpoint.signed
        self.uploads = tuple(param.name for param in endpoint.params if param.type == "file")
        self.largest = handler.largest
        of_suite = endpoint.scheme == "suite_access_token"
        self.absent, self.wrong = (41022, 40082) if of_suite else (41001, 40014)


class Router:
    """All built endpoints; ``find`` gives a route or raises the refusal that fits.

    Paths without parameters are one dict lookup; everything else asks the catalogue.
    """

    def __init__(self, catalog: Catalog, handlers: Iterable[Handler]) -> None:
        self._catalog = catalog
        self._routes: dict[str, Route] = {}
        self.static: dict[str, dict[str, Route]] = {}
        for handler in handlers:
            endpoint = catalog.endpoints[handler.endpoint]
            route = self._routes[endpoint.id] = Route(endpoint, handler)
            if "{" not in endpoint.path:
                self.static.setdefault(endpoint.path, {})[endpoint.method] = route
        self._suggest = lru_cache(maxsize=512)(self._search)

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """Return the route and the values of its path parameters.

        Refuses 404 (no such path, with the nearest; or documented but not built), 43001, 43002.
        """
        host = "api" if style_of(path) is V1 else "oapi"
        found = self._catalog.match(host, method, path)
        if found is None:
            allowed = self._catalog.methods(host, path)
            if allowed:
                raise reasons.wrong_method(path, method, allowed)
            raise reasons.unknown_path(path, self._suggest(path[:LONGEST]))
        entry, values = found
        route = self._routes.get(entry.id)
        if route is None:
            raise reasons.not_built(path)
        return route, values

    def _search(self, path: str) -> tuple[str, ...]:
        return tuple(dict.fromkeys(each.path for each in self._catalog.suggest(path)))
