"""The transport of the sync client: urllib3."""

from __future__ import annotations

import logging
import os
import ssl
import threading
import time
from typing import Any
from urllib.parse import unquote, urlsplit

import urllib3
from urllib3 import exceptions as trouble

from .errors import BadAnswer, SanfangError, TimedOut, TransportFailed
from .routes import proxy_for, tls_context
from .wire import OWN_HEADERS, Request, Response, mask_fields

_CHUNK = 65536


class PoolTransport:
    """Send requests over kept-alive connections; safe to use from many threads and after fork.

    ``ca_file``: trust these authorities instead. ``proxy``: use this one instead of the
    environment's, or none at all if it is an empty text. ``connections``: kept alive per host.
    """

    def __init__(
        self, *, ca_file: str | None = None, proxy: str | None = None, connections: int = 64
    ) -> None:
        self._ca_file = ca_file
        self._proxy = proxy
        self._connections = connections
        self._pools: dict[str, urllib3.PoolManager] = {}
        self._managers: dict[tuple[str | None, bool], urllib3.PoolManager] = {}
        self._tls: ssl.SSLContext | None = None
        self._timeouts: dict[float, urllib3.Timeout] = {}
        self._making = threading.Lock()
        self._pid = os.getpid()

    def send(self, request: Request, /) -> Response:
        """Send one request."""
        deadline = time.monotonic() + request.timeout
        answer: urllib3.BaseHTTPResponse | None = None
        body: bytes | None = None
        try:
            answer = self._open(request)
            body = _read(answer, request, deadline)
        except (trouble.HTTPError, OSError) as problem:
            failure = _failure(problem, request, begun=answer is not None)
        else:
            return Response(answer.status, answer.headers, body)
        finally:
            if answer is not None:
                if body is None or len(body) > request.limit:
                    answer.close()
                else:
                    answer.release_conn()
        # Raised out here: the original may hold the URL, and with it a token, in its context.
        raise failure

    def _open(self, request: Request) -> urllib3.BaseHTTPResponse:
        return self._manager(request.url).urlopen(
            request.method,
            request.url,
            body=request.body,
            headers={**OWN_HEADERS, **request.headers},
            retries=False,
            redirect=False,
            preload_content=False,
            decode_content=False,
            timeout=self._timeout(request.timeout),
        )

    def _timeout(self, seconds: float) -> urllib3.Timeout:
        timeout = self._timeouts.get(seconds)
        if timeout is None:  # urllib3 clones it for each request
            timeout = self._timeouts[seconds] = urllib3.Timeout(total=seconds)
        return timeout

    def _manager(self, url: str) -> urllib3.PoolManager:
        if self._pid != os.getpid():  # forked: the sockets belong to the parent
            self._pools, self._managers, self._pid = {}, {}, os.getpid()
            self._making = threading.Lock()
        host = url[: url.find("/", 8)]
        manager = self._pools.get(host)
        if manager is None:
            with self._making:
                manager = self._pools[host] = self._find(url, host.startswith("https:"))
        return manager

    def _find(self, url: str, tls: bool) -> urllib3.PoolManager:
        proxy = proxy_for(url) if self._proxy is None else self._proxy or None
        manager = self._managers.get((proxy, tls))
        if manager is None:
            manager = self._managers[proxy, tls] = self._make(proxy, tls)
        return manager

    def _make(self, proxy: str | None, tls: bool) -> urllib3.PoolManager:
        logging.getLogger("urllib3.connectionpool").addFilter(_masked)
        if tls and self._tls is None:
            self._tls = tls_context(self._ca_file)
        options: dict[str, Any] = {
            "num_pools": 8,
            "maxsize": self._connections,
            "ssl_context": self._tls,
        }
        if proxy is None:
            return urllib3.PoolManager(**options)
        parts = urlsplit(proxy)
        if parts.username:
            both = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
            options["proxy_headers"] = urllib3.make_headers(proxy_basic_auth=both)
        return urllib3.ProxyManager(proxy, **options)

    def close(self) -> None:
        """Close the connections."""
        managers, self._managers, self._pools = self._managers, {}, {}
        for manager in managers.values():
            manager.clear()


def _masked(record: logging.LogRecord) -> bool:
    """Hide tokens and secrets in the URLs that urllib3 logs at debug level."""
    if isinstance(record.args, tuple):
        record.args = tuple(
            mask_fields(arg) if isinstance(arg, str) else arg for arg in record.args
        )
    return True


def _read(answer: urllib3.BaseHTTPResponse, request: Request, deadline: float) -> bytes:
    """Read the body within the limit and the deadline, however slowly it drips."""
    parts: list[bytes] = []
    left = request.limit + 1
    while left > 0:
        part = answer.read1(min(left, _CHUNK))
        if not part:
            break
        parts.append(part)
        left -= len(part)
        if answer.length_remaining == 0:
            break
        if time.monotonic() > deadline:
            raise trouble.TimeoutError
    return parts[0] if len(parts) == 1 else b"".join(parts)


def _failure(problem: Exception, request: Request, begun: bool) -> SanfangError:
    api = request.api
    reason = getattr(problem, "reason", None)
    kinds = (type(problem), type(reason))
    if any(issubclass(kind, (trouble.TimeoutError, TimeoutError)) for kind in kinds) and not any(
        issubclass(kind, trouble.NewConnectionError) for kind in kinds
    ):
        return TimedOut(request.timeout, api=api)
    if begun:
        return BadAnswer("truncated", "应答中断 / the answer was cut short", api=api)
    where = "{0.scheme}://{0.netloc}".format(urlsplit(request.url))
    text = request.mask(str(problem))[:300] or type(problem).__name__
    if isinstance(problem, trouble.SSLError):
        return TransportFailed(
            f"TLS 校验失败，{where} 的证书不被信任（可用 REQUESTS_CA_BUNDLE 或 SSL_CERT_FILE 指定 CA）"
            f" / TLS failed with {where}: {text}",
            api=api,
        )
    dropped = isinstance(problem, (trouble.ProtocolError, ConnectionError)) and not isinstance(
        problem, trouble.NewConnectionError
    )
    return TransportFailed(f"连不上 {where} / cannot reach it: {text}", api=api, dropped=dropped)
