"""ISVs to push to: one on the unmodified crypto of dingtalk-sdk, and faulty ones."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from dingtalk.crypto import DingTalkCrypto

from .sealing import AES_KEY, SUITE_KEY, TOKEN

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Isv:
    """Opens each push with dingtalk-sdk, remembers it, and answers what ``say`` decides."""

    def __init__(self, key_id: str = SUITE_KEY) -> None:
        self.url = ""
        self.crypto = DingTalkCrypto(TOKEN, AES_KEY, key_id)
        self.events: list[dict[str, Any]] = []
        self.requests: list[dict[str, Any]] = []
        self.peers: set[tuple[str, int]] = set()
        self.open = 0
        self.most_open = 0

    async def handle(self, request: web.Request) -> web.StreamResponse:
        query = request.query
        body = await request.json()
        plain = self.crypto.decrypt_message(
            body, query["signature"], query["timestamp"], query["nonce"]
        )
        event = json.loads(plain)
        self.events.append(event)
        self.requests.append({"query": dict(query), "headers": dict(request.headers)})
        assert request.transport is not None
        self.peers.add(request.transport.get_extra_info("peername"))
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        try:
            return await self.reply(event)
        finally:
            self.open -= 1

    async def reply(self, event: dict[str, Any]) -> web.StreamResponse:
        """Answer an event; tests override this."""
        return self.sealed(event.get("Random", "success"))

    def sealed(self, text: str) -> web.Response:
        return web.json_response(self.crypto.encrypt_message(text))


@asynccontextmanager
async def serving(handler: Handler) -> AsyncIterator[str]:
    """Serve ``handler`` on a free port of loopback; yields the URL."""
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}/callback"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def an_isv(isv: Isv | None = None) -> AsyncIterator[Isv]:
    found = isv or Isv()
    async with serving(found.handle) as found.url:
        yield found


@asynccontextmanager
async def raw(talk: Talk) -> AsyncIterator[str]:
    """Serve something that speaks TCP and not necessarily HTTP."""
    talks: set[asyncio.Task[Any]] = set()

    async def guarded(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.add(task)
        try:
            await talk(reader, writer)
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(guarded, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/callback"
    finally:
        server.close()
        for task in talks:
            task.cancel()
        await asyncio.gather(*talks, return_exceptions=True)
        await server.wait_closed()
