"""An app's own web server: pages given as a dict, every request kept. It knows of no container."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Page = str | bytes | Handler | web.Response


@dataclass
class Seen:
    """A request as the app's server got it."""

    method: str
    target: str  # path and query, as on the wire
    headers: list[tuple[str, str]]
    body: bytes = b""

    def header(self, name: str) -> str:
        """Return a header's value, '' without it; fails when it was sent twice."""
        found = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(found) <= 1, found
        return found[0] if found else ""


@dataclass
class AppServer:
    """``pages`` maps a path to HTML text, bytes, a response, or an aiohttp handler."""

    port: int = 0
    pages: dict[str, Page] = field(default_factory=dict)
    requests: list[Seen] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def targets(self) -> list[str]:
        return [seen.target for seen in self.requests]

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        seen = Seen(request.method, request.raw_path, list(request.headers.items()))
        self.requests.append(seen)
        page = self.pages.get(request.path)
        if callable(page):
            return await page(cast(web.Request, request))  # no router here: no match_info, no app
        seen.body = await request.read()
        if page is None:
            return web.Response(status=404, text="the app has no such page")
        if isinstance(page, web.Response):
            return web.Response(status=page.status, headers=page.headers.copy(), body=page.body)
        if isinstance(page, str):
            return web.Response(text=page, content_type="text/html")
        return web.Response(body=page, content_type="application/octet-stream")


@contextlib.contextmanager
def app_server() -> Iterator[AppServer]:
    """Listen on a free port in a thread until the block ends."""
    up: threading.Event = threading.Event()
    box: dict[str, Any] = {}
    one = AppServer()

    async def main() -> None:
        box["loop"], box["stop"] = asyncio.get_running_loop(), asyncio.Event()
        server = web.Server(one.handle)
        runner = web.ServerRunner(server, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        listener = web.TCPSite(runner, "127.0.0.1", 0)
        await listener.start()
        one.port = runner.addresses[0][1]
        up.set()
        await box["stop"].wait()
        await runner.cleanup()

    thread = threading.Thread(target=lambda: asyncio.run(main()), name="app server")
    thread.start()
    assert up.wait(10)
    try:
        yield one
    finally:
        box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join()
