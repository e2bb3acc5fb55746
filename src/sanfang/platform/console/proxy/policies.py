"""Content-Security-Policy of an app's page, so that it holds behind the proxy as it did at home.

Four things change, in every policy of every such header, also those that only report:

* ``frame-ancestors`` lets the workbench frame the page, beside those it lets already;
* the bridge may be loaded, and by its exact address: nothing else becomes possible. A policy with
  ``'strict-dynamic'`` does not look at addresses; there a nonce says it;
* a source that covers the app's own origin covers its origin behind the proxy too;
* ``upgrade-insecure-requests`` goes where the proxy is on http.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_SCRIPTS = ("script-src-elem", "script-src", "default-src")  # the first that is there decides
_SOURCE = re.compile(
    r"(?:(?P<scheme>[a-z][a-z0-9+.-]*)://)?(?P<host>\*|(?:\*\.)?[a-z0-9_-]+(?:\.[a-z0-9_-]+)*\.?"
    r"|\[[0-9a-f:.]+\])(?::(?P<port>[0-9]+|\*))?(?P<path>/.*)?",
    re.IGNORECASE,
)
_PORTS = {"http": "80", "https": "443", "ws": "80", "wss": "443"}


class Places(NamedTuple):
    """``here``: the app's origin; ``there``: its origin behind the proxy; ``bridge``: the script."""

    here: str
    there: str
    workbench: str
    bridge: str
    nonce: str


def needs_nonce(value: str) -> bool:
    """Whether a header has a policy that goes by nonces alone."""
    return "'strict-dynamic'" in value.lower()


def relaxed(value: str, places: Places) -> str:
    """Return a header's value for the page behind the proxy; empty when nothing is left of it."""
    policies = (_policy(policy, places) for policy in value.split(","))
    return ", ".join(policy for policy in policies if policy)


def _policy(policy: str, places: Places) -> str:
    found: dict[str, list[str]] = {}
    for directive in policy.split(";"):
        name, *sources = directive.split() or [""]
        if name:
            found.setdefault(name.lower(), sources)  # a second one of a name does not count
    if places.there.startswith("http:"):
        found.pop("upgrade-insecure-requests", None)
    for name, sources in found.items():
        if name not in ("report-uri", "report-to", "sandbox"):
            found[name] = _both(sources, places)
    if "frame-ancestors" in found:
        found["frame-ancestors"] = _framed(found["frame-ancestors"], places)
    deciding = next((name for name in _SCRIPTS if name in found), None)
    if deciding is not None:
        found["script-src-elem"] = _with_bridge(found[deciding], places)
    return "; ".join(" ".join((name, *sources)) for name, sources in found.items())


def framing(options: str, places: Places) -> str:
    """Return a policy that says what ``X-Frame-Options`` said, and lets the workbench frame the page."""
    said = {"deny": [], "sameorigin": ["'self'"]}.get(options.strip().lower())
    return "" if said is None else " ".join(("frame-ancestors", *_framed(said, places)))


def _framed(sources: list[str], places: Places) -> list[str]:
    return [*_without_none(sources), places.workbench]


def _without_none(sources: list[str]) -> list[str]:
    return [source for source in sources if source.lower() != "'none'"]


def _with_bridge(sources: list[str], places: Places) -> list[str]:
    kept = _without_none(sources)
    strict = any(source.lower() == "'strict-dynamic'" for source in kept)
    return [*kept, f"'nonce-{places.nonce}'" if strict else places.bridge]


def _both(sources: list[str], places: Places) -> list[str]:
    """Return sources, with the origin behind the proxy beside each that covers the app's own."""
    both: list[str] = []
    for source in sources:
        both.append(source)
        moved = _moved(source, places)
        if moved and moved not in sources and moved not in both:
            both.append(moved)
    return both


def _moved(source: str, places: Places) -> str:
    found = _SOURCE.fullmatch(source)
    if found is None or source == "*":
        return ""
    home_scheme, _, home = places.here.partition("://")
    home_host, _, home_port = home.partition(":") if not home.startswith("[") else _bracketed(home)
    scheme = (found["scheme"] or home_scheme).lower()
    web = {"ws": "http", "wss": "https"}.get(scheme, scheme)
    if web != home_scheme and not (web == "http" and home_scheme == "https"):
        return ""
    port = found["port"] or _PORTS.get(scheme, "")
    if port not in ("*", home_port or _PORTS[home_scheme]):
        return ""
    if not _matches(found["host"].lower().rstrip("."), home_host):
        return ""
    there = places.there
    if scheme in ("ws", "wss"):
        there = there.replace("http", "ws", 1)
    return there + (found["path"] or "")


def _matches(pattern: str, host: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return pattern in ("*", host)


def _bracketed(home: str) -> tuple[str, str, str]:
    host, _, port = home.partition("]")
    return f"{host}]", ":", port.removeprefix(":")
