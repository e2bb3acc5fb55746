"""Routes: what the gate must know of an endpoint, decided once, found by path.

One origin serves all hosts (oapi, api, login, and the TOP gateway's one path); they are told apart by
the path, and by the Host header where two hosts have the same one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from sanfang.catalog import Catalog, Endpoint

from . import reasons, top
from .answers import Style, V1Style, style_of
from .handling import Handler, Run
from .params import Plan, plan
from .suggestions import Suggestions
from .synthetic import synthetic

_HOSTS = ("oapi", "api", "login")
_FREE_OF_CHARGE = frozenset(("contacts", "oauth"))  # areas that no monthly quota counts


class Route:
    """One endpoint with its handler and everything the gate decides about it beforehand.

    ``absent`` and ``wrong`` are the codes for no token and a bad one. ``top``: the name of the method
    when it is called through the TOP gateway; ``errors``: the codes its page prints. ``root``: the
    name under which a handler finds the body, when it is a list or a map rather than named fields.
    """

    __slots__ = (
        *(
            "absent",
            "app_types",
            "endpoint",
            "in_header",
            "in_quota",
            "kinds",
            "largest",
            "names",
            "path",
        ),
        *(
            "permissions",
            "plan",
            "root",
            "run",
            "signed",
            "style",
            "synthetic",
            "token_name",
            "uploads",
            "v1",
            "wrong",
        ),
    )

    def __init__(
        self,
        endpoint: Endpoint,
        handler: Handler,
        *,
        made_up: bool = False,
        method: str = "",
        errors: Sequence[str | int] = (),
    ) -> None:
        self.endpoint = endpoint.id
        self.path = endpoint.path
        self.run: Run = handler.run
        self.root = next((param.name for param in endpoint.params if param.root), "")
        self.synthetic = made_up
        self.names: Mapping[int, str] = handler.v1
        self.plan: Plan = plan(endpoint, handler, made_up=made_up)
        self.kinds = frozenset(endpoint.tokens) if handler.kinds is None else handler.kinds
        self.token_name = endpoint.token_name if self.kinds else ""  # "": no token is needed
        self.in_header = endpoint.host == "api"
        self.in_quota = endpoint.area not in _FREE_OF_CHARGE
        self.signed = endpoint.signed
        self.permissions = tuple(endpoint.permissions)
        self.uploads = tuple(param.name for param in endpoint.params if param.type == "file")
        self.largest = handler.largest
        self.v1 = endpoint.host == "api"
        self.style: Style = style_of(endpoint.path, endpoint.host)
        if errors and self.v1:
            self.style = V1Style(errors, endpoint.error_http)
        of_suite = endpoint.scheme == "suite_access_token"
        self.absent, self.wrong = (41022, 40082) if of_suite else (41001, 40014)
        if method:
            self.style, self.in_header, self.v1 = top.TopGateway(method), False, False
            self.token_name = "session" if self.token_name else ""


class Router:
    """Every endpoint of the catalogue; ``find`` gives a route or raises the refusal that fits.

    Built endpoints without variable parts are one dict lookup (``static``); everything else asks the
    catalogue, and a route without a handler is made when it is first wanted.
    """

    def __init__(
        self, catalog: Catalog, handlers: Iterable[Handler], *, made_up: bool = True
    ) -> None:
        self._catalog = catalog
        self._made_up = made_up
        self._routes: dict[str, Route] = {}
        self._top: dict[str, Route] = {}
        self._handlers = {handler.endpoint: handler for handler in handlers}
        self._suggestions = Suggestions(catalog)
        self._clashing = {each.path for pair in catalog.clashes() for each in pair}
        self.static: dict[str, dict[str, Route]] = {}
        for handler in self._handlers.values():
            endpoint = catalog.endpoints[handler.endpoint]
            if endpoint.host == "top":
                continue
            errors = catalog.errors(endpoint)
            route = self._routes[endpoint.id] = Route(endpoint, handler, errors=errors)
            if "{" not in endpoint.path and endpoint.path not in self._clashing:
                self.static.setdefault(endpoint.path, {})[endpoint.method] = route

    def find(self, method: str, path: str, host: str = "") -> tuple[Route, dict[str, str]]:
        """Return the route and the values of its path parameters.

        ``host`` is what `host_of` made of the Host header. Refuses 404 (no such path, with the
        nearest; or documented but not built), 43001, 43002.
        """
        found = None
        if host and self._clashing:
            found = self._catalog.match(host, method, path)
        found = found or self._catalog.match(None, method, path)
        if found is None:
            allowed = self._catalog.methods(None, path)
            if allowed:
                raise reasons.wrong_method(path, method, allowed)
            raise reasons.unknown_path(path, self._suggestions.nearest(path))
        entry, values = found
        return self._routes.get(entry.id) or self._make(entry.id), values

    def find_top(self, method: str) -> Route:
        """Return the route of a method of the TOP gateway; refuse 404."""
        route = self._top.get(method)
        if route is not None:
            return route
        endpoints = [found for name in top.twins(method) if (found := self._catalog.find_top(name))]
        if not endpoints:
            raise reasons.unknown_method(method)
        own = next((each for each in endpoints if each.id in self._handlers), endpoints[0])
        route = self._top[method] = self._built(own, method)
        return route

    def _make(self, id_: str) -> Route:
        route = self._routes[id_] = self._built(self._catalog.endpoints[id_])
        return route

    def _built(self, endpoint: Endpoint, method: str = "") -> Route:
        handler = self._handlers.get(endpoint.id)
        errors = self._catalog.errors(endpoint)
        if handler is not None:
            return Route(endpoint, handler, method=method, errors=errors)
        if not self._made_up:
            raise reasons.not_built(method or endpoint.path)
        made = synthetic(endpoint)
        return Route(endpoint, made, made_up=True, method=method, errors=errors)


def host_of(header: bytes) -> str:
    """Return the catalogue's name of the host a client asked for: api.dingtalk.com is ``api``."""
    name = header[:100].decode("latin-1").partition(":")[0].lower()
    first, _, rest = name.partition(".")
    return first if first in _HOSTS and rest else ""
