"""A checked, limited department/list call against a bare ASGI constant on the same server.

    .venv/bin/python benchmarks/gate.py [--rounds 7] [--seconds 2]

Needs wrk; on Linux the server is pinned to one core and wrk to another. The platform's data lie in a
SQLite file, hot state is written through to another, as ``sanfang serve`` has it; all rate rules are
counted, with limits that the load does not reach. Rounds are interleaved; CPU µs are the server's
own, which neighbours on the machine disturb least.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

BARE = b'{"errcode":0,"errmsg":"ok"}'
BASE = "bare ASGI constant"
CONNECTIONS = 64
DEPARTMENTS = 5


async def bare(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Answer a constant: the limit of what the server can do."""
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(BARE))]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BARE})


async def platform(folder: Path) -> tuple[Any, dict[str, str]]:
    """Make a platform with a corp, an own app and an authorised suite; return it and its queries."""
    from sanfang.platform.domain import authorisations, contacts, corps, developers, suites, tokens
    from sanfang.platform.domain.clock import Clock
    from sanfang.platform.domain.core import Core, ProbeResult, Settings
    from sanfang.platform.openapi import OpenApi
    from sanfang.platform.store import open_durable, open_hot

    async def probe(*_: object, **__: object) -> ProbeResult:
        return ProbeResult(ok=True)

    never = 10**9
    settings = Settings(
        rate_corp_api=never, rate_isv_api=never, rate_isv_corp_api=never, rate_suite_corp_api=never
    )
    durable, hot = await open_durable(folder / "bench.db"), await open_hot(folder / "hot.db")
    core = Core(durable, hot, Clock(), settings, probe)
    corp = await corps.create_corp(core, "Example Ltd")
    for number in range(DEPARTMENTS):
        await contacts.create_department(core, corp.corp_id, f"部门{number}")
    app = (await corps.list_apps(core, corp.corp_id))[0]
    own, _ = await tokens.app_token(core, app.app_key, app.secret)
    developer = await developers.create_developer(core, corp.corp_id, "示例开发者")
    form = suites.SuiteForm(
        name="示例套件",
        token="t",
        aes_key="a" * 43,
        callback_url="http://127.0.0.1/",
        micro_apps=[suites.MicroAppForm(name="示例应用", home_url="http://127.0.0.1/")],
    )
    suite = await suites.create_suite(core, developer.developer_id, form)
    await authorisations.authorise(core, suite.suite_key, corp.corp_id)
    isv, _ = await tokens.isv_corp_token(core, suite.suite_key, corp.corp_id, None)
    query = "/department/list?id=1&lang=zh_CN&fetch_child=False&access_token="
    return OpenApi(core), {"isv": query + isv, "own": query + own}


# --- over HTTP


def serve(which: str, port: int, folder: str) -> None:
    """Run one server in this process (started by ``measure``)."""
    import uvicorn

    async def main() -> None:
        app: Any = bare
        if which == "gate":
            app, queries = await platform(Path(folder))
            for name, query in queries.items():
                Path(folder, name).write_text(query)
        config = uvicorn.Config(
            app,
            port=port,
            loop="uvloop",
            http="httptools",
            access_log=False,
            log_level="warning",
            proxy_headers=False,
            server_header=False,
        )
        await uvicorn.Server(config).serve()

    import uvloop

    uvloop.run(main())


def start(which: str, folder: str) -> tuple[subprocess.Popen[bytes], int]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, __file__, "--serve", which, "--port", str(port), "--folder", folder]
    process = subprocess.Popen([*pinned(0), *command])
    for _ in range(200):
        try:
            socket.create_connection(("127.0.0.1", port), 0.1).close()
            return process, port
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the server did not start")


def pinned(core: int) -> list[str]:
    many = (os.cpu_count() or 1) > 1 and shutil.which("taskset")
    return ["taskset", "-c", str(core)] if many else []


def cpu_seconds(process: subprocess.Popen[bytes]) -> float:
    """Return CPU time a server has used: unlike the wall clock it does not see busy neighbours."""
    try:
        fields = Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def load(url: str, seconds: int, process: subprocess.Popen[bytes]) -> tuple[float, float, str]:
    """Return requests a second, CPU µs a request, and the 99th percentile."""
    before = cpu_seconds(process)
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{seconds}", "--latency", url]
    out = subprocess.run([*pinned(1), *command], capture_output=True, text=True, check=True).stdout
    if "Non-2xx" in out or "Socket errors" in out:
        raise SystemExit(out)
    used = cpu_seconds(process) - before
    rate = re.search(r"Requests/sec:\s+([\d.]+)", out)
    count = re.search(r"(\d+) requests in", out)
    p99 = re.search(r"99%\s+(\S+)", out)
    assert rate is not None
    assert count is not None
    assert p99 is not None
    return float(rate[1]), used / int(count[1]) * 1e6, p99[1]


def measure(rounds: int, seconds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        first, bare_port = start("bare", folder)
        second, gate_port = start("gate", folder)
        try:
            gate = f"http://127.0.0.1:{gate_port}"
            isv, own = Path(folder, "isv").read_text(), Path(folder, "own").read_text()
            runs = {
                BASE: (first, f"http://127.0.0.1:{bare_port}/"),
                "department/list, ISV's token (R2 R3 R4)": (second, gate + isv),
                "department/list, own app (R1)": (second, gate + own),
                "refused: 40014": (second, f"{gate}/department/list?access_token=x"),
            }
            got: dict[str, list[tuple[float, float, str]]] = {name: [] for name in runs}
            for _ in range(rounds):
                for name, (process, url) in runs.items():
                    got[name].append(load(url, seconds, process))
        finally:
            for process in (first, second):
                process.terminate()
                process.wait()
    report(got)


def report(got: dict[str, list[tuple[float, float, str]]]) -> None:
    """Print medians, and the best rounds: what others do on the machine only slows a round down."""
    base, base_cpu, base_best = figures(got[BASE])
    print(
        f"{'':42}{'req/s':>9}{'x bare':>8}{'best':>9}{'x bare':>8}{'cpu us':>8}{'x bare':>8}{'p99':>10}"
    )
    for name, results in got.items():
        rate, cpu, best = figures(results)
        p99 = sorted(each[2] for each in results)[len(results) // 2]
        print(
            f"{name:42}{rate:9,.0f}{rate / base:8.2f}{best:9,.0f}{best / base_best:8.2f}"
            f"{cpu:8.1f}{base_cpu / (cpu or 1):8.2f}{p99:>10}"
        )


def figures(results: list[tuple[float, float, str]]) -> tuple[float, float, float]:
    rates = [each[0] for each in results]
    return statistics.median(rates), statistics.median(each[1] for each in results), max(rates)


# --- what costs what, without HTTP


async def breakdown() -> None:
    """Print µs of each step of the ISV's call, and of all of them together."""
    from urllib.parse import urlsplit

    from sanfang.platform.domain import contacts, gatekeeping, rates, tokens
    from sanfang.platform.openapi import answers, handling, params, query

    with tempfile.TemporaryDirectory() as folder:
        gate, queries = await platform(Path(folder))
        core, url = gate._core, urlsplit(queries["isv"])
        raw = url.query.encode()
        scope = {
            "type": "http",
            "method": "GET",
            "path": url.path,
            "query_string": raw,
            "headers": [
                (b"host", b"127.0.0.1:8000"),
                (b"user-agent", b"python-requests/2.32.3"),
                (b"accept-encoding", b"gzip, deflate"),
                (b"accept", b"*/*"),
                (b"connection", b"keep-alive"),
            ],
            "client": ("127.0.0.1", 50000),
            "scheme": "http",
        }
        route = gate._static[url.path]["GET"]
        token = query.read_query(raw)["access_token"]
        now = core.clock.now()
        identity = await tokens.resolve(core, token, now)
        assert identity is not None
        caller = await gatekeeping.load_caller(core, identity)
        fields: dict[str, Any] = {"id": "1", "lang": "zh_CN", "fetch_child": "False"}
        args = params.read_params(route.plan, dict(fields))
        call = handling.Call(core, identity, caller, args, "127.0.0.1")
        answer = await route.run(call)

        async def send(_: object) -> None: ...

        steps: dict[str, Callable[[], Any]] = {
            "route": lambda: gate._static.get(scope["path"]).get("GET"),
            "headers": lambda: dict(scope["headers"]),
            "query": lambda: query.read_query(raw),
            "clock": core.clock.now,
            "token -> identity (hot)": lambda: tokens.resolve(core, token, now),
            "authorisation, whitelist (durable)": lambda: gatekeeping.load_caller(core, identity),
            "rate R4 R3 R2 (hot)": lambda: rates.check_rate(core, identity, route.endpoint, now),
            "parameters": lambda: params.read_params(route.plan, dict(fields)),
            "handler": lambda: route.run(call),
            "  of it: departments (durable)": lambda: contacts.list_departments(
                core, identity.corp_id, 1, fetch_child=False
            ),
            "envelope": lambda: answers.OAPI.accepted(answer),
            "all of it, ASGI call": lambda: gate(scope, send, send),
            "bare ASGI call": lambda: bare(scope, send, send),
        }
        print(f"\n{'step':42}{'us':>9}")
        for name, step in steps.items():
            print(f"{name:42}{await timed(step):9.2f}")
        await core.durable.close()
        await core.hot.close()


async def timed(step: Callable[[], Any]) -> float:
    """Return µs a call, the best of seven batches, the loop's own cost taken off."""
    batch, awaited = 3000, isinstance(probe := step(), Awaitable)
    if awaited:
        await probe

    def empty() -> None: ...

    best, idle = 1e9, 1e9
    for _ in range(7):
        begin = time.perf_counter()
        if awaited:
            for _ in range(batch):
                await step()
        else:
            for _ in range(batch):
                step()
        middle = time.perf_counter()
        for _ in range(batch):
            empty()
        best = min(best, middle - begin)
        idle = min(idle, time.perf_counter() - middle)
    return (best - idle) / batch * 1e6


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=int, default=2)
    parser.add_argument("--steps-only", action="store_true")
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.serve:
        serve(options.serve, options.port, options.folder)
        return
    if not options.steps_only:
        if shutil.which("wrk") is None:
            raise SystemExit("wrk is needed (apt-get install wrk)")
        measure(options.rounds, options.seconds)
    asyncio.run(breakdown())


if __name__ == "__main__":
    main()
