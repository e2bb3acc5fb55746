"""A browser's request as the app gets it: as if the browser were the client, at the app's own origin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from ..names import Flavour, moved
from . import cookies
from .clients import user_agent

Pairs = list[tuple[str, str]]
# What is between two neighbours on the way only (RFC 9110 §7.6.1), and what we say ourselves.
HOP_BY_HOP = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    )
)
_OURS_TO_SAY = frozenset(
    (
        "expect",
        "forwarded",
        "host",
        "user-agent",
        "via",
        "x-forwarded-for",
        "x-forwarded-host",
        "x-forwarded-port",
        "x-forwarded-proto",
        "x-forwarded-server",
        "x-real-ip",
        "x-sanfang-host",
    )
)
_DOCUMENTS = frozenset(("document", "iframe", "frame", "embed", "object"))
PSEUDONYM = "sanfang"  # ours in Via
VIA = f"1.1 {PSEUDONYM}"


class Way(NamedTuple):
    """Between whom a request goes: origins of the app (``here``) and of its host at the proxy."""

    here: str
    there: str
    workbench: str  # origin
    flavour: Flavour
    caller: str  # the browser's address


class Asked(NamedTuple):
    """What a request is for, which decides how its answer is treated."""

    document: bool  # a page that the browser will show
    worker: bool  # the script of a service worker


def read(headers: Iterable[tuple[bytes, bytes]]) -> Pairs:
    """Return the headers of an ASGI scope as text.

    aiohttp writes text as UTF-8, so what is UTF-8 leaves as it came; the rest is taken for Latin-1.
    """
    return [(name.decode("latin-1").lower(), _text(value)) for name, value in headers]


def asked(method: str, headers: Pairs) -> Asked:
    """Find out what a browser will do with the answer.

    Browsers say it on https and below localhost; elsewhere ``Accept`` has to tell.
    """
    given = dict(headers)
    purpose = given.get("sec-fetch-dest")
    if purpose is not None:
        document = purpose in _DOCUMENTS
    else:
        document = "text/html" in given.get("accept", "") and "x-requested-with" not in given
    worker = given.get("service-worker", "").strip().lower() == "script"
    return Asked(document and method not in ("OPTIONS", "TRACE"), worker)


def is_loop(headers: Pairs) -> bool:
    """Whether a request has come through such a proxy before."""
    return any(
        part.split()[1:2] == [PSEUDONYM]
        for name, value in headers
        if name == "via"
        for part in value.split(",")
    )


def for_app(headers: Pairs, way: Way, what: Asked) -> Pairs:
    """Return the headers for the app.

    Host, Origin and Referer name the app's own origin, as its own checks of them expect; where the
    browser really is, X-Forwarded-* say. Some frameworks compare Origin with Host, others with
    X-Forwarded-Host, so that is left out where there is an Origin; X-Sanfang-Host is always there.
    A page is asked for uncompressed, since it is edited.
    """
    dropped = HOP_BY_HOP | _OURS_TO_SAY | _named_in_connection(headers)
    if way.flavour != "pc":
        dropped |= {name for name, _ in headers if name.startswith("sec-ch-ua")}
    edited = what.document or what.worker
    if edited:
        dropped |= {"accept-encoding", "range", "if-range"}
    browser = ""
    kept: Pairs = [("Host", way.here.partition("://")[2])]
    for name, value in headers:
        if name == "user-agent":
            browser = value
        if name in dropped:
            continue
        if name == "cookie":
            value = cookies.for_app(value)
            if not value:
                continue
        elif name in ("origin", "referer"):
            value = _at_home(name, value, way)
        kept.append((name.title(), value))
    scheme, _, host = way.there.partition("://")
    kept += [
        ("User-Agent", user_agent(way.flavour, browser)),
        ("X-Forwarded-For", way.caller),
        ("X-Forwarded-Proto", scheme),
        ("X-Sanfang-Host", host),
        ("Via", VIA),
    ]
    if ("origin", way.there) not in headers:
        kept.append(("X-Forwarded-Host", host))
    if edited:
        kept.append(("Accept-Encoding", "identity"))
    return kept


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")


def _named_in_connection(headers: Pairs) -> set[str]:
    return {
        part.strip().lower()
        for name, value in headers
        if name == "connection"
        for part in value.split(",")
    }


def _at_home(name: str, value: str, way: Way) -> str:
    if name == "origin":
        return way.here if value == way.there else value
    return moved(value, way.there, way.here)
