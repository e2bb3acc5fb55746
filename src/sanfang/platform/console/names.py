"""Host names of the console, all on the platform's one port, told apart by the Host header.

    wb.<domain>                      the workbench
    app-<agentid>-<flavour>.<domain> a micro-app in that client's flavour, behind the proxy

``<domain>`` is ``Settings.console_domain``. One parent makes workbench and app the same *site*: an
app's ``SameSite=Lax`` cookies are then sent inside the workbench's frame (jsapi.md §8.2). Below
``localhost`` a browser needs no DNS for them and treats them as secure contexts.

An *origin* here is a text as browsers write it: ``http://host:port``, the default port left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple, cast

from ..domain.core import Settings
from ..domain.frames import FLAVOURS, Flavour, origin_of

_SEAT = re.compile(r"app-([1-9][0-9]{0,17})-(android|ios|pc)")
_PORT = re.compile(r":[0-9]{0,5}$")
_DEFAULT_PORTS = {"http": 80, "https": 443}

__all__ = [
    "FLAVOURS",
    "Flavour",
    "Seat",
    "app_host",
    "app_origin",
    "app_origins",
    "bare",
    "host_of",
    "label_of",
    "moved",
    "origin_of",
    "scheme_of",
    "seat_of",
    "workbench_host",
    "workbench_origin",
]


class Seat(NamedTuple):
    """Which micro-app a host name shows, and in which client's flavour."""

    agent_id: int
    flavour: Flavour


def host_of(headers: Iterable[tuple[bytes, bytes]]) -> str:
    """Return the Host header of an ASGI scope as it was sent; empty without one."""
    for name, value in headers:
        if name == b"host":
            return value.decode("latin-1")
    return ""


def bare(host: str) -> str:
    """Take the port and a final dot off a Host header, and lower its case."""
    return _PORT.sub("", host).rstrip(".").lower()


def label_of(settings: Settings, host: str) -> str:
    """Return what stands before the console's domain in a Host header; empty for other hosts."""
    name, domain = bare(host), f".{settings.console_domain.lower()}"
    return name[: -len(domain)] if name.endswith(domain) else ""


def seat_of(settings: Settings, host: str) -> Seat | None:
    """Return what the host of a micro-app shows; None for any other host."""
    found = _SEAT.fullmatch(label_of(settings, host))
    return None if found is None else Seat(int(found[1]), cast(Flavour, found[2]))


def workbench_host(settings: Settings) -> str:
    """Return the workbench's host name, without port."""
    return f"wb.{settings.console_domain}"


def app_host(settings: Settings, agent_id: int, flavour: Flavour) -> str:
    """Return the host name, without port, under which a micro-app is shown."""
    return f"app-{agent_id}-{flavour}.{settings.console_domain}"


def workbench_origin(settings: Settings, scope: Mapping[str, Any]) -> str:
    """Return the workbench's origin as the browser behind this request reaches it."""
    return _at(settings, scope, workbench_host(settings))


def app_origin(
    settings: Settings, scope: Mapping[str, Any], agent_id: int, flavour: Flavour
) -> str:
    """Return a micro-app's origin behind the proxy as the browser of this request reaches it."""
    return _at(settings, scope, app_host(settings, agent_id, flavour))


def app_origins(settings: Settings, scope: Mapping[str, Any]) -> str:
    """Return the origins of all micro-apps as one source of a Content-Security-Policy."""
    return _at(settings, scope, f"*.{settings.console_domain}")


def scheme_of(settings: Settings, scope: Mapping[str, Any]) -> str:
    """Return ``http`` or ``https``: what the browser used, which a trusted proxy in front may tell."""
    if settings.trusted_proxy_header:
        for name, value in scope["headers"]:
            if name == b"x-forwarded-proto" and value in (b"http", b"https"):
                return cast(bytes, value).decode()
    return "https" if scope.get("scheme") in ("https", "wss") else "http"


def moved(url: str, here: str, there: str) -> str:
    """Put a URL of the origin ``here`` at the origin ``there``; any other URL stays as it is.

    Path, query and fragment are not touched. This is how an app's own URL and that behind the proxy
    become each other.
    """
    if origin_of(url) != here:
        return url
    rest = url.partition("://")[2]
    cut = min((at for mark in "/?#" if (at := rest.find(mark)) >= 0), default=len(rest))
    tail = rest[cut:]
    return there + (tail if tail.startswith("/") else f"/{tail}")


def _at(settings: Settings, scope: Mapping[str, Any], host: str) -> str:
    port = _PORT.search(host_of(scope["headers"]))
    scheme = scheme_of(settings, scope)
    shown = port[0] if port and port[0] not in (":", f":{_DEFAULT_PORTS[scheme]}") else ""
    return f"{scheme}://{host}{shown}"
