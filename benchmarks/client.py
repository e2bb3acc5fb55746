"""What a call costs beside bare transports, dingtalk-sdk and alibabacloud-dingtalk.

    .venv/bin/python benchmarks/client.py

A process of its own answers a constant department list, as fast as asyncio can; the client's
process is measured: CPU per call (user and system, all threads) and calls per second, one after
another and 50 at once. All contenders run in turn, round after round: a busy neighbour hits them
alike. Printed are the least CPU and the best rate of the rounds, which neighbours disturb least.

Bare is a transport alone, with the body decoded by msgspec: no tokens, no error codes, no retries.
There are two kinds: the libraries that others build on (urllib3, aiohttp) and the client's own
(PoolTransport, SessionTransport). ``+ all`` is the client with limiter, a hook and its log on.
alibabacloud-dingtalk calls the newer host, GET /v1.0/contact/users/{unionId}, since it knows no
other; it is given a token, as it keeps none.

Then what a typed method (``client.api.user.get``) takes beside ``call()``, with a transport that
answers from memory: the client's own work alone. Then the limiter's decision by itself, and the
import times in fresh processes.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import logging
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


def urllib3_sync(url: str) -> Callable[[], object]:
    import msgspec
    import urllib3

    pool = urllib3.PoolManager(maxsize=64)
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"
    return lambda: decode(pool.request("GET", target, retries=False, timeout=10.0).data)


def pool_sync(url: str) -> Callable[[], object]:
    import msgspec

    from sanfang.client import Request
    from sanfang.client.pool import PoolTransport

    send = PoolTransport().send
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"
    return lambda: decode(send(Request("GET", target, {})).body)


def ours_sync(url: str, **options: Any) -> Callable[[], object]:
    from sanfang.client import AppKey, Client

    client = Client(AppKey("dingbench", "bench-secret"), base_url=url, **options)
    return lambda: client.call("department/list", id=1)


def typed_sync(url: str) -> Callable[[], object]:
    from sanfang.client import AppKey, Client

    client = Client(AppKey("dingbench", "bench-secret"), base_url=url)
    list_ = client.api.department.list
    return lambda: list_(id="1")


def with_all() -> dict[str, Any]:
    from sanfang.client import Hooks, Limits

    logging.getLogger("sanfang.client").setLevel(logging.DEBUG)
    return {"limits": Limits(corp_api=10**9), "hooks": Hooks()}


def alibaba_client(url: str) -> Any:
    from alibabacloud_dingtalk.contact_1_0.client import Client
    from alibabacloud_dingtalk.contact_1_0.models import GetUserHeaders
    from alibabacloud_tea_openapi.models import Config
    from alibabacloud_tea_util.models import RuntimeOptions

    endpoint = url.removeprefix("http://")
    client = Client(Config(protocol="http", region_id="central", endpoint=endpoint))
    headers = GetUserHeaders(x_acs_dingtalk_access_token="bench")
    return client, headers, RuntimeOptions(autoretry=False)


def alibaba_sync(url: str) -> Callable[[], object]:
    client, headers, runtime = alibaba_client(url)
    return lambda: client.get_user_with_options("me", headers, runtime)


async def alibaba_async(url: str) -> Any:
    client, headers, runtime = alibaba_client(url)

    async def close() -> None:
        pass

    return lambda: client.get_user_with_options_async("me", headers, runtime), close


def dingtalk_sdk(url: str) -> Callable[[], object]:
    from dingtalk import SecretClient

    client = SecretClient("dingbench", "bench-secret")
    client.API_BASE_URL = url + "/"
    return lambda: client.department.list(1)


async def aiohttp_async(url: str) -> Any:
    import aiohttp
    import msgspec

    session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=100))
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"

    async def call() -> object:
        async with session.get(target) as answer:
            return decode(await answer.read())

    return call, session.close


async def session_async(url: str) -> Any:
    import msgspec

    from sanfang.client import Request
    from sanfang.client.session import SessionTransport

    session = SessionTransport()
    decode = msgspec.json.Decoder().decode
    target = f"{url}/department/list?access_token=bench&id=1"

    async def call() -> object:
        return decode((await session.send(Request("GET", target, {}))).body)

    return call, session.close


async def ours_async(url: str, **options: Any) -> Any:
    from sanfang.client import AppKey, AsyncClient

    client = AsyncClient(AppKey("dingbench", "bench-secret"), base_url=url, **options)
    return lambda: client.call("department/list", id=1), client.close


def measure(run: Callable[[int], None], calls: int) -> tuple[float, float]:
    """Return calls per second and microseconds of CPU per call."""
    gc.collect()
    cpu, start = time.process_time(), time.perf_counter()
    run(calls)
    wall, used = time.perf_counter() - start, time.process_time() - cpu
    return calls / wall, used / calls * 1e6


SYNC, ASYNC = "urllib3, bare", "aiohttp, bare"
OWN_SYNC, OWN_ASYNC = "PoolTransport, bare", "SessionTransport, bare"


def contenders_for(url: str) -> list[tuple[Contender, str, str]]:
    """Return the contenders, each with the bare library and the bare transport it is compared with."""
    made: list[tuple[Contender, str, str]] = []

    def threads(name: str, make: Callable[[], Callable[[], object]]) -> None:
        try:
            made.append((Threads(name, make()), SYNC, OWN_SYNC))
        except ImportError as missing:
            print(f"{name}: {missing}")

    def tasks(name: str, make: Callable[[], Any]) -> None:
        try:
            made.append((Tasks(name, make), ASYNC, OWN_ASYNC))
        except ImportError as missing:
            print(f"{name}: {missing}")

    threads(SYNC, lambda: urllib3_sync(url))
    threads(OWN_SYNC, lambda: pool_sync(url))
    threads("Client", lambda: ours_sync(url))
    threads("Client.api", lambda: typed_sync(url))
    threads("dingtalk-sdk", lambda: dingtalk_sdk(url))
    threads("alibabacloud", lambda: alibaba_sync(url))
    tasks(ASYNC, lambda: aiohttp_async(url))
    tasks(OWN_ASYNC, lambda: session_async(url))
    tasks("AsyncClient", lambda: ours_async(url))
    tasks("alibabacloud, async", lambda: alibaba_async(url))
    return made


def table(url: str, rounds: int, calls: int) -> None:
    contenders = contenders_for(url)
    compare(contenders, rounds, calls)
    loud = [each for each in contenders if each[0].name in (SYNC, OWN_SYNC, ASYNC, OWN_ASYNC)]
    options = with_all()
    loud.append((Threads("Client + all", ours_sync(url, **options)), SYNC, OWN_SYNC))
    loud.append((Tasks("AsyncClient + all", lambda: ours_async(url, **options)), ASYNC, OWN_ASYNC))
    print("\nwith limiter, hook and log on")
    compare(loud, max(2, rounds // 2), calls)
    for contender in {id(each[0]): each[0] for each in [*contenders, *loud]}.values():
        contender.close()


def compare(contenders: list[tuple[Contender, str, str]], rounds: int, calls: int) -> None:
    results: dict[tuple[str, str], list[tuple[float, float]]] = {}
    for contender, _, _ in contenders:
        contender.at_once(AT_ONCE * 2)
    for _ in range(rounds):
        for mode in ("sequential", "at_once"):
            for contender, _, _ in contenders:
                some = calls // 4 if contender.name[:3] in ("din", "ali") else calls
                got = measure(getattr(contender, mode), max(AT_ONCE, some))
                results.setdefault((mode, contender.name), []).append(got)
    for mode, title in (("sequential", "one after another"), ("at_once", f"{AT_ONCE} at once")):
        print(
            f"\n{title:24}{'calls/s':>10}{'CPU us':>9}{'CPU/library':>13}{'CPU/transport':>15}"
            f"{'rate/sdk':>10}{'CPU/sdk':>9}"
        )
        rows = {
            c.name: (
                max(r for r, _ in results[mode, c.name]),
                min(u for _, u in results[mode, c.name]),
            )
            for c, _, _ in contenders
        }
        sdk = rows.get("dingtalk-sdk")
        for contender, library, transport in contenders:
            rate, cpu = rows[contender.name]
            line = (
                f"{contender.name:24}{rate:>10,.0f}{cpu:>9.0f}{cpu / rows[library][1]:>13.2f}"
                f"{cpu / rows[transport][1]:>15.2f}"
            )
            if sdk is not None:
                line += f"{rate / sdk[0]:>10.2f}{cpu / sdk[1]:>9.2f}"
            print(line)


class _Memory:
    """A transport that answers at once."""

    def __init__(self) -> None:
        from sanfang.client import Response

        self.answer = Response(200, {}, BODY)

    def send(self, _: Any) -> Any:
        return self.answer

    def close(self) -> None:
        pass


def typed() -> None:
    """Print what a typed method takes beside ``call()``, without any network."""
    from sanfang.client import AppKey, Client

    client = Client(AppKey("dingbench", "bench-secret"), transport=_Memory())
    get = client.api.user.get

    def through_call(calls: int) -> None:
        for _ in range(calls):
            client.call("user/get", userid="zhang")

    def through_api(calls: int) -> None:
        for _ in range(calls):
            client.api.user.get(userid="zhang")

    def kept(calls: int) -> None:
        for _ in range(calls):
            get(userid="zhang")

    ways: dict[str, Callable[[int], None]] = {
        'call("user/get")': through_call,
        "api.user.get": through_api,
        "get = api.user.get": kept,
    }
    took: dict[str, list[float]] = {}
    for _ in range(15):
        for name, run in ways.items():
            took.setdefault(name, []).append(measure(run, 3_000)[1])
    print("\nthe client's own work, us of CPU per call, and beside call()")
    least = {name: min(rounds) for name, rounds in took.items()}
    first = next(iter(least.values()))
    for name, cpu in least.items():
        print(f"{name:24}{cpu:>10.2f}{cpu - first:>+10.2f}")


def decisions() -> None:
    """Print what the limiter takes to decide."""
    from sanfang.client import Limits, TokenKey

    limits = Limits(corp_api=10**8, isv_api=10**8, isv_corp_api=10**8, suite_corp_api=10**8)
    print("\nlimiter, us per decision")
    for name, key in (
        ("a corp's own app, 1 rule", TokenKey("corp", app="dingbench")),
        ("an authorised corp, 3", TokenKey("isv_corp", suite="suite4b", corp="dingcorp")),
    ):

        def decide(n: int, key: TokenKey = key) -> None:
            for _ in range(n):
                limits.take(limits.lane(key, "x"))

        best = min(measure(decide, 20_000)[1] for _ in range(5))
        print(f"{name:24}{best:>10.2f}")


def imports() -> None:
    print("\nimport in a fresh process, ms (median of 9)")
    for module in (
        "json",
        "sanfang.client",
        "sanfang.isv",
        "urllib3",
        "aiohttp",
        "dingtalk",
        "alibabacloud_dingtalk.contact_1_0.client",
    ):
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
    logging.getLogger("sanfang.client").setLevel(logging.NOTSET)  # "with log on" is over
    typed()
    decisions()
    imports()


if __name__ == "__main__":
    main()
