"""What wakes whoever looks at a workbench, in whichever process it happened.

A change notifies one channel of the durable store in its own transaction: that a corp's members got
messages, that somebody read what a member said, that a corp's apps changed. Who is woken looks for
himself; only what looking cannot tell (which conversation was read) is in the news.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from ..store.ports import Tx
from .core import Core

CHANNEL = "messages"
APPS = "apps"  # the news that a corp's apps changed
READ = "read "  # and, with a cid behind it, that something one said there was read
_MOST = 200  # news kept for one who is slow; what is beyond is found by looking


def got_message(tx: Tx, corp_id: str) -> None:
    """Tell that somebody of a corp got a message."""
    tx.notify(CHANNEL, corp_id)


def apps_changed(tx: Tx, corp_id: str) -> None:
    """Tell that the apps of a corp, or who sees them, have changed."""
    tx.notify(CHANNEL, f"{corp_id}\n{APPS}")


def was_read(tx: Tx, corp_id: str, sender: str, cid: str) -> None:
    """Tell a member that somebody has read what he said in a conversation."""
    tx.notify(CHANNEL, f"{corp_id}\n{READ}{cid}\n{sender}")


class Hearer:
    """Somebody who listens: set when it rings, with what is new besides messages."""

    def __init__(self, userid: str) -> None:
        self.userid = userid
        self._rung = asyncio.Event()
        self._news: set[str] = set()

    def tell(self, news: str) -> None:
        """Ring, for whoever waits or will."""
        if news and len(self._news) < _MOST:
            self._news.add(news)
        self._rung.set()

    async def rings(self, timeout_s: float) -> bool:
        """Wait until it rings, or has rung since the last wait; False when it did not in time."""
        try:
            async with asyncio.timeout(timeout_s):
                await self._rung.wait()
        except TimeoutError:
            return False
        self._rung.clear()
        return True

    def news(self) -> list[str]:
        """Return what was new since the last time."""
        found, self._news = sorted(self._news), set()
        return found


class Bell:
    """Rings for members of a corp. It may ring for nothing (others of the corp got a message)."""

    def __init__(self) -> None:
        self._hearers: dict[str, set[Hearer]] = {}

    async def hang(self, core: Core) -> None:
        """Begin to listen to the store."""
        await core.durable.listen(CHANNEL, self.ring)

    def ring(self, payload: str) -> None:
        """Wake those a notification is for; an empty one (some may have been missed) wakes all."""
        corp_id, news, userid, *_ = [*payload.split("\n"), "", ""]
        for each in self._hearers if not payload else (corp_id,):
            for hearer in self._hearers.get(each, ()):
                if not userid or hearer.userid == userid:
                    hearer.tell(news if payload else APPS)

    @contextmanager
    def hear(self, corp_id: str, userid: str) -> Iterator[Hearer]:
        """Listen as a member until the block ends; nothing that happens in it is missed."""
        hearer = Hearer(userid)
        self._hearers.setdefault(corp_id, set()).add(hearer)
        try:
            yield hearer
        finally:
            left = self._hearers[corp_id]
            left.discard(hearer)
            if not left:
                del self._hearers[corp_id]
