"""Style and scripts of the sign-in pages, and the two scripts that web sites include.

A site changes the host in ``<script src>`` and nothing else: the paths are the official ones, of any
version, and the scripts find this platform from the address they were loaded from.
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path  # not importlib.resources, whose import takes 10 ms
from typing import NamedTuple

from starlette.responses import Response

from ...domain.refusals import Refusal
from .addresses import script_of
from .looks import STATIC
from .visit import Visit

_FOLDER = Path(__file__).parents[1] / "static" / "signin"
_KINDS = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8"}


class File(NamedTuple):
    body: bytes
    kind: str
    etag: str


def send(visit: Visit) -> Response:
    """``GET`` of a file; refuse 404."""
    script = script_of(visit.path)
    found = _files().get(script or visit.path.removeprefix(STATIC))
    if found is None:
        raise Refusal(404, "没有这个文件。", "There is no such file.")
    headers = {
        "etag": found.etag,
        "cache-control": "no-cache",
        "x-content-type-options": "nosniff",
        "cross-origin-resource-policy": "cross-origin" if script else "same-origin",
    }
    if visit.request.headers.get("if-none-match") == found.etag:
        return Response(status_code=304, headers=headers)
    return Response(found.body, 200, headers, found.kind)


@cache
def _files() -> dict[str, File]:
    """Read all of them; the names are a closed list, so that no path leads elsewhere."""
    return {
        each.name: File(
            each.read_bytes(),
            _KINDS[each.suffix],
            f'"{hashlib.sha256(each.read_bytes()).hexdigest()[:20]}"',
        )
        for each in _FOLDER.iterdir()
        if each.suffix in _KINDS
    }
