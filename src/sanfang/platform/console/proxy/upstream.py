"""Connections to apps: to addresses that were checked, and to nothing else."""

from __future__ import annotations

import socket
from typing import Any
from urllib.parse import urlsplit

from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, abc
from yarl import URL

from ...domain.core import Settings
from ...outbound import Resolver, is_address

CONNECT_S = 10.0
# Shorter than what servers allow: one that hangs up just as a form is sent would cost the form.
_KEPT_S = 1.5
_REMEMBERED = 1024
_HEADER_BYTES = 64 * 1024
_OURS_TO_SAY = ("Accept", "Accept-Encoding", "Content-Type", "User-Agent")


class Upstream:
    """One pool of connections for all apps."""

    def __init__(self, settings: Settings) -> None:
        self._resolver = _Loopback(sandbox=settings.sandbox)
        self._literal: set[str] = set()  # origins whose host is a permitted address itself
        self.session = ClientSession(
            connector=TCPConnector(
                resolver=_Pinned(self._resolver),
                use_dns_cache=False,
                limit=0,
                keepalive_timeout=_KEPT_S,
            ),
            cookie_jar=DummyCookieJar(),
            auto_decompress=False,
            skip_auto_headers=_OURS_TO_SAY,
            timeout=ClientTimeout(total=None, sock_connect=CONNECT_S),
            max_line_size=_HEADER_BYTES,
            max_field_size=_HEADER_BYTES,
        )

    async def check(self, origin: str) -> None:
        """Refuse an origin with an address that may not be connected to.

        aiohttp asks no resolver about a host that is an address, so this comes before every request.
        Raises `Forbidden`, or OSError for an unknown name.
        """
        if origin in self._literal:
            return
        host = urlsplit(origin).hostname or ""
        await self._resolver.addresses(host)
        if is_address(host) and len(self._literal) < _REMEMBERED:
            self._literal.add(origin)

    async def close(self) -> None:
        """Close all connections."""
        await self.session.close()


def address(origin: str, raw_path: bytes, query: bytes) -> URL:
    """Return the app's URL for a path and query exactly as the browser sent them."""
    if not raw_path.startswith(b"/"):
        raw_path = b"/" + raw_path  # else it could go on with the host's name
    target = raw_path.decode("latin-1") + (f"?{query.decode('latin-1')}" if query else "")
    return URL(origin + _ascii(target), encoded=True)


def _ascii(target: str) -> str:
    return "".join(c if "!" <= c <= "~" and c != "#" else f"%{ord(c):02X}" for c in target)


class _Loopback(Resolver):
    """Names below localhost are this machine's (RFC 6761), though not every resolver knows."""

    async def addresses(self, host: str) -> list[str]:
        if host.endswith(".localhost"):
            host = "localhost"
        return await super().addresses(host)


class _Pinned(abc.AbstractResolver):
    """Gives aiohttp the addresses that were checked."""

    def __init__(self, resolver: Resolver) -> None:
        self._resolver = resolver

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[Any]:
        return [
            {
                "hostname": host,
                "host": found,
                "port": port,
                "family": socket.AF_INET6 if ":" in found else socket.AF_INET,
                "proto": socket.IPPROTO_TCP,
                "flags": socket.AI_NUMERICHOST,
            }
            for found in await self._resolver.addresses(host)
        ]

    async def close(self) -> None:
        pass
