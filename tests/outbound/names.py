"""Names that resolve to what a test wants."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from sanfang.platform.outbound import resolver


def resolving(monkeypatch: pytest.MonkeyPatch, **names: list[str]) -> list[str]:
    """Make names resolve to addresses; returns the list of names asked for."""
    asked: list[str] = []

    def getaddrinfo(host: str, port: int | None, **_: Any) -> list[Any]:
        asked.append(host)
        addresses = names.get(host.replace(".", "_"))
        if addresses is None:
            raise socket.gaierror(socket.EAI_NONAME, "unknown")
        found = []
        for text in addresses:
            kind = socket.AF_INET6 if ":" in text else socket.AF_INET
            found.append((kind, socket.SOCK_STREAM, 6, "", (text, port)))
        return found

    monkeypatch.setattr(resolver.socket, "getaddrinfo", getaddrinfo)
    return asked
