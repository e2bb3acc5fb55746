"""A download that is cut, against a stranger: aiohttp's file server with its ETags and ranges."""

from __future__ import annotations

import asyncio
import hashlib
import os
from pathlib import Path

import pytest
from aiohttp import web

from sanfang.client import AppKey, AsyncClient, Client, Expect, RetryRule

APP = AppKey("dingexample", "example-secret")
CONTENT = os.urandom(900_000)


class Line:
    """A line that is cut after so many bytes of an answer; each connection has its own number."""

    def __init__(self, port: int, cuts: list[int]) -> None:
        self.port, self.cuts = port, cuts
        self.requests: list[str] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there_reader, there = await asyncio.open_connection("127.0.0.1", self.port)
        left = self.cuts.pop(0) if self.cuts else 1 << 40

        async def up() -> None:
            while data := await reader.read(65536):
                self.requests.append(data.decode("latin-1"))
                there.write(data)

        task = asyncio.ensure_future(up())
        self._tasks.add(task)
        try:
            while left > 0 and (data := await there_reader.read(min(left, 65536))):
                writer.write(data)
                await writer.drain()
                left -= len(data)
        finally:
            task.cancel()
            there.close()
            writer.close()


async def _download(folder: Path, cuts: list[int], *, sync: bool) -> list[str]:
    (folder / "there").write_bytes(CONTENT)
    app = web.Application()

    async def serve(request: web.Request) -> web.StreamResponse:
        return web.FileResponse(folder / "there")

    app.router.add_get("/file", serve)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    line = Line(runner.addresses[0][1], cuts)
    server = await asyncio.start_server(line, "127.0.0.1", 0)
    url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    expect = Expect(len(CONTENT), hashlib.sha256(CONTENT).hexdigest())
    rule = RetryRule(pauses=(0.0, 0.0, 0.0))
    try:
        if sync:

            def work() -> None:
                with Client(APP, base_url=url, retries=rule) as client:
                    client.fetch(f"{url}/file", folder / "here", expect=expect)

            await asyncio.to_thread(work)
        else:
            async with AsyncClient(APP, base_url=url, retries=rule) as client:
                await client.fetch(f"{url}/file", folder / "here", expect=expect)
    finally:
        server.close()
        await runner.cleanup()
    return line.requests


@pytest.mark.parametrize("sync", [True, False], ids=["sync", "async"])
@pytest.mark.parametrize("cuts", [[300_000], [300_000, 1000, 200_000, 5000, 70_000]], ids=len)
def test_a_cut_download_is_resumed_where_it_was_cut(
    tmp_path: Path, cuts: list[int], sync: bool
) -> None:
    requests = asyncio.run(_download(tmp_path, list(cuts), sync=sync))
    assert (tmp_path / "here").read_bytes() == CONTENT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["here", "there"]
    assert len(requests) == len(cuts) + 1
    assert "Range:" not in requests[0]
    for request in requests[1:]:
        assert "Range: bytes=" in request
        assert "If-Range: " in request
