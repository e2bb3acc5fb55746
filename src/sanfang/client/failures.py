"""From the errors of sockets to ours, for both transports.

The original is chained as the cause: an OSError of a socket holds an address at most, never a URL.
"""

from __future__ import annotations

import ssl

from .errors import (
    ConnectFailed,
    ProxyFailed,
    SanfangError,
    TimedOut,
    TlsFailed,
    TransportFailed,
)
from .http1 import Reader
from .routes import Route
from .wire import Request


def connect_failed(problem: OSError, request: Request, route: Route) -> SanfangError:
    """Explain why there is no connection."""
    api, text = request.api, _reason(problem)
    if isinstance(problem, TimeoutError):
        return connect_timed_out(request)
    if isinstance(problem, ssl.SSLError):
        return TlsFailed(
            f"TLS 校验失败，{route.origin} 的证书不被信任（可用 REQUESTS_CA_BUNDLE 或 SSL_CERT_FILE "
            f"指定 CA） / TLS failed with {route.origin}: {text}",
            api=api,
        )
    if route.proxy is not None:
        where = f"{route.proxy.host}:{route.proxy.port}"
        return ProxyFailed(f"连不上代理 {where} / cannot reach the proxy: {text}", api=api)
    return ConnectFailed(f"连不上 {route.origin} / cannot reach it: {text}", api=api)


def connect_timed_out(request: Request) -> TimedOut:
    """Say that no connection came in time."""
    limit = request.timeout if request.connect is None else min(request.connect, request.timeout)
    return TimedOut(limit, api=request.api, phase="connect")


def proxy_refused(status: int, request: Request) -> ProxyFailed:
    """Say that the proxy opened no tunnel; 407 is a missing login."""
    hint = "（需要用户名与密码）" if status == 407 else ""
    return ProxyFailed(
        f"代理拒绝了 CONNECT，HTTP {status}{hint} / the proxy refused CONNECT",
        api=request.api,
        status=status,
    )


def timed_out(request: Request, *, phase: str = "exchange") -> TimedOut:
    """Say that the answer did not come in time."""
    seconds = request.read if phase == "read" and request.read is not None else request.timeout
    return TimedOut(seconds, api=request.api, phase=phase)


def lost(reader: Reader, request: Request, route: Route, problem: OSError | None) -> SanfangError:
    """Explain the end of a connection: before the answer, or within it."""
    if reader.began:
        return reader.cut()
    text = "连接被关闭 / closed" if problem is None else _reason(problem)
    return TransportFailed(
        f"连接在应答前断开 {route.origin} / cut before the answer: {text}",
        api=request.api,
        dropped=True,
    )


def _reason(problem: OSError) -> str:
    text = getattr(problem, "verify_message", "") or problem.strerror or str(problem)
    return text[:200] or type(problem).__name__
