"""Proxies and certificate authorities from the environment, one rule for both transports.

HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY choose the way (pain 18). REQUESTS_CA_BUNDLE or
CURL_CA_BUNDLE (a file or a folder) replace the trusted authorities, as people expect from other
Python clients; SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's own and work by themselves.
"""

from __future__ import annotations

import base64
import os
import ssl
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

from .errors import BadCall

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


class Proxy(NamedTuple):
    """An HTTP proxy, itself reached in the clear or by TLS; ``login`` is a whole header line."""

    host: str
    port: int
    tls: bool
    login: str

    def __repr__(self) -> str:
        return f"<Proxy {self.host}:{self.port}>"


class Route(NamedTuple):
    """How an origin is reached: connections are shared by those of one route.

    ``authority`` is what the Host header says; ``connect`` is host and port, as CONNECT has it.
    """

    origin: str
    tls: bool
    host: str
    port: int
    authority: str
    connect: str
    proxy: Proxy | None

    def target(self, url: str) -> str:
        """Return what the request line says of a URL of this origin."""
        if self.proxy is not None and not self.tls:
            return url
        return url[len(self.origin) :] or "/"

    @property
    def first_line_extra(self) -> str:
        """Return the header lines that a proxy wants in a request it forwards."""
        return self.proxy.login if self.proxy is not None and not self.tls else ""


def origin_of(url: str) -> str:
    """Return scheme and authority of a URL, which is cut at the first slash behind them."""
    end = url.find("/", 8)
    return url if end < 0 else url[:end]


def route_to(origin: str, proxy: str | None) -> Route:
    """Make the route to an origin; ``proxy`` None: the environment's, empty: none at all.

    Raises `BadCall` for what is no address of an HTTP server or proxy.
    """
    tls, host, port, default = _address(origin, "base_url", origin.partition("://")[0])
    if urlsplit(origin).username is not None:
        raise BadCall("地址里不能有用户名 / an address with a login in it")
    shown = f"[{host}]" if ":" in host else host
    way = proxy_for(origin) if proxy is None else proxy or None
    return Route(
        origin,
        tls,
        host,
        port,
        shown if port == default else f"{shown}:{port}",
        f"{shown}:{port}",
        None if way is None else _proxy(way),
    )


def _proxy(address: str) -> Proxy:
    whole = address if "://" in address else f"http://{address}"
    tls, host, port, _ = _address(whole, "代理 proxy", urlsplit(whole).scheme)
    parts = urlsplit(whole)
    login = ""
    if parts.username:
        both = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
        coded = base64.b64encode(both.encode()).decode()
        login = f"Proxy-Authorization: Basic {coded}\r\n"
    return Proxy(host, port, tls, login)


def _address(url: str, what: str, scheme: str) -> tuple[bool, str, int, int]:
    default = {"http": 80, "https": 443}.get(scheme.lower(), 0)
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
        host = host.encode("idna").decode()  # also where ASCII: it refuses what no name can be
    except (ValueError, UnicodeError):
        host, port, parts = "", None, urlsplit("")
    if not default or not host or port == 0 or parts.query or parts.fragment:
        kind = f"{scheme}://" if not default and host else "?"
        raise BadCall(
            f"{what} 的地址不可用（{kind}）：应为 http:// 或 https:// 加主机"
            " / this address cannot be used; expected http:// or https:// and a host"
        )
    return scheme.lower() == "https", host, port or default, default


def proxy_for(url: str) -> str | None:
    """Return the address of the proxy for a URL, or None for the direct way."""
    parts = urlsplit(url)
    proxies = getproxies()
    if not proxies or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy:
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def tls_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Make a verifying context that trusts ``ca_file``, the environment's choice, or the system.

    Raises `BadCall` for a file that cannot be used.
    """
    source, path = "ca_file", ca_file
    for variable in _CA_VARIABLES:
        if path:
            break
        source, path = variable, os.environ.get(variable)
    if not path:
        return ssl.create_default_context()
    try:
        if Path(path).is_dir():
            return ssl.create_default_context(capath=path)
        return ssl.create_default_context(cafile=path)
    except OSError as problem:
        raise BadCall(
            f"{source} 指向的证书文件不可用：{path} / the certificates that {source} names "
            f"cannot be used: {problem.strerror or problem}"
        ) from None
