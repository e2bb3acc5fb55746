"""Taking a page's word that the ticket it was signed with is dead (52013, FAQ F14).

Nobody is told when another program fetches a jsapi_ticket and kills ours, but the pages. What a page
says is not believed, it is checked: the very ``dd.config`` that failed must have been signed with
the ticket we hold. Then that ticket is fetched anew, and not again for five minutes, so that no page
can make us fetch tickets all day, nor two programs take turns in killing each other's.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from sanfang.client import AsyncClient, BadCall
from sanfang.client.jsapi import sign_jsapi
from sanfang.protocol.signatures import same

EVERY = 300.0  # seconds between two tickets that pages have us fetch for one corp


class Renewals:
    """Per corp: when a page last had its ticket renewed. ``clock`` in seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last: dict[str, float] = {}
        self._locks: dict[str, asyncio.Lock] = {}

    async def again(
        self, client: AsyncClient, corp_id: str, url: str, config: Mapping[str, Any]
    ) -> bool:
        """Tell whether a page should sign again; fetches a ticket when this one's has to be dead.

        Raises `BadCall` for what is no ``dd.config``, and what the client raises.
        """
        signed_with("-", url, config)  # nothing is fetched for what is no config
        async with self._locks.setdefault(corp_id, asyncio.Lock()):  # many pages fail at once
            held = await client.get_jsapi_ticket()
            if not signed_with(held, url, config):
                return True  # renewed already
            now = self._clock()
            if now - self._last.get(corp_id, -EVERY) < EVERY:
                return False
            self._last[corp_id] = now
            return await client.renew_jsapi_ticket(held) != held


def signed_with(ticket: str, url: str, config: Mapping[str, Any]) -> bool:
    """Whether a ``dd.config`` for this page was signed with this ticket. Raises `BadCall`."""
    nonce, stamp, signature = (config.get(k) for k in ("nonceStr", "timeStamp", "signature"))
    if not (isinstance(nonce, str) and isinstance(signature, str) and nonce and signature):
        raise BadCall("config 应为 dd.config 用的那个对象 / config is what dd.config was given")
    if not isinstance(stamp, (str, int)) or isinstance(stamp, bool):
        raise BadCall("config.timeStamp 应为签名时的值 / config.timeStamp is what was signed")
    made = sign_jsapi(
        ticket,
        url,
        agent_id="-",
        corp_id="-",
        digest="sha1" if len(signature) == 40 else "sha256",
        nonce=nonce,
        timestamp=stamp,
    )
    return same(made["signature"], signature)
