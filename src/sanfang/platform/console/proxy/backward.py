"""An app's answer as the browser gets it: at the proxy's origin, in the workbench's frame."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple

from ..names import moved, origin_of
from . import cookies, policies
from .forward import HOP_BY_HOP, Asked, Way

Raw = list[tuple[bytes, bytes]]
BRIDGE = "/.ddc/bridge.js"
# First in the script of a service worker, where its listener comes before the app's. Pages have to
# come through the proxy, which puts the bridge in, and not out of a cache or a made-up answer.
WORKER_GUARD = (
    'self.addEventListener("fetch",function(e){if(e.request.mode==="navigate"||'
    'new URL(e.request.url).pathname.startsWith("/.ddc/"))e.stopImmediatePropagation()});'
)
_DROPPED = HOP_BY_HOP | {
    "alt-svc",  # of the app's host
    "clear-site-data",  # its "cookies" would sign the person out of the workbench, which is one site
    "cross-origin-opener-policy",  # the bridge in a tab of its own talks to its opener
    "cross-origin-opener-policy-report-only",
    "date",  # the server says its own
    "public-key-pins",
    "public-key-pins-report-only",
    "service-worker-allowed",
    "strict-transport-security",  # the host is ours
    "x-frame-options",
}
_OF_THE_BYTES = {
    "accept-ranges",
    "content-digest",
    "content-encoding",
    "content-length",
    "content-md5",
    "digest",
    "repr-digest",
}
_POLICY = "content-security-policy"
_POLICIES = (_POLICY, f"{_POLICY}-report-only")
_ADDRESSES = ("location", "content-location")
_NAME = re.compile(r"[a-z0-9_-]+")
_CONTROL = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_NO_BODY = (204, 205, 304)


class Answer(NamedTuple):
    """What goes to the browser before the body, and what is done to the body."""

    status: int
    headers: Raw
    script: str = ""  # put into the page
    prefix: str = ""  # put before everything
    charset: str = ""
    coding: str = ""  # to be undone first


def for_browser(
    status: int, headers: Iterable[tuple[bytes, bytes]], way: Way, what: Asked, nonce: str
) -> Answer:
    """Return the answer's head for the browser; ``nonce`` is for a policy that goes by nonces."""
    given = [(name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in headers]
    kind, charset = content_type(given)
    edited_as = _editing(status, kind, given, what)
    coding = ",".join(value for name, value in given if name == "content-encoding")
    named = {
        part.strip().lower()
        for name, value in given
        if name == "connection"
        for part in value.split(",")
    }
    dropped = _DROPPED | named | (_OF_THE_BYTES if edited_as else set())
    if status in _NO_BODY:
        dropped |= {"content-length"}
    if status == 304:
        # The page in the browser's cache has a nonce and the policy that it came with.
        dropped |= set(_POLICIES)
    places = policies.Places(way.here, way.there, way.workbench, way.there + BRIDGE, nonce)
    kept: Raw = []
    by_nonce = False
    for name, value in given:
        if name in dropped or not _sendable(name, value):
            continue
        if name in _POLICIES:
            by_nonce = by_nonce or policies.needs_nonce(value)
            value = policies.relaxed(value, places)
        elif name == "set-cookie":
            value = cookies.for_browser(value, way.here, way.there)
        elif name in _ADDRESSES:
            value = at_proxy(value, way)
        elif name == "refresh":
            value = _refresh(value, way)
        if value or name not in (*_POLICIES, "set-cookie"):
            kept.append((name.encode("latin-1"), value.encode("latin-1")))
    framing = "" if status == 304 else _framing(given, places)
    if framing:
        kept.append((_POLICY.encode(), framing.encode("latin-1")))
    if not edited_as:
        return Answer(status, kept)
    said = f' nonce="{nonce}"' if by_nonce else ""
    script = f'<script src="{BRIDGE}"{said}></script>' if edited_as == "page" else ""
    prefix = WORKER_GUARD if edited_as == "worker" else ""
    return Answer(status, kept, script, prefix, charset, coding)


def at_proxy(url: str, way: Way) -> str:
    """Return where the browser finds an address an app gave: its own origin is behind the proxy.

    Another origin, also another one of the app's, is left as it is, and so is a relative address.
    """
    scheme = way.here.partition(":")[0]
    full = f"{scheme}:{url}" if url.startswith("//") else url
    if origin_of(full) == way.here:
        return moved(full, way.here, way.there)
    return url


def content_type(headers: Iterable[tuple[str, str]]) -> tuple[str, str]:
    """Return media type and charset, in lower case; the last header counts, as in browsers."""
    kind = charset = ""
    for name, value in headers:
        if name != "content-type":
            continue
        kind, *parameters = value.lower().split(";")
        charset = ""
        for parameter in parameters:
            key, _, text = parameter.partition("=")
            if key.strip() == "charset":
                charset = text.strip().strip("\"'")
                break
    return kind.strip(), charset


def _editing(status: int, kind: str, headers: list[tuple[str, str]], what: Asked) -> str:
    if what.worker:
        return "worker" if status == 200 and "script" in kind else ""
    if not what.document or kind != "text/html" or status in (*_NO_BODY, 206):
        return ""
    for name, value in headers:
        if name == "content-disposition" and value.strip().lower().startswith("attachment"):
            return ""
        if name == "location" and 300 <= status < 400:
            return ""
    return "page"


def _framing(headers: list[tuple[str, str]], places: policies.Places) -> str:
    """Return what an old-fashioned header says about frames, where no policy says it (HTML §7.6)."""
    said = dict(headers).get("x-frame-options", "")
    by_policy = any(name == _POLICY and "frame-ancestors" in text.lower() for name, text in headers)
    return "" if by_policy else policies.framing(said, places)


def _sendable(name: str, value: str) -> bool:
    """Whether the server would send a header: an app's mistake must not become our 500."""
    return _NAME.fullmatch(name) is not None and _CONTROL.search(value) is None


def _refresh(value: str, way: Way) -> str:
    wait, mark, rest = value.partition(";")
    key, equals, url = rest.partition("=")
    if not mark or not equals or key.strip().lower() != "url":
        return value
    return f"{wait};{key}={at_proxy(url.strip().strip(chr(34) + chr(39)), way)}"


__all__ = ["BRIDGE", "WORKER_GUARD", "Answer", "at_proxy", "content_type", "for_browser"]
