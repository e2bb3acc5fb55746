"""What a call costs beside its bare transport, and beside dingtalk-sdk.

    .venv/bin/python benchmarks/client.py

A process of its own answers a constant department list, as fast as asyncio can; the client's
process is measured: CPU per call (user and system, all threads) and calls per second, one after
another and 50 at once. All contenders run in turn, round after round, and the median of the rounds
is printed, so that a busy neighbour hits them alike. "bare" is the transport alone, with the body
decoded by msgspec: no tokens, no error codes, no retries.
Then the import time of sanfang.client and sanfang.isv in fresh processes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import multiprocessing
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

AT_ONCE = 50
DEPARTMENTS = [
    {"id": n, "name": f"示例部门{n}", "parentid": 1, "createDeptGroup": True, "autoAddUser": True}
    for n in range(2, 7)
]
BODY = json.dumps(
    {
        "errcode": 0,
        "errmsg": "ok",
        "access_token": "bench0000000000000000000000000000",
        "expires_in": 7200,
        "department": DEPARTMENTS,
    },
    ensure_ascii=False,
).encode()
ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(BODY)
) + BODY


class _Constant(asyncio.Protocol):
    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport: Any = transport

    def data_received(self, data: bytes) -> None:
        if data.endswith(b"\r\n\r\n"):  # GETs of one packet each
            self.transport.write(ANSWER)


def _serve(ports: Any) -> None:
    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(_Constant, "127.0.0.1", 0)
        ports.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


class Contender:
    """Something that makes calls: ``sequential`` and ``at_once`` make that many."""

    def __init__(self, name: str) -> None:
        self.name = name

    def sequential(self, calls: int) -> None:
        raise NotImplementedError

    def at_once(self, calls: int) -> None:
        raise NotImplementedError

    def close(self) -> None:
        pass


class Threads(Contender):
    def __init__(self, name: str, call: Callable[[], object]) -> None:
        super().__init__(name)
        self._call = call

    def sequential(self, calls: int) -> None:
        for _ in range(calls):
            self._call()

    def at_once(self, calls: int) -> None:
        threads = [
            threading.Thread(target=self.sequential, args=(calls // AT_ONCE,))
            for _ in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()


class Tasks(Contender):
    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        super().__init__(name)
        self._runner = asyncio.Runner()
        self._call, self._close = self._runner.run(make())

    async def _loop(self, calls: int) -> None:
        call = self._call
        for _ in range(calls):
            await call()

    async def _many(self, calls: int) -> None:
        await asyncio.gather(*(self._loop(calls // AT_ONCE) for _ in range(AT_ONCE)))

    def sequential(self, calls: int) -> None:
        self._runner.run(self._loop(calls))

    def at_once(self, calls: int) -> None:
        self._runner.run(self._many(calls))

    def close(self) -> None:
        self._runner.run(self._close())
        self._runner.close()


def bare_sync(url: str) -> Callable[[], object]:
    import msgspec
    import urllib3

    pool = urllib3.PoolManager(maxsize=64)
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"
    return lambda: decode(pool.request("GET", target, retries=False, timeout=10.0).data)


def ours_sync(url: str) -> Callable[[], object]:
    from sanfang.client import AppKey, Client

    client = Client(AppKey("dingbench", "bench-secret"), base_url=url)
    return lambda: client.call("department/list", id=1)


def dingtalk_sdk(url: str) -> Callable[[], object]:
    from dingtalk import SecretClient

    client = SecretClient("dingbench", "bench-secret")
    client.API_BASE_URL = url + "/"
    return lambda: client.department.list(1)


async def bare_async(url: str) -> Any:
    import aiohttp
    import msgspec

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"

    async def call() -> object:
        async with session.get(target) as answer:
            return decode(await answer.read())

    return call, session.close


async def ours_async(url: str) -> Any:
    from sanfang.client import AppKey, AsyncClient

    client = AsyncClient(AppKey("dingbench", "bench-secret"), base_url=url)
    return lambda: client.call("department/list", id=1), client.close


def measure(run: Callable[[int], None], calls: int) -> tuple[float, float]:
    """Return calls per second and microseconds of CPU per call."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    run(calls)
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    return calls / wall, used / calls * 1e6


def table(url: str, rounds: int, calls: int) -> None:
    contenders: list[Contender] = [
        Threads("urllib3, bare", bare_sync(url)),
        Threads("sanfang Client", ours_sync(url)),
        Threads("dingtalk-sdk", dingtalk_sdk(url)),
        Tasks("aiohttp, bare", lambda: bare_async(url)),
        Tasks("sanfang AsyncClient", lambda: ours_async(url)),
    ]
    results: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for contender in contenders:
        contender.at_once(AT_ONCE * 2)
    for _ in range(rounds):
        for mode in ("sequential", "at_once"):
            for contender in contenders:
                got = measure(getattr(contender, mode), calls)
                results.setdefault((mode, contender.name), []).append(got)
    for contender in contenders:
        contender.close()
    for mode, title in (("sequential", "one after another"), ("at_once", f"{AT_ONCE} at once")):
        print(
            f"\n{title:24}{'calls/s':>10}{'CPU us':>9}{'rate/bare':>11}{'CPU/bare':>10}"
            f"{'rate/sdk':>10}{'CPU/sdk':>9}"
        )
        rows = {
            c.name: tuple(statistics.median(x) for x in zip(*results[mode, c.name], strict=True))
            for c in contenders
        }
        sdk = rows["dingtalk-sdk"]
        for name, (rate, cpu) in rows.items():
            bare = rows["aiohttp, bare" if "A" in name[8:9] or "aio" in name else "urllib3, bare"]
            print(
                f"{name:24}{rate:>10,.0f}{cpu:>9.0f}{rate / bare[0]:>11.2f}{cpu / bare[1]:>10.2f}"
                f"{rate / sdk[0]:>10.2f}{cpu / sdk[1]:>9.2f}"
            )


def imports() -> None:
    print("\nimport in a fresh process, ms (median of 9)")
    for module in ("json", "sanfang.client", "sanfang.isv", "urllib3", "aiohttp", "dingtalk"):
        code = (
            f"import time; t = time.perf_counter(); import {module}; print(time.perf_counter() - t)"
        )
        took = []
        for _ in range(9):
            run = subprocess.run(
                [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True
            )
            if run.returncode:
                break
            took.append(float(run.stdout.split()[-1]) * 1e3)
        print(f"{module:24}{statistics.median(took):>10.0f}" if took else f"{module:24}    failed")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--rounds", type=int, default=7)
    options.add_argument("--calls", type=int, default=2000)
    chosen = options.parse_args()
    context = multiprocessing.get_context("spawn")
    ports = context.Queue()
    server = context.Process(target=_serve, args=(ports,), daemon=True)
    server.start()
    try:
        table(f"http://127.0.0.1:{ports.get(timeout=30)}", chosen.rounds, chosen.calls)
    finally:
        server.terminate()
        server.join()
    imports()


if __name__ == "__main__":
    main()
