"""Proxies and certificate authorities from the environment, one rule for both transports.

HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY choose the way (pain 18). REQUESTS_CA_BUNDLE or
CURL_CA_BUNDLE (a file or a folder) replace the trusted authorities, as people expect from other
Python clients; SSL_CERT_FILE and SSL_CERT_DIR are OpenSSL's own and work by themselves.
"""

from __future__ import annotations

import os
import ssl
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from .errors import BadCall

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")


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
