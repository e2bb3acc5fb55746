"""Server addresses as a person may see them."""

from __future__ import annotations

from urllib.parse import urlsplit


def shown(url: str) -> str:
    """Return ``url`` without user, password and parameters, for messages and logs."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        return "(unreadable address)"
    return f"{parts.scheme}://{parts.hostname or ''}{port}{parts.path}"
