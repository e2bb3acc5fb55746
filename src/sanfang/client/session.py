"""The transport of the async client: aiohttp."""

from __future__ import annotations

import asyncio
import ssl
from urllib.parse import urlsplit

import aiohttp
from yarl import URL

from .errors import BadAnswer, SanfangError, TimedOut, TransportFailed
from .routes import proxy_for, tls_context
from .wire import OWN_HEADERS, Request, Response


class SessionTransport:
    """Send requests through one session, made at the first call inside the running loop.

    The arguments are those of `PoolTransport`; ``connections`` bounds those open at a time.
    """

    def __init__(
        self, *, ca_file: str | None = None, proxy: str | None = None, connections: int = 100
    ) -> None:
        self._ca_file = ca_file
        self._proxy = proxy
        self._connections = connections
        self._session: aiohttp.ClientSession | None = None
        self._proxies: dict[str, str | None] = {}
        self._timeouts: dict[float, aiohttp.ClientTimeout] = {}
        self._tls: ssl.SSLContext | None = None
        self._tls_lock = asyncio.Lock()

    async def send(self, request: Request, /) -> Response:
        """Send one request."""
        session = self._session or self._open()
        tls = self._tls
        if tls is None and request.url.startswith("https:"):
            tls = await self._trust()
        try:
            answer = await session.request(
                request.method,
                URL(request.url, encoded=True),
                data=request.body,
                headers=request.headers or None,
                allow_redirects=False,
                timeout=self._timeout(request.timeout),
                proxy=self._way(request.url),
                ssl=tls or True,
            )
            length = answer.content_length
            if length is not None and length <= request.limit:
                body = await answer.read()  # closes the connection if it fails or is cancelled
            else:
                body = await _read(answer, request.limit)
            return Response(answer.status, answer.headers, body)
        except (aiohttp.ClientError, OSError, TimeoutError) as problem:
            failure = _failure(problem, request)
        # Raised out here: the original may hold the URL, and with it a token, in its context.
        raise failure

    async def _trust(self) -> ssl.SSLContext:
        async with self._tls_lock:  # connections are shared only by those of one context
            if self._tls is None:
                # Reading the system's authorities takes some 20 ms; the loop shall not wait.
                self._tls = await asyncio.to_thread(tls_context, self._ca_file)
            return self._tls

    def _timeout(self, seconds: float) -> aiohttp.ClientTimeout:
        timeout = self._timeouts.get(seconds)
        if timeout is None:
            timeout = self._timeouts[seconds] = aiohttp.ClientTimeout(total=seconds)
        return timeout

    def _open(self) -> aiohttp.ClientSession:
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=self._connections),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers=OWN_HEADERS,
        )
        return self._session

    def _way(self, url: str) -> str | None:
        if self._proxy is not None:
            return self._proxy or None
        host = url[: url.find("/", 8)]
        try:
            return self._proxies[host]
        except KeyError:
            return self._proxies.setdefault(host, proxy_for(url))

    async def close(self) -> None:
        """Close the session."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()


async def _read(answer: aiohttp.ClientResponse, limit: int) -> bytes:
    parts: list[bytes] = []
    left = limit + 1
    async with answer:
        while left > 0:
            part = await answer.content.read(left)
            if not part:
                return b"".join(parts)
            parts.append(part)
            left -= len(part)
        answer.close()
    return b"".join(parts)


def _failure(problem: Exception, request: Request) -> SanfangError:
    api = request.api
    if isinstance(problem, TimeoutError):
        return TimedOut(request.timeout, api=api)
    if isinstance(problem, aiohttp.ClientPayloadError):
        return BadAnswer("truncated", "应答中断 / the answer was cut short", api=api)
    where = "{0.scheme}://{0.netloc}".format(urlsplit(request.url))
    text = request.mask(str(problem))[:300] or type(problem).__name__
    if isinstance(problem, (aiohttp.ClientSSLError, ssl.SSLError)):
        return TransportFailed(
            f"TLS 校验失败，{where} 的证书不被信任（可用 REQUESTS_CA_BUNDLE 或 SSL_CERT_FILE 指定 CA）"
            f" / TLS failed with {where}: {text}",
            api=api,
        )
    dropped = isinstance(
        problem, (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError, ConnectionError)
    ) and not isinstance(problem, aiohttp.ClientConnectorError)
    return TransportFailed(f"连不上 {where} / cannot reach it: {text}", api=api, dropped=dropped)
