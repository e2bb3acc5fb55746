"""Durable push, change to delivered, against a bare client loop that posts the same bytes.

    .venv/bin/python benchmarks/push.py [--pushes 6000] [--corps 200] [--rounds 5]

The receiver is a bare ASGI constant on uvicorn (uvloop, httptools) in a process of its own, on the
other core where there is one. Its constant is a valid sealed ``success``, so every push is
encrypted, signed, answered, verified and decrypted in earnest.

- *bare*: one aiohttp session, 32 coroutines post one ready-made push again and again and read the
  answer. Nothing is sealed, judged or stored.
- *durable*: each change is a transaction that enqueues a push (SQLite, synchronous=FULL); the
  dispatcher claims, seals, posts, judges and records it. As many changes are under way as fit.
- *backlog*: the same pushes, all enqueued before the dispatcher starts.

Latency is from the start of the change to the moment its delivery is on disk. CPU is that of the
sending process, all its threads, per push; on a shared machine its ratio is the steadier one.
"""

from __future__ import annotations

import argparse
import asyncio
import multiprocessing
import os
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import uvicorn
import uvloop

from sanfang.platform.domain import corps, developers, outbox, suites
from sanfang.platform.domain.clock import Clock
from sanfang.platform.domain.core import Core, ProbeResult, Settings
from sanfang.platform.push.dispatcher import Dispatcher
from sanfang.platform.push.sender import Sender
from sanfang.platform.store import open_durable, open_hot
from sanfang.platform.store.ports import Tx
from sanfang.protocol.crypto import CallbackCipher

TOKEN = "benchmark"
AES_KEY = "4g5j64qlyl3zvetqxz5jiocdr586fn2zvjpa8zls3ij"
IN_FLIGHT = 32
PLAIN = '{"SuiteKey":"%s","EventType":"change_auth","TimeStamp":1764547200000,"AuthCorpId":"%s"}'


def receiver(listening: socket.socket, core: int | None) -> None:
    """Answer every POST with one constant, which a PUT sets."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    start: dict[str, Any] = {"type": "http.response.start", "status": 200, "headers": []}
    end = {"type": "http.response.body", "body": b""}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if scope["method"] == "PUT":
            end["body"] = (await receive())["body"]
            start["headers"] = [
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(end["body"])),
            ]
        else:
            while (await receive()).get("more_body"):
                pass
        await send(start)
        await send(end)

    config = uvicorn.Config(
        app, loop="uvloop", http="httptools", lifespan="off", log_level="warning", access_log=False
    )
    uvicorn.Server(config).run(sockets=[listening])


async def set_reply(url: str, suite_key: str) -> None:
    """Have the receiver answer a valid sealed ``success`` of this suite."""
    reply = CallbackCipher(TOKEN, AES_KEY, suite_key).seal("success").reply()
    async with aiohttp.ClientSession() as session, session.put(url, data=reply) as response:
        assert response.status == 200


class Stopwatch:
    """Wall and CPU time of this process (all its threads) over some pushes."""

    def __init__(self) -> None:
        self._wall, self._cpu = time.perf_counter(), time.process_time()

    def read(self, pushes: int) -> tuple[float, float]:
        """Return pushes per second, and CPU microseconds per push."""
        wall, cpu = time.perf_counter() - self._wall, time.process_time() - self._cpu
        return pushes / wall, cpu / pushes * 1e6


async def bare(url: str, pushes: int, suite_key: str) -> tuple[float, float]:
    """Post the same push again and again."""
    await set_reply(url, suite_key)
    cipher = CallbackCipher(TOKEN, AES_KEY, suite_key)
    sealed = cipher.seal(PLAIN % (suite_key, "ding" + "c" * 20))
    target, body = f"{url}?{sealed.query()}", sealed.body()
    connector = aiohttp.TCPConnector(limit=0)
    left = pushes // 4

    async def loop(session: aiohttp.ClientSession) -> None:
        nonlocal left
        while left > 0:
            left -= 1
            async with session.post(
                target, data=body, headers={"Content-Type": "application/json"}
            ) as response:
                await response.read()

    async with aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar()
    ) as session:
        await asyncio.gather(*(loop(session) for _ in range(IN_FLIGHT)))  # connections open
        left = pushes
        watch = Stopwatch()
        await asyncio.gather(*(loop(session) for _ in range(IN_FLIGHT)))
        return watch.read(pushes)


class Platform:
    """A core on a fresh data folder with a suite and its corps."""

    def __init__(self, core: Core, suite_key: str, corp_ids: list[str]) -> None:
        self.core = core
        self.suite_key = suite_key
        self.corp_ids = corp_ids

    async def change(self, number: int) -> int:
        """Make one change: a transaction that enqueues its push."""
        corp_id = self.corp_ids[number % len(self.corp_ids)]
        plain = PLAIN % (self.suite_key, corp_id)

        async def body(tx: Tx) -> int:
            return await outbox.enqueue(
                tx, self.core, self.suite_key, corp_id, "change_auth", plain
            )

        return await self.core.durable.transact(body)


async def _ok(url: str, **_: Any) -> ProbeResult:
    return ProbeResult(ok=True)


async def on_platform(url: str, corp_count: int, work: Callable[[Platform], Awaitable[Any]]) -> Any:
    """Run ``work`` on a platform of its own."""
    folder = Path(tempfile.mkdtemp(prefix="sanfang-bench-"))
    durable, hot = await open_durable(folder / "durable.db"), await open_hot(None)
    try:
        core = Core(durable, hot, Clock(), Settings(push_parallel=IN_FLIGHT), _ok)
        owner = await corps.create_corp(core, "示例软件公司")
        developer = await developers.create_developer(core, owner.corp_id, "示例开发者")
        form = suites.SuiteForm(name="示例套件", token=TOKEN, aes_key=AES_KEY, callback_url=url)
        suite = await suites.create_suite(core, developer.developer_id, form)
        corp_ids = [f"ding{number:020d}" for number in range(corp_count)]
        await set_reply(url, suite.suite_key)
        return await work(Platform(core, suite.suite_key, corp_ids))
    finally:
        await durable.close()
        await hot.close()
        shutil.rmtree(folder)


async def durable(
    platform: Platform, pushes: int, changers: int
) -> tuple[tuple[float, float], list[float]]:
    """Keep ``changers`` changes under way; return also the latencies in ms."""
    core = platform.core
    done: dict[int, asyncio.Future[None]] = {}
    finish_all = outbox.finish_all
    loop = asyncio.get_running_loop()

    async def noting(core: Core, results: Any) -> Any:
        following = await finish_all(core, results)
        for due, attempt in results:
            assert attempt.outcome == "delivered", attempt
            done.setdefault(due.push.push_id, loop.create_future()).set_result(None)
        return following

    latencies: list[float] = []
    left = 0

    async def changer() -> None:
        nonlocal left
        while left > 0:
            left -= 1
            begun = time.perf_counter()
            number = await platform.change(left)
            await done.setdefault(number, loop.create_future())
            del done[number]
            latencies.append((time.perf_counter() - begun) * 1000)

    outbox.finish_all = noting
    try:
        async with Sender(core.settings, core.clock) as sender:
            dispatcher = Dispatcher(core, sender, alone=True)
            await dispatcher.start()
            left = pushes // 4  # connections open, caches fill
            await asyncio.gather(*(changer() for _ in range(changers)))
            latencies.clear()
            left = pushes
            watch = Stopwatch()
            await asyncio.gather(*(changer() for _ in range(changers)))
            rate = watch.read(pushes)
            await dispatcher.stop()
    finally:
        outbox.finish_all = finish_all
    return rate, latencies


async def backlog(platform: Platform, pushes: int) -> tuple[float, float]:
    """Start a dispatcher that finds everything waiting."""
    core = platform.core
    await asyncio.gather(*(platform.change(number) for number in range(pushes)))
    async with Sender(core.settings, core.clock) as sender:
        dispatcher = Dispatcher(core, sender, alone=True)
        watch = Stopwatch()
        await dispatcher.start()
        while dispatcher.busy:
            await asyncio.sleep(0.002)
        rate = watch.read(pushes)
        await dispatcher.stop()
    return rate


def percentile(values: list[float], share: float) -> float:
    return sorted(values)[min(len(values) - 1, int(len(values) * share))]


async def one_round(url: str, options: argparse.Namespace) -> dict[str, Any]:
    """Measure each contender once; the bare loop before and after, for the machine may be shared."""
    pushes, corp_count, changers = options.pushes, options.corps, options.changers
    found: dict[str, Any] = {}
    before = await bare(url, pushes, "suite0123456789abcdef")
    found["durable"], found["latencies"] = await on_platform(
        url, corp_count, lambda platform: durable(platform, pushes, changers)
    )
    found["one"], found["alone"] = await on_platform(
        url, corp_count, lambda platform: durable(platform, pushes // 20, 1)
    )
    found["backlog"] = await on_platform(
        url, corp_count, lambda platform: backlog(platform, pushes)
    )
    after = await bare(url, pushes, "suite0123456789abcdef")
    found["bare"] = ((before[0] + after[0]) / 2, (before[1] + after[1]) / 2)
    return found


def report(rounds: list[dict[str, Any]], options: argparse.Namespace) -> None:
    print(
        f"{options.pushes} pushes to {options.corps} corps, {IN_FLIGHT} in flight, "
        f"{options.changers} changes under way, SQLite synchronous=FULL, "
        f"median of {len(rounds)} rounds\n"
    )
    print(
        f"{'':31}{'pushes/s':>9}{'x bare':>8}{'min':>8}{'max':>8}{'CPU us':>8}{'x bare':>8}"
        f"{'p50 ms':>9}{'p99 ms':>8}"
    )
    rows = (
        ("bare aiohttp loop, same bytes", "bare", None),
        ("durable, change to delivered", "durable", "latencies"),
        ("durable, a backlog worked off", "backlog", None),
        ("durable, one change at a time", "one", "alone"),
    )
    for title, key, times in rows:
        rates = [found[key][0] for found in rounds]
        ratio = statistics.median(found[key][0] / found["bare"][0] for found in rounds)
        cost = statistics.median(found[key][1] for found in rounds)
        cheaper = statistics.median(found["bare"][1] / found[key][1] for found in rounds)
        line = f"{title:31}{statistics.median(rates):9,.0f}{ratio:8.2f}"
        line += f"{min(rates):8,.0f}{max(rates):8,.0f}{cost:8.0f}{cheaper:8.2f}"
        if times:
            together = [value for found in rounds for value in found[times]]
            line += f"{percentile(together, 0.5):9.1f}{percentile(together, 0.99):8.1f}"
        print(line)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    options.add_argument("--pushes", type=int, default=6000)
    options.add_argument("--corps", type=int, default=200)
    options.add_argument("--changers", type=int, default=64, help="changes under way at once")
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--loop", choices=["uvloop", "asyncio"], default="uvloop")
    chosen = options.parse_args()
    cores = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
    with socket.create_server(("127.0.0.1", 0), backlog=1024) as listening:
        url = f"http://127.0.0.1:{listening.getsockname()[1]}/callback"
        other = cores[1] if len(cores) > 1 else None
        process = multiprocessing.get_context("fork").Process(
            target=receiver, args=(listening, other), daemon=True
        )
        process.start()
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[0]})
    factory = uvloop.new_event_loop if chosen.loop == "uvloop" else None
    rounds = []
    try:
        for _ in range(chosen.rounds):
            with asyncio.Runner(loop_factory=factory) as runner:
                rounds.append(runner.run(one_round(url, chosen)))
    finally:
        process.terminate()
        process.join()
    report(rounds, chosen)


if __name__ == "__main__":
    main()
