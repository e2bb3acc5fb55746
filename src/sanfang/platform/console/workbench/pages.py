"""The workbench's page and its files: read once, sent with an ETag, nothing built, nothing inline."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from .asking import Fault

_STATIC = Path(__file__).parent.parent / "static"
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_FOLDERS = ("workbench", "abilities")


class File(NamedTuple):
    """A file as it is sent."""

    content: bytes
    kind: str
    etag: str


def policy(frames: str) -> str:
    """Return the page's Content-Security-Policy; ``frames`` are the origins of apps.

    Pictures may come from anywhere: messages and apps name theirs by address.
    """
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
        " img-src 'self' data: blob: http: https:; media-src 'self' blob:; font-src 'self';"
        f" frame-src {frames}; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
    )


def page(request: Request) -> Response:
    """Send the one page."""
    return _send(request, _load("workbench", "index.html"))


def static(request: Request) -> Response:
    """Send a file of the front-end; refuse 404."""
    folder, _, name = request.path_params["path"].partition("/")
    if folder not in _FOLDERS or name not in _names(folder):
        raise Fault(404, "没有这个文件。", "There is no such file.")
    return _send(request, _load(folder, name))


@cache
def _names(folder: str) -> frozenset[str]:
    root = _STATIC / folder
    found = (path for path in root.rglob("*") if path.suffix in _KINDS and path.is_file())
    return frozenset(path.relative_to(root).as_posix() for path in found)


@cache
def _load(folder: str, name: str) -> File:
    path = _STATIC / folder / name
    content = path.read_bytes()
    etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
    return File(content, _KINDS[path.suffix], etag)


def _send(request: Request, file: File) -> Response:
    headers = {"etag": file.etag, "cache-control": "no-cache"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(status_code=304, headers=headers)
    return Response(file.content, 200, headers | {"content-type": file.kind})
