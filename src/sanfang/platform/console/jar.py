"""Our cookies as a browser sent them.

On plain http a page of a sibling host (every app is one) can set a cookie of any name for all hosts
below their parent, and browsers send it beside ours in an order it can influence. Which of two is
ours cannot be told, so then it is neither, and `take_away` removes the other: whoever plants a session
signs nobody in, and people out for one page at most.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from starlette.responses import Response

Headers = Iterable[tuple[bytes, bytes]]
_PLAIN = re.compile(r"(?:/[A-Za-z0-9_.-]{0,64}){1,8}")


def values(headers: Headers, name: str) -> set[str]:
    """Return all values with which a cookie was sent; ``headers`` are those of an ASGI scope."""
    found = set()
    for header, text in headers:
        if header == b"cookie":
            for pair in text.decode("latin-1").split(";"):
                key, mark, value = pair.partition("=")
                if mark and key.strip() == name:
                    found.add(value.strip())
    return found


def only(headers: Headers, name: str) -> str:
    """Return a cookie's value; '' when it was not sent, or with different values."""
    found = values(headers, name)
    return found.pop() if len(found) == 1 else ""


def take_away(response: Response, scope: Mapping[str, Any], host: str, name: str) -> None:
    """If a cookie was sent with different values, remove all that were set for a parent of ``host``."""
    if len(values(scope["headers"], name)) > 1:
        labels = host.split(".")
        for at in range(1, len(labels) - 1):
            for path in _paths(scope["path"]):
                response.delete_cookie(name, path, ".".join(labels[at:]))


def _paths(path: str) -> list[str]:
    """Return the paths of cookies that are sent to a path."""
    if not _PLAIN.fullmatch(path):
        return ["/"]
    steps = [at for at, mark in enumerate(path) if mark == "/"]
    return [*{path[: at + 1] for at in steps} | {path[:at] for at in steps[1:]} | {path}]
