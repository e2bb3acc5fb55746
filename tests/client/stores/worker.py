"""A process that makes calls at once, for the tests of many processes.

    python -m tests.client.stores.worker PLACE URL sync|async CALLERS TIMEOUT MARGIN

It opens the store, says ``ready``, and for every line on its input (``call`` or ``ticket``) lets
all callers go at once and prints their answers as one line of JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import threading
from typing import Any

from sanfang.client import AppKey, AsyncClient, Client, keeper

from .places import opened

APP = AppKey(*os.environ.get("WORKERS_APP", "dingexampleapp example-app-secret").split())


def once(client: Client, order: str) -> Any:
    try:
        if order == "ticket":
            return client.get_jsapi_ticket()
        return client.call("department/list")["errcode"]
    except Exception as error:  # noqa: BLE001 - printed for the test
        return f"{type(error).__name__}: {error}"


async def once_async(client: AsyncClient, order: str) -> Any:
    try:
        if order == "ticket":
            return await client.get_jsapi_ticket()
        return (await client.call("department/list"))["errcode"]
    except Exception as error:  # noqa: BLE001 - printed for the test
        return f"{type(error).__name__}: {error}"


def in_threads(client: Client, order: str, callers: int) -> list[Any]:
    gate, results = threading.Barrier(callers), []

    def run() -> None:
        gate.wait()
        results.append(once(client, order))

    threads = [threading.Thread(target=run) for _ in range(callers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def say(what: Any) -> None:
    print(json.dumps(what), flush=True)


async def main_async(callers: int, **options: Any) -> None:
    async with AsyncClient(APP, **options) as client:
        say("ready")
        while order := (await asyncio.to_thread(sys.stdin.readline)).strip():
            say(await asyncio.gather(*(once_async(client, order) for _ in range(callers))))


def main(place: str, url: str, kind: str, callers: str, timeout: str, margin: str) -> None:
    keeper.MARGIN = float(margin)
    options: dict[str, Any] = {
        "base_url": url, "timeout": float(timeout), "tokens": opened(place, url), "retries": 0,
    }  # fmt: skip
    if kind == "async":
        asyncio.run(main_async(int(callers), **options))
        return
    with Client(APP, **options) as client:
        say("ready")
        while order := sys.stdin.readline().strip():
            say(in_threads(client, order, int(callers)))


class Worker:
    """The process, from outside."""

    def __init__(
        self, place: str, url: str, kind: str, *, callers: int = 1, timeout: float = 20.0,
        margin: float = 5.0,
    ) -> None:  # fmt: skip
        arguments = [place, url, kind, str(callers), str(timeout), str(margin)]
        self.process = subprocess.Popen(
            [sys.executable, "-m", __name__, *arguments],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout

    def ready(self) -> Worker:
        assert self.answer() == "ready"
        return self

    def order(self, what: str) -> None:
        self.input.write(f"{what}\n")
        self.input.flush()

    def answer(self) -> Any:
        return json.loads(self.output.readline())

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.input.close()
        self.output.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
