"""Take pushes to ISVs: seal, post, and give back what was answered.

`Sender.post` never raises for what an ISV does; trouble comes back in the `Answer`.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from typing import NamedTuple, Self

from sanfang import __version__
from sanfang.protocol.crypto import CallbackError, Sealed

from ..domain.clock import Clock
from ..domain.core import Settings
from ..outbound import Forbidden, Origin, read_url
from . import network
from .answer import Answer
from .keys import KeyRing, Keys
from .pool import Pool
from .trouble import Trouble

_URLS = 4096


class _Target(NamedTuple):
    """A callback URL that was checked, ready to be written into a request."""

    origin: Origin
    start: str  # request line up to the query's signature
    headers: str  # all but the length


class Sender:
    """Posts sealed pushes over connections that are kept alive. Use ``async with`` or `close`."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        self.keys = KeyRing()
        self._clock = clock
        self._sandbox = settings.sandbox
        self._pool = Pool(
            sandbox=settings.sandbox,
            limit=settings.push_reply_bytes,
            timeout_ms=settings.push_timeout_ms,
        )
        self._targets: OrderedDict[str, _Target] = OrderedDict()
        self._agent = f"sanfang/{__version__}"

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Close every connection. Posts under way end as failed; later ones open anew."""
        self._pool.close()
        await asyncio.sleep(0)  # transports close in the loop's next turn

    async def post(self, url: str, keys: Keys, plain: str | bytes) -> Answer:
        """Encrypt ``plain`` and post it to ``url`` once."""
        started_at = self._clock.now()
        begun = time.perf_counter()
        sealed: Sealed | None = None
        try:
            target = self._target(url)
            sealed = keys.cipher.seal(plain, timestamp=str(started_at))
            raw = await self._pool.exchange(target.origin, _request(target, sealed))
        except Trouble as trouble:
            return Answer(
                sealed,
                started_at,
                _since(begun),
                trouble.status,
                body=trouble.body,
                trouble=trouble,
            )
        except CallbackError as fault:
            unsealed = Trouble(71009, "keys", fault.zh, fault.en)
            return Answer(None, started_at, _since(begun), trouble=unsealed)
        return Answer(sealed, started_at, _since(begun), *raw)

    def _target(self, url: str) -> _Target:
        target = self._targets.get(url)
        if target is None:
            try:
                origin, path = read_url(url, sandbox=self._sandbox)
            except Forbidden as fault:
                raise network.forbidden(fault) from None
            headers = (
                f" HTTP/1.1\r\nHost: {origin}\r\nUser-Agent: {self._agent}\r\n"
                "Accept: application/json\r\nAccept-Encoding: identity\r\n"
                "Content-Type: application/json\r\nContent-Length: "
            )
            glue = "&" if "?" in path else "?"
            target = self._targets[url] = _Target(origin, f"POST {path}{glue}signature=", headers)
            if len(self._targets) > _URLS:
                self._targets.popitem(last=False)
        return target


def _request(target: _Target, sealed: Sealed) -> bytes:
    body = sealed.body()
    # What seal makes needs no escaping: hex digits and a number.
    head = (
        f"{target.start}{sealed.signature}&msg_signature={sealed.signature}"
        f"&timestamp={sealed.timestamp}&nonce={sealed.nonce}{target.headers}{len(body)}\r\n\r\n"
    )
    return head.encode("ascii") + body


def _since(begun: float) -> int:
    return round((time.perf_counter() - begun) * 1000)
