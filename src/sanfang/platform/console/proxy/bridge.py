"""The script that makes a page's client libraries find a container, as each host serves it."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import msgspec

from ...domain.frames import CLIENT_VERSION
from .backward import Raw
from .clients import user_agent
from .forward import Way

_FILE = Path(__file__).parent.parent / "static" / "bridge" / "bridge.js"
_MARK = "__DDC_CONFIG__"


def served(way: Way, browser: str, known: str) -> tuple[int, Raw, bytes]:
    """Return status, headers and body of the bridge for one host.

    ``browser`` is the User-Agent it was asked with, ``known`` the If-None-Match. There is no secret
    in it; it is asked for anew on every page, as the workbench's address may change.
    """
    config = {
        "flavour": way.flavour,
        "clientVersion": CLIENT_VERSION,
        "hostOrigin": way.workbench,
        "appOrigin": way.here,
        "userAgent": user_agent(way.flavour, browser),
        "corpLanguage": "zh_CN",
    }
    body = _template().replace(_MARK, literal(config), 1).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    headers = [
        (b"etag", etag.encode()),
        (b"cache-control", b"no-cache"),
        (b"vary", b"user-agent"),
    ]
    if etag in (tag.strip().removeprefix("W/") for tag in known.split(",")):
        return 304, headers, b""
    headers += [
        (b"content-type", b"text/javascript; charset=utf-8"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-length", b"%d" % len(body)),
    ]
    return 200, headers, body


def literal(value: object) -> str:
    """Write a value as JavaScript that also may stand inside HTML."""
    text = msgspec.json.encode(value).decode()
    for mark in "<>&\u2028\u2029":
        text = text.replace(mark, f"\\u{ord(mark):04x}")
    return text


@cache
def _template() -> str:
    return _FILE.read_text("utf-8")
