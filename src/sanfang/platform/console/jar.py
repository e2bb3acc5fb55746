"""Our cookies as a browser sent them.

On plain http a page of a sibling host (every app is one) can set a cookie of any name for all hosts
below their parent, and browsers send it beside ours in an order it can influence. Which of two is
ours cannot be told, so then it is neither: whoever plants a session signs people out, not in.
"""

from __future__ import annotations

from collections.abc import Iterable

Headers = Iterable[tuple[bytes, bytes]]


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
