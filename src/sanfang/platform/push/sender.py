"""Take pushes to ISVs: one HTTP session for the whole process.

Connections are kept alive. Bounded: the time of an attempt in total, the size of an answer. Not
followed: redirects. Not used: cookies, proxies of the environment, credentials of any kind,
compressed answers. Where a push may go is `guard`'s business.

`Sender.post` never raises for what an ISV does; trouble comes back in the `Answer`.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from importlib.metadata import version
from typing import Self

import aiohttp
from yarl import URL

from sanfang.protocol.crypto import CallbackError, Sealed

from ..domain.clock import Clock
from ..domain.core import Settings
from .answer import Answer
from .guard import GuardedResolver, check_url, guarded_socket
from .keys import KeyRing, Keys
from .network import explain, too_long
from .trouble import Trouble

_CHECKED_URLS = 4096
# Shorter than the 5 s after which uvicorn and node close an idle connection: reusing one at the
# very moment it is closed would cost a push its attempt.
_KEEPALIVE_S = 4.0


class Sender:
    """Posts sealed pushes. Open and close it inside the event loop, or use ``async with``."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self._settings = settings
        self._clock = clock
        self._urls: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self._session: aiohttp.ClientSession | None = None
        self.keys = KeyRing()

    async def __aenter__(self) -> Self:
        self._open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection. Posts under way end as failed; later ones open anew."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def post(self, url: str, keys: Keys, plain: str | bytes) -> Answer:
        """Encrypt ``plain`` and post it to ``url`` once."""
        sealed: Sealed | None = None
        started_at = self._clock.now()
        begun = time.perf_counter()
        status, content_type, location, body = 0, "", "", b""
        trouble: Trouble | None = None
        try:
            base, glue = self._check(url)
            sealed = keys.cipher.seal(plain, timestamp=str(started_at))
            # What seal makes needs no escaping: hex digits and a number.
            target = URL(
                f"{base}{glue}signature={sealed.signature}&msg_signature={sealed.signature}"
                f"&timestamp={sealed.timestamp}&nonce={sealed.nonce}",
                encoded=True,
            )
            session = self._session or self._open()
            async with session.post(target, data=sealed.body(), allow_redirects=False) as response:
                status = response.status
                content_type = response.headers.get("Content-Type", "")
                location = response.headers.get("Location", "")
                body = await _read(response, self._settings.push_reply_bytes)
        except Trouble as found:
            trouble = found
        except CallbackError as fault:
            trouble = Trouble(71009, "keys", fault.zh, fault.en)
        except (aiohttp.ClientError, OSError, ValueError) as error:
            timeout_ms = self._settings.push_timeout_ms
            trouble = explain(error, timeout_ms=timeout_ms, answering=status != 0)
        latency_ms = round((time.perf_counter() - begun) * 1000)
        return Answer(sealed, started_at, latency_ms, status, content_type, location, body, trouble)

    def _check(self, url: str) -> tuple[str, str]:
        """Return the URL's text up to the query and what joins ours to it; remembered."""
        known = self._urls.get(url)
        if known is None:
            parsed = check_url(url, sandbox=self._settings.sandbox).with_fragment(None)
            known = (str(parsed), "&" if parsed.raw_query_string else "?")
            self._urls[url] = known
            if len(self._urls) > _CHECKED_URLS:
                self._urls.popitem(last=False)
        return known

    def _open(self) -> aiohttp.ClientSession:
        seconds = self._settings.push_timeout_ms / 1000
        sandbox = self._settings.sandbox
        connector = aiohttp.TCPConnector(
            resolver=GuardedResolver(sandbox=sandbox),
            socket_factory=guarded_socket(sandbox),
            limit=0,  # the dispatcher limits per suite; a common limit would let one slow others
            keepalive_timeout=_KEEPALIVE_S,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            # Connecting gets a little less, so that the two kinds of timeout can be told apart.
            timeout=aiohttp.ClientTimeout(
                total=seconds, sock_connect=seconds * 0.9, ceil_threshold=3600
            ),
            headers={
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "User-Agent": f"sanfang/{version('sanfang')}",
            },
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=False,
            auto_decompress=False,
        )
        return self._session


async def _read(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read the whole body, or raise `Trouble` as soon as it is known to be too long."""
    announced = response.content_length
    if announced is not None:
        if announced > limit:
            raise too_long(limit)
        return await response.read()  # the parser holds the server to its word
    body = bytearray()
    async for chunk in response.content.iter_any():
        body += chunk
        if len(body) > limit:
            raise too_long(limit)
    return bytes(body)
