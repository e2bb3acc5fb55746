"""A platform on a real socket in a thread, called with nothing but HTTP."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sanfang.platform import server
from sanfang.platform.domain.core import Settings

API = "/sanfang/api"
QUICK = Settings(push_retry_first_ms=20, push_retry_most_ms=50, push_timeout_ms=2000)


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass
class Running:
    url: str
    token: str

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
        *,
        token: str | None = "",
    ) -> Answer:
        """Send one request as it is; ``token``: '' for the right one, None for none."""
        parts = urlsplit(self.url)
        assert parts.hostname is not None
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=20)
        try:
            given = self.token if token == "" else token
            bearer = {} if given is None else {"Authorization": f"Bearer {given}"}
            connection.request(method, path, body, {**bearer, **(headers or {})})
            response = connection.getresponse()
            return Answer(response.status, dict(response.getheaders()), response.read())
        finally:
            connection.close()

    def call(self, method: str, path: str, **body: Any) -> Answer:
        """Call an operation with a JSON body."""
        sent = json.dumps(body).encode() if body or method in ("POST", "PATCH") else None
        return self.send(method, API + path, sent, {"Content-Type": "application/json"})

    def get(self, path: str) -> Any:
        answer = self.call("GET", path)
        assert answer.status == 200, answer.body
        return answer.json

    def post(self, path: str, **body: Any) -> Any:
        answer = self.call("POST", path, **body)
        assert answer.status == 200, answer.body
        return answer.json


@contextlib.contextmanager
def running(
    data: Path | None = None, *, settings: Settings = QUICK, **opening: Any
) -> Iterator[Running]:
    """Run a platform until the block ends; what it raises is raised here."""
    up: threading.Event = threading.Event()
    box: dict[str, Any] = {}

    async def main() -> None:
        box["loop"], box["stop"] = asyncio.get_running_loop(), asyncio.Event()
        listener = server.bind()
        async with await server.Platform.open(data, settings=settings, **opening) as platform:
            box["running"] = Running(server.url_of(listener), platform.admin_token)
            await server.serve(platform, listener, ready=up.set, stop=box["stop"])

    def run() -> None:
        try:
            asyncio.run(main())
        except BaseException as error:  # noqa: BLE001 - handed to the caller's thread
            box["error"] = error
        finally:
            up.set()

    thread = threading.Thread(target=run, name="platform")
    thread.start()
    up.wait()
    try:
        if "error" in box:
            raise box["error"]
        yield box["running"]
    finally:
        if "error" not in box:
            box["loop"].call_soon_threadsafe(box["stop"].set)
        thread.join()
    if "error" in box:
        raise box["error"]
