"""The ASGI application behind the hosts of micro-apps."""

from __future__ import annotations

import logging
from typing import Any

from ...domain.app_homes import homes_of
from ...domain.core import Core
from ...store.errors import StoreError
from .. import names
from ..asgi import Receive, Scope, Send
from . import bridge, faults, forward
from .backward import BRIDGE
from .exchange import exchange, refuse
from .faults import Fault
from .forward import Way
from .sockets import relay
from .upstream import Upstream

log = logging.getLogger("sanfang.console.proxy")
_RESERVED = "/.ddc"


class Proxy:
    """Shows each micro-app at its hosts. Nothing but origins registered for the app is called."""

    def __init__(self, core: Core) -> None:
        self._core = core
        self._upstream: Upstream | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = forward.read(scope["headers"])
        try:
            way = await self._way(scope, headers)
        except StoreError:
            log.exception("the store failed")
            way = Fault(503, ("平台出错", "The platform failed"), "存储出错。", "The store failed.")
        if scope["type"] == "websocket":
            await self._socket(scope, receive, send, way)
            return
        if isinstance(way, Fault):
            what = forward.asked(scope["method"], headers)
            await refuse(send, way, html=what.document)
        elif _is_reserved(scope["path"]):
            await _reserved(scope, dict(headers), send, way)
        elif scope["method"] == "TRACE":
            await refuse(send, faults.method_refused(), html=False)
        else:
            await exchange(scope, headers, receive, send, way, self._connections())

    async def close(self) -> None:
        """Close connections to apps."""
        if self._upstream is not None:
            await self._upstream.close()

    def _connections(self) -> Upstream:
        if self._upstream is None:
            self._upstream = Upstream(self._core.settings)  # it belongs to the loop it is made in
        return self._upstream

    async def _way(self, scope: Scope, headers: forward.Pairs) -> Way | Fault:
        """Find out whose page this is and where the app lives."""
        settings = self._core.settings
        host = names.host_of(scope["headers"])
        seat = names.seat_of(settings, host)
        if seat is None:
            return faults.unknown_host(names.bare(host))
        homes = await homes_of(self._core, seat.agent_id)
        if homes is None:
            return faults.unknown_app(seat.agent_id)
        if not homes.enabled:
            return faults.stopped(homes.name)
        here = homes.origin(seat.flavour)
        if not here:
            return faults.no_home(homes.name)
        if names.label_of(settings, here.partition("://")[2]) or forward.is_loop(headers):
            return faults.loop(here)
        there = names.app_origin(settings, scope, *seat)
        workbench = names.workbench_origin(settings, scope)
        return Way(here, there, workbench, seat.flavour, self._caller(scope, headers))

    def _caller(self, scope: Scope, headers: forward.Pairs) -> str:
        trusted = self._core.settings.trusted_proxy_header.lower()
        client: Any = scope.get("client")
        seen = client[0] if client else "unknown"
        return dict(headers).get(trusted, seen) if trusted else seen

    async def _socket(self, scope: Scope, receive: Receive, send: Send, way: Way | Fault) -> None:
        if isinstance(way, Way) and not _is_reserved(scope["path"]):
            await relay(scope, receive, send, way, self._connections())
            return
        await receive()
        await send({"type": "websocket.close", "code": 1008})


def is_round(scope: Scope) -> bool:
    """Whether a request has come through the proxy before: an app's home page is on our own port."""
    return forward.is_loop(forward.read(scope["headers"]))


async def refuse_round(scope: Scope, receive: Receive, send: Send) -> None:
    """Say so."""
    what = forward.asked(scope["method"], forward.read(scope["headers"]))
    await refuse(send, faults.loop(""), html=what.document)


def _is_reserved(path: str) -> bool:
    return path == _RESERVED or path.startswith(f"{_RESERVED}/")


async def _reserved(scope: Scope, given: dict[str, str], send: Send, way: Way) -> None:
    if scope["path"] != BRIDGE or scope["method"] not in ("GET", "HEAD"):
        await refuse(send, faults.reserved(scope["path"]), html=False)
        return
    status, headers, body = bridge.served(
        way, given.get("user-agent", ""), given.get("if-none-match", "")
    )
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
