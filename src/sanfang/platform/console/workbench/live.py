"""What changes while the page is open, as server-sent events.

``message``; ``read {cid}``, somebody read what this member said there; ``apps``, other apps or other
ones who see them; ``signed_out``.

A stream sleeps until the corp's bell rings, in whichever process the message was written, then asks
for what came after the last number it has seen: one lookup by key. The number is the event's id, so
that a browser that lost the connection gets what it missed.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from ...domain import bells, desks, inbox
from ...domain.bells import Bell
from ...domain.core import Core
from .asking import Caller, caller

_BEAT_S = 15  # a comment, so that what is in between keeps the connection
_MOST_BEATS = 240  # then the browser connects anew


class Live:
    """The streams of one process, all woken by one bell."""

    def __init__(self) -> None:
        self._bell = Bell()
        self._hung: asyncio.Future[None] | None = None

    async def stream(self, core: Core, request: Request) -> Response:
        """``GET /api/live``; ``Last-Event-ID`` names the last message the browser saw."""
        who = await caller(core, request)
        if self._hung is None or (self._hung.done() and self._hung.exception()):
            self._hung = asyncio.ensure_future(self._bell.hang(core))
        await asyncio.shield(self._hung)
        last = request.headers.get("last-event-id", "")
        since = int(last) if last.isascii() and last.isdigit() and len(last) < 16 else -1
        return StreamingResponse(
            _events(core, self._bell, who, since),
            media_type="text/event-stream",
            headers={"cache-control": "no-store", "x-accel-buffering": "no"},
        )


async def _events(core: Core, bell: Bell, who: Caller, since: int) -> AsyncIterator[bytes]:
    corp_id, userid = who.desk.corp_id, who.desk.userid
    if since < 0:
        since = (await inbox.changes(core, corp_id, userid, since)).last
    yield _event("hello", {"last": since}, since)
    with bell.hear(corp_id, userid) as hearer:  # before looking, so that nothing falls in between
        for _ in range(_MOST_BEATS):
            quiet = False
            while not quiet:
                found = await inbox.changes(core, corp_id, userid, since)
                since = found.last
                for item in found.items:
                    yield _event("message", msgspec.to_builtins(item), item.id)
                for news in hearer.news():
                    yield _news(news, since)
                if not found.items:
                    quiet = not await hearer.rings(_BEAT_S)
            if await desks.get_desk(core, who.token) is None:
                yield _event("signed_out", {}, since)
                return
            yield b": beat\n\n"


def _news(news: str, since: int) -> bytes:
    if news == bells.APPS:
        return _event("apps", {}, since)
    return _event("read", {"cid": news.removeprefix(bells.READ)}, since)


def _event(name: str, data: Any, number: int) -> bytes:
    # JSON has no raw line ends, so one data line holds it.
    return b"event: %s\nid: %d\ndata: %s\n\n" % (
        name.encode(),
        number,
        msgspec.json.encode(data),
    )
